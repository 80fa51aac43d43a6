"""What can keep TLC from giving a verdict: each its own error, none of them ever a pass.

`TlcOutputError` is ours; all others are for the caller to act on. A run that ends in one of these has
shown nothing about the model, so a claim that rests on it is UNKNOWN. `ModelViolated` is another matter:
it stands where only a model without a violation is of use, and carries the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import CounterexampleFound, InternalError, NoVerdict, UsageError

if TYPE_CHECKING:
    from pcverify.evidence import Trace
    from pcverify.tla.result import TlcResult


class ToolMissing(UsageError):
    """There is no Java, or no TLC. The message says how to install it."""


class ToolUnusable(UsageError):
    """Java or TLC was named or found, but is not what it must be. The message says which and why."""


class ManifestError(UsageError):
    """The manifest of the models is wrong, or does not fit the files beside it."""


class ModelError(UsageError):
    """TLC rejects the module or its config, or cannot evaluate it. Carries TLC's own words.

    Attributes:
        printed: what the module itself, or TLC without a code of its own, had printed last.
    """

    def __init__(self, message: str, printed: str = "") -> None:
        """Keep all in `args`, so that the error survives pickling between processes."""
        super().__init__(message)
        self.args = (message, printed)
        self.printed = printed

    def __str__(self) -> str:
        """Return the message."""
        return str(self.args[0])


class TlcCrashed(NoVerdict):
    """The Java process ended before TLC was done: killed, out of memory, or broken."""


class TlcStopped(NoVerdict):
    """The run ended before every state was checked: a time limit, or states left on the queue."""


class TlcOutputError(InternalError):
    """TLC said something that we cannot read, or contradicts itself."""


class ModelViolated(CounterexampleFound):
    """The model violates what it is checked for, where a sound one was needed.

    Attributes:
        result: what TLC found.
    """

    def __init__(self, message: str, trace: Trace, result: TlcResult) -> None:
        """Keep all in `args`, so that the error survives pickling between processes."""
        super().__init__(message, trace)
        self.args = (message, trace, result)
        self.result = result
