"""The same workload on `ThreadSafeQueue` and on `queue.Queue`: the same results; the speed is told, not judged."""

from __future__ import annotations

import queue

import pytest

from pcverify import ThreadSafeQueue
from tests.support.workers import consumer, coordinator, producer


def workload(q, producers, consumers, items):
    """Move `items` items per producer; return what arrived, sorted, and the metrics."""
    destinations = [[] for _ in range(consumers)]
    metrics = coordinator(
        [producer(q, [(p, n) for n in range(items)], f"producer-{p}") for p in range(producers)],
        [consumer(q, destination, f"consumer-{c}") for c, destination in enumerate(destinations)],
    ).run()
    return sorted(item for destination in destinations for item in destination), metrics


@pytest.mark.parametrize(("producers", "consumers"), [(1, 1), (2, 2)])
@pytest.mark.parametrize("capacity", [1, 10, 0])
def test_both_queues_give_the_same_result(producers, consumers, capacity, record_property):
    ours, our_metrics = workload(ThreadSafeQueue(capacity), producers, consumers, 1000)
    theirs, their_metrics = workload(queue.Queue(capacity), producers, consumers, 1000)
    assert ours == theirs
    for metrics in (our_metrics, their_metrics):
        assert metrics.items_lost == 0
        assert metrics.items_consumed == 1000 * producers
    record_property("speed_ratio", f"{our_metrics.throughput / their_metrics.throughput:.2f}")


def test_one_item_at_a_time_leaves_in_the_same_order():
    outcomes = []
    for q in (ThreadSafeQueue(1), queue.Queue(1)):
        destination = []
        coordinator([producer(q, range(200))], [consumer(q, destination)]).run()
        outcomes.append(destination)
    assert outcomes[0] == outcomes[1] == list(range(200))
