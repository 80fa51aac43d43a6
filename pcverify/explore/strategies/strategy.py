"""What `explore` asks of a strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pcverify.explore.engine import scheduler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pcverify.evidence import Verdict
    from pcverify.explore.engine.task import Task


STOP = scheduler.STOP
"""What `choose` returns where the execution need not go on: nothing can come of it that was not seen."""


class Strategy(Protocol):
    """Who takes the next step, execution after execution. A class that inherits from this gets the defaults."""

    name: str
    """What reports call it."""

    verdict: Verdict
    """What it shows if it comes to its own end and nothing failed: OK or SAMPLED. Read when `begin` has said False."""

    asks_always: bool = False
    """Whether `choose` is to be called where there is nothing to choose, too."""

    shrinks: bool = False
    """Whether it goes on after a failure, to a smaller one: the last execution that fails is the one to report."""

    in_driver: bool = False
    """Whether `choose` must run in the driver's own greenlet, not in a task's."""

    exhausted: bool = False
    """Whether it has run every schedule that there is, and no bound of its own has kept it from any."""

    @property
    def bounds(self) -> Mapping[str, int | float]:
        """What bounds it, by the names of its arguments; a verdict of OK means everything within these."""
        return {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a result should say of the search, a sentence each."""
        return ()

    def begin(self) -> bool:
        """Prepare for an execution; False if there is none left to do."""

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the index of the choice, or `STOP`.

        Args:
            choices: at least one: the tasks that can go on, in the order in which they were made; then those whose
                deadline would pass. What a task would do next stands in its attributes.
            running: the task that took the last step; it may have ended, or be blocked. None at the start.
        """

    def end(self, failed: bool = False) -> None:
        """Hear that the execution has come to its end, or was stopped, and whether it failed."""

    def close(self) -> None:
        """Let go of whatever it holds: the search is over, perhaps before its end."""
        return
