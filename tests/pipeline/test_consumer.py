"""`Consumer` used alone."""

from __future__ import annotations

import collections
import queue

import pytest

from pcverify import ThreadSafeQueue
from pcverify.pipeline import ConfigError, WorkerTimeoutError
from tests.support.threads import LIMIT, parked_getters
from tests.support.workers import Broken, FailingDestination, Gate, consumer


def filled(make_queue, *items):
    q = make_queue()
    for item in items:
        q.put(item)
    return q


def run(worker):
    worker.start()
    assert worker.join(LIMIT), "the worker did not end"
    return worker


def test_it_delivers_every_item_in_order_until_the_sentinel(make_queue):
    q = filled(make_queue, 1, 2, 3, None, "not ours")
    destination = []
    worker = run(consumer(q, destination))
    assert destination == [1, 2, 3]
    assert worker.error is None
    assert worker.metrics.items_consumed == 3
    assert worker.metrics.items_produced == 0
    assert q.qsize() == 1


def test_anything_with_append_is_a_destination(make_queue):
    destination = collections.deque(maxlen=2)
    run(consumer(filled(make_queue, 1, 2, 3, None), destination))
    assert list(destination) == [2, 3]


def test_a_callable_is_a_destination(make_queue):
    seen = []
    run(consumer(filled(make_queue, 1, 2, None), lambda item: seen.append(item * 10)))
    assert seen == [10, 20]


@pytest.mark.parametrize("destination", [None, 3, "text"])
def test_anything_else_is_no_destination(make_queue, destination):
    with pytest.raises(ConfigError, match="append"):
        consumer(make_queue(), destination)


def test_everything_it_got_is_done_the_sentinel_too(make_queue):
    q = filled(make_queue, 1, 2, None)
    run(consumer(q, []))
    assert q.unfinished_tasks == 0


def test_the_sentinel_is_compared_by_identity(make_queue):
    stop = object()
    destination = []
    run(consumer(filled(make_queue, None, 0, False, stop), destination, sentinel=stop))
    assert destination == [None, 0, False]


def test_a_destination_that_raises_stops_the_consumer_which_keeps_the_item(make_queue):
    q = filled(make_queue, 1, 2, 3)
    destination = FailingDestination(2)
    worker = run(consumer(q, destination))
    assert isinstance(worker.error, Broken)
    assert destination.items == [1]
    assert worker.undelivered == [2]
    assert worker.metrics.items_consumed == 1
    assert worker.metrics.consumer_errors == 1
    assert q.qsize() == 1


def test_a_destination_that_raises_is_skipped_where_the_policy_says_so(make_queue):
    destination = FailingDestination(2, 4)
    worker = run(consumer(filled(make_queue, 1, 2, 3, 4, None), destination, on_error="skip"))
    assert worker.error is None
    assert destination.items == [1, 3]
    assert worker.skipped == [2, 4]
    assert worker.undelivered == []
    assert worker.metrics.items_skipped == 2
    assert worker.metrics.items_consumed == 2
    assert worker.metrics.consumer_errors == 2


def test_an_exit_raised_by_a_destination_is_never_skipped(make_queue):
    def leave(item):
        raise SystemExit(item)

    worker = run(consumer(filled(make_queue, 1, 2), leave, on_error="skip"))
    assert isinstance(worker.error, SystemExit)
    assert worker.undelivered == [1]


def test_a_get_that_times_out_stops_the_consumer(make_queue):
    worker = run(consumer(make_queue(), [], get_timeout=0.01))
    assert isinstance(worker.error, WorkerTimeoutError)
    assert isinstance(worker.error.__cause__, queue.Empty)
    assert "get_timeout" in str(worker.error)
    assert worker.metrics.consumer_errors == 1


def test_a_get_that_times_out_tries_again_where_the_policy_says_so(make_queue):
    q = make_queue()
    waiting = parked_getters(q)
    destination = []
    worker = consumer(q, destination, get_timeout=0.01, on_timeout="retry")
    worker.start()
    waiting.wait_for_waits(3)
    q.put("item")
    q.put(None)
    assert worker.join(LIMIT)
    assert destination == ["item"]
    assert worker.metrics.consumer_errors == 0


def test_stop_ends_it_after_the_item_in_hand(make_queue):
    q = filled(make_queue, 1, 2, None)
    gate = Gate()
    worker = consumer(q, gate)
    worker.start()
    gate.wait_until_entered()
    worker.stop()
    gate.open()
    assert worker.join(LIMIT)
    assert gate.items == [1]
    assert q.qsize() == 2


def test_a_stopped_consumer_that_waits_delivers_the_item_that_comes(make_queue):
    q = make_queue()
    waiting = parked_getters(q)
    destination = []
    worker = consumer(q, destination)
    worker.start()
    waiting.wait_for(1)
    worker.stop()
    q.put("item")
    assert worker.join(LIMIT)
    assert destination == ["item"]


def test_a_stopped_consumer_that_waits_in_vain_ends_at_its_timeout_without_an_error(make_queue):
    q = make_queue()
    waiting = parked_getters(q)
    worker = consumer(q, [], get_timeout=0.05)
    worker.start()
    waiting.wait_for(1)
    worker.stop()
    assert worker.join(LIMIT)
    assert worker.error is None


def test_stop_ends_a_delay(make_queue):
    q = filled(make_queue, 1, 2)
    delivered = Gate()
    delivered.open()
    worker = consumer(q, delivered, delay=3600)
    worker.start()
    delivered.wait_until_entered()
    worker.stop()
    assert worker.join(LIMIT)
    assert delivered.items == [1]


def test_a_queue_that_is_shut_down_ends_it_when_it_is_empty():
    q = ThreadSafeQueue()
    q.put("item")
    q.shutdown()
    destination = []
    worker = run(consumer(q, destination))
    assert destination == ["item"]
    assert worker.error is None
