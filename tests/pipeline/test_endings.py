"""How runs end that something went wrong with: nobody is left blocked, and every item is accounted for."""

from __future__ import annotations

import itertools
import queue
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from pcverify import ThreadSafeQueue
from pcverify.pipeline import PipelineAborted, PipelineFailed, SentinelInSourceError, WorkerTimeoutError
from tests.support.queues import conditions
from tests.support.threads import LIMIT, InThread, parked
from tests.support.workers import Broken, FailingDestination, Gate, consumer, coordinator, failing_source, producer


def failure(main, kind=PipelineFailed):
    """Run `main`, which must fail, and check the accounts that hold for every failure."""
    with pytest.raises(kind) as caught:
        main.run()
    error = caught.value
    assert error.metrics.items_lost == 0
    assert error.metrics.items_undelivered == len(error.undelivered)
    assert error.undelivered == main.undelivered
    assert error.unsent == main.unsent
    return error


def test_a_source_that_raises_ends_the_run_and_what_is_enqueued_is_consumed(make_queue):
    q = make_queue(2)
    destination = []
    senders = [producer(q, failing_source(1, 2, 3), "failing"), producer(q, itertools.count(1000), "endless")]
    error = failure(coordinator(senders, [consumer(q, destination)]))
    assert [type(cause) for cause in error.causes] == [Broken]
    assert error.__cause__ is error.causes[0]
    assert "failing failed: Broken('source')" in str(error)
    assert [item for item in destination if item < 1000] == [1, 2, 3]
    assert error.undelivered == error.unsent == []
    assert error.metrics.producer_errors == 1
    assert not any(worker.is_alive() for worker in senders)


def test_a_destination_that_raises_ends_the_run_and_its_item_is_returned(make_queue):
    q = make_queue(1)
    error = failure(coordinator([producer(q, itertools.count())], [consumer(q, FailingDestination(7))]))
    assert [type(cause) for cause in error.causes] == [Broken]
    assert error.undelivered[0] == 7
    # The producer was in a put, or between two items: what it holds was never enqueued.
    produced = error.metrics.items_produced
    assert error.undelivered == list(range(7, produced))
    assert error.unsent in ([], [produced])


def test_another_consumer_takes_over_from_one_that_failed(make_queue):
    q = make_queue(2)
    survivor = []
    # Which consumer meets item 5 is up to the scheduler: both refuse it.
    failing = FailingDestination(5)

    def second(item):
        if item == 5:
            raise Broken(item)
        survivor.append(item)

    error = failure(coordinator([producer(q, range(50))], [consumer(q, failing, "a"), consumer(q, second, "b")]))
    assert error.undelivered == [5]
    produced = error.metrics.items_produced
    assert sorted(failing.items + survivor + [5]) == list(range(produced))


def test_all_causes_are_reported(make_queue):
    q = make_queue()
    gate = Gate()

    def fail_late(item):
        gate.append(item)
        raise Broken("destination")

    senders = [producer(q, failing_source("item"), "sender")]
    main = coordinator(senders, [consumer(q, fail_late, "receiver")])
    run = InThread(failure, main)
    gate.wait_until_entered()
    assert senders[0].join(LIMIT)
    gate.open()
    error = run.result()
    assert [str(cause) for cause in error.causes] == ["source", "destination"]
    assert "sender failed" in str(error)
    assert "receiver failed" in str(error)
    assert error.undelivered == ["item"]


def test_skipped_items_are_no_failure(make_queue):
    q = make_queue(2)
    receiver = consumer(q, FailingDestination(3, 4), on_error="skip")
    metrics = coordinator([producer(q, range(10))], [receiver]).run()
    assert receiver.skipped == [3, 4]
    assert (metrics.items_consumed, metrics.items_skipped, metrics.items_lost) == (8, 2, 0)
    assert metrics.consumer_errors == 2


def test_a_put_that_times_out_returns_its_item(make_queue):
    q = make_queue(1)
    gate = Gate()
    main = coordinator([producer(q, ["a", "b", "c"], put_timeout=0.01)], [consumer(q, gate)])
    run = InThread(failure, main)
    gate.wait_until_entered()
    assert main._producers[0].join(LIMIT)
    gate.open()
    error = run.result()
    assert isinstance(error.causes[0], WorkerTimeoutError)
    assert error.undelivered == []
    assert gate.items + error.unsent == ["a", "b", "c"]


def test_a_get_that_times_out_ends_the_run(make_queue):
    q = make_queue(1)
    gate = Gate()
    main = coordinator([producer(q, gate)], [consumer(q, [], get_timeout=0.01)])
    run = InThread(failure, main)
    gate.wait_until_entered()
    assert main._consumers[0].join(LIMIT)
    gate.open()
    error = run.result()
    assert isinstance(error.causes[0], WorkerTimeoutError)
    assert error.unsent + error.undelivered == ["from the gate"]


def test_a_sentinel_in_a_source_ends_the_run_before_it_is_enqueued(make_queue):
    q = make_queue(1)
    destination = []
    error = failure(coordinator([producer(q, [1, None, 2])], [consumer(q, destination)]))
    assert isinstance(error.causes[0], SentinelInSourceError)
    assert destination == [1]


def test_when_every_consumer_was_stopped_what_is_left_is_returned(make_queue):
    q = make_queue(2)
    seen = []
    receiver = consumer(q, lambda item: (seen.append(item), receiver.stop()))
    error = failure(coordinator([producer(q, range(100))], [receiver]))
    assert seen == [0]
    assert error.causes == ()
    assert error.undelivered == list(range(1, error.metrics.items_produced))


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
    full = parked(conditions(q).not_full)
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
    full = parked(conditions(q).not_full)
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
    blocked = parked(conditions(q).not_full)
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
    blocked = parked(conditions(q).not_empty)
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


class Refusing(queue.Queue):
    """A queue whose put or get fails by itself, as one with a broken store would."""

    def __init__(self, refused):
        super().__init__()
        self.refused = refused

    def _put(self, item):
        if self.refused(item):
            raise Broken("put")
        super()._put(item)


def test_a_queue_that_refuses_a_sentinel_ends_the_run_with_its_error():
    q = Refusing(lambda item: item is None)
    receiver = consumer(q, [], get_timeout=0.1)
    main = coordinator([producer(q, [1, 2])], [receiver])
    with pytest.raises(Broken, match="put"):
        main.run()
    assert not receiver.is_alive()
    assert main.metrics.items_lost == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_queue_that_cannot_tell_its_size_leaves_no_coordinator_waiting():
    class Sizeless(queue.Queue):
        def qsize(self):
            raise Broken("qsize")

    destination = []
    q = Sizeless()
    assert coordinator([producer(q, [1, 2])], [consumer(q, destination)]).run().items_lost == 0
    assert destination == [1, 2]


def test_a_queue_that_fails_to_give_items_does_not_hide_its_workers_error(caplog):
    class Stuck(queue.Queue):
        def _get(self):
            raise Broken("get")

    q = Stuck()
    with pytest.raises(PipelineFailed) as caught:
        coordinator([producer(q, [1])], [consumer(q, [])]).run()
    assert [str(cause) for cause in caught.value.causes] == ["get"]
    assert "cannot empty the queue" in caplog.text


@pytest.mark.parametrize("queue_name", ["ThreadSafeQueue", "MinimalQueue"])
def test_ctrl_c_during_a_run_aborts_it_and_says_what_is_left(queue_name):
    program = f"""
        import itertools, signal, sys
        from pcverify import ThreadSafeQueue
        from tests.support.queues import MinimalQueue
        from tests.support.workers import consumer, coordinator, producer

        q = {queue_name}(3)
        ready = iter([True])

        def destination(item):
            if next(ready, False):
                print("running", flush=True)

        main = coordinator([producer(q, itertools.count())], [consumer(q, destination)])
        try:
            main.run()
        except KeyboardInterrupt as interrupt:
            print(interrupt)
            print("lost", main.metrics.items_lost, "alive", any(w.is_alive() for w in main._workers))
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "running\n"
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=15)
        finally:
            process.kill()
    assert "pipeline was interrupted and aborted" in output, errors
    assert "left in .undelivered" in output
    assert "lost 0 alive False" in output
