"""What the queues are measured at. A work takes what makes a queue, and returns seconds."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.queue_candidates import STANDARD, Candidate

if TYPE_CHECKING:
    from collections.abc import Callable

ITEMS = 20_000
BATCH = 100


def alone(make: Any, timeout: float | None = None) -> float:
    """Put an item and get it, where nobody waits."""
    shared = make(0)
    began = time.perf_counter()
    if timeout is None:
        for _ in range(ITEMS):
            shared.put(1)
            shared.get()
    else:
        for _ in range(ITEMS):
            shared.put(1, True, timeout)
            shared.get(True, timeout)
    return time.perf_counter() - began


def batches(make: Any) -> float:
    """Put so many items at once and get them, where nobody waits; one by one if the queue can do no better."""
    shared, batch = make(0), [1] * BATCH
    began = time.perf_counter()
    if hasattr(shared, "put_many"):
        for _ in range(ITEMS // BATCH):
            shared.put_many(batch)
            shared.get_many(BATCH)
    else:
        for _ in range(ITEMS // BATCH):
            for item in batch:
                shared.put(item)
            for _ in batch:
                shared.get()
    return time.perf_counter() - began


def between(make: Any, capacity: int, workers: int, items: int) -> float:
    """Pass items from so many producers to as many consumers."""
    shared = make(capacity)

    def produce() -> None:
        for item in range(items // workers):
            shared.put(item)

    def consume() -> None:
        for _ in range(items // workers):
            shared.get()

    threads = [threading.Thread(target=work) for work in (produce, consume) for _ in range(workers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def there_and_back(make: Any, rounds: int = 2_000) -> float:
    """Return the median time in which an item goes through one queue to another thread, and back through another."""
    there, back = make(1), make(1)

    def answer() -> None:
        for _ in range(rounds):
            back.put(there.get())

    thread = threading.Thread(target=answer)
    thread.start()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        there.put(1)
        back.get()
        took.append(time.perf_counter() - began)
    thread.join()
    return statistics.median(took)


def any_queue(candidate: Candidate) -> Any:
    return candidate.make


def bounded(candidate: Candidate) -> Any:
    return candidate.make if candidate.bounded else None


def hooked(candidate: Candidate) -> Any:
    return candidate.make_hooked


def batching(candidate: Candidate) -> Any:
    """The standard one has no such methods: there it is done one by one."""
    return candidate.make if candidate is STANDARD or hasattr(candidate.make(0), "put_many") else None


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do with a queue.

    Attributes:
        run: does it and returns how long it took.
        maker: returns what makes a candidate's queues for it, `None` if it has none that can do it.
    """

    run: Callable[[Any], float]
    maker: Callable[[Candidate], Any] = bounded


WORKS: dict[str, Work] = {
    "put + get, nobody waits": Work(alone, any_queue),
    "the same with a timeout": Work(lambda make: alone(make, timeout=1.0), any_queue),
    "the same in a subclass with hooks": Work(alone, hooked),
    f"put_many + get_many of {BATCH}": Work(batches, batching),
    "1 producer, 1 consumer, capacity 1": Work(lambda make: between(make, 1, 1, 4_000)),
    "1 x 1, capacity 10": Work(lambda make: between(make, 10, 1, ITEMS)),
    "1 x 1, capacity 1,000": Work(lambda make: between(make, 1_000, 1, ITEMS)),
    "4 x 4, capacity 10": Work(lambda make: between(make, 10, 4, ITEMS)),
    "4 x 4, capacity 1,000": Work(lambda make: between(make, 1_000, 4, ITEMS)),
    "there and back over two queues, median": Work(there_and_back, any_queue),
}
