"""What can go wrong in an exploration that is neither a counterexample nor a defect of ours."""

from __future__ import annotations

from pcverify.evidence import UsageError


class MissingGreenlet(UsageError):
    """The package greenlet is not installed."""

    def __init__(self) -> None:
        super().__init__("controlled execution needs greenlet, which is missing: pip install 'pcverify[explore]'")


class UnknownBuild(UsageError):
    """This Python is not one whose lock types can be redirected. Nothing was changed."""


class AlreadyRunning(UsageError):
    """There can be one controlled execution at a time in a process, and another one is under way."""


class OutOfControl(UsageError):
    """A task did something that the scheduler cannot control. What it does from there on shows nothing."""


class TooManySteps(UsageError):
    """An execution reached `max_steps`."""


class UnreadableSchedule(UsageError):
    """A text is not a schedule."""


class ReplayDeparted(UsageError):
    """The program does not do what a schedule says it did.

    Attributes:
        step: the number of the step at which it departed, counted from 1.
        expected: what the schedule says.
        found: what the program offers instead.
    """

    def __init__(self, step: int, expected: str, found: str) -> None:
        super().__init__(step, expected, found)
        self.step = step
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        """Say where the replay departed, what was expected there, and what was found."""
        return (
            f"the schedule does not fit this program: at step {self.step} expected {self.expected}, found {self.found}"
        )
