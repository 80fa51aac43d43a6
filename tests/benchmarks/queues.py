"""Measure the queues beside the standard library's `queue.Queue`, with real threads and by the clock.

    python -m tests.benchmarks.queues                  everything
    python -m tests.benchmarks.queues --pairs 21       each ratio from more pairs
    python -m tests.benchmarks.queues --plot FILE      the ratios as a picture, too

A ratio is the median of so many pairs: `queue.Queue` and the other one, one right after the other, so that what
disturbs the machine disturbs both. Above 1 the other one is faster. `queue.SimpleQueue` is written in C, has no bound,
and shows what is left to gain. Tables go to stdout, progress to stderr.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measuring import Spread, Table, headline, machine, say
from tests.benchmarks.plot import bars
from tests.benchmarks.queue_candidates import LIMIT, PEER, STANDARD, Candidate, candidates
from tests.benchmarks.queue_guarantees import STEPS
from tests.benchmarks.queue_works import ITEMS, WORKS, alone

if TYPE_CHECKING:
    from collections.abc import Mapping

PAIRS = 9
MEMORY_ITEMS = 10_000
CONSUMERS = 4


def speed(measured: Mapping[str, Candidate], pairs: int) -> Table:
    """The ratios to `queue.Queue`."""
    rows, figures = [], {}
    for name, work in WORKS.items():
        say(f"  {name} …")
        standard = work.maker(STANDARD)
        makers = {each: maker for each, candidate in measured.items() if (maker := work.maker(candidate))}
        ratios: dict[str, list[float]] = {each: [] for each in makers}
        for _ in range(pairs):
            for each, maker in makers.items():
                ratios[each].append(work.run(standard) / work.run(maker))
        spreads = {each: Spread.of(found) for each, found in ratios.items()}
        cells = [
            f"{spreads[each].median:.2f} ({spreads[each].range(2)})" if each in spreads else "" for each in measured
        ]
        rows.append([name, *cells])
        figures[name] = {each: spread.figures() for each, spread in spreads.items()}
    notes = [
        f"Median, least and most of {pairs} adjacent pairs; above 1 is faster than queue.Queue. Empty: it has no such "
        "methods, hooks or bound; where queue.Queue has no such methods, it does the same one by one.",
        f"{PEER} {measured[PEER].version}, through its sync_q."
        if PEER in measured
        else f"{PEER} is not measured: it is not installed here (tests/benchmarks/peers-queues.txt).",
    ]
    return Table("Times as fast as queue.Queue", ("work", *measured), rows, notes, figures)


def guarantees(pairs: int) -> Table:
    """What each guarantee costs: the ratios of queues with one more of them each, where nobody waits."""
    say("  what each guarantee costs …")
    ratios: dict[str, list[float]] = {name: [] for name in STEPS}
    for _ in range(pairs):
        for name, made in STEPS.items():
            ratios[name].append(alone(STANDARD.make) / alone(made))
    spreads = {name: Spread.of(found) for name, found in ratios.items()}
    rows = [[name, f"{spread.median:.2f} ({spread.range(2)})"] for name, spread in spreads.items()]
    figures = {name: spread.figures() for name, spread in spreads.items()}
    notes = ["put + get, nobody waits, times as fast as queue.Queue; each has what those above it have, and one more."]
    return Table("What each guarantee costs", ("guarantee", "ratio"), rows, notes, figures)


def memory(measured: Mapping[str, Candidate]) -> Table:
    """What a queue takes, and each item in it beside the item itself."""
    rows, figures = [], {}
    for name, candidate in measured.items():
        candidate.make(0).put(None)  # what it loads or keeps once is no part of a queue
        tracemalloc.start()
        kept = [candidate.make(0) for _ in range(1_000)]
        empty = tracemalloc.get_traced_memory()[0] / len(kept)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(MEMORY_ITEMS):
            kept[0].put(None)
        item = (tracemalloc.get_traced_memory()[0] - before) / MEMORY_ITEMS
        tracemalloc.stop()
        rows.append([name, f"{empty:,.0f}", f"{item:.1f}"])
        figures[name] = {"empty": empty, "item": item}
    return Table("Memory", ("queue", "bytes, empty", "bytes an item"), rows, ["As tracemalloc counts it."], figures)


def fairness(measured: Mapping[str, Candidate]) -> Table:
    """How evenly four equal consumers are served, and how long one waits at most."""
    rows, figures = [], {}
    for name, candidate in measured.items():
        counts, longest = Counter[int](), [0.0] * CONSUMERS
        _serve(candidate.make(1), counts, longest)
        got = [counts[number] for number in range(CONSUMERS)]
        rows.append([name, f"{min(got):,} to {max(got):,}", f"{max(longest) * 1e3:.1f}"])
        figures[name] = {"least": min(got), "most": max(got), "longest_wait": max(longest)}
    columns = ("queue", f"items of {ITEMS:,} each of {CONSUMERS} got", "longest wait, ms")
    return Table(f"Fairness, one producer, {CONSUMERS} consumers, capacity 1", columns, rows, figures=figures)


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


def picture(figures: Mapping[str, Mapping[str, Mapping[str, float]]], pairs: int, version: str = "") -> str:
    """Return the ratios as SVG, without the queue that is written in C: it would make the others small."""
    about = machine()
    groups = {
        name: {each: Spread(**figure) for each, figure in found.items() if each != LIMIT}
        for name, found in figures.items()
    }
    where = f"{about['python']}, {about['system']}, {os.cpu_count()} cores"
    caption = [
        f"Bars: the median of {pairs} adjacent pairs. Whiskers: the least and the most. Logarithmic scale.",
        f"{where}{f', {PEER} {version}' if version else ''}. Measured by make bench-queue.",
    ]
    return bars("Times as fast as queue.Queue", groups, caption, below="slower", above="faster")


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
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios there, as SVG")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    chosen = parser.parse_args(arguments)
    measured = candidates()
    like_ours = {"queue.Queue": STANDARD} | {name: each for name, each in measured.items() if name != LIMIT}
    print(headline("Queues"), flush=True)
    ratios = speed(measured, chosen.pairs)
    print(f"\n{ratios.markdown()}", flush=True)
    if chosen.plot:
        version = measured[PEER].version if PEER in measured else ""
        chosen.plot.write_text(picture(ratios.figures, chosen.pairs, version), encoding="utf-8")
    costs = guarantees(chosen.pairs)
    print(f"\n{costs.markdown()}", flush=True)
    figures = {"speed": ratios.figures, "guarantees": costs.figures}
    for name, measure in {"memory": memory, "fairness": fairness}.items():
        table = measure(like_ours)
        figures[name] = table.figures
        print(f"\n{table.markdown()}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(machine() | {"measures": figures}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
