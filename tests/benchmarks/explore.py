"""Measure the explorer, through its public interface.

    python -m tests.benchmarks.explore                       everything
    python -m tests.benchmarks.explore queue growth          some of it
    python -m tests.benchmarks.explore replay --save FILE    keep the schedules
    python -m tests.benchmarks.explore --replay FILE         replay them, on another version of Python

Tables go to stdout, progress to stderr. Ratios hold within one run on one machine; figures of different runs do not
compare unless the machine was idle in both. How other explorers do is measured by `tests.benchmarks.peers`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks import memory, start
from tests.benchmarks.first_bug import first_bugs
from tests.benchmarks.measuring import Spread, Table, headline, in_a_process, machine, say
from tests.benchmarks.replays import SCHEDULES, replays
from tests.benchmarks.speed import counter_speed, growth, queue_speed

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS = 10


def start_time(chosen: argparse.Namespace) -> Table:
    """Start processes and take the median of what they say."""
    ran = [
        in_a_process([sys.executable, "-m", "tests.benchmarks.start"], seconds=60)
        for _ in range(max(STARTS, chosen.repeat))
    ]
    spreads = {what: Spread.of([each[what] for each in ran]) for what in ("import", "first", "second")}
    names = {
        "import": "import pcverify.explore",
        "first": "explore(), one execution",
        "second": "the same again",
    }
    rows = [[name, f"{spreads[what].median:.1f}", spreads[what].range(1)] for what, name in names.items()]
    reached = "reached" if spreads["first"].median < start.GOAL else "missed"
    notes = [
        f"{len(start.MODULES)} standard library modules imported before, {ran[0]['modules']} loaded; "
        f"median of {len(ran)} processes. Goal for the first execution: {start.GOAL:.0f} ms; {reached}."
    ]
    figures = {what: spread.figures() for what, spread in spreads.items()}
    return Table("Start", ("what", "ms on a core", "spread"), rows, notes, figures)


def memory_use(chosen: argparse.Namespace) -> Table:
    """Explore for long in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.memory", str(chosen.executions)]
    found = in_a_process(command, seconds=60 + chosen.executions / 500)
    grown = found[-1] - found[0]
    rows = [
        [f"{round(chosen.executions * part):,}", f"{part:.0%}", f"{resident:.2f}"]
        for part, resident in zip(memory.PARTS, found, strict=True)
    ]
    verdict = "flat" if grown <= memory.FLAT else "not flat"
    notes = [f"From the first to the last: {grown:+.2f} MiB: {verdict} (up to {memory.FLAT:.0f} MiB is)."]
    columns = ("executions", "part", "resident MiB")
    return Table("Memory, queue 2x2, random, sync", columns, rows, notes, {"resident_mib": found, "verdict": verdict})


MEASURES: dict[str, Callable[[argparse.Namespace], Table]] = {
    "queue": lambda chosen: queue_speed(chosen.repeat),
    "counter": lambda chosen: counter_speed(chosen.repeat),
    "growth": lambda chosen: growth(chosen.repeat),
    "start": start_time,
    "memory": memory_use,
    "replay": lambda chosen: replays(chosen.replay, chosen.save, chosen.schedules, chosen.granularity),
    "first-bug": lambda chosen: first_bugs(chosen.seeds, chosen.max_executions, chosen.seconds, chosen.strategies),
}


def _parser() -> argparse.ArgumentParser:
    summary, _, rest = str(__doc__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.explore",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("measures", nargs="*", metavar="MEASURE", help=f"{', '.join(MEASURES)}; all if none is given")
    add("--repeat", type=_positive, default=5, help="how often a speed is measured (default: %(default)s)")
    add("--executions", type=_positive, default=100_000, help="of `memory` (default: %(default)s)")
    add("--schedules", type=_positive, default=SCHEDULES, help="of `replay` (default: %(default)s)")
    add("--save", type=Path, metavar="FILE", help="where `replay` writes its schedules")
    add("--replay", type=Path, metavar="FILE", help="replay these schedules instead of new ones")
    add("--granularity", choices=("sync", "line", "opcode"), default="sync", help="of `replay` (default: %(default)s)")
    add("--seeds", type=_positive, default=20, help="of `first-bug` (default: %(default)s)")
    add("--strategies", nargs="+", metavar="NAME", help="of `first-bug`, as the table has them (default: all)")
    add("--max-executions", type=_positive, default=10_000, help="of `first-bug`, per seed (default: %(default)s)")
    add("--seconds", type=_positive, default=10, help="of `first-bug`, per subject and strategy (default: %(default)s)")
    add("--json", type=Path, metavar="FILE", help="write the figures there, too")
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few")
    return number


def main(arguments: list[str] | None = None) -> int:
    """Measure what was asked for; return an exit code."""
    parser = _parser()
    chosen = parser.parse_intermixed_args(arguments)  # "growth --repeat 3 start" is fine
    if unknown := set(chosen.measures) - set(MEASURES):
        parser.error(f"no measure is called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    names = chosen.measures or (["replay"] if chosen.replay else list(MEASURES))
    about = machine()
    print(headline("Exploring"), flush=True)
    figures: dict[str, Any] = {}
    failed: list[str] = []
    for number, name in enumerate(names, start=1):
        say(f"{name} ({number} of {len(names)}) …")
        try:
            table = MEASURES[name](chosen)
        except Exception as error:  # the other measures took their time, too
            failed.append(name)
            print(f"\n### {name}: not measured\n\n{type(error).__name__}: {error}", flush=True)
            continue
        figures[name] = table.figures
        print(f"\n{table.markdown()}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(about | {"measures": figures}, indent=2) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
