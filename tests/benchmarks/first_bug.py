"""After how many schedules each strategy finds each subject's fault."""

from __future__ import annotations

import inspect
import math
import statistics
import time
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import explore, strategies
from tests.benchmarks.measuring import Table, say
from tests.benchmarks.published import PERIOD, SOURCE
from tests.subjects.registry import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

NO_SEARCH = {"Strategy", "Replay"}
"""What `pcverify.explore.strategies` exports beside the strategies that search."""

VARIANTS: dict[str, dict[str, Any]] = {"Random": {"sticky": True}, "Bounded": {"delays": 2}}
"""What else a strategy is asked for, in a column of its own, if it takes that."""


FAILURES = ("EXC:", "DEADLOCK", "LIVELOCK", "STALL")
"""What the outcomes of executions that failed begin with."""


def available() -> dict[str, tuple[Callable[[int, int], Any], bool]]:
    """Return each strategy's maker, from a bound of executions and a seed, and whether it takes a seed.

    One that goes on after a failure, to shrink it, is left out: its number of executions says something else.
    """
    found = {}
    for name in strategies.__all__:
        kind = getattr(strategies, name)
        if name in NO_SEARCH or not hasattr(kind, "begin") or getattr(kind, "shrinks", False):
            continue
        takes = set(inspect.signature(kind).parameters)
        asked: list[dict[str, Any]] = [
            {},
            {what: value for what, value in VARIANTS.get(name, {}).items() if what in takes},
        ]
        for extra in asked if asked[1] else asked[:1]:
            make = _maker(kind, takes, extra)
            try:
                make(1, 0)
            except TypeError as error:
                say(f"  {name} is left out: {error}")
                continue
            found[", ".join([name, *extra])] = make, "seed" in takes
    return found


def _maker(kind: Any, takes: set[str], extra: dict[str, Any]) -> Callable[[int, int], Any]:
    def make(executions: int, seed: int) -> Any:
        known = {"executions": executions, "seed": seed}
        return kind(**{name: value for name, value in known.items() if name in takes}, **extra)

    return make


def first_bugs(seeds: int, most: int, seconds: float, wanted_strategies: Sequence[str] | None) -> Table:
    """Measure every subject that has a fault under every strategy, or those that are wanted.

    Raises:
        UsageError: there is none of such a name.
    """
    makers = available()
    if unknown := set(wanted_strategies or ()) - set(makers):
        raise UsageError(f"no strategy is called {', '.join(sorted(unknown))}; there are {'; '.join(makers)}")
    makers = {name: maker for name, maker in makers.items() if wanted_strategies is None or name in wanted_strategies}
    rows = []
    figures: dict[str, Any] = {}
    for subject in SUBJECTS:
        row = [subject.name]
        figures[subject.name] = {}
        for name, (make, seeded) in makers.items():
            wanted = seeds if seeded else 1
            counts = _settled(
                (_schedules(subject.wrong, make(most, seed), most) for seed in range(wanted)), wanted, seconds
            )
            middle = statistics.median_low(counts)
            missed = sum(map(math.isinf, counts))
            cell = f"> {most:,}" if math.isinf(middle) else f"{middle:,.0f}"
            if wanted > 1 and (missed or len(counts) < wanted):
                cell += f" ({missed} of {len(counts)} missed)"
            row.append(cell)
            figures[subject.name][name] = {
                "median": None if math.isinf(middle) else middle,
                "runs": len(counts),
                "missed": missed,
            }
        row.append(str(PERIOD.get(subject.name, "")))
        say(f"  {', '.join(row)}")
        rows.append(row)
    notes = [
        f"Schedules up to and with the first that fails, at sync; the median of {seeds} seeds, one run where there is "
        f"no seed; at most {most:,} schedules each.",
        f"No further seed where half of them missed it already, or after {seconds:.0f} s.",
    ]
    notes.append(f"Published: {SOURCE}.")
    return Table("Schedules to the first bug", ("subject", *makers, "published"), rows, notes, figures)


def _settled(counts: Iterator[float], wanted: int, seconds: float) -> list[float]:
    """Return as many counts as it takes until the median is beyond the bound for certain, or the time is over."""
    began = time.monotonic()
    found: list[float] = []
    for count in counts:
        found.append(count)
        if sum(map(math.isinf, found)) > wanted / 2 or time.monotonic() - began > seconds:
            break
    return found


def _schedules(program: Callable[[], Any], strategy: Any, most: int) -> float:
    """Return the number of the first execution that fails; infinity if none does."""
    try:
        result = explore(program, strategy=strategy, max_executions=most)
    except UsageError as error:
        say(f"  {error}")
        return math.inf
    # A failure in an execution that is made before the search is a violation, too, but not the strategy's.
    found = result.verdict is Verdict.VIOLATION and any(each.outcome.startswith(FAILURES) for each in result.outcomes)
    return result.executions if found else math.inf
