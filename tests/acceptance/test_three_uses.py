"""The three uses of the pipeline, each on its own, each on either queue and on the library's."""

from __future__ import annotations

import queue as standard

import pytest

from pcverify import (
    Consumer,
    ConsumerConfig,
    Coordinator,
    CoordinatorConfig,
    HandoffQueue,
    Producer,
    ProducerConfig,
    ThreadSafeQueue,
)


@pytest.mark.parametrize("make", [ThreadSafeQueue, HandoffQueue, standard.Queue])
def test_a_producer_and_a_consumer(make):
    queue = make(maxsize=10)
    source = [f"item_{i}" for i in range(100)]
    destination = []
    producer = Producer(
        config=ProducerConfig(name="Producer1", put_timeout=5.0), source=source, queue=queue, sentinel=None
    )
    consumer = Consumer(
        config=ConsumerConfig(name="Consumer1", get_timeout=5.0), destination=destination, queue=queue, sentinel=None
    )
    producer.start()
    consumer.start()
    producer.join()
    consumer.join()
    assert destination == source


@pytest.mark.parametrize("make", [ThreadSafeQueue, HandoffQueue, standard.Queue])
def test_the_same_under_a_coordinator(make):
    queue = make(maxsize=10)
    source = [f"item_{i}" for i in range(100)]
    destination = []
    producer = Producer(
        config=ProducerConfig(name="Producer1", put_timeout=5.0), source=source, queue=queue, sentinel=None
    )
    consumer = Consumer(
        config=ConsumerConfig(name="Consumer1", get_timeout=5.0), destination=destination, queue=queue, sentinel=None
    )
    metrics = Coordinator(
        config=CoordinatorConfig(name="Main", join_timeout=30.0), producers=[producer], consumers=[consumer]
    ).run()
    assert destination == source
    assert (metrics.items_produced, metrics.items_consumed, metrics.items_lost) == (100, 100, 0)
    assert metrics.execution_duration > 0
