"""The full comparison, with progress and a table: `python -m tests.explore.cpython`."""

from __future__ import annotations

import argparse
import itertools
import platform
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.explore.cpython.collect import MissingTests, collect
from tests.explore.cpython.compare import Comparison, compare
from tests.explore.cpython.differences import stale, unlisted

if TYPE_CHECKING:
    from tests.explore.cpython.run_one import Outcome


def main() -> int:
    """Run it and return an exit code: 0 if every difference is listed, and none is listed in vain."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.explore.cpython",
        description="Hold explored schedules of CPython's own tests of threads and queues against real threads.",
    )
    parser.add_argument("words", nargs="*", help="run only the methods whose dotted name contains one of these")
    parser.add_argument("--schedules", type=int, default=100, help="random schedules per method (100)")
    parser.add_argument("--seed", type=int, default=0, help="of the schedules (0)")
    parser.add_argument("--repeats", type=int, default=3, help="runs with real threads per method (3)")
    parser.add_argument("--short", action="store_true", help="leave out the methods that take long")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that a method may take on one side (60)")
    parser.add_argument("--slowest", type=int, default=0, help="list so many of the slowest explorations")
    options = parser.parse_args()
    try:
        methods = collect()
    except MissingTests as error:
        print(error, file=sys.stderr)
        return 2
    if options.words:
        methods = [method for method in methods if any(word in method.name for word in options.words)]
    if options.short:
        methods = [method for method in methods if not method.long]
    runs = 2 * sum(not method.excluded for method in methods)
    counter = itertools.count(1)
    every = 1 if sys.stderr.isatty() else 50

    def tell(outcome: Outcome) -> None:
        number = next(counter)
        if number % every == 0 or number == runs:
            end = "\r" if every == 1 else "\n"
            print(f"{number:4} of {runs} runs, last {outcome.name:90.90}", end=end, file=sys.stderr, flush=True)

    comparisons = compare(
        methods,
        schedules=options.schedules,
        repeats=options.repeats,
        seed=options.seed,
        limit=options.limit,
        told=tell,
    )
    print(file=sys.stderr)
    excluded = Counter(method.excluded for method in methods if method.excluded)
    excluded.update(f"skips itself: {one.real.reason}" for one in comparisons if one.kind == "excluded")
    print(table(comparisons, excluded))
    real, explored = (sum(getattr(one, side).seconds for one in comparisons) for side in ("real", "explored"))
    print(f"{real:.0f} s with real threads, {explored:.0f} s explored")
    for one in sorted(comparisons, key=lambda one: -one.explored.seconds)[: options.slowest]:
        print(f"{one.explored.seconds:7.1f} s explored, {one.real.seconds:5.1f} s real: {one.name}")
    new, old = unlisted(comparisons), stale(comparisons)
    for one in new:
        print(f"not listed in differences.py: {one.name}")
    for name in old:
        print(f"listed in differences.py, but agrees: {name}")
    return 1 if new or old else 0


def table(comparisons: list[Comparison], excluded: Counter[str]) -> str:
    """Return what agrees, what differs and how, and what was left out for which reason."""
    kinds = Counter(one.kind for one in comparisons)
    compared = kinds["agree"] + kinds["differ"]
    share = f"{kinds['agree'] / compared:.1%}" if compared else "none compared"
    lines = [
        "| Python | agree | differ | excluded | agree, of those compared |",
        "|---|---|---|---|---|",
        f"| {platform.python_version()} | {kinds['agree']} | {kinds['differ']} | {excluded.total()} | {share} |",
        "",
        *(f"{number:4} excluded: {reason}" for reason, number in excluded.most_common()),
        *(
            f"{one.explored.outcome:>9} {one.name}: {one.explored.reason}"
            for one in comparisons
            if one.kind == "differ"
        ),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
