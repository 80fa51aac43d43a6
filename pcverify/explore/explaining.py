"""What is told of a failing execution beside its steps: what each task was doing, and which line failed."""

from __future__ import annotations

import linecache
import os
import threading
import traceback
from typing import TYPE_CHECKING

from pcverify.explore.engine import describe
from pcverify.explore.result import State
from pcverify.explore.signals import ENGINE

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from pcverify.explore.engine.execution import Execution
    from pcverify.explore.engine.task import Task


def states_of(execution: Execution) -> tuple[State, ...]:
    """Say of each task what it is doing: before the execution ends, for that unwinds them."""
    return tuple(_state(execution, task) for task in execution.tasks)


def _state(execution: Execution, task: Task) -> State:
    if task.error is not None:
        return State(task.name, f"failed with {type(task.error).__name__}")
    if task.ended:
        return State(task.name, "has ended")
    blocked = execution.blocked_on(task)
    if blocked is None:
        return State(task.name, "can go on", describe.location_of(task))
    return State(task.name, str(blocked), blocked.location)


def own_part(error: BaseException) -> BaseException:
    """Cut off the traceback's first entries, which are ours and those of `Thread`; return the same exception."""
    at: TracebackType | None = error.__traceback__
    while at is not None and _is_foreign(at.tb_frame.f_code.co_filename):
        at = at.tb_next
    return error if at is None else error.with_traceback(at)


def raised_at(error: BaseException) -> str:
    """Return the line of the program that failed, with its source; empty if that is not known."""
    last: tuple[FrameType, int] | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not (_is_foreign(frame.f_code.co_filename) or _asserts_for_others(frame)):
            last = frame, line
    if last is None:
        return ""
    frame, line = last
    source = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
    return f"{os.path.basename(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}{f': {source}' * bool(source)}"


def _asserts_for_others(frame: FrameType) -> bool:
    """Whether it is a method such as `assertEqual`, which fails for its caller."""
    return "__unittest" in frame.f_globals or frame.f_globals.get("__name__", "").startswith("_pytest.")


def _is_foreign(file: str) -> bool:
    return file == threading.__file__ or file.startswith(ENGINE)
