"""A claim that a check makes, and the result that a run of it gave.

A claim is written before the run and is part of the project: the question in words, the tool that
answers it, the bounds within which it answers, the verdict that is needed, and what even that
verdict does not show. A result says what came out. The claim is met only if the verdict is the one
that was asked for: a claim that needs OK is not met by SAMPLED, and a claim that needs VIOLATION
(a broken variant that must be caught) is not met by OK.
"""

from dataclasses import dataclass
from typing import Literal

from pcverify.evidence.errors import UsageError
from pcverify.evidence.verdicts import Verdict

Unit = Literal["states", "cases"]
"""What a result counts: distinct states of a model, or cases that ran."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement that is checked.

    Raises:
        UsageError: if `needs` is UNKNOWN, which no run can be asked to establish, or if
            `does_not_show` is empty: every check leaves something out, and says what.
    """

    id: str
    """Stable and short, as in a table or on a command line: `queue-model`."""

    question: str
    """What is asked, as a sentence a reader can answer with yes or no."""

    tool: str
    """What answers it: `TLC`, `explore`, ..."""

    bounds: str
    """Within which bounds: threads, capacity, items, number of cases."""

    needs: Verdict
    """The verdict without which the claim is not met."""

    does_not_show: str
    """What remains open even when the claim is met."""

    def __post_init__(self) -> None:
        """Refuse a claim that could not be checked or that promises everything."""
        if self.needs is Verdict.UNKNOWN:
            raise UsageError(f"claim {self.id!r} needs UNKNOWN; a claim needs OK, SAMPLED or VIOLATION")
        if not self.does_not_show.strip():
            raise UsageError(f"claim {self.id!r} does not say what it does not show; fill in does_not_show")


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of a claim gave."""

    claim: Claim
    verdict: Verdict
    """The verdict that the run gave."""

    seconds: float
    """Wall time of the run."""

    cases: int | None = None
    """How many states or cases were covered; None if the run did not get far enough to say."""

    unit: Unit = "cases"
    """What `cases` counts."""

    reason: str = ""
    """Why the verdict is UNKNOWN, or what differs from what was needed. Empty if the claim is met."""

    @property
    def met(self) -> bool:
        """Whether the run gave the verdict that the claim needs, no other."""
        return self.verdict is self.claim.needs
