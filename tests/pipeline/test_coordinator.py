"""Producers, consumers and coordinator together: what an undisturbed run does, and what is refused."""

from __future__ import annotations

import itertools
import threading

import pytest

from pcverify.pipeline import ConfigError, WorkerStateError
from tests.support.threads import LIMIT
from tests.support.workers import Gate, consumer, coordinator, producer


def workers(q, producers, consumers, items):
    """Return so many workers, and the destinations of the consumers."""
    destinations = [[] for _ in range(consumers)]
    return (
        [producer(q, [(p, n) for n in range(items)], f"producer-{p}") for p in range(producers)],
        [consumer(q, destination, f"consumer-{c}") for c, destination in enumerate(destinations)],
        destinations,
    )


def in_rising_order(destination, producers):
    """Whether the items of each producer are in rising order."""
    return all(
        numbers == sorted(numbers) for numbers in ([n for p, n in destination if p == own] for own in range(producers))
    )


@pytest.mark.parametrize("capacity", [0, 1, 10])
@pytest.mark.parametrize(("producers", "consumers"), [(1, 1), (3, 1), (1, 3), (3, 3)])
def test_every_item_arrives_once_and_in_its_producers_order(make_queue, producers, consumers, capacity):
    q = make_queue(capacity)
    senders, receivers, destinations = workers(q, producers, consumers, items=1000 // producers)
    metrics = coordinator(senders, receivers).run()
    total = 1000 // producers * producers
    assert sorted(itertools.chain(*destinations)) == [
        (p, n) for p in range(producers) for n in range(1000 // producers)
    ]
    assert all(in_rising_order(destination, producers) for destination in destinations)
    assert (metrics.items_produced, metrics.items_consumed, metrics.items_lost) == (total, total, 0)
    assert (metrics.producer_errors, metrics.consumer_errors, metrics.items_skipped) == (0, 0, 0)
    assert (q.qsize(), q.unfinished_tasks) == (0, 0)
    assert not any(worker.is_alive() for worker in senders + receivers)


def test_many_items_through_a_narrow_queue(make_queue):
    q = make_queue(2)
    senders, receivers, destinations = workers(q, 4, 4, items=2500)
    metrics = coordinator(senders, receivers).run()
    assert metrics.items_consumed == sum(map(len, destinations)) == 10_000
    assert metrics.items_lost == 0


def test_one_sentinel_per_consumer_comes_after_the_last_item(make_queue):
    class Recording(make_queue):
        puts: list

        def put(self, item, block=True, timeout=None):
            super().put(item, block, timeout)
            self.puts.append(item)

    q = Recording()
    q.puts = []
    stop = object()
    coordinator(
        [producer(q, range(5), f"producer-{p}", stop) for p in range(2)],
        [consumer(q, [], f"consumer-{c}", stop) for c in range(3)],
    ).run()
    assert sorted(q.puts[:10]) == sorted([*range(5), *range(5)])
    assert q.puts[10:] == [stop] * 3


def test_consumers_start_before_producers(make_queue):
    senders, receivers, _ = workers(make_queue(), 2, 2, items=1)
    started = []
    for worker in senders + receivers:
        real = worker.start
        worker.start = lambda real=real, name=worker.name: (started.append(name), real())
    coordinator(senders, receivers).run()
    assert started == ["consumer-0", "consumer-1", "producer-0", "producer-1"]


def test_metrics_are_kept_per_worker_and_in_total(make_queue):
    senders, receivers, destinations = workers(make_queue(3), 2, 2, items=10)
    main = coordinator(senders, receivers)
    assert main.metrics.execution_duration == 0
    metrics = main.run()
    assert [worker.name for worker in metrics.workers] == ["producer-0", "producer-1", "consumer-0", "consumer-1"]
    assert [worker.items_produced for worker in metrics.workers] == [10, 10, 0, 0]
    assert [worker.items_consumed for worker in metrics.workers] == [0, 0, *map(len, destinations)]
    assert metrics.execution_duration >= max(worker.execution_duration for worker in metrics.workers)
    assert metrics.throughput == pytest.approx(20 / metrics.execution_duration)
    assert main.metrics == metrics == main.wait()


def test_as_a_context_manager_it_starts_on_entry_and_waits_on_exit(make_queue):
    q = make_queue(1)
    destination = []
    gate = Gate()
    with coordinator([producer(q, gate)], [consumer(q, destination)]) as main:
        gate.wait_until_entered()
        assert destination == []
        gate.open()
    assert destination == ["from the gate"]
    assert main.metrics.items_lost == 0
    assert main.undelivered == main.unsent == []


def test_a_context_that_raises_aborts_the_run(make_queue, caplog):
    q = make_queue(1)
    senders = [producer(q, itertools.count())]
    receivers = [consumer(q, [])]
    with pytest.raises(ZeroDivisionError), coordinator(senders, receivers) as main:
        raise ZeroDivisionError
    assert not any(worker.is_alive() for worker in senders + receivers)
    assert main.metrics.items_lost == 0
    assert "aborted because of ZeroDivisionError" in caplog.text


def test_shutdown_stops_producers_after_the_item_in_hand_and_consumes_what_is_enqueued(make_queue):
    q = make_queue(3)
    first = threading.Event()

    def notice(item):
        first.set()
        seen.append(item)

    seen = []
    with coordinator([producer(q, itertools.count())], [consumer(q, notice)]) as main:
        assert first.wait(LIMIT)
        main.shutdown()
    assert seen == list(range(len(seen)))
    assert main.metrics.items_produced == main.metrics.items_consumed == len(seen) > 0
    assert main.metrics.items_lost == 0
    assert main.undelivered == main.unsent == []


def test_shutdown_may_be_asked_for_by_a_worker(make_queue):
    q = make_queue(2)
    seen = []

    def stop_at_100(item):
        seen.append(item)
        if item == 100:
            main.shutdown()

    main = coordinator([producer(q, itertools.count())], [consumer(q, stop_at_100)])
    metrics = main.run()
    assert metrics.items_produced == metrics.items_consumed == len(seen) > 100


def test_stopping_one_of_two_consumers_leaves_the_rest_to_the_other(make_queue):
    q = make_queue(1)
    stopping, staying = [], []
    leaving = consumer(q, lambda item: (stopping.append(item), leaving.stop()), "leaving")
    metrics = coordinator([producer(q, range(100))], [leaving, consumer(q, staying, "staying")]).run()
    assert len(stopping) <= 1
    assert sorted(stopping + staying) == list(range(100))
    assert metrics.items_lost == 0


def test_a_coordinator_runs_once(make_queue):
    main = coordinator([producer(q := make_queue(), [])], [consumer(q, [])])
    main.run()
    for again in (main.run, main.start):
        with pytest.raises(WorkerStateError, match="make a new one"):
            again()


def test_nothing_can_be_ended_before_the_start(make_queue):
    main = coordinator([producer(q := make_queue(), [])], [consumer(q, [])])
    for early in (main.wait, main.abort):
        with pytest.raises(WorkerStateError, match="not started"):
            early()


def test_a_run_without_producers_or_consumers_is_refused(make_queue):
    q = make_queue()
    with pytest.raises(ConfigError, match="no producer"):
        coordinator([], [consumer(q, [])])
    with pytest.raises(ConfigError, match="no consumer"):
        coordinator([producer(q, [])], [])


def test_names_that_are_not_distinct_are_refused(make_queue):
    q = make_queue()
    with pytest.raises(ConfigError, match="more than once: same"):
        coordinator([producer(q, [], "same")], [consumer(q, [], "same")])


def test_workers_on_different_queues_are_refused(make_queue):
    with pytest.raises(ConfigError, match="different queues"):
        coordinator([producer(make_queue(), [])], [consumer(make_queue(), [])])


def test_sentinels_that_differ_are_refused(make_queue):
    q = make_queue()
    with pytest.raises(ConfigError, match="same object"):
        coordinator([producer(q, [], sentinel="stop")], [consumer(q, [], sentinel=None)])


def test_a_worker_that_was_started_is_refused(make_queue):
    q = make_queue()
    worker = producer(q, [])
    worker.start()
    assert worker.join(LIMIT)
    with pytest.raises(WorkerStateError, match="started before"):
        coordinator([worker], [consumer(q, [])])


def test_a_worker_of_another_coordinator_is_refused(make_queue):
    q = make_queue()
    worker = producer(q, [])
    coordinator([worker], [consumer(q, [])])
    with pytest.raises(WorkerStateError, match="another coordinator"):
        coordinator([worker], [consumer(q, [])])


def test_when_a_thread_cannot_be_started_the_others_are_ended(make_queue):
    q = make_queue(1)
    senders = [producer(q, itertools.count())]
    receivers = [consumer(q, [], "consumer-0"), consumer(q, [], "consumer-1")]

    def fail():
        raise RuntimeError("can't start new thread")

    senders[0].start = fail
    with pytest.raises(RuntimeError, match="new thread"):
        coordinator(senders, receivers).run()
    assert not any(worker.is_alive() for worker in receivers)
