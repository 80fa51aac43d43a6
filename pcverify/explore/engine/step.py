"""What is said about a step and about a task that is blocked: data, made from the task's stack when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcverify.evidence import TraceStep

if TYPE_CHECKING:
    from pcverify.explore.engine.task import Task


@dataclass(frozen=True, slots=True)
class Step:
    """One step: an operation and the local code up to the next one.

    Kinds: `start` and `end` of a task; `acquire`, `try-acquire`, `release` and `locked` of a lock; in a
    `Condition`'s methods `park` (release in order to wait), `wake` (the end of waiting), `reacquire` and `notify`;
    `put`, `get`, `try-get`, `empty` and `qsize` of a `SimpleQueue`; `sleep`; `start-thread`, `join`, `is_alive`,
    `threads` (active_count, enumerate); `line` and `opcode`, of local code; and `clock`, of no task.
    """

    number: int
    task: Task | None
    kind: str
    object: str
    location: str
    effect: str

    @property
    def action(self) -> str:
        """The step in words."""
        return WORDS.get(self.kind, self.kind + " {}").format(self.object)

    def to_trace_step(self) -> TraceStep:
        """Return it as data for any report."""
        name = "" if self.task is None else self.task.name
        return TraceStep(self.number, name, self.action, self.location, self.effect)


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a task cannot go on.

    Attributes:
        kind: the operation it is in front of, as in `Step`.
        object: the lock or thread that it waits for; None if it sleeps.
        label: what that is called.
        holder: the task that holds the lock, or that is to be joined; None if no task does.
        deadline: until when it waits, in virtual seconds; None for ever.
        location: the source line.
        parked: whether another task has to wake it, by releasing a lock that it holds itself.
        condition: the `threading.Condition` among whose waiters it is then, if it is.
    """

    kind: str
    object: Any
    label: str
    holder: Task | None
    deadline: float | None
    location: str
    parked: bool
    condition: Any

    def __str__(self) -> str:
        """Say it in a few words, to follow the task's name."""
        until = "" if self.deadline is None else f" until {self.deadline:g} s"
        if self.parked:
            return f"parked on {self.label}{until}"
        if self.kind == "sleep":
            return f"sleeps{until}"
        if self.kind == "get":
            return f"waits for an item in {self.label}{until}"
        if self.kind == "join":
            return f"waits for the end of {self.label}{until}"
        by = "no task (held from outside)" if self.holder is None else self.holder.name
        return f"waits for {self.label}, held by {by}{until}"


WORDS = {
    "start": "begins",
    "end": "ends",
    "acquire": "acquires {}",
    "try-acquire": "tries to acquire {}",
    "release": "releases {}",
    "locked": "asks whether {} is locked",
    "park": "parks on {}",
    "wake": "wakes up on {}",
    "reacquire": "reacquires {}",
    "notify": "notifies {}",
    "put": "puts into {}",
    "get": "gets from {}",
    "try-get": "tries to get from {}",
    "empty": "asks whether {} is empty",
    "qsize": "asks how much is in {}",
    "sleep": "wakes from sleep",
    "start-thread": "starts {}",
    "join": "joins {}",
    "is_alive": "asks whether {} is alive",
    "threads": "counts threads",
    "line": "{}",
    "opcode": "{}",
    "read-clock": "reads the clock once more",
    "clock": "a deadline passes",
}
