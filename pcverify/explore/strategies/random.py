"""A random walk: at each choice every task is equally likely, or, if sticky, the one that runs is likelier.

A uniform walk switches nearly always, so it hardly ever lets one task get far ahead of the others: an order that
needs one of n tasks to be chosen k times in a row has a chance of n to the power of -k. A sticky walk draws for each
execution how likely a switch is (0.05, 0.2, 0.5, or 1, which is the uniform walk), so some executions have a few long
stretches and some have many short ones. Most bugs need few switches at the right places. And in every second
execution, at random, a task that starts others goes on until it has started them: threads that are started one by one
would else hardly ever be all there at the same time, and the last one least of all. With that the fault of a hundred
threads (`twostage_100` of the subjects) is found after some 800 executions, and without it hardly ever.

The same seed gives the same executions, whatever the version of Python. What a pass does not show: schedules are not
equally likely, and nothing is said about those that were not drawn.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.strategies.choices import first_late
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pcverify.explore.engine.task import Task

SWITCHES = (0.05, 0.2, 0.5, 1.0)


class Random(Strategy):
    """So many random executions.

    Args:
        executions: how many.
        seed: any integer.
        sticky: whether to go on with the task that runs more often than not.
    """

    verdict = Verdict.SAMPLED

    def __init__(self, executions: int = 1_000, *, seed: int = 0, sticky: bool = False) -> None:
        if executions < 1:
            raise UsageError(f"a random exploration of {executions} executions shows nothing: ask for at least one")
        self.name = "sticky" if sticky else "random"
        self._executions = self._left = executions
        self._random = random.Random(seed).random
        self._sticky = sticky
        self._switch = 1.0  # how likely it is to choose anew where the running task can go on
        self._gathers = False  # whether one that starts a thread goes on, however that is
        if not sticky and type(self).choose is Random.choose:
            self.choose = _uniform(self._random)  # type: ignore[assignment, method-assign]  # asked at nearly every step

    @property
    def bounds(self) -> Mapping[str, int | float]:
        """How many executions."""
        return {"executions": self._executions}

    def begin(self) -> bool:
        """Count down."""
        self._left -= 1
        if self._sticky:
            self._switch = SWITCHES[int(self._random() * len(SWITCHES))]
            self._gathers = self._random() < 0.5
        return self._left >= 0

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return any index; that of the running task, if it is to stay."""
        number = len(choices)
        # That a deadline passes is never to go on as before: a task that waits is left out.
        if self._sticky and running is not None and running in choices[: first_late(choices)]:
            starts = self._gathers and running.kind == "start-thread"
            if starts or self._random() >= self._switch:
                return choices.index(running)
        return int(self._random() * number)

    def end(self, failed: bool = False) -> None:
        """Nothing to do."""


def _uniform(random: Callable[[], float]) -> Callable[[Sequence[Task], Task | None], int]:
    """Return what chooses any of its choices, one as likely as another."""

    def choose(choices: Sequence[Task], running: Task | None) -> int:
        return int(random() * len(choices))

    return choose
