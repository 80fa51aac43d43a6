"""How far a check got, in one word.

Four words, because "passed" hides the difference that matters most: whether everything within the
bounds was covered, or only some of it. A check that ran out of time has shown nothing; it is
neither OK nor SAMPLED.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(Enum):
    """The outcome of a check. What it covers is stated by the bounds of its claim."""

    OK = "OK"
    """Everything within the bounds was covered, and nothing failed."""

    SAMPLED = "SAMPLED"
    """The stated number of cases ran and none failed. The cases that did not run may still fail."""

    VIOLATION = "VIOLATION"
    """A counterexample was found, and is attached."""

    UNKNOWN = "UNKNOWN"
    """A deadline, a crash or something out of control came first. Nothing is shown either way."""

    def __str__(self) -> str:
        """Return the bare word, as tables show it."""
        return self.value

    @property
    def exit_code(self) -> int:
        """Of a command that came to this: 0 nothing failed, 1 something was found, 3 nothing was found out."""
        return {Verdict.VIOLATION: 1, Verdict.UNKNOWN: 3}.get(self, 0)


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of several checks together: what was found counts more than what was not found out."""
    return max(codes, default=0, key=(0, 3, 1).index)
