"""Compare with other explorers of thread programs: executions a second, in turn, on one machine in one run.

    python -m tests.benchmarks.peers PYTHON

PYTHON is the interpreter of the environment that `peers.txt` describes; ours runs on the one that runs this. Use the
same version for both. Every run is a process of its own with a time limit. `peer` says how each explorer is called.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import NOT_AVAILABLE, Spread, Table, headline, in_a_process, machine, say
from tests.benchmarks.speed import available

GOAL = 50
"""Times as many executions a second as frontrun, on the queue."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One explorer on one program.

    Attributes:
        explorer: its name on the package index.
        granularity: where it can switch, in its own word.
        executions: how many are timed per run; about a second's worth.
        cannot: why it cannot run the program, if so.
    """

    explorer: str
    granularity: str
    executions: int
    cannot: str = ""


def _ours(granularity: str, executions: int) -> Entry:
    cannot = "" if available(granularity) else "does not switch there yet"
    return Entry("pcverify", granularity, executions, cannot)


def entries() -> dict[str, list[Entry]]:
    """Return who is measured on which program."""
    return {
        "queue": [
            _ours("sync", 5_000),
            _ours("line", 2_000),
            _ours("opcode", 1_000),
            Entry("frontrun", "opcode", 300),
            Entry("interleave-test", "line", 600),
            Entry("interleave-test", "opcode", 300),
            Entry("ploom", "-", 0, "sees no queue.Queue and models none; its own Lock has no Condition"),
        ],
        "counter": [
            _ours("line", 5_000),
            _ours("opcode", 3_000),
            Entry("frontrun", "opcode", 600),
            Entry("interleave-test", "line", 1_500),
            Entry("interleave-test", "opcode", 700),
            Entry("ploom", "-", 0, "sees neither threading.Thread nor attributes"),
            Entry("ploom", "rewritten", 10),
        ],
    }


TITLES = {
    "queue": "2 producers and 2 consumers of 1 item each through queue.Queue(1)",
    "counter": "Racy counter, two threads",
}
NOTES = {
    "queue": [
        "Random search, by the clock. frontrun puts a queue of its own in the place of queue.Queue; pcverify and "
        "interleave-test run the standard library's, and can switch at each lock inside it.",
        f"Goal: {GOAL} times frontrun's executions/s, at sync.",
    ],
    "counter": [
        "Random search, by the clock; except ploom, which has only an exhaustive one, with a process per execution.",
        "ploom, rewritten: with its Thread and SharedCell instead of threading.Thread and an attribute.",
        "At sync the race cannot be seen, so that is not compared.",
    ],
}


def compare(program: str, python: Path, repeat: int, seconds: float) -> Table:
    """Measure all entries of one program, in turn, several times."""
    listed = entries()[program]
    rates: dict[Entry, list[float]] = {entry: [] for entry in listed}
    outcomes: dict[Entry, str] = {}
    failed: dict[Entry, str] = {entry: entry.cannot for entry in listed if entry.cannot}
    for number in range(repeat):
        for entry in listed:
            if entry in failed:
                continue
            try:
                ran = in_a_process(_command(entry, program, python), seconds=seconds)
            except RuntimeError as error:
                failed[entry] = str(error)
                say(f"  {entry.explorer}, {entry.granularity}: {error}")
                continue
            rates[entry].append(ran["executions"] / ran["seconds"])
            outcomes[entry] = "-" if ran["outcomes"] is None else str(len(ran["outcomes"]))
            name = f"{entry.explorer}, {entry.granularity}"
            say(f"  {program}, {number + 1} of {repeat}: {name}: {rates[entry][-1]:,.0f} executions/s")
    spreads = {entry: Spread.of(rates[entry]) for entry in listed if entry not in failed}
    ours = {entry.granularity: spread.median for entry, spread in spreads.items() if entry.explorer == "pcverify"}
    rows = []
    figures: dict[str, Any] = {}
    for entry in listed:
        name = f"{entry.explorer}, {entry.granularity}"
        if entry in failed:
            rows.append([name, NOT_AVAILABLE, *["-"] * 4, failed[entry]])
            figures[name] = {"failed": failed[entry]}
            continue
        spread = spreads[entry]
        slower = {base: ours[base] / spread.median for base in ("sync", entry.granularity) if base in ours}
        shown = [f"{slower[base]:,.1f}" if base in slower else "-" for base in ("sync", entry.granularity)]
        rows.append([name, f"{spread.median:,.1f}", spread.range(1), outcomes[entry], *shown, ""])
        figures[name] = {"executions_per_second": spread.figures(), "times_slower_than": slower}
    columns = (
        "explorer, granularity",
        "executions/s",
        "spread",
        "outcomes",
        "times slower than pcverify, sync",
        "than pcverify, same",
        "why not",
    )
    return Table(TITLES[program], columns, rows, NOTES[program], figures)


def _command(entry: Entry, program: str, python: Path) -> list[str]:
    run = ["-m", "tests.benchmarks.peer", entry.explorer, program, entry.granularity, str(entry.executions)]
    if entry.explorer == "pcverify":
        return [sys.executable, *run]
    wrapped = [str(python.parent / "frontrun")] if entry.explorer == "frontrun" else []
    return [*wrapped, str(python), *run]


def main(arguments: list[str] | None = None) -> int:
    """Compare; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("python", type=Path, metavar="PYTHON", help="the interpreter of the peers' environment")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="the longest run (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    chosen = parser.parse_args(arguments)
    about = machine()
    print(headline("Peers"), flush=True)
    figures: dict[str, Any] = {}
    for program in entries():
        table = compare(program, chosen.python.absolute(), chosen.repeat, chosen.seconds)
        figures[program] = table.figures
        print(f"\n{table.markdown()}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(about | {"peers": figures}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
