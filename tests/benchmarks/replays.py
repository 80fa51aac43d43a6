"""Whether saved schedules give the same outcomes again, on this version of Python or another.

A schedule is saved from every program that the subjects hold, with many seeds.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pcverify.explore import Random, Replay, ReplayDeparted, explore
from tests.benchmarks.measuring import Table, machine, say, timed
from tests.subjects.registry import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pcverify.explore import Strategy

SCHEDULES = 1_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One execution: the program's name, what it came to, and how to run it again."""

    program: str
    outcome: str
    schedule: str


def run(program: Callable[[], Any], strategy: Strategy, granularity: str = "sync") -> tuple[str, str] | None:
    """Run the one execution of a strategy; return its outcome and its schedule, None if it was cut short.

    Raises:
        ReplayDeparted: it is a `Replay` that does not fit.
    """
    outcomes = explore(program, strategy=strategy, keep_going=True, granularity=granularity).outcomes
    return (outcomes[0].outcome, outcomes[0].schedule) if outcomes else None


def programs() -> dict[str, Callable[[], Any]]:
    """Return both programs of every subject, by name."""
    return {f"{each.name}, wrong": each.wrong for each in SUBJECTS} | {
        f"{each.name}, right": each.right for each in SUBJECTS
    }


def record(number: int, granularity: str) -> list[Recorded]:
    """Return so many executions, of all programs in turn."""
    named = list(programs().items())
    recorded = []
    for seed in range(number):
        name, program = named[seed % len(named)]
        ran = run(program, Random(1, seed=seed), granularity)
        if ran is not None:
            recorded.append(Recorded(name, *ran))
        if (seed + 1) % 250 == 0:
            say(f"  recorded {seed + 1} of {number}")
    return recorded


def save(path: Path, recorded: list[Recorded], granularity: str) -> None:
    """Write them as JSON."""
    schedules = [asdict(each) for each in recorded]
    found = machine() | {"granularity": granularity, "schedules": schedules}
    path.write_text(json.dumps(found, indent=1) + "\n")


def replays(load: Path | None, keep: Path | None, number: int, granularity: str) -> Table:
    """Replay the schedules in `load`, or new ones at this granularity, which are written to `keep`."""
    if load is None:
        recorded, origin = record(number, granularity), machine()["python"]
    else:
        saved = json.loads(load.read_text())
        recorded, origin = [Recorded(**each) for each in saved["schedules"]], saved["python"]
        granularity = saved["granularity"]
    if keep is not None:
        save(keep, recorded, granularity)
    named = programs()
    took, ended = timed(lambda: Counter(_again(each, named.get(each.program)) for each in recorded))
    distinct = {(each.program, each.schedule) for each in recorded}
    columns = (
        "saved on",
        "replayed on",
        "schedules",
        "distinct",
        "programs",
        "same outcome",
        "other",
        "departed",
        "ms on a core",
    )
    row = [
        origin,
        machine()["python"],
        f"{len(recorded):,}",
        f"{len(distinct):,}",
        str(len({each.program for each in recorded})),
        f"{ended['same']:,}",
        f"{ended['other']:,}",
        f"{ended['departed']:,}",
        f"{took.core / len(recorded) * 1e3:.2f}",
    ]
    figures = {"saved_on": origin, "replayed_on": machine()["python"], "schedules": len(recorded), **ended}
    return Table(
        f"Replay of saved schedules, {granularity}",
        columns,
        [row],
        ["ms on a core: of one replay, with all that an exploration does before and after."],
        figures,
    )


def _again(recorded: Recorded, program: Callable[[], Any] | None) -> str:
    """Replay it and say how that ended."""
    if program is None:
        say(f"  {recorded.program}: there is no such program here")
        return "departed"
    try:
        ran = run(program, Replay(recorded.schedule))
    except ReplayDeparted as error:
        say(f"  {recorded.program} {recorded.schedule}: {error}")
        return "departed"
    if ran is not None and ran[0] == recorded.outcome:
        return "same"
    say(f"  {recorded.program} {recorded.schedule}: expected {recorded.outcome}, found {ran and ran[0]}")
    return "other"
