"""Failures that were found, kept in `.pcverify/` and tried first the next time, until they pass.

There is one small JSON file for each program and its arguments. The folder lies where the command or the test run was
started, and ignores itself in git. Where it cannot be written to, nothing is kept, and nothing else is different. A
failure that passes, or whose schedule does not fit the program any more, is removed; the result says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.errors import ReplayDeparted, UnreadableSchedule
from pcverify.explore.exploration import explore
from pcverify.explore.strategies import Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.result import Exploration

FOLDER = ".pcverify"
ATTEMPTS = 3
THE_END = "the end of the execution"
"""What a schedule that ends in a failure expects after its last step."""

KEPT_BOUNDS = ("max_steps", "max_delay", "max_idle")
"""The bounds that decide what may happen at a step, and so whether a schedule fits."""


@dataclass(frozen=True, slots=True)
class SavedFailure:
    """One failure.

    Attributes:
        program: what the command line calls the program.
        arguments: those that it was called with, as text; empty if there are none.
        schedule: what `Replay` needs.
        error: what broke, in one line.
        date: when it was found.
        bounds: those that decide whether the schedule fits.
    """

    program: str
    arguments: str
    schedule: str
    error: str
    date: str
    bounds: dict[str, Any] = field(default_factory=dict)


def path_of(program: str, arguments: str = "") -> Path:
    """Return the file that is this program's, whether it exists or not."""
    key = f"{program}[{arguments}]"
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", program).strip("-")[-60:].strip("-")
    digest = hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()[:8]
    return Path.cwd() / FOLDER / f"{readable}-{digest}.json"


def load(path: Path) -> SavedFailure:
    """Read one.

    Raises:
        OSError: the file cannot be read.
        UnreadableSchedule: what stands there is no saved failure.
    """
    try:
        saved = SavedFailure(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise UnreadableSchedule(f"{path} is no saved failure: {error}") from None
    if not all(isinstance(part, str) for part in (saved.program, saved.arguments, saved.schedule, saved.date)):
        raise UnreadableSchedule(f"{path} is no saved failure: what should be text there is not")
    bounds = saved.bounds
    if not isinstance(bounds, dict) or not all(isinstance(each, (int, float, type(None))) for each in bounds.values()):
        raise UnreadableSchedule(f"{path} is no saved failure: its bounds are no numbers")
    return replace(saved, bounds={name: bounds[name] for name in KEPT_BOUNDS if name in bounds})


def save(path: Path, failure: SavedFailure) -> bool:
    """Write one; return whether that was possible."""
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        ignore = path.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        part.write_text(json.dumps(asdict(failure), indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError:
        forget(part)
        return False
    return True


def forget(path: Path) -> None:
    """Remove one, if that is possible."""
    with contextlib.suppress(OSError):
        path.unlink()


def explore_remembering(
    function: Callable[[], Any],
    program: str,
    *,
    arguments: str = "",
    command: Callable[[Path | None, str], str],
    **options: Any,
) -> Exploration:
    """Do what `explore` does, but try a saved failure first, and save what is found.

    With `keep_going` nothing is tried first: who asks for all outcomes wants the search.

    Args:
        function: the program.
        program: what the command line calls it.
        arguments: those that it is called with, as text.
        command: returns the command that replays what was found, from the file, None if there is none, and the
            schedule.
        options: for `explore`.

    Raises:
        UsageError: as `explore` does.
    """
    path = path_of(program, arguments)
    patience = {"max_silence": options["max_silence"]} if "max_silence" in options else {}
    known, notes = (None, ()) if options.get("keep_going") else _try_first(function, path, patience)
    found = known or explore(function, **options)
    if found.verdict is Verdict.VIOLATION and found.counterexample is not None:
        schedule, kept = found.counterexample.schedule, known is not None
        if known is None:
            bounds = {name: found.bounds[name] for name in KEPT_BOUNDS}
            date = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
            kept = save(path, SavedFailure(program, arguments, schedule, found.error or "", date, bounds))
        told = replace(found.counterexample, command=command(path if kept else None, schedule))
        found = replace(found, counterexample=told)
    return replace(found, notes=(*notes, *found.notes))


def replay(function: Callable[[], Any], schedule: str, **options: Any) -> Exploration:
    """Run the program by a schedule, and again if it departs because it had not run before.

    What a program initialises when it is used first happens once in a process, and schedules are of those who have it
    behind them. So the execution that departs may be what was missing.

    Raises:
        ReplayDeparted: the schedule does not fit.
    """
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(ReplayDeparted):
            return explore(function, strategy=Replay(schedule), **options)
    return explore(function, strategy=Replay(schedule), **options)


def _try_first(
    function: Callable[[], Any], path: Path, patience: dict[str, float]
) -> tuple[Exploration | None, tuple[str, ...]]:
    """Replay what is saved; return the result if it is the one to report, and what is to be said."""
    shown = f"{FOLDER}/{path.name}"
    note = ""
    found: Exploration | None = None
    try:
        saved = load(path)
        found = replay(function, saved.schedule, **saved.bounds, **patience)
    except OSError:
        return None, ()
    except UnreadableSchedule as error:
        note = f"the failure saved in {shown} was removed: {error}"
    except ReplayDeparted as error:
        note = f"the failure saved in {shown} was removed: {error}"
        if error.expected == THE_END:
            note = f"the failure found on {saved.date} is over: the program goes on there; {shown} was removed"
    except UsageError as error:
        return None, (f"the failure saved in {shown} was not tried: {error}",)
    if found is not None:
        if found.interrupted_by is not None or found.verdict is Verdict.VIOLATION:
            return found, (f"the failure found on {saved.date} was tried first",)
        if found.verdict is Verdict.UNKNOWN:
            return None, (f"the failure saved in {shown} was tried, which ended in UNKNOWN: {found.reason}",)
        note = f"the failure found on {saved.date} passes now, and {shown} was removed"
    forget(path)
    return None, (note,)
