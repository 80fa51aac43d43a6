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

    def begin(self) -> bool:
        """Prepare for an execution; False if there is none left to do."""

    def choose(self, choices: Sequence[Task]) -> int:
        """Return the index of the choice: tasks that can go on come first, then those whose deadline would pass.

        Asked before each step, also where there is only one choice.
        """

    def end(self) -> None:
        """Hear that the execution has come to its end."""
