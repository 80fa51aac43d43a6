"""Probabilistic concurrency testing: random priorities, and a few random points where they change.

Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs",
ASPLOS 2010. The depth of a bug is how many orderings between two steps it needs: 1 for "the reader comes before the
writer is done", 2 for most atomicity violations and deadlocks. Each task has a random priority, and of those that can
go on the highest takes the next step. At d - 1 of k choices, drawn before the execution, whoever would run falls
below all that have not fallen.

If a program has n tasks and makes at most k choices, an execution finds a bug of depth d with a chance of at least
1 / (n * k^(d-1)), whatever else the program does. k is not known: it is the most choices that an execution made so
far, so the first one changes no priority, and the bound holds for those that come after one as long as any. Steps
where there is nothing to choose do not count: a task that falls there is passed over at its next choice at the
soonest, so the change may as well be made then.

Deadlines: of those pending only the earliest can pass, as one clock says. So the clock is a task like the others, with
a priority of its own, and counts in n if the program has deadlines. Where nobody can go on it is no choice that time
passes; of the tasks that are due together the highest goes first.

Fairness: a task that polls with the highest priority would go on for ever. A task (or the clock) that has made 1,000
choices while others waited falls below all; the bound above is for programs in which that does not happen.

What a pass does not show: a bug that is deeper, or less likely than the number of executions makes up for.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.strategies.choices import first_late
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pcverify.explore.engine.task import Task

PATIENCE = 1_000
CLOCK = 0  # where the clock's priority stands; those of the tasks follow, by their numbers


class Pct(Strategy):
    """So many executions, each by random priorities that change at `depth` - 1 points.

    Args:
        executions: how many.
        depth: of the bugs that are looked for, at least 1.
        seed: any integer.
    """

    verdict = Verdict.SAMPLED

    def __init__(self, executions: int = 1_000, *, depth: int = 3, seed: int = 0) -> None:
        if executions < 1:
            raise UsageError(f"an exploration of {executions} executions shows nothing: ask for at least one")
        if depth < 1:
            raise UsageError(f"no bug has a depth of {depth}: ask for at least 1")
        self.name = f"pct:{depth}"
        self._executions = self._left = executions
        self._depth = depth
        self._random = random.Random(seed).random
        self._longest = 0  # k, as far as is known
        self._asked = 0
        self._falls: dict[int, int] = {}  # at which choice, and how far
        self._priorities: list[float] = []  # above 1 at first; in [0, 1) after a fall; below 0 after losing patience
        self._taken: list[int] = []  # choices, by the same positions
        self._floor = 0

    @property
    def bounds(self) -> Mapping[str, int | float]:
        """How many executions, how deep."""
        return {"executions": self._executions, "depth": self._depth}

    def begin(self) -> bool:
        """Draw where priorities will change."""
        self._left -= 1
        self._asked = self._floor = 0
        self._priorities.clear()
        self._taken.clear()
        self._falls.clear()
        if self._longest:
            for level in range(self._depth - 1):
                # As in the paper the points are independent, so two may coincide: then the lower level holds.
                self._falls.setdefault(int(self._random() * self._longest), level)
        return self._left >= 0

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the index of the highest priority, after the change that is due."""
        if len(choices) == 1:
            return 0
        enabled = first_late(choices)
        index, who = self._highest(choices, enabled)
        level = self._falls.pop(self._asked, None)
        self._asked += 1
        if level is not None:
            self._priorities[who] = level / self._depth
            index, who = self._highest(choices, enabled)
        self._taken[who] += 1
        if self._taken[who] > PATIENCE:
            self._taken[who] = 0
            self._floor -= 1
            self._priorities[who] = self._floor
            index, who = self._highest(choices, enabled)
        return index

    def _highest(self, choices: Sequence[Task], enabled: int) -> tuple[int, int]:
        """Return the index of the choice, and whose priority it has."""
        priorities = self._priorities
        while len(priorities) <= choices[-1].number + 1 or len(priorities) <= choices[enabled - 1].number + 1:
            # Independent priorities are ordered at random, however many tasks are still to come.
            priorities.append(1 + self._random())
            self._taken.append(0)

        def priority(index: int) -> float:
            return priorities[choices[index].number + 1]

        if enabled:
            best = max(range(enabled), key=priority)
            if enabled == len(choices) or priorities[CLOCK] < priority(best):
                return best, choices[best].number + 1
        late = max(range(enabled, len(choices)), key=priority)
        return late, CLOCK if enabled else choices[late].number + 1

    def end(self, failed: bool = False) -> None:
        """Learn how many choices an execution makes, without those of tasks that polled."""
        self._longest = max(self._longest, self._asked + self._floor * PATIENCE)
