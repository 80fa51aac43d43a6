"""How runs end that something went wrong with: nobody is left blocked, and every item is accounted for."""

from __future__ import annotations

import itertools
import queue
import signal
import subprocess
import sys
import textwrap

import pytest

from pcverify.pipeline import PipelineFailed, SentinelInSourceError, WorkerTimeoutError
from tests.support.threads import LIMIT, InThread
from tests.support.workers import (
    Broken,
    FailingDestination,
    Gate,
    consumer,
    coordinator,
    failing_source,
    failure,
    producer,
)


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
