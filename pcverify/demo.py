"""The pipeline at work, in four parts: `python -m pcverify.demo`.

Each part moves numbered items through a queue, prints what was counted, and judges for itself whether every
item arrived once and in order. The exit code is 1 if any did not. The last part prints the throughput beside
that of bare threads on `queue.Queue`, measured in the same run; how fast a machine is it does not judge.
"""

from __future__ import annotations

import argparse
import logging
import queue
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from pcverify.pipeline import (
    Consumer,
    ConsumerConfig,
    Coordinator,
    CoordinatorConfig,
    HandoffQueue,
    PipelineError,
    PipelineMetrics,
    Producer,
    ProducerConfig,
    QueueProtocol,
    ThreadSafeQueue,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = tuple[str, int]  # the producer's name and its number for the item, rising from 0
ROUNDS = 5


def order_preserved(destinations: Sequence[Sequence[Item]]) -> bool:
    """Return whether each destination holds each producer's items in rising order.

    That is all that several consumers can promise: between two destinations there is no order.
    """
    for destination in destinations:
        latest: dict[str, int] = {}
        for producer, number in destination:
            if number <= latest.get(producer, -1):
                return False
            latest[producer] = number
    return True


def all_arrived_once(destinations: Sequence[Sequence[Item]], sent: Sequence[Item]) -> bool:
    """Return whether the destinations together hold exactly the items in `sent`, each once."""
    arrived = [item for destination in destinations for item in destination]
    return sorted(arrived) == sorted(sent)


def run_pipeline(
    work_queue: QueueProtocol[Any], *, producers: int, consumers: int, items: int, name: str = "Main"
) -> tuple[PipelineMetrics, bool, bool]:
    """Move `items` numbered items per producer through `work_queue`.

    Returns:
        The metrics, whether all arrived once, and whether their order was preserved.
    """
    names = [f"Producer{number + 1}" for number in range(producers)]
    destinations: list[list[Item]] = [[] for _ in range(consumers)]
    every = max(1, items // 2)
    metrics = Coordinator(
        CoordinatorConfig(name, join_timeout=60.0),
        [
            Producer(
                ProducerConfig(producer, put_timeout=10.0, log_every=every),
                [(producer, number) for number in range(items)],
                work_queue,
            )
            for producer in names
        ],
        [
            Consumer(
                ConsumerConfig(f"Consumer{number + 1}", get_timeout=10.0, log_every=every), destination, work_queue
            )
            for number, destination in enumerate(destinations)
        ],
    ).run()
    sent = [(producer, number) for producer in names for number in range(items)]
    return metrics, all_arrived_once(destinations, sent), order_preserved(destinations)


def report(outcome: tuple[PipelineMetrics, bool, bool]) -> bool:
    """Print what a run counted, and return whether it was right."""
    metrics, complete, ordered = outcome
    print(f"  items produced   {metrics.items_produced:>9,}")
    print(f"  items consumed   {metrics.items_consumed:>9,}")
    print(f"  producer errors  {metrics.producer_errors:>9,}")
    print(f"  consumer errors  {metrics.consumer_errors:>9,}")
    print(f"  execution time   {metrics.execution_duration:>9.3f} s")
    print(f"  items lost       {metrics.items_lost:>9,}")
    print(f"  all arrived once {'yes' if complete else 'NO':>9}")
    print(f"  order preserved  {'yes' if ordered else 'NO':>9}")
    return complete and ordered and metrics.items_lost == 0


def bare_threads(items: int, capacity: int) -> float:
    """Return the items per second that one thread moves to another through `queue.Queue`, with nothing around it."""
    work_queue: queue.Queue[int | None] = queue.Queue(capacity)
    received: list[int] = []

    def produce() -> None:
        for number in range(items):
            work_queue.put(number)
        work_queue.put(None)

    def consume() -> None:
        while (number := work_queue.get()) is not None:
            received.append(number)

    threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return items / (time.monotonic() - began)


def show_throughput(items: int, capacity: int) -> bool:
    """Print the pipeline's throughput beside that of bare threads, medians of several alternating rounds."""
    pairs = []
    right = True
    logging.getLogger("pcverify").setLevel(logging.WARNING)  # five rounds would say the same five times
    for _ in range(ROUNDS):
        outcome = run_pipeline(ThreadSafeQueue[Any](capacity), producers=1, consumers=1, items=items)
        right = right and outcome[1] and outcome[2]
        pairs.append((outcome[0].throughput, bare_threads(items, capacity)))
    logging.getLogger("pcverify").setLevel(logging.NOTSET)
    ours, bare = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    print(f"  throughput       {ours:>9,.0f} items/s, median of {ROUNDS} rounds")
    print(f"  bare threads     {bare:>9,.0f} items/s on queue.Queue, the same rounds; ratio {ratio:.2f}")
    return right


def main(arguments: list[str] | None = None) -> int:
    """Run the four parts, and return 0 if nothing was lost or out of order, else 1."""
    parser = argparse.ArgumentParser(prog="python -m pcverify.demo", description="The pipeline at work, in four parts.")
    parser.add_argument("--quiet", action="store_true", help="leave out the workers' log lines")
    options = parser.parse_args(arguments)
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.WARNING if options.quiet else logging.INFO,
        format="  %(asctime)s.%(msecs)03d %(message)s",
        datefmt="%H:%M:%S",
    )
    parts: list[tuple[str, QueueProtocol[Any], int, int, int]] = [
        ("1. ThreadSafeQueue, one producer, one consumer", ThreadSafeQueue[Any](10), 1, 1, 100),
        ("2. The same through queue.Queue", queue.Queue[Any](10), 1, 1, 100),
        ("3. HandoffQueue, three producers, two consumers", HandoffQueue[Any](10), 3, 2, 1000),
        ("4. 10,000 items at capacity 10", ThreadSafeQueue[Any](10), 1, 1, 10_000),
    ]
    try:
        right = show(parts)
    except PipelineError as error:
        print(error)
        right = False
    print("Nothing lost, nothing out of order." if right else "FAILED: see above.")
    return 0 if right else 1


def show(parts: Sequence[tuple[str, QueueProtocol[Any], int, int, int]]) -> bool:
    """Run each part, then the throughput; return whether all were right."""
    right = True
    for title, work_queue, producers, consumers, items in parts:
        print(title, flush=True)
        right &= report(run_pipeline(work_queue, producers=producers, consumers=consumers, items=items))
    return show_throughput(10_000, 10) and right


if __name__ == "__main__":
    sys.exit(main())
