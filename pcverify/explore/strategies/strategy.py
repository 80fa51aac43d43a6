"""What `explore` asks of a strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.evidence import Verdict
    from pcverify.explore.task import Task


class Strategy(Protocol):
    """Who takes the next step, execution after execution."""

    name: str
    verdict: Verdict
    """What it shows if it comes to its own end and nothing failed: OK or SAMPLED."""
    asks_always: bool
    in_driver: bool
    shrinks: bool

    def begin(self) -> bool:
        """Prepare for an execution; False if there is none left to do."""

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the index of the choice.

        Args:
            choices: at least one: the tasks that can go on, in the order in which they were made; then those whose
                deadline would pass. What a task would do next stands in its attributes.
            running: the task that took the last step; it may have ended, or be blocked. None at the start.
        """

    def end(self, failed: bool = False) -> None:
        """Hear that the execution has come to its end."""
