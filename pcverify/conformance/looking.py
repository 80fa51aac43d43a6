"""What a mapping may ask about a suspended task: the operation it is in front of, and the variables on its stack."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.clock import ClocksApart
from pcverify.explore.control.locks import is_locked
from pcverify.explore.signals import ENGINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from pcverify.explore.engine.execution import Execution
    from pcverify.explore.engine.task import Task


class Look:
    """One task, where it is now.

    Attributes:
        name: of the task.
        kind: of the operation, as the engine has it: `acquire`, `release`, `end`, …
        object: what that is on.
        functions: the frames on its stack by the name of their function, the innermost one if there are several.
        raising: the type of the exception with which a `with` is left, if it is.
    """

    __slots__ = ("_frames", "_task", "functions", "kind", "name", "object", "raising")

    def __init__(self, task: Task) -> None:
        self._task = task
        self.name = task.name
        self.kind = "end" if task.ended else task.kind
        self.object = task.object
        self.raising: Any = None
        self.functions: dict[str, FrameType] = {}
        self._frames = list(_frames(task))
        for frame in self._frames:
            code = frame.f_code
            if not code.co_filename.startswith(ENGINE):
                self.functions.setdefault(code.co_name, frame)
            elif code.co_name == "lock_release" and self.kind == "release":
                given = frame.f_locals["_"]
                self.raising = given[0] if given else None

    def variable(self, function: str, name: str) -> Any:
        """Return the value of a local variable; None if there is no such function on the stack, or no value yet."""
        frame = self.functions.get(function)
        return None if frame is None else frame.f_locals.get(name)

    def frame_of(self, function: Any) -> FrameType | None:
        """Return the frame of a function or method on the stack; None if there is none."""
        code = getattr(function, "__func__", function).__code__
        return next((frame for frame in self._frames if frame.f_code is code), None)

    def inside(self, *functions: str) -> Look | None:
        """Return what there is of this from the first of these functions on, which is part of it; None if none is."""
        seen = copy(self)
        seen.functions = {}
        for frame in self._frames:
            name = frame.f_code.co_name
            seen.functions.setdefault(name, frame)
            if name in functions:
                return seen
        return None

    @property
    def blocked(self) -> bool:
        """Whether the lock that it wants is held."""
        return bool(is_locked(self.object))

    @property
    def now(self) -> float:
        """The time of this task."""
        clock = self._task.execution.clock
        return clock.of(self._task) if isinstance(clock, ClocksApart) else clock.now

    @property
    def crashed(self) -> BaseException | None:
        """The exception that it has ended with."""
        return self._task.error


def holder_of(execution: Execution, lock: Any) -> str:
    """Return the name of the task that holds a lock; empty if none does."""
    holder = execution.holders.get(lock)
    return "" if holder is None else holder.name


def _frames(task: Task) -> Iterator[FrameType]:
    frame = None if task.ended else task.gr_frame
    while frame is not None:
        yield frame
        frame = frame.f_back
