"""How an abort ends a run, whatever its workers are blocked in: in bounded time, and with every item accounted for."""

from __future__ import annotations

import itertools
import threading

import pytest

from pcverify import ThreadSafeQueue
from pcverify.pipeline import PipelineAborted, PipelineFailed
from tests.support.threads import LIMIT, InThread, parked_getters, parked_putters
from tests.support.workers import (
    Broken,
    FailingDestination,
    Gate,
    consumer,
    coordinator,
    failure,
    producer,
)


class DyingConsumers:
    """A run whose consumers each hold one item behind a gate and then fail, so nobody takes the sentinels."""

    def __init__(self, q, consumers):
        self.gates = [Gate() for _ in range(consumers)]
        receivers = [consumer(q, self._die_at(gate), f"consumer-{c}") for c, gate in enumerate(self.gates)]
        self.items = list(range(consumers))
        self.main = coordinator([producer(q, self.items)], receivers, join_timeout=None)

    def _die_at(self, gate):
        def destination(item):
            gate.append(item)
            raise Broken(item)

        return destination

    def open(self):
        for gate in self.gates:
            gate.open()

    def wait_until_the_producer_is_done(self):
        for gate in self.gates:
            gate.wait_until_entered()
        assert self.main._producers[0].join(LIMIT)


@pytest.mark.parametrize("capacity", [1, 2, 5])
def test_sentinels_never_wait_for_consumers_that_are_gone(make_queue, capacity):
    q = make_queue(capacity)
    full = parked_putters(q)
    dying = DyingConsumers(q, consumers=3)
    run = InThread(failure, dying.main)
    dying.wait_until_the_producer_is_done()
    if capacity < 3:
        full.wait_for(1)  # the coordinator, with a sentinel that finds no room
    dying.open()
    error = run.result()
    assert sorted(error.undelivered) == dying.items
    assert len(error.causes) == 3


def test_abort_wakes_a_coordinator_that_waits_for_room_for_a_sentinel(make_queue):
    q = make_queue(1)
    full = parked_putters(q)
    dying = DyingConsumers(q, consumers=3)
    sent = threading.Event()
    send = dying.main._send_sentinels
    dying.main._send_sentinels = lambda deadline: (send(deadline), sent.set())
    run = InThread(failure, dying.main)
    dying.wait_until_the_producer_is_done()
    full.wait_for(1)
    abort = InThread(dying.main.abort)
    assert sent.wait(LIMIT), "the coordinator is still blocked in put"
    dying.open()
    assert sorted(abort.result()) == dying.items
    assert len(run.result().causes) == 3


@pytest.mark.parametrize("capacity", [1, 3])
def test_abort_wakes_producers_that_are_blocked_in_put(make_queue, capacity):
    q = make_queue(capacity)
    blocked = parked_putters(q)
    gate = Gate()
    senders = [producer(q, itertools.count(1000 * p), f"producer-{p}", put_timeout=None) for p in range(3)]
    receiver = consumer(q, gate)
    main = coordinator(senders, [receiver], join_timeout=60)
    run = InThread(failure, main, PipelineAborted)
    gate.wait_until_entered()
    blocked.wait_for(3)
    abort = InThread(main.abort)
    for sender in senders:
        assert sender.join(LIMIT), "a blocked producer was not woken"
    gate.open()
    left = abort.result()
    error = run.result()
    assert error.undelivered == left
    assert error.metrics.items_consumed == 1
    for sender, count in zip(senders, (m.items_produced for m in error.metrics.workers), strict=False):
        first = int(sender.name[-1]) * 1000
        accounted = sorted(item for item in gate.items + left if item // 1000 == first // 1000)
        assert accounted == list(range(first, first + count))


def test_abort_wakes_consumers_that_are_blocked_in_get(make_queue):
    q = make_queue(1)
    blocked = parked_getters(q)
    gate = Gate()
    receivers = [consumer(q, [], f"consumer-{c}", get_timeout=None) for c in range(3)]
    main = coordinator([producer(q, gate)], receivers, join_timeout=60)
    main.start()
    blocked.wait_for(3)
    gate.wait_until_entered()
    abort = InThread(main.abort)
    for receiver in receivers:
        assert receiver.join(LIMIT), "a blocked consumer was not woken"
    gate.open()
    assert abort.result() == []
    assert main.unsent == ["from the gate"]
    with pytest.raises(PipelineAborted):
        main.wait()


def test_abort_names_workers_that_are_stuck_in_users_code(make_queue):
    q = make_queue(1)
    source, destination = Gate(), Gate()
    senders = [producer(q, ["item"], "quick"), producer(q, source, "slow source")]
    main = coordinator(senders, [consumer(q, destination, "slow destination")], join_timeout=0.05)
    main.start()
    source.wait_until_entered()
    destination.wait_until_entered()
    assert main.abort() == ["item"]  # in the hand of the consumer that is stuck
    with pytest.raises(PipelineFailed) as caught:
        main.wait()
    assert caught.value.stuck == (
        "slow source is still in its source",
        "slow destination is still in its destination",
    )
    assert "slow source is still in its source" in str(caught.value)
    assert caught.value.metrics.items_lost == 0
    source.open()
    destination.open()
    for worker in (*senders, *main._consumers):
        assert worker.join(LIMIT), "a stuck worker must end once it can"
    assert main.metrics == caught.value.metrics


def test_a_run_that_does_not_end_in_time_is_aborted(make_queue):
    q = make_queue()
    destination = Gate()
    main = coordinator([producer(q, range(5))], [consumer(q, destination)], join_timeout=0.05)
    error = failure(main)
    assert error.stuck == ("consumer-0 is still in its destination",)
    assert error.undelivered == [0, 1, 2, 3, 4]
    destination.open()
    assert main._consumers[0].join(LIMIT)


def test_shutdown_with_a_stuck_source_ends_in_time(make_queue):
    q = make_queue()
    source = Gate()
    main = coordinator([producer(q, source)], [consumer(q, [])], join_timeout=0.05)
    main.start()
    source.wait_until_entered()
    main.shutdown()
    with pytest.raises(PipelineFailed, match="still in its source"):
        main.wait()
    source.open()
    assert main._producers[0].join(LIMIT)


def test_a_worker_may_ask_for_an_abort(make_queue):
    q = make_queue(1)

    def abort_at_3(item):
        seen.append(item)
        if item == 3:
            assert main.abort() == []

    seen = []
    main = coordinator([producer(q, itertools.count())], [consumer(q, abort_at_3)])
    error = failure(main, PipelineAborted)
    assert seen == [0, 1, 2, 3]
    assert error.undelivered == list(range(4, error.metrics.items_produced))


def test_two_aborts_at_once_return_the_same(make_queue):
    q = make_queue(5)
    gate = Gate()
    main = coordinator([producer(q, range(5))], [consumer(q, gate)], join_timeout=60)
    main.start()
    gate.wait_until_entered()
    assert main._producers[0].join(LIMIT)
    aborts = [InThread(main.abort), InThread(main.abort)]
    gate.open()
    assert aborts[0].result() == aborts[1].result()


def test_abort_after_the_end_returns_nothing(make_queue):
    q = make_queue()
    main = coordinator([producer(q, [1])], [consumer(q, [])])
    main.run()
    assert main.abort() == []


def test_an_abort_shuts_the_queue_down_where_it_can_be():
    q = ThreadSafeQueue(1)
    main = coordinator([producer(q, itertools.count())], [consumer(q, [])])
    main.start()
    main.abort()
    assert q.is_shutdown


def test_no_thread_outlives_a_failed_run(make_queue):
    before = set(threading.enumerate())
    q = make_queue(1)
    failure(
        coordinator(
            [producer(q, itertools.count(), f"producer-{p}") for p in range(3)],
            [consumer(q, FailingDestination(*range(100)), f"consumer-{c}") for c in range(3)],
        )
    )
    assert set(threading.enumerate()) == before
