"""Three kinds of errors, because three different people act on them.

- `CounterexampleFound`: the program that was checked is wrong. Its author reads the trace.
- `UsageError`: the call or its surroundings are wrong: a missing tool, a bad argument, a limit that
  is too small. The caller reads what to change. Of these `NoVerdict` says that a check came to no end.
- `InternalError`: we are wrong. The message asks for a report and carries what the report needs.

Each package derives its own errors from these. `except PcverifyError` catches them all, and catches
nothing that is not ours.
"""

from pcverify.evidence.traces import Trace


class PcverifyError(Exception):
    """Anything that pcverify raises on purpose."""


class CounterexampleFound(PcverifyError):
    """The program that was checked does something it must not do.

    Attributes:
        trace: what it does, step by step.
    """

    def __init__(self, message: str, trace: Trace) -> None:
        """Keep both in `args`, so that the error survives pickling between processes."""
        super().__init__(message, trace)
        self.message = message
        self.trace = trace

    def __str__(self) -> str:
        """Return the message alone: a report shows the trace in its own way."""
        return self.message


class UsageError(PcverifyError):
    """The call, or the machine it runs on, is not as it must be. The message says what to change."""


class NoVerdict(UsageError):
    """A check came to no end: a limit was reached, or its tool gave up. Nothing is shown either way."""


class InternalError(PcverifyError):
    """Something that should not be possible: a defect of pcverify.

    Attributes:
        attachment: what a report should contain, such as the output that could not be read.
    """

    def __init__(self, message: str, attachment: str = "") -> None:
        """Keep both in `args`, so that the error survives pickling between processes."""
        super().__init__(message, attachment)
        self.message = message
        self.attachment = attachment

    def __str__(self) -> str:
        """Return the message, a request to report it, and what to attach."""
        text = f"{self.message}\nThis is a defect of pcverify: please report it"
        return f"{text}, with the following.\n{self.attachment}" if self.attachment else f"{text}."
