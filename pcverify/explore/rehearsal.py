"""Before the search: does the program do the same when the same choices are made?

It is run three times by the same random walk. The first time warms up what initialises itself when it is used first:
libraries do, and that is no fault. The second and the third time must be the same, step by step, and come to the same
outcome. If they are not, no schedule can be replayed, and every strategy that builds on what it saw is misled.

What it does not show: that other schedules are repeatable. Strategies notice that in part, by what they find at a
choice; and each failure is replayed before it is reported.

These executions are no part of what is counted. But a failure among them counts as one that was found, if the search
itself then finds none.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from pcverify.evidence import Verdict
from pcverify.explore.strategies import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.explore.engine.task import Task

NOT_SHARED = frozenset({"start", "end", "start-thread", "join"})
"""The kinds of steps that tell nothing of what tasks do to each other."""

ASKING = frozenset({"join-now", "is_alive", "threads"})
"""The kinds whose answer depends on how far other tasks are, whatever these do."""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class Rehearsal(Strategy):
    """A random walk that remembers what it saw; the same one each time, as far as the program is the same."""

    name = "rehearsal"
    asks_always = True
    in_driver = False
    shrinks = False
    verdict = Verdict.SAMPLED

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.tasks: set[int] = set()
        self.asks = False
        self.acting: set[int] = set()  # those that did more than to start, to be waited for, and to end
        self._random = random.Random(0).random

    def begin(self) -> bool:
        """There is one execution."""
        return not self.seen

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return any index, and remember what there was."""
        index = int(self._random() * len(choices))
        self.seen.append((index, *((task.name, task.kind) for task in choices)))
        self.tasks.update(task.number for task in choices)
        kind = choices[index].kind
        if kind not in NOT_SHARED:
            self.acting.add(choices[index].number)
        self.asks = self.asks or (kind in ASKING and len(self.tasks) > 1)
        return index

    def end(self, failed: bool = False) -> None:
        """Nothing to do."""


def nothing_shared(walks: Sequence[Rehearsal], granularity: str) -> str:
    """Say why no order of the steps of several tasks could matter; empty if one could, or there was one task."""
    if any(walk.asks or len(walk.acting) > 1 for walk in walks) or all(len(walk.tasks) < 2 for walk in walks):
        return ""
    seen = "did anything with a lock, a queue or the clock" if granularity == "sync" else "ran code that is looked into"
    advice = "try granularity='line'" if granularity == "sync" else "name what is to be looked into by instrument"
    return f"at granularity {granularity} no two tasks {seen}, so there was nothing to interleave: {advice}"


def departure(first: Rehearsal, second: Rehearsal, outcomes: tuple[str, str]) -> str:
    """Say where the second execution did not do what the first did; empty if it did."""
    for number, (then, now) in enumerate(zip(first.seen, second.seen, strict=False), 1):
        if then != now:
            return f"at step {number} it had a choice of {_said(then)}, and the next time of {_said(now)}"
    shorter = min(len(first.seen), len(second.seen))
    if len(first.seen) != len(second.seen):
        ended, other = ("then", first) if len(second.seen) == shorter else ("first", second)
        choice = _said(other.seen[shorter])
        return f"it {ended} ended after {shorter} steps, where the other time it had a choice of {choice}"
    before, after = (_ADDRESS.sub("", outcome) for outcome in outcomes)
    return "" if before == after else f"it came to {before}, and the next time to {after}"


def _said(seen: tuple[Any, ...]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in seen[1:])
