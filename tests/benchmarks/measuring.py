"""Timing with its spread, and tables of it.

A figure is the median of several repeats; the least and the most stand beside it. The explorer works in one thread and
waits for nothing, so its time is that on a core: by the clock it is the same where nothing else runs, and more where
something does.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ROOT = Path(__file__).resolve().parents[2]
NOT_AVAILABLE = "not available"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Spread:
    """What several repeats of one measurement gave."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        values = list(values)
        return cls(statistics.median(values), min(values), max(values))

    def range(self, digits: int = 0) -> str:
        """Return the least and the most as text."""
        return f"{self.least:,.{digits}f} to {self.most:,.{digits}f}"

    def figures(self) -> dict[str, float]:
        """Return it for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Table:
    """One measure's result.

    Attributes:
        title: what was measured.
        columns: their headings, with units; the first names the row.
        rows: as many cells as there are columns, each.
        notes: sentences below the table.
        figures: the same for machines.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    figures: dict[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        """Return it as Markdown that can be read as it is."""
        lines = [list(self.columns), *map(list, self.rows)]
        widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(self.columns))]

        def line(cells: Sequence[str]) -> str:
            rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
            return f"| {' | '.join([cells[0].ljust(widths[0]), *rest])} |"

        rule = f"|{'-' * (widths[0] + 2)}|" + "".join(f"{'-' * (width + 1)}:|" for width in widths[1:])
        body = "\n".join([line(lines[0]), rule, *map(line, lines[1:])])
        return "\n\n".join([f"### {self.title}", body, *(["\n".join(self.notes)] if self.notes else [])])


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in seconds: of this process's time on a core, and by the clock."""

    core: float
    clock: float


def timed(call: Callable[[], Result]) -> tuple[Took, Result]:
    """Return how long `call` takes, and its result. Rubbish of before is collected first."""
    gc.collect()
    clock, core = time.perf_counter(), time.process_time()
    result = call()
    return Took(time.process_time() - core, time.perf_counter() - clock), result


def say(text: str) -> None:
    """Tell about progress."""
    print(text, file=sys.stderr, flush=True)


def in_a_process(command: Sequence[str], *, seconds: float) -> Any:
    """Run a command at the project's root and return the JSON that its last line on stdout is.

    Raises:
        RuntimeError: it failed, or took longer than `seconds`; the message is the last line it said.
    """
    try:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"took longer than {seconds:.0f} s") from None
    if ran.returncode:
        raise RuntimeError((ran.stderr.strip() or f"exit code {ran.returncode}").splitlines()[-1])
    return json.loads(ran.stdout.splitlines()[-1])


def machine() -> dict[str, str]:
    """Return what the figures depend on, as far as Python knows."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "load": f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
    }


def headline(what: str) -> str:
    """Return a heading that says what was measured where, and how busy that was with other things."""
    about = machine()
    return f"## {what} on {about['python']}, {about['system']}, load {about['load']}"
