"""What both queues do as `queue.Queue` does: one behaviour a test, on each, and on that one as a yardstick."""

from __future__ import annotations

import _thread
import heapq
import queue
import sys
import threading
import time

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue
from tests.support.threads import InThread, parked_getters, parked_joiners, parked_putters

HAS_SHUTDOWN = sys.version_info >= (3, 13)


OURS = [ThreadSafeQueue, HandoffQueue]
WITH_CONDITIONS = pytest.mark.parametrize("make", [ThreadSafeQueue, queue.Queue], ids=["ThreadSafeQueue", "Queue"])


@pytest.fixture(params=[*OURS, queue.Queue], ids=lambda queue_class: queue_class.__name__)
def make(request):
    """A class with the interface of `queue.Queue`: what holds for one must hold for the other."""
    return request.param


@pytest.fixture(params=[*OURS, *([queue.Queue] if HAS_SHUTDOWN else [])], ids=lambda c: c.__name__)
def make_closable(request):
    """The same, where it has `shutdown`."""
    return request.param


def test_items_come_out_in_the_order_in_which_they_went_in(make):
    q = make()
    for item in range(5):
        q.put(item)
    assert [q.get() for _ in range(5)] == [0, 1, 2, 3, 4]


def test_none_is_an_item_like_any_other(make):
    q = make()
    q.put(None)
    assert q.qsize() == 1
    assert q.get() is None


@pytest.mark.parametrize("maxsize", [0, -1])
def test_without_a_positive_maxsize_the_queue_is_unbounded(make, maxsize):
    q = make(maxsize)
    for item in range(1000):
        q.put_nowait(item)
    assert q.qsize() == 1000
    assert not q.full()


def test_the_sizes_are_told_truly(make):
    q = make(2)
    assert (q.qsize(), q.empty(), q.full()) == (0, True, False)
    q.put(1)
    assert (q.qsize(), q.empty(), q.full()) == (1, False, False)
    q.put(2)
    assert (q.qsize(), q.empty(), q.full()) == (2, False, True)


def test_put_nowait_on_a_full_queue_raises_full_and_changes_nothing(make):
    q = make(1)
    q.put("first")
    with pytest.raises(queue.Full):
        q.put_nowait("second")
    with pytest.raises(queue.Full):
        q.put("second", block=False, timeout=-1)  # the timeout is ignored
    assert q.get_nowait() == "first"
    assert q.empty()


def test_get_nowait_on_an_empty_queue_raises_empty(make):
    q = make()
    with pytest.raises(queue.Empty):
        q.get_nowait()
    with pytest.raises(queue.Empty):
        q.get(block=False, timeout=-1)


@pytest.mark.parametrize("timeout", [0, 0.0, 0.01])
def test_a_timed_call_that_cannot_succeed_raises_at_its_deadline(make, timeout):
    q = make(1)
    began = time.monotonic()
    with pytest.raises(queue.Empty):
        q.get(timeout=timeout)
    q.put(1)
    with pytest.raises(queue.Full):
        q.put(2, timeout=timeout)
    assert time.monotonic() - began >= 2 * timeout


def test_a_negative_timeout_is_refused_exactly_where_it_would_be_used(make):
    bounded, unbounded = make(1), make()
    with pytest.raises(ValueError, match="non-negative"):
        bounded.put(1, timeout=-1)
    with pytest.raises(ValueError, match="non-negative"):
        bounded.get(timeout=-1)
    assert bounded.empty()
    unbounded.put(1, timeout=-1)  # an unbounded put never waits
    assert unbounded.qsize() == 1
    with pytest.raises(ValueError, match="non-negative"):
        unbounded.get(timeout=-1)  # although there is an item


def test_put_blocks_while_the_queue_is_full_and_a_get_wakes_it(make):
    q = make(1)
    q.put("first")
    waiting = parked_putters(q)
    put = InThread(q.put, "second")
    waiting.wait_for(1)
    assert not put.ended
    assert q.get() == "first"
    put.result()
    assert q.get_nowait() == "second"


def test_get_blocks_while_the_queue_is_empty_and_a_put_wakes_it(make):
    q = make(1)
    waiting = parked_getters(q)
    get = InThread(q.get)
    waiting.wait_for(1)
    assert not get.ended
    q.put("item")
    assert get.result() == "item"


def test_each_put_wakes_one_getter_more(make):
    q = make()
    waiting = parked_getters(q)
    gets = [InThread(q.get) for _ in range(3)]
    waiting.wait_for(3)
    for item in range(3):
        q.put(item)
    assert sorted(get.result() for get in gets) == [0, 1, 2]


def test_each_get_wakes_one_putter_more(make):
    q = make(3)
    for item in range(3):
        q.put(item)
    waiting = parked_putters(q)
    puts = [InThread(q.put, item) for item in (3, 4, 5)]
    waiting.wait_for(3)
    assert [q.get() for _ in range(3)] == [0, 1, 2]
    for put in puts:
        put.result()
    assert sorted(q.get_nowait() for _ in range(3)) == [3, 4, 5]


def test_a_timed_wait_is_woken_before_its_deadline(make):
    q = make(1)
    waiting = parked_getters(q)
    get = InThread(q.get, timeout=60)
    waiting.wait_for(1)
    q.put("item")
    assert get.result() == "item"

    q.put("first")
    waiting = parked_putters(q)
    put = InThread(q.put, "second", timeout=60)
    waiting.wait_for(1)
    assert q.get() == "first"
    put.result()


@WITH_CONDITIONS
def test_a_woken_getter_whose_item_was_stolen_waits_on(make):
    q = make()
    waiting = parked_getters(q)
    get = InThread(q.get)
    waiting.wait_for(1)
    with q.mutex:  # the woken thread cannot look before the item is gone again
        q.queue.append("stolen")
        q.not_empty.notify()
        q.queue.clear()
    waiting.wait_for_waits(2)
    assert not get.ended
    q.put("item")
    assert get.result() == "item"


def test_a_wakeup_in_vain_does_not_prolong_a_timed_wait(monkeypatch):
    q = ThreadSafeQueue()
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    asked = []

    def wake_in_vain(waiter):
        asked.append(waiter.remaining)
        now[0] += 4.0
        waiter.woken = True
        q.not_empty._waiters.clear()

    q._wait = wake_in_vain
    with pytest.raises(queue.Empty):
        q.get(timeout=10)
    assert asked == [10.0, 6.0, 2.0]


def test_join_returns_when_every_item_is_done(make):
    q = make()
    q.put(1)
    q.put(2)
    waiting = parked_joiners(q)
    join = InThread(q.join)
    waiting.wait_for(1)
    q.get()
    q.task_done()
    q.get()
    assert not join.ended
    q.task_done()
    join.result()
    assert q.unfinished_tasks == 0


def test_join_on_a_queue_without_tasks_returns_at_once(make):
    make().join()


def test_every_join_is_woken(make):
    q = make()
    q.put(1)
    waiting = parked_joiners(q)
    joins = [InThread(q.join) for _ in range(3)]
    waiting.wait_for(3)
    q.task_done()
    for join in joins:
        join.result()


def test_task_done_too_often_is_an_error_that_changes_nothing(make):
    q = make()
    with pytest.raises(ValueError, match="too many times"):
        q.task_done()
    q.put(1)
    assert q.unfinished_tasks == 1
    q.task_done()
    q.join()


def test_after_shutdown_puts_are_refused_and_what_is_there_can_be_got(make_closable):
    q = make_closable(2)
    q.put("item")
    q.shutdown()
    assert q.is_shutdown
    with pytest.raises(ShutDown):
        q.put("late")
    with pytest.raises(ShutDown):
        q.put("late", timeout=-1)  # shut down comes before a bad timeout
    assert q.get() == "item"
    for call in (q.get, q.get_nowait, lambda: q.get(timeout=-1)):
        with pytest.raises(ShutDown):
            call()


def test_shutdown_wakes_all_getters(make_closable):
    q = make_closable()
    waiting = parked_getters(q)
    gets = [InThread(q.get), InThread(q.get, timeout=60), InThread(q.get)]
    waiting.wait_for(3)
    q.shutdown()
    for get in gets:
        with pytest.raises(ShutDown):
            get.result()


def test_shutdown_wakes_all_putters(make_closable):
    q = make_closable(1)
    q.put("item")
    waiting = parked_putters(q)
    puts = [InThread(q.put, 1), InThread(q.put, 2, timeout=60), InThread(q.put, 3)]
    waiting.wait_for(3)
    q.shutdown()
    for put in puts:
        with pytest.raises(ShutDown):
            put.result()
    assert q.get_nowait() == "item"


def test_immediate_shutdown_discards_items_and_wakes_join(make_closable):
    q = make_closable()
    q.put(1)
    q.put(2)
    waiting = parked_joiners(q)
    join = InThread(q.join)
    waiting.wait_for(1)
    q.shutdown(immediate=True)
    join.result()
    assert (q.qsize(), q.unfinished_tasks) == (0, 0)
    with pytest.raises(ShutDown):
        q.get()


def test_immediate_shutdown_leaves_unfinished_tasks_that_somebody_works_on(make_closable):
    q = make_closable()
    q.put("in work")
    q.put("discarded")
    q.get()
    q.shutdown(immediate=True)
    assert q.unfinished_tasks == 1
    q.task_done()


def test_immediate_shutdown_never_counts_below_zero(make_closable):
    q = make_closable()
    q.put(1)
    q.task_done()
    q.shutdown(immediate=True)
    assert q.unfinished_tasks == 0


def test_shut_down_is_the_standard_librarys_where_that_has_it():
    assert ShutDown.__name__ == "ShutDown"
    assert getattr(queue, "ShutDown", ShutDown) is ShutDown


@WITH_CONDITIONS
def test_the_mutex_may_be_held_to_work_on_the_store(make):
    q = make()
    q.put(1)
    with q.mutex:
        q.queue.clear()
    assert q.empty()
    for condition in (q.not_empty, q.not_full, q.all_tasks_done):
        with condition:
            assert q.mutex.locked()


@WITH_CONDITIONS
def test_a_subclass_may_wait_on_the_conditions(make):
    class Patient(make):
        def wait_until_there_is_one(self):
            with self.not_empty:
                while not self._qsize():
                    self.not_empty.wait()
                self.not_empty.notify()  # the item is still there for somebody

    q = Patient()
    waits = [InThread(q.wait_until_there_is_one) for _ in range(3)]
    q.put("item")
    for wait in waits:
        wait.result()
    assert q.get_nowait() == "item"
    with pytest.raises(RuntimeError, match="un-acquired lock"):
        q.not_empty.notify()


def test_a_subclass_written_for_the_standard_queue_works(make):
    class Smallest(make):
        def _init(self, maxsize):
            self.queue = []

        def _qsize(self):
            return len(self.queue)

        def _put(self, item):
            heapq.heappush(self.queue, item)

        def _get(self):
            return heapq.heappop(self.queue)

    q = Smallest(3)
    for item in (2, 3, 1):
        q.put(item)
    assert q.full()
    assert [q.get() for _ in range(3)] == [1, 2, 3]


def test_the_class_takes_the_type_of_its_items(make):
    assert make[int](3).maxsize == 3


def test_primitives_and_clocks_are_looked_up_when_they_are_used(monkeypatch):
    made = []
    real_lock, real_gate = threading.Lock, _thread.allocate_lock
    monkeypatch.setattr(threading, "Lock", lambda: made.append("lock") or real_lock())
    monkeypatch.setattr(_thread, "allocate_lock", lambda: made.append("gate") or real_gate())
    q = ThreadSafeQueue()
    assert made == ["lock"]
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    q._wait = lambda waiter: monkeypatch.setattr(time, "monotonic", lambda: 1e9 + waiter.remaining)
    with pytest.raises(queue.Empty):
        q.get(timeout=5)
    assert made == ["lock", "gate"]
