"""Failing schedules, kept between runs: a failure that was found is tried first next time, until it passes.

Each program has one small file in the folder `.pcverify` of the working directory. What is in there concerns this
checkout alone, so the folder holds a `.gitignore` for itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.evidence import Verdict
from pcverify.explore.errors import ReplayDeparted, UnreadableSchedule
from pcverify.explore.exploration import explore
from pcverify.explore.strategies import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.result import Exploration

FOLDER = Path(".pcverify")
NOT_FOR_REPLAYS = ("strategy", "granularity", "instrument", "max_executions", "max_seconds", "seed", "keep_going")


def explore_saved(
    function: Callable[[], Any], program: str, *, folder: Path = FOLDER, command: str = "", **options: Any
) -> Exploration:
    """Do what `explore` does; try the failure that was saved of this program first, and save one that is found.

    Args:
        function: the program.
        program: its name, as the command line takes it: `tests/test_x.py::test_y`.
        folder: where failures are kept.
        command: the command that runs it again; that of the saved file if not given.
        options: those of `explore`.
    """
    file = file_of(program, folder)
    note = ""
    schedule = load(file)
    if schedule:
        replaying = {name: value for name, value in options.items() if name not in NOT_FOR_REPLAYS}
        try:
            again = explore(function, strategy=Replay(schedule), **replaying)
        except (ReplayDeparted, UnreadableSchedule) as error:
            note = f"the failure saved in {file} was removed: {error}"
            file.unlink(missing_ok=True)
        else:
            if again.verdict is Verdict.VIOLATION:
                return _told(again, f"this is the failure saved in {file}", command or f"pcverify replay {file}")
            if again.verdict is Verdict.UNKNOWN:
                return again
            note = f"the failure saved in {file} does not happen any more, and was removed"
            file.unlink(missing_ok=True)
    result = explore(function, **options)
    if result.counterexample is not None and save(file, program, result):
        result = _told(result, "", command or f"pcverify replay {file}")
    return result if not note else replace(result, notes=(*result.notes, note))


def file_of(program: str, folder: Path = FOLDER) -> Path:
    """Return the file that keeps the failure of a program."""
    return folder / (re.sub(r"[^\w.\[\]-]+", "-", program).strip("-")[:150] + ".json")


def load(file: Path) -> str:
    """Return the schedule that a file keeps; empty if there is none."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["schedule"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def save(file: Path, program: str, result: Exploration) -> bool:
    """Keep a failure; return whether that was possible."""
    kept = {"program": program, "schedule": result.schedule, "error": result.error}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        ignore = file.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        file.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    except OSError:
        return False
    return True


def _told(result: Exploration, note: str, command: str) -> Exploration:
    counterexample = None if result.counterexample is None else replace(result.counterexample, command=command)
    return replace(result, counterexample=counterexample, notes=(*result.notes, note) if note else result.notes)
