"""Measure the queues beside the standard library's `queue.Queue`, with real threads and by the clock.

    python -m tests.benchmarks.queues                  everything
    python -m tests.benchmarks.queues --pairs 21       each ratio from more pairs

A ratio is the median of so many pairs: `queue.Queue` and the other one, one right after the other, so that what
disturbs the machine disturbs both. Above 1 the other one is faster. `queue.SimpleQueue` is written in C, has no bound,
and shows what is left to gain. Tables go to stdout, progress to stderr.
"""

from __future__ import annotations

import argparse
import queue
import statistics
import sys
import threading
import time
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any

from pcverify import HandoffQueue, ThreadSafeQueue
from tests.benchmarks.measuring import Spread, Table, headline, say

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUES: dict[str, Any] = {"ThreadSafeQueue": ThreadSafeQueue, "HandoffQueue": HandoffQueue}
LIMIT = "SimpleQueue (C)"
PAIRS = 9
ITEMS = 20_000
MEMORY_ITEMS = 10_000
CONSUMERS = 4


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


WORKS: dict[str, tuple[Callable[[Any], float], bool]] = {
    "put + get, nobody waits": (alone, True),
    "the same with a timeout": (lambda make: alone(make, timeout=1.0), True),
    "1 producer, 1 consumer, capacity 1": (lambda make: between(make, 1, 1, 4_000), False),
    "1 x 1, capacity 10": (lambda make: between(make, 10, 1, ITEMS), False),
    "1 x 1, capacity 1,000": (lambda make: between(make, 1_000, 1, ITEMS), False),
    "4 x 4, capacity 10": (lambda make: between(make, 10, 4, ITEMS), False),
    "4 x 4, capacity 1,000": (lambda make: between(make, 1_000, 4, ITEMS), False),
    "there and back over two queues, median": (there_and_back, True),
}
"""What is measured, and whether a queue without a bound can do it, too."""


def simple(_: int) -> Any:
    """Make the queue that is written in C."""
    return queue.SimpleQueue()


def speed(pairs: int) -> Table:
    """The ratios to `queue.Queue`."""
    makers = QUEUES | {LIMIT: simple}
    rows, figures = [], {}
    for name, (work, unbounded) in WORKS.items():
        say(f"  {name} …")
        ratios: dict[str, list[float]] = {each: [] for each in makers if unbounded or each != LIMIT}
        for _ in range(pairs):
            for each, found in ratios.items():
                found.append(work(queue.Queue) / work(makers[each]))
        spreads = {each: Spread.of(found) for each, found in ratios.items()}
        cells = [f"{spreads[each].median:.2f} ({spreads[each].range(2)})" if each in spreads else "" for each in makers]
        rows.append([name, *cells])
        figures[name] = {each: spread.figures() for each, spread in spreads.items()}
    notes = [f"Median, least and most of {pairs} adjacent pairs; above 1 is faster than queue.Queue."]
    return Table("Times as fast as queue.Queue", ("work", *makers), rows, notes, figures)


def memory() -> Table:
    """What a queue takes, and each item in it beside the item itself."""
    rows = []
    for name, make in {"queue.Queue": queue.Queue, **QUEUES}.items():
        tracemalloc.start()
        kept = [make(0) for _ in range(1_000)]
        empty = tracemalloc.get_traced_memory()[0] / len(kept)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(MEMORY_ITEMS):
            kept[0].put(None)
        item = (tracemalloc.get_traced_memory()[0] - before) / MEMORY_ITEMS
        tracemalloc.stop()
        rows.append([name, f"{empty:,.0f}", f"{item:.1f}"])
    return Table("Memory", ("queue", "bytes, empty", "bytes an item"), rows, ["As tracemalloc counts it."])


def fairness() -> Table:
    """How evenly four equal consumers are served, and how long one waits at most."""
    rows = []
    for name, make in {"queue.Queue": queue.Queue, **QUEUES}.items():
        shared, counts, longest = make(1), Counter[int](), [0.0] * CONSUMERS
        _serve(shared, counts, longest)
        rows.append([name, f"{min(counts.values()):,} to {max(counts.values()):,}", f"{max(longest) * 1e3:.1f}"])
    columns = ("queue", f"items of {ITEMS:,} each of {CONSUMERS} got", "longest wait, ms")
    return Table(f"Fairness, one producer, {CONSUMERS} consumers, capacity 1", columns, rows)


def _serve(shared: Any, counts: Counter[int], longest: list[float]) -> None:
    def consume(number: int) -> None:
        while True:
            began = time.perf_counter()
            item = shared.get()
            if item is None:
                return
            longest[number] = max(longest[number], time.perf_counter() - began)
            counts[number] += 1

    threads = [threading.Thread(target=consume, args=(number,)) for number in range(CONSUMERS)]
    for thread in threads:
        thread.start()
    for item in range(ITEMS):
        shared.put(item)
    for _ in threads:
        shared.put(None)
    for thread in threads:
        thread.join()


def main(arguments: list[str] | None = None) -> int:
    """Measure; return an exit code."""
    summary, _, rest = str(__doc__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.queues",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pairs", type=int, default=PAIRS, help="for each ratio (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    print(headline("Queues"), flush=True)
    for table in (speed(chosen.pairs), memory(), fairness()):
        print(f"\n{table.markdown()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
