"""What both queues do beyond `queue.Queue`: several items in one call, iteration, limits for `join`, statistics."""

from __future__ import annotations

import queue
import threading
from typing import Any

import pytest

from pcverify import HandoffPriorityQueue, QueueStats, ShutDown, ThreadSafePriorityQueue
from pcverify.evidence import Verdict
from pcverify.explore import explore
from tests.support.queues import DESIGNS, VARIANTS
from tests.support.threads import InThread, parked_getters, parked_joiners, parked_putters


@pytest.fixture(params=DESIGNS, ids=lambda made: made.__name__)
def make(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[*DESIGNS, *VARIANTS], ids=lambda made: made.__name__)
def make_any(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_put_many_puts_the_first_as_many_as_fit(make_any: Any) -> None:
    q = make_any(3)
    assert q.put_many(range(2)) == 2
    assert q.put_many(iter([2, 3, 4])) == 1
    assert q.unfinished_tasks == 3
    assert sorted(q.drain()) == [0, 1, 2]
    assert q.put_many([]) == 0


def test_put_many_waits_while_not_even_one_fits(make_any: Any) -> None:
    q = make_any(2)
    q.put_many([1, 2])
    with pytest.raises(queue.Full):
        q.put_many([3, 4], block=False)
    with pytest.raises(queue.Full):
        q.put_many([3, 4], timeout=0.001)
    with pytest.raises(ValueError, match="non-negative"):
        q.put_many([3], timeout=-1)
    waiting = parked_putters(q)
    put = InThread(q.put_many, [3, 4, 5])
    waiting.wait_for(1)
    assert len(q.get_many(9)) == 2
    done = put.result()
    assert 1 <= done <= 2
    assert sorted(q.drain()) == [3, 4][:done]


def test_put_many_serves_all_who_wait(make_any: Any) -> None:
    q = make_any(4)
    waiting = parked_getters(q)
    gets = [InThread(q.get) for _ in range(3)]
    waiting.wait_for(3)
    assert q.put_many([1, 2, 3, 4]) == 4
    assert sorted([*(get.result() for get in gets), *q.drain()]) == [1, 2, 3, 4]


def test_put_many_after_a_shutdown_is_refused(make_any: Any) -> None:
    q = make_any(1)
    q.shutdown()
    with pytest.raises(ShutDown):
        q.put_many([1])


def test_get_many_gets_what_there_is_in_the_order_of_the_queue(make: Any) -> None:
    q = make()
    q.put_many("abcde")
    assert q.get_many(2) == ["a", "b"]
    assert q.get_many(9) == ["c", "d", "e"]
    assert q.unfinished_tasks == 5


def test_the_variants_keep_their_order_in_a_batch() -> None:
    for made, expected in zip(VARIANTS, [[2, 3, 1]] * 2 + [[1, 2, 3]] * 2, strict=True):
        q = made()
        q.put_many([1, 3, 2])
        assert q.get_many(3) == expected


def test_get_many_waits_while_there_is_none(make_any: Any) -> None:
    q = make_any()
    with pytest.raises(queue.Empty):
        q.get_many(2, block=False)
    with pytest.raises(queue.Empty):
        q.get_many(2, timeout=0.001)
    with pytest.raises(ValueError, match="non-negative"):
        q.get_many(2, timeout=-1)
    with pytest.raises(ValueError, match="at least 1"):
        q.get_many(0)
    waiting = parked_getters(q)
    get = InThread(q.get_many, 2)
    waiting.wait_for(1)
    q.put("a")
    assert get.result() == ["a"]


def test_get_many_lets_in_as_many_putters_as_there_is_room_for(make_any: Any) -> None:
    q = make_any(2)
    q.put_many([1, 2])
    waiting = parked_putters(q)
    puts = [InThread(q.put, item) for item in (3, 4, 5)]
    waiting.wait_for(3)
    assert len(q.get_many(2)) == 2
    got = [q.get() for _ in range(3)]
    for put in puts:
        put.result()
    assert sorted(got) == [3, 4, 5]


def test_drain_takes_all_and_waits_for_nothing(make_any: Any) -> None:
    q = make_any(2)
    assert q.drain() == []
    q.put_many([1, 2])
    waiting = parked_putters(q)
    put = InThread(q.put, 3)
    waiting.wait_for(1)
    assert sorted(q.drain()) == [1, 2]
    put.result()
    q.shutdown()
    assert q.drain() == [3]
    assert q.drain() == []


def test_iteration_ends_with_the_shutdown_and_not_before_the_last_item(make_any: Any) -> None:
    q = make_any()
    waiting = parked_getters(q)
    every = InThread(list, q)
    waiting.wait_for(1)
    q.put("a")
    waiting.wait_for_waits(2)
    q.put("b")
    waiting.wait_for_waits(3)
    q.shutdown()
    assert every.result() == ["a", "b"]


def test_join_with_a_time_limit(make_any: Any) -> None:
    q = make_any()
    q.join(timeout=0)
    q.put(1)
    with pytest.raises(TimeoutError, match=r"1 item unfinished after 0\.001 s"):
        q.join(timeout=0.001)
    assert q.stats().joiners == 0
    with pytest.raises(ValueError, match="non-negative"):
        q.join(timeout=-1)
    waiting = parked_joiners(q)
    join = InThread(q.join, 60)
    waiting.wait_for(1)
    q.task_done()
    join.result()


def test_the_statistics_are_those_of_one_moment(make_any: Any) -> None:
    q = make_any(1)
    q.put(1)
    waiting, joining = parked_putters(q), parked_joiners(q)
    put, join = InThread(q.put, 2), InThread(q.join)
    waiting.wait_for(1)
    joining.wait_for(1)
    expected = QueueStats(size=1, unfinished=1, getters=0, putters=1, joiners=1, waits=2, given_back=0, overfull=0)
    assert q.stats() == expected
    q.shutdown(immediate=True)
    join.result()
    with pytest.raises(ShutDown):
        put.result()
    assert q.stats() == QueueStats(
        size=0, unfinished=0, getters=0, putters=0, joiners=0, waits=2, given_back=0, overfull=0
    )


@pytest.mark.parametrize(
    ("capacity", "strategy", "verdict"), [(2, "dfs", Verdict.OK), (1, "portfolio", Verdict.SAMPLED)]
)
def test_batches_that_race_lose_nothing(make: Any, capacity: int, strategy: str, verdict: Verdict) -> None:
    def program() -> tuple[int, ...]:
        shared = make(capacity)

        def produce() -> None:
            items = [0, 1]
            while items:
                del items[: shared.put_many(items)]
            shared.shutdown()

        thread = threading.Thread(target=produce)
        thread.start()
        got: list[int] = []
        while True:
            try:
                got += shared.get_many(2)
            except ShutDown:
                break
        thread.join()
        return tuple(got)

    result = explore(program, strategy=strategy, max_executions=5_000)
    assert (result.verdict, set(result.counts())) == (verdict, {"(0, 1)"})


def test_two_producers_and_two_consumers_sampled_by_the_portfolio(make_any: Any) -> None:
    def program() -> None:
        shared = make_any(1)
        got: list[tuple[int, int]] = []

        def produce(number: int) -> None:
            for item in range(2):
                shared.put((number, item))

        def consume() -> None:
            for _ in range(2):
                got.append(shared.get())
                shared.task_done()

        threads = [threading.Thread(target=produce, args=(number,)) for number in range(2)]
        threads += [threading.Thread(target=consume) for _ in range(2)]
        for thread in threads:
            thread.start()
        shared.join()
        for thread in threads:
            thread.join()
        assert sorted(got) == [(0, 0), (0, 1), (1, 0), (1, 1)]

    assert explore(program, strategy="portfolio", max_executions=500).verdict is Verdict.SAMPLED


def test_a_get_after_a_shutdown_waits_for_nobody_in_any_schedule(make_any: Any) -> None:
    def program() -> int:
        shared = make_any()
        got: list[int] = []

        def consume() -> None:
            got.extend(shared)

        thread = threading.Thread(target=consume)
        thread.start()
        shared.put(1)
        shared.shutdown()
        consume()
        thread.join()
        return len(got)

    result = explore(program, strategy="dfs")
    assert (result.verdict, set(result.counts())) == (Verdict.OK, {"1"})


# An item that cannot be compared.


@pytest.mark.parametrize("made", [ThreadSafePriorityQueue, HandoffPriorityQueue])
def test_a_put_that_cannot_be_compared_leaves_the_queue_as_it_was(made: Any) -> None:
    q = made()
    q.put_many([3, 1, 2])
    with pytest.raises(TypeError):
        q.put("x")
    assert (q.qsize(), q.unfinished_tasks) == (3, 3)
    assert q.drain() == [1, 2, 3]


@pytest.mark.parametrize("made", [ThreadSafePriorityQueue, HandoffPriorityQueue])
def test_a_put_that_waited_raises_what_its_own_item_does(made: Any) -> None:
    q = made(2)
    q.put_many([1, 2])
    waiting = parked_putters(q)
    put = InThread(q.put, "x")
    waiting.wait_for(1)
    assert q.get() == 1
    with pytest.raises(TypeError):
        put.result()
    q.put(0)
    assert q.drain() == [0, 2]


class Moody:
    """Can be compared until it is told not to be."""

    willing = True

    def __init__(self, number: int) -> None:
        self.number = number

    def __lt__(self, other: Moody) -> bool:
        if not Moody.willing:
            raise RuntimeError("not now")
        return self.number < other.number


@pytest.mark.parametrize("made", [ThreadSafePriorityQueue, HandoffPriorityQueue])
def test_a_get_whose_comparison_fails_loses_nothing(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    q = made()
    q.put_many([Moody(number) for number in range(4)])
    monkeypatch.setattr(Moody, "willing", False)
    with pytest.raises(RuntimeError):
        q.get()
    monkeypatch.setattr(Moody, "willing", True)
    assert [item.number for item in q.drain()] == [0, 1, 2, 3]
