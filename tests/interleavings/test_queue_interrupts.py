"""Exceptions from outside, in either design and its variants, at every place at which this Python raises them."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from pcverify import HandoffQueue, ShutDown
from pcverify.explore import Execution
from pcverify.pipeline import blocking_queue
from tests.explore.delivered import Arrived
from tests.subjects import wrong_when_interrupted
from tests.subjects.wrong_when_interrupted import (
    ClosesHalfWay,
    CountsBeforeACall,
    GivesNothingBack,
    PassesNothingOn,
    StaysListed,
    TakesByACall,
)
from tests.support.interrupting import MOST, Interrupting, interrupting
from tests.support.queues import DESIGNS, VARIANTS, waiting_in
from tests.support.threads import files_of

pytestmark = pytest.mark.timeout(120)

FOLDER = blocking_queue.__file__.rpartition("/")[0]
FILES = {wrong_when_interrupted.__file__, queue.__file__}


@pytest.fixture(scope="module")
def engine() -> Iterator[Interrupting]:
    with interrupting(HandoffQueue.get, "queue", "threading") as found:
        yield found


@dataclass
class Story:
    """What happens to a queue: some park, the victim is interrupted, others go on.

    Attributes:
        there: items that are in the queue at first.
        before: what others call first, until they are parked or done.
        victim: the call that is interrupted.
        parks: whether the victim is to be parked first.
        after: what others call while, or after, it is interrupted.
        serve: whether these are done before it is interrupted.
    """

    victim: Callable[[Any], Any]
    there: tuple[str, ...] = ()
    before: tuple[Callable[[Any], Any], ...] = ()
    after: tuple[Callable[[Any], Any], ...] = ()
    parks: bool = False
    serve: bool = False
    maxsize: int = 1
    shared: Any = None
    got: list[str] = field(default_factory=list)

    def call(self, function: Callable[[Any], Any]) -> Callable[[], None]:
        """Return it as a task that notes what it got."""

        def run() -> None:
            with suppress(queue.Empty, queue.Full, ShutDown):
                result = function(self.shared)
                self.got += [result] if isinstance(result, str) else result or []

        return run


def put(item: str, timeout: float | None = None) -> Callable[[Any], None]:
    return lambda shared: shared.put(item, timeout=timeout)


def get(shared: Any) -> Any:
    return shared.get()


def get_two(shared: Any) -> Any:
    return shared.get_many(2)


def get_for_a_while(shared: Any) -> Any:
    return shared.get(timeout=1)


def done(shared: Any) -> None:
    shared.task_done()


def join(shared: Any) -> None:
    shared.join()


STORIES = {
    "put": Story(put("v")),
    "put, a getter waits": Story(put("v"), before=(get,)),
    "put, two getters wait": Story(put("v"), before=(get, get)),
    "put waits": Story(put("v"), there=("a",), parks=True),
    "put waits, another behind it": Story(put("v"), there=("a",), parks=True, after=(put("b"), get)),
    "put waits and is let in": Story(put("v"), there=("a",), parks=True, after=(get,), serve=True),
    "put waits for a while": Story(put("v", timeout=1), there=("a",), parks=True),
    "get": Story(get, there=("a",)),
    "get_nowait": Story(lambda shared: shared.get_nowait(), there=("a",)),
    "get, a putter waits": Story(get, there=("a",), before=(put("b"),)),
    "get, two putters wait": Story(get, there=("a",), before=(put("b"), put("c"))),
    "get waits": Story(get, parks=True),
    "get waits, another behind it": Story(get, parks=True, after=(get, put("a"))),
    "get waits and is handed an item": Story(get, parks=True, after=(put("a"),), serve=True),
    "get waits, is handed an item, another waits": Story(get, parks=True, after=(get, put("a")), serve=True),
    "get waits for a while": Story(get_for_a_while, parks=True),
    "get waits for a while, handed": Story(get_for_a_while, parks=True, after=(put("a"),), serve=True),
    "shutdown, getters wait": Story(lambda shared: shared.shutdown(), before=(get, get)),
    "shutdown, putters wait": Story(lambda shared: shared.shutdown(), there=("a",), before=(put("b"), put("c"))),
    "immediate shutdown": Story(lambda shared: shared.shutdown(immediate=True), there=("a",), before=(join, put("b"))),
    "task_done, joins wait": Story(done, there=("a",), before=(get, join, join)),
    "put_many": Story(lambda shared: shared.put_many("vw") and None, maxsize=3, there=("a",)),
    "put_many, getters wait": Story(lambda shared: shared.put_many("vw") and None, maxsize=3, before=(get, get)),
    "put_many waits": Story(lambda shared: shared.put_many("vw") and None, there=("a",), parks=True, after=(get, get)),
    "get_many": Story(get_two, maxsize=3, there=("a", "b", "c")),
    "get_many, putters wait": Story(get_two, maxsize=2, there=("a", "b"), before=(put("c"), put("d"))),
    "get_many waits and is served": Story(get_two, parks=True, after=(put("a"),), serve=True),
    "drain, putters wait": Story(lambda shared: shared.drain(), maxsize=2, there=("a", "b"), before=(put("c"),)),
    "iteration": Story(lambda shared: next(iter(shared)), there=("a",), before=(put("b"),)),
    "iteration waits and is served": Story(
        lambda shared: next(iter(shared)), parks=True, after=(put("a"),), serve=True
    ),
    "join waits": Story(join, there=("a",), parks=True, after=(get, done)),
}


def drain(execution: Execution, only: Any = None) -> None:
    """Let all go on, or only some, until nobody can."""
    while ready := [task for task in execution.enabled if only is None or task in only]:
        for task in ready:
            if task in execution.enabled:
                execution.take(task)


def told(engine: Interrupting, story: Story, skip: int, make: Any) -> tuple[str, str]:
    """Tell a story; return where the victim was interrupted, `in the queue`, `outside` or `nowhere`, and what is wrong.

    Outside it is the caller's affair: what a `get` has returned is the caller's, too.
    """
    with engine.execution() as execution:
        story.shared = shared = make(story.maxsize)
        story.got.clear()
        for item in story.there:
            shared.put(item)
        for number, function in enumerate(story.before):
            drain(execution, [execution.spawn(story.call(function), f"before-{number}")])
        victim = execution.spawn(story.call(story.victim), "victim")
        execution.take(victim)
        while story.parks and not victim.blocked:
            execution.take(victim)
        others = []
        if story.serve:
            for number, function in enumerate(story.after):
                others.append(execution.spawn(story.call(function), f"after-{number}"))
                drain(execution, others)
        execution.interrupt(victim, Arrived(), skip=skip)
        drain(execution, [victim])
        for number, function in enumerate(() if story.serve else story.after):
            drain(execution, [execution.spawn(story.call(function), f"after-{number}")])
        drain(execution)
        while execution.pending_deadlines:
            execution.advance_clock()
            drain(execution)
        if victim.error is None:
            return "nowhere", wrong_with(story, execution)
        if not any(file in FILES or file.startswith(FOLDER) for file in files_of(victim.error)):
            return "outside", ""
        return "in the queue", wrong_with(story, execution)


def wrong_with(story: Story, execution: Execution) -> str:
    """Return what an exception has left behind that must not be; nothing is under way any more."""
    shared, ended = story.shared, getattr(story.shared, "is_shutdown", False)
    there, unfinished = list(shared.queue), shared.unfinished_tasks
    known = [*there, *story.got]
    getters, putters, joiners = waiting = tuple(map(len, waiting_in(shared)))
    errors = [task.error for task in execution.tasks if task.error is not None and type(task.error) is not Arrived]
    counted = ended or done in (story.victim, *story.after) or unfinished == len(known)
    problems = {
        "the lock is left locked": shared.mutex.locked(),
        f"somebody fails: {errors}": errors,
        f"an item is there twice: {known}": len(set(known)) < len(known),
        f"items are lost: {known} of {story.there}": not ended and set(story.there) - set(known),
        f"{unfinished} are unfinished of {known}": not counted,
        f"{len(execution.blocked)} are parked, and listed are {waiting}": sum(waiting) != len(execution.blocked),
        "a getter waits beside an item, or after the end": getters and (there or ended),
        "a putter waits beside room, or after the end": putters and (len(there) < shared.maxsize or ended),
        "a joiner waits for nothing": joiners and not unfinished,
        "somebody is called who does not come": any(map(len, called_in(shared))),
    }
    return "; ".join(problem for problem, found in problems.items() if found)


def called_in(shared: Any) -> list[Any]:
    """Return the lists of those whose turn it is, where there are hooks."""
    return [getattr(shared, name, ()) for name in ("_called_getters", "_called_putters")]


def places_of(engine: Interrupting, story: Story, make: Any) -> Iterator[tuple[str, str]]:
    """Tell a story for each place at which its victim can be interrupted."""
    for skip in range(MOST):
        where, wrong = told(engine, story, skip, make)
        if where == "nowhere":
            return
        yield where, wrong
        if story.parks and not story.serve:
            return  # it is parked, and raises there


@pytest.mark.parametrize("make", [*DESIGNS, *VARIANTS], ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", STORIES)
def test_nothing_is_lost_and_nobody_left_behind(engine: Interrupting, name: str, make: Any) -> None:
    places = list(places_of(engine, STORIES[name], make))
    assert [wrong for _, wrong in places if wrong] == []
    assert sum(where == "in the queue" for where, _ in places) >= (1 if STORIES[name].parks else 2)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.__name__)
@pytest.mark.parametrize(
    ("mistake", "name"),
    [
        (TakesByACall, "get"),
        (CountsBeforeACall, "put"),
        (GivesNothingBack, "get"),
        (GivesNothingBack, "get_many"),
        (GivesNothingBack, "drain, putters wait"),
        (StaysListed, "put waits"),
        (StaysListed, "get waits, another behind it"),
        (PassesNothingOn, "get waits, is handed an item, another waits"),
        (ClosesHalfWay, "shutdown, getters wait"),
    ],
)
def test_what_is_wrong_is_noticed(engine: Interrupting, mistake: Any, name: str, design: Any) -> None:
    made = type(f"{mistake.__name__}{design.__name__}", (mistake, design), {})
    assert any(wrong for _, wrong in places_of(engine, STORIES[name], made))


FAILS = {  # the standard library's queue, and how
    "put": "the lock is left locked",
    "put, two getters wait": "a getter waits beside an item",
    "get": "items are lost",
    "get, a putter waits": "a putter waits beside room",
    "get waits and is handed an item": "release unlocked lock",
    "get waits, is handed an item, another waits": "a getter waits beside an item",
    "task_done, joins wait": "the lock is left locked",
}


@pytest.mark.parametrize("name", FAILS)
def test_the_standard_library_s_queue_fails(engine: Interrupting, name: str) -> None:
    wrong = [wrong for _, wrong in places_of(engine, STORIES[name], queue.Queue) if wrong]
    assert any(FAILS[name] in each for each in wrong), wrong


def with_hooks(design: Any, *, own: bool) -> Any:
    """Return a subclass with a `_get` that takes the item by a call of its own, or leaves that to ours."""
    hook = (lambda self: self.queue.popleft()) if own else (lambda self: super(design, self)._get())
    return type(f"Hooked{design.__name__}", (design,), {"_get": hook})


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.__name__)
def test_a_hook_that_takes_by_a_call_loses_the_item_and_one_that_leaves_that_to_ours_does_not(
    engine: Interrupting, design: Any
) -> None:
    for own in (True, False):
        wrong = [wrong for _, wrong in places_of(engine, STORIES["get"], with_hooks(design, own=own)) if wrong]
        assert bool(wrong) == own, wrong
