"""What can keep TLC from giving a verdict: each its own error, none of them ever a pass.

All but the last are for the caller to act on. A run that ends in one of these has shown nothing
about the model, so a claim that rests on it is UNKNOWN.
"""

from pcverify.evidence import InternalError, UsageError


class ToolMissing(UsageError):
    """There is no Java, or no TLC. The message says how to install it."""


class ToolUnusable(UsageError):
    """Java or TLC was named or found, but is not what it must be. The message says which and why."""


class ManifestError(UsageError):
    """The manifest of the models is wrong, or does not fit the files beside it."""


class ModelError(UsageError):
    """TLC rejects the module or its config, or cannot evaluate it. Carries TLC's own words."""


class TlcCrashed(UsageError):
    """The Java process ended before TLC was done: killed, out of memory, or broken."""


class TlcStopped(UsageError):
    """The run ended before every state was checked: a time limit, or states left on the queue."""


class TlcOutputError(InternalError):
    """TLC said something that we cannot read, or contradicts itself."""
