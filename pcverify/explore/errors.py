"""What can go wrong in an exploration that is neither a counterexample nor a defect of ours."""

from __future__ import annotations

from pcverify.evidence import CounterexampleFound, UsageError


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
        cause: what is different now and so may be why; empty if nothing is known.
    """

    def __init__(self, step: int, expected: str, found: str, cause: str = "") -> None:
        super().__init__(step, expected, found, cause)
        self.step = step
        self.expected = expected
        self.found = found
        self.cause = cause

    def __str__(self) -> str:
        """Say where the replay departed, what was expected there, what was found, and what is the likely cause."""
        text = (
            f"the schedule does not fit this program: at step {self.step} expected {self.expected}, found {self.found}"
        )
        return f"{text}; the likely cause: {self.cause}" if self.cause else text


class InconclusiveExploration(UsageError):
    """A test under `interleavings` shows less than it is asked for, and not that the program is wrong."""


class InterleavingFailure(CounterexampleFound, AssertionError):
    """An interleaving breaks the program under test. The message is the counterexample; what it raised is the cause."""
