"""Real queues under every schedule: the sound ones pass, in as many schedules as a model on paper has; others fail.

The numbers come from `counting`, which sums up the paths through a graph of states written by hand, and from the
explorer, which runs the code. For one producer and one item each there are 24, for two items 512.
"""

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pcverify import ThreadSafeQueue
from pcverify.evidence import Verdict
from pcverify.explore import explore
from tests.explore.counting import schedules
from tests.subjects.queues import IfForWhile, NoNotifyInGet, barge_in, produce_and_consume

SOUND = [ThreadSafeQueue, queue.Queue]
Make = Callable[[int], Any]


def test_the_model_on_paper_has_so_many_schedules() -> None:
    assert [schedules(1, items, 1) for items in (1, 2, 3)] == [24, 512, 10_656]
    assert schedules(1, 2, 2) == 138


@pytest.mark.parametrize("make", SOUND)
@pytest.mark.parametrize(("items", "capacity", "number"), [(1, 1, 24), (2, 1, 512), (2, 2, 138), (3, 1, 10_656)])
def test_one_producer_and_one_consumer_are_exhausted(make: Make, items: int, capacity: int, number: int) -> None:
    result = explore(produce_and_consume(lambda: make(capacity), items=items), strategy="dfs")
    assert (result.verdict, result.executions) == (Verdict.OK, number)
    assert result.counts() == {repr(tuple((0, item) for item in range(items))): number}
    assert number == schedules(1, items, capacity)


@pytest.mark.parametrize("make", SOUND)
def test_a_getter_that_barges_in_does_no_harm(make: Make) -> None:
    result = explore(barge_in(lambda: make(1)), strategy="dfs")
    assert (result.verdict, set(result.counts())) == (Verdict.OK, {"(0,)", "(0, 1)"})


@pytest.mark.parametrize("make", SOUND)
def test_timeouts_that_pass_early_lose_nothing(make: Make) -> None:
    result = explore(lambda: produce_with_timeouts(make(1)), strategy="dfs")
    assert (result.verdict, set(result.counts())) == (Verdict.OK, {"0", "1"})


def produce_with_timeouts(shared: Any) -> int:
    """Put two items, each try with a timeout, while main gets with one; what was put is got or still there."""
    put = []

    def produce() -> None:
        for item in range(2):
            with contextlib.suppress(queue.Full):
                shared.put(item, timeout=1)
                put.append(item)

    thread = threading.Thread(target=produce)
    thread.start()
    got = []
    with contextlib.suppress(queue.Empty):
        got.append(shared.get(timeout=1))
    thread.join()
    assert got + list(shared.queue) == put
    return len(got)


def test_if_for_while_is_caught_within_100_executions() -> None:
    result = explore(barge_in(lambda: IfForWhile(1)), max_executions=100, strategy="dfs")
    assert result.counterexample is not None
    assert (result.verdict, result.counterexample.kind) == (Verdict.VIOLATION, "exception")
    assert result.counterexample.message == "getter fails with IndexError: deque index out of range"


@pytest.mark.parametrize("strategy", ["dfs", "random"])
def test_a_missing_notify_is_caught_within_100_executions(strategy: str) -> None:
    result = explore(produce_and_consume(lambda: NoNotifyInGet(1)), strategy=strategy, max_executions=100)
    assert result.counterexample is not None
    assert result.counterexample.kind == "deadlock"
    assert "parked on not_full" in str(result.counterexample)
