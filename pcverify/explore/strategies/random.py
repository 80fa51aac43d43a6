"""A random walk: at each step every choice is equally likely. The same seed gives the same executions.

What a pass does not show: schedules are not equally likely. One that needs a certain task to be chosen k times in a
row among n has a chance of n to the power of -k, so long orders are hardly ever tried.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.explore.task import Task


class Random:
    """So many random executions.

    Args:
        executions: how many.
        seed: any integer.
    """

    name = "random"
    asks_always = False
    in_driver = False
    shrinks = False
    verdict = Verdict.SAMPLED

    def __init__(self, executions: int = 1_000, *, seed: int = 0) -> None:
        if executions < 1:
            raise UsageError(f"a random exploration of {executions} executions shows nothing: ask for at least one")
        self._left = executions
        self._random = random.Random(seed).random

    def begin(self) -> bool:
        """Count down."""
        self._left -= 1
        return self._left >= 0

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return any index."""
        number = len(choices)
        return int(self._random() * number) if number > 1 else 0

    def end(self, failed: bool = False) -> None:
        """Nothing to do."""
