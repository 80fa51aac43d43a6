"""`Producer` used alone."""

from __future__ import annotations

import itertools
import logging
import queue
import threading

import pytest

from pcverify import Producer, ProducerConfig, ShutDown, ThreadSafeQueue
from pcverify.pipeline import SentinelInSourceError, WorkerStateError, WorkerTimeoutError
from tests.support.threads import LIMIT, parked_putters
from tests.support.workers import Broken, Gate, failing_source, producer


def run(worker):
    worker.start()
    assert worker.join(LIMIT), "the worker did not end"
    return worker


def contents(q):
    return [q.get(block=False) for _ in range(q.qsize())]


def test_it_puts_every_item_in_order_and_then_the_sentinel(make_queue):
    q = make_queue()
    worker = run(producer(q, ["a", "b", "c"]))
    assert contents(q) == ["a", "b", "c", None]
    assert worker.error is None
    assert worker.metrics.items_produced == 3
    assert worker.metrics.producer_errors == 0
    assert worker.unsent == []


def test_any_iterable_is_a_source(make_queue):
    q = make_queue()
    run(producer(q, (number * number for number in range(3))))
    assert contents(q) == [0, 1, 4, None]


def test_an_empty_source_sends_the_sentinel_alone(make_queue):
    q = make_queue()
    run(producer(q, []))
    assert contents(q) == [None]


def test_a_source_that_raises_ends_the_producer_and_the_sentinel_still_comes(make_queue):
    q = make_queue()
    worker = run(producer(q, failing_source(1, 2)))
    assert contents(q) == [1, 2, None]
    assert isinstance(worker.error, Broken)
    assert worker.metrics.producer_errors == 1
    assert worker.metrics.items_produced == 2


def test_a_source_that_cannot_be_iterated_is_an_error_of_its_producer(make_queue):
    worker = run(producer(make_queue(), 42))
    assert isinstance(worker.error, TypeError)


def test_even_an_exit_raised_by_a_source_is_kept(make_queue):
    def source():
        yield 1
        raise SystemExit(3)

    worker = run(producer(make_queue(), source()))
    assert isinstance(worker.error, SystemExit)


def test_a_source_that_contains_the_sentinel_is_an_error_before_the_item_is_enqueued(make_queue):
    stop = object()
    q = make_queue()
    worker = run(producer(q, [1, stop, 2], sentinel=stop))
    assert contents(q) == [1, stop]  # the second is the end, sent as always
    assert isinstance(worker.error, SentinelInSourceError)
    assert "another sentinel" in str(worker.error)
    assert worker.metrics.items_produced == 1
    assert worker.unsent == []


def test_the_sentinel_is_compared_by_identity(make_queue):
    class Equal:
        def __eq__(self, other):
            return True

        __hash__ = None

    item, stop = Equal(), Equal()
    q = make_queue()
    worker = run(producer(q, [item], sentinel=stop))
    assert worker.error is None
    assert [entry is stop for entry in contents(q)] == [False, True]


def test_a_put_that_times_out_stops_the_producer_and_keeps_the_item(make_queue):
    q = make_queue(2)
    worker = run(producer(q, ["a", "b", "c", "d"], put_timeout=0.01))
    assert isinstance(worker.error, WorkerTimeoutError)
    assert isinstance(worker.error.__cause__, queue.Full)
    assert "put_timeout" in str(worker.error)
    assert worker.metrics.items_produced == 2
    assert worker.metrics.producer_errors == 2  # the item, and then the sentinel
    assert worker.unsent == ["c"]
    assert contents(q) == ["a", "b"]


def test_a_put_that_times_out_tries_the_same_item_again_where_the_policy_says_so(make_queue):
    q = make_queue(1)
    waiting = parked_putters(q)
    worker = producer(q, ["a", "b"], put_timeout=0.01, on_timeout="retry")
    worker.start()
    waiting.wait_for_waits(3)
    assert [q.get(timeout=LIMIT) for _ in range(3)] == ["a", "b", None]
    assert worker.join(LIMIT)
    assert worker.error is None
    assert worker.metrics.producer_errors == 0


def test_stop_ends_an_endless_source_after_the_item_in_hand(make_queue):
    q = make_queue(1)
    waiting = parked_putters(q)
    worker = producer(q, itertools.count())
    worker.start()
    waiting.wait_for(1)  # 0 is in the queue, 1 in hand
    worker.stop()
    assert [q.get(timeout=LIMIT) for _ in range(3)] == [0, 1, None]
    assert worker.join(LIMIT)
    assert worker.metrics.items_produced == 2


def test_stop_before_the_start_leaves_the_source_untouched(make_queue):
    q = make_queue()
    worker = producer(q, ["never"])
    worker.stop()
    run(worker)
    assert contents(q) == [None]


def test_stop_ends_a_delay(make_queue):
    q = make_queue()
    worker = producer(q, itertools.count(), delay=3600)
    worker.start()
    assert q.get(timeout=LIMIT) == 0
    worker.stop()
    assert worker.join(LIMIT)


def test_a_queue_shut_down_by_somebody_else_is_an_error_that_keeps_the_item():
    q = ThreadSafeQueue(1)
    waiting = parked_putters(q)
    worker = producer(q, ["a", "b"])
    worker.start()
    waiting.wait_for(1)
    q.shutdown()
    assert worker.join(LIMIT)
    assert isinstance(worker.error, ShutDown)
    assert worker.unsent == ["b"]


def test_starting_twice_is_an_error(make_queue):
    worker = run(producer(make_queue(), []))
    with pytest.raises(WorkerStateError, match="make a new one"):
        worker.start()


def test_joining_before_the_start_is_an_error(make_queue):
    worker = producer(make_queue(), [])
    assert not worker.is_alive()
    with pytest.raises(WorkerStateError, match="call start"):
        worker.join()


def test_join_says_whether_the_worker_has_ended(make_queue):
    gate = Gate()
    worker = producer(make_queue(), gate)
    worker.start()
    gate.wait_until_entered()
    assert worker.join(0) is False
    assert worker.is_alive()
    gate.open()
    assert worker.join(LIMIT) is True
    assert not worker.is_alive()


def test_the_thread_carries_the_workers_name_and_is_as_daemonic_as_the_config_says(make_queue):
    gate = Gate()
    worker = Producer(ProducerConfig("loader", daemon=True), gate, make_queue())
    worker.start()
    gate.wait_until_entered()
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "loader"]
    assert thread.daemon
    gate.open()
    assert worker.join(LIMIT)


def test_the_duration_runs_from_start_to_end(make_queue):
    worker = producer(make_queue(), [1])
    assert worker.metrics.execution_duration == 0
    assert worker.metrics.throughput == 0
    run(worker)
    assert worker.metrics.execution_duration > 0
    assert worker.metrics.execution_duration == worker.metrics.execution_duration
    assert worker.metrics.throughput > 0


def test_it_logs_its_start_its_progress_with_the_fill_of_the_queue_its_errors_and_its_end(make_queue, caplog):
    caplog.set_level(logging.INFO, "pcverify")
    run(producer(make_queue(10), failing_source(*range(7)), log_every=7))
    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "producer-0: started"
    assert messages[1] == "producer-0: 7 items, queue 7/10"
    assert "failed: Broken" in messages[2]
    assert messages[3] == "producer-0: ended after 7 items, queue 8/10"


def test_it_logs_no_progress_where_the_config_says_never(make_queue, caplog):
    caplog.set_level(logging.INFO, "pcverify")
    run(producer(make_queue(), range(5000), log_every=0))
    assert [record.getMessage() for record in caplog.records] == [
        "producer-0: started",
        "producer-0: ended after 5000 items, queue 5001/unbounded",
    ]
