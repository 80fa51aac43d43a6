"""What bounds an exploration, and how finely it looks: checked when given, printed with the result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pcverify.evidence import UsageError

GRANULARITIES = ("sync", "line", "opcode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The bounds of one exploration.

    Attributes:
        max_executions: end after so many; None for no bound.
        max_seconds: end after so many real seconds, at the end of an execution; None for no bound.
        max_steps: after so many an execution goes on fairly, and after as many again it is a livelock.
        max_delay: for how many virtual seconds a deadline may pass while other tasks can run; None for ever.
        max_idle: a wait that ends only after more virtual seconds than this is a stall; None if none is.
        max_silence: after so many real seconds without an operation the program is out of control.

    Raises:
        UsageError: a bound is such that nothing could run.
    """

    max_executions: int | None = None
    max_seconds: float | None = None
    max_steps: int = 10_000
    max_delay: float | None = 1.0
    max_idle: float | None = 3_600.0
    max_silence: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what would run nothing."""
        for name in ("max_executions", "max_steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"{name}={value} would run nothing: give at least 1")
        if self.max_seconds is not None and not self.max_seconds > 0:
            raise UsageError(
                f"max_seconds={self.max_seconds} would run nothing: give more than 0, or None for no bound"
            )
        if not self.max_silence > 0:
            raise UsageError(f"max_silence={self.max_silence} is no time: give real seconds, more than 0")
        for name in ("max_delay", "max_idle"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise UsageError(f"{name}={value} is no time: give seconds, 0 or more, or None for no bound")

    def as_dict(self) -> dict[str, Any]:
        """Return them by name; None for no bound."""
        return asdict(self)


def check_granularity(granularity: str, instrument: tuple[str, ...]) -> None:
    """Raise `UsageError` unless both can be meant."""
    if granularity not in GRANULARITIES:
        raise UsageError(f"granularity {granularity!r} is not known: give one of {', '.join(GRANULARITIES)}")
    for name in instrument:
        if not isinstance(name, str) or not name:
            raise UsageError(f"instrument={name!r} names nothing: give names of packages or modules, or paths")
    if instrument and granularity == "sync":
        raise UsageError(
            f"instrument={', '.join(instrument)} has no effect at granularity sync, which looks at locks, threads and "
            "clocks wherever they are used: give granularity='line' or 'opcode' with it"
        )
