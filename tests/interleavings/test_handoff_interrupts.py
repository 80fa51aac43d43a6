"""`HandoffQueue` and exceptions from outside, at every place at which this Python raises them."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from pcverify import HandoffQueue, ShutDown
from pcverify.explore import Execution
from pcverify.pipeline import handoff_queue
from tests.explore.delivered import Arrived
from tests.subjects import wrong_handoff
from tests.subjects.wrong_handoff import (
    ClosesHalfWay,
    CountsBeforeACall,
    GivesNothingBack,
    LeavesNoList,
    TakesByACall,
    Wrong,
)
from tests.support.interrupting import MOST, Interrupting, interrupting
from tests.support.threads import files_of

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def engine() -> Iterator[Interrupting]:
    with interrupting(HandoffQueue.get) as found:
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
    sent: list[str] = field(default_factory=list)

    def call(self, function: Callable[[Any], Any]) -> Callable[[], None]:
        """Return it as a task that notes what it got."""

        def run() -> None:
            with suppress(queue.Empty, queue.Full, ShutDown):
                result = function(self.shared)
                if isinstance(result, str):
                    self.got.append(result)

        return run


def put(item: str, timeout: float | None = None) -> Callable[[Any], None]:
    return lambda shared: shared.put(item, timeout=timeout)


def get(shared: Any) -> Any:
    return shared.get()


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
    "join waits": Story(join, there=("a",), parks=True, after=(get, done)),
}


def drain(execution: Execution, only: Any = None) -> None:
    """Let all go on, or only some, until nobody can."""
    while ready := [task for task in execution.enabled if only is None or task in only]:
        for task in ready:
            if task in execution.enabled:
                execution.take(task)


def told(engine: Interrupting, story: Story, skip: int, make: type[HandoffQueue[str]]) -> tuple[str, str]:
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
        if not {handoff_queue.__file__, wrong_handoff.__file__} & files_of(victim.error):
            return "outside", ""
        return "in the queue", wrong_with(story, execution)


def wrong_with(story: Story, execution: Execution) -> str:
    """Return what an exception has left behind that must not be; nothing is under way any more."""
    shared, ended = story.shared, story.shared.is_shutdown
    there, unfinished = list(shared.queue), shared.unfinished_tasks
    known = [*there, *story.got]
    waiting = {"getters": shared._getters, "putters": shared._putters, "joiners": shared._joiners}
    listed = sum(map(len, waiting.values()))
    counted = ended or done in (story.victim, *story.after) or unfinished == len(known)
    errors = [task.error for task in execution.tasks if task.error is not None and type(task.error) is not Arrived]
    problems = {
        "the lock is left locked": shared.mutex.locked(),
        f"somebody fails: {errors}": errors,
        f"an item is there twice: {known}": len(set(known)) < len(known),
        f"items are lost: {known} of {story.there}": not ended and set(story.there) - set(known),
        f"{unfinished} are unfinished of {known}": not counted,
        f"{len(execution.blocked)} are parked, and listed are {waiting}": listed != len(execution.blocked),
        "a getter waits beside an item, or after the end": waiting["getters"] and (there or ended),
        "a putter waits beside room, or after the end": waiting["putters"] and (len(there) < shared.maxsize or ended),
        "a joiner waits for nothing": waiting["joiners"] and not unfinished,
    }
    return "; ".join(problem for problem, found in problems.items() if found)


def places_of(
    engine: Interrupting, story: Story, make: type[HandoffQueue[str]] = HandoffQueue
) -> Iterator[tuple[str, str]]:
    """Tell a story for each place at which its victim can be interrupted."""
    for skip in range(MOST):
        where, wrong = told(engine, story, skip, make)
        if where == "nowhere":
            return
        yield where, wrong
        if story.parks and not story.serve:
            return  # it is parked, and raises there


@pytest.mark.parametrize("name", STORIES)
def test_nothing_is_lost_and_nobody_left_behind(engine: Interrupting, name: str) -> None:
    places = list(places_of(engine, STORIES[name]))
    assert [wrong for _, wrong in places if wrong] == []
    assert sum(where == "in the queue" for where, _ in places) >= (1 if STORIES[name].parks else 2)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (TakesByACall, "get"),
        (CountsBeforeACall, "put"),
        (GivesNothingBack, "get"),
        (GivesNothingBack, "get waits and is handed an item"),
        (LeavesNoList, "put waits"),
        (LeavesNoList, "get waits, another behind it"),
        (ClosesHalfWay, "shutdown, getters wait"),
    ],
)
def test_what_is_wrong_is_noticed(engine: Interrupting, make: type[Wrong], name: str) -> None:
    assert any(wrong for _, wrong in places_of(engine, STORIES[name], make))


@pytest.mark.parametrize(
    ("seconds", "at_least"), [(2, 1_000), pytest.param(20, 20_000, marks=pytest.mark.nightly)], ids=["short", "long"]
)
def test_real_exceptions_in_real_threads_lose_nothing(seconds: int, at_least: int) -> None:
    command = [sys.executable, "-m", "tests.interleavings.injecting", str(seconds)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    result = json.loads(ran.stdout)
    assert (result["wrong"], ran.stderr) == ([], "")
    assert result["in the queue"] >= at_least
