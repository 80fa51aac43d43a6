"""A waiter that gives up, or is interrupted, at the moment it is woken passes that on: in every schedule from there.

Some threads are parked first. Then others serve them, while the time of one of them may run out at any moment, or an
exception come to it instead of any of its operations. At the end nobody may sleep beside what it waits for.
"""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue
from pcverify.evidence import Verdict
from pcverify.explore import Execution, explore, redirect_everything
from pcverify.explore.strategies.dfs import Dfs
from tests.explore.delivered import Arrived
from tests.subjects.wrong_when_interrupted import PassesNothingOn
from tests.support.queues import DESIGNS, VARIANTS, waiting_in

MOST = 400_000
"""Schedules at most; a search that is not through by then is none."""


@dataclass
class Scene:
    """Who waits, and who serves them.

    Attributes:
        waiters: calls that park, the first of which gives up or is interrupted.
        servers: calls that come then.
        full: whether the queue has an item at first.
    """

    waiters: list[Callable[[Any], Any]]
    servers: list[Callable[[Any], Any]]
    full: bool
    interrupts: bool

    def begin(self, execution: Execution, make: Any) -> Any:
        """Let the waiters park, one after the other; return the queue."""
        shared = make(1)
        if self.full:
            shared.put(0)
        for number, call in enumerate(self.waiters):
            task = execution.spawn(lambda call=call: _quietly(call, shared), f"waiter-{number}")
            while not task.blocked:
                execution.take(task)
        for number, call in enumerate(self.servers):
            execution.spawn(lambda call=call: _quietly(call, shared), f"server-{number}")
        return shared


def _quietly(call: Callable[[Any], Any], shared: Any) -> None:
    with suppress(queue.Empty, queue.Full, ShutDown, Arrived):
        call(shared)


def put(shared: Any) -> None:
    shared.put(1)


def put_the_end_and_get(shared: Any) -> None:
    shared.put(1)
    shared.shutdown()
    shared.get()


def get(shared: Any) -> None:
    shared.get()


def get_for_a_while(shared: Any) -> None:
    shared.get(timeout=1)


def put_for_a_while(shared: Any) -> None:
    shared.put(2, timeout=1)


SCENES = {
    "1 x 2, one times out": Scene([get_for_a_while, get], [put], full=False, interrupts=False),
    "1 x 2, one is interrupted": Scene([get, get], [put], full=False, interrupts=True),
    "1 x 1, the end, and one more": Scene([get], [put_the_end_and_get], full=False, interrupts=True),
    "2 x 1, one times out": Scene([put_for_a_while, put], [get], full=True, interrupts=False),
    "2 x 1, one is interrupted": Scene([put, put], [get], full=True, interrupts=True),
}
LARGER = {
    "3 x 4": Scene([get_for_a_while, get, get_for_a_while, get], [put, put, put], full=False, interrupts=True),
    "4 x 3": Scene([put_for_a_while, put, put_for_a_while, put], [get, get, get], full=True, interrupts=True),
}


class Interruption(NamedTuple):
    """A choice beside the tasks: an exception comes to the first one who waits, instead of its next operation."""

    execution: Execution
    name: str = "an exception"


def schedule(scene: Scene, make: Any, choose: Callable[[list[Any]], int], redirection: Any) -> str:
    """Run one schedule, in which `choose` picks one of the choices at each step; return what is wrong then."""
    with Execution(redirection=redirection, record=False) as execution:
        shared = scene.begin(execution, make)
        first = execution.tasks[0]
        may_interrupt = scene.interrupts
        while choices := [*execution.choices()]:
            if may_interrupt and not first.ended and first.kind != "end":
                choices.append(Interruption(execution))
            chosen = choices[choose(choices)]
            if isinstance(chosen, Interruption):
                may_interrupt = False
                execution.interrupt(first, Arrived())
            else:
                execution.take(chosen)
        return wrong_with(shared, execution)


def wrong_with(shared: Any, execution: Execution) -> str:
    size, unfinished = len(shared.queue), shared.unfinished_tasks
    asleep = [task.name for task in execution.blocked]
    errors = [task.error for task in execution.tasks if task.error is not None]
    getters, putters, *_ = waiting = [len(each) for each in waiting_in(shared)]
    problems = {
        f"raised {errors}": errors,
        "the lock is left locked": shared.mutex.locked(),
        f"{asleep} sleep, and {waiting} are listed": sum(waiting) != len(asleep),
        f"{asleep} sleep after the end": asleep and getattr(shared, "is_shutdown", False),
        f"{asleep} sleep beside an item": getters and size,
        f"{asleep} sleep beside room": putters and size < shared.maxsize,
        f"{size} items, {unfinished} counted": size > unfinished,
    }
    return next((problem for problem, found in problems.items() if found), "")


def every_schedule(scene: Scene, make: Any) -> tuple[int, str]:
    """Run every schedule, depth first; return how many, and what is wrong at the end of the first bad one."""
    redirection = redirect_everything()
    search = Dfs()
    try:
        for number in range(1, MOST):
            search.begin()
            wrong = schedule(scene, make, lambda choices: search.choose(choices, None), redirection)
            search.end()
            if wrong or search.exhausted:
                return number, wrong
    finally:
        redirection.end()
    pytest.fail(f"not through after {MOST:,} schedules")


@pytest.mark.parametrize("make", [*DESIGNS, *VARIANTS], ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", SCENES)
def test_nobody_sleeps_beside_what_it_waits_for_in_any_schedule(name: str, make: Any, record_property: Any) -> None:
    number, wrong = every_schedule(SCENES[name], make)
    assert not wrong
    assert number >= 100
    record_property("schedules", number)


@pytest.mark.parametrize("name", ["1 x 2, one is interrupted", "2 x 1, one is interrupted"])
def test_the_standard_library_s_queue_loses_the_wakeup_of_an_interrupted_waiter(name: str) -> None:
    _, wrong = every_schedule(SCENES[name], queue.Queue)
    assert "sleep beside" in wrong or "release unlocked lock" in wrong


@pytest.mark.parametrize("make", [*DESIGNS, *VARIANTS], ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", LARGER)
def test_nor_in_larger_scenes_sampled(name: str, make: Any) -> None:
    chance = random.Random(0)
    redirection = redirect_everything()
    try:
        wrong = {
            schedule(LARGER[name], make, lambda choices: chance.randrange(len(choices)), redirection)
            for _ in range(500)
        }
    finally:
        redirection.end()
    assert wrong == {""}


@pytest.mark.parametrize(
    ("name", "design"),
    [
        ("1 x 2, one is interrupted", ThreadSafeQueue),
        ("2 x 1, one is interrupted", ThreadSafeQueue),
        ("1 x 2, one is interrupted", HandoffQueue),  # a putter that was let in has nothing to pass on
    ],
)
def test_one_that_passes_nothing_on_is_noticed(name: str, design: Any) -> None:
    _, wrong = every_schedule(SCENES[name], type("Wrong", (PassesNothingOn, design), {}))
    assert "sleep beside" in wrong


@pytest.mark.parametrize("make", DESIGNS, ids=lambda make: make.__name__)
def test_timeouts_in_a_larger_program_lose_nothing_sampled_by_the_portfolio(make: Any) -> None:
    def program() -> None:
        shared = make(1)
        put: list[int] = []
        got: list[int] = []

        def produce(item: int) -> None:
            with suppress(queue.Full):
                shared.put(item, timeout=1)
                put.append(item)

        def consume() -> None:
            with suppress(queue.Empty):
                got.append(shared.get(timeout=1))

        threads = [threading.Thread(target=produce, args=(item,)) for item in range(3)]
        threads += [threading.Thread(target=consume) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(put) == sorted([*got, *shared.queue])
        assert shared.unfinished_tasks == len(put)

    assert explore(program, strategy="portfolio", max_executions=1_000).verdict is Verdict.SAMPLED
