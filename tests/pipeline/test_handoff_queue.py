"""`HandoffQueue`: who waits longest is served first, by CPython's own tests, by every schedule, by real threads."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

import pytest

from pcverify import HandoffQueue, ShutDown
from pcverify.evidence import Verdict
from pcverify.explore import explore
from tests.subjects.queues import produce_and_consume


@pytest.mark.parametrize(("items", "capacity"), [(1, 1), (2, 1), (2, 2), (3, 1)])
def test_one_producer_and_one_consumer_in_every_schedule(items: int, capacity: int) -> None:
    result = explore(produce_and_consume(lambda: HandoffQueue(capacity), items=items), strategy="dfs")
    assert result.verdict is Verdict.OK
    assert set(result.counts()) == {repr(tuple((0, item) for item in range(items)))}


def parked(shared: HandoffQueue[Any], waiters: str, number: int) -> None:
    """Wait until so many threads are parked; no time is waited for that a failure does not use up."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with shared.mutex:
            if len(getattr(shared, waiters)) == number:
                return
        time.sleep(0)
    pytest.fail(f"{number} in {waiters} never came about")


def in_order(target: Any, shared: HandoffQueue[Any], waiters: str, number: int) -> list[threading.Thread]:
    """Start threads that park one after another."""
    threads = []
    for index in range(number):
        thread = threading.Thread(target=target, args=(index,), daemon=True)
        thread.start()
        threads.append(thread)
        parked(shared, waiters, index + 1)
    return threads


def finish(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def test_getters_are_served_in_the_order_in_which_they_came() -> None:
    shared: HandoffQueue[int] = HandoffQueue()
    got: dict[int, int] = {}
    threads = in_order(lambda index: got.update({index: shared.get()}), shared, "_getters", 4)
    for item in range(4):
        shared.put(item)
    finish(threads)
    assert got == {0: 0, 1: 1, 2: 2, 3: 3}


def test_putters_are_served_in_the_order_in_which_they_came() -> None:
    shared: HandoffQueue[int] = HandoffQueue(1)
    shared.put(-1)
    threads = in_order(shared.put, shared, "_putters", 4)
    assert [shared.get() for _ in range(5)] == [-1, 0, 1, 2, 3]
    finish(threads)


def test_nobody_overtakes() -> None:
    """A getter that is parked gets the item, though another one comes right after it was put."""

    def program() -> str:
        shared: HandoffQueue[str] = HandoffQueue(1)
        got: list[str] = []
        waiting = threading.Thread(target=lambda: got.append(shared.get()))
        waiting.start()
        while not shared._getters:
            shared.qsize()
        shared.put("item")
        try:
            shared.get_nowait()
        except queue.Empty:
            waiting.join()
            return got[0]
        raise AssertionError("overtaken")

    result = explore(program, strategy="sticky", max_executions=1_000, keep_going=True)
    assert set(result.counts()) == {"'item'"}, result


def test_what_times_out_leaves_the_list() -> None:
    shared: HandoffQueue[int] = HandoffQueue(1)
    with pytest.raises(queue.Empty):
        shared.get(timeout=0.001)
    shared.put(1)
    with pytest.raises(queue.Full):
        shared.put(2, timeout=0.001)
    with pytest.raises(TimeoutError, match="1 item unfinished"):
        shared.join(timeout=0.001)
    assert not shared._getters
    assert not shared._putters
    assert not shared._joiners


def timed_get_and_a_put() -> str:
    shared: HandoffQueue[int] = HandoffQueue(1)
    thread = threading.Thread(target=shared.put, args=(1,))
    thread.start()
    try:
        got = str(shared.get(timeout=0.5))
    except queue.Empty:
        got = "nothing"
    thread.join()
    return f"{got}, {shared.qsize()} left"


def test_a_timeout_that_races_the_hand_over_loses_nothing() -> None:
    result = explore(timed_get_and_a_put, strategy="dfs")
    assert (result.verdict, set(result.counts())) == (Verdict.OK, {"'1, 0 left'", "'nothing, 1 left'"})


def test_shutdown_wakes_all_and_leaves_what_is_there() -> None:
    shared: HandoffQueue[int] = HandoffQueue(1)
    shared.put(-1)
    ended: list[int] = []

    def put(index: int) -> None:
        with pytest.raises(ShutDown):
            shared.put(index)
        ended.append(index)

    threads = in_order(put, shared, "_putters", 3)
    shared.shutdown()
    finish(threads)
    assert shared.get() == -1
    with pytest.raises(ShutDown):
        shared.get()
    assert sorted(ended) == [0, 1, 2]


def test_immediate_shutdown_ends_joins() -> None:
    shared: HandoffQueue[int] = HandoffQueue()
    shared.put(1)
    threads = in_order(lambda _: shared.join(), shared, "_joiners", 2)
    shared.shutdown(immediate=True)
    finish(threads)
    assert (shared.qsize(), shared.unfinished_tasks) == (0, 0)


@pytest.mark.parametrize("call", [lambda q: q.put(1, timeout=-1), lambda q: q.get(timeout=-1), lambda q: q.join(-1)])
def test_a_negative_timeout_is_refused(call: Any) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        call(HandoffQueue(1))


def test_task_done_too_often_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        HandoffQueue().task_done()
