"""Asks the interpreter to stop at lines or instructions, by what it has for that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from pcverify.evidence import UsageError
from pcverify.explore.granularity.monitoring import MONITORING, Monitoring
from pcverify.explore.granularity.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.engine.task import Task
    from pcverify.explore.granularity.ownership import Ownership


class Instrumentation(Protocol):
    """What an exploration needs of either way."""

    def begin(self) -> None:
        """Begin to look."""

    def enter_task(self) -> None:
        """Look into the task that runs from here on."""

    def expect_exception(self, skip: int) -> bool:
        """Be ready for a task that is to raise something, after so many places; return whether these are passed over.

        Raises:
            UsageError: this cannot be, in this OS thread.
        """

    def holds_back(self, task: Task, *, done: bool) -> bool:
        """Whether what the running task is to raise, before or after its operation is done, has to wait."""

    def leave_task(self) -> None:
        """Look into the running task no more: its function has returned."""

    def switch(self, chosen: Any) -> None:
        """Let another task go on, and look into the running one as before when it goes on."""

    def unseen_in_tasks(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of the engine that does the same, and in tasks is not looked into."""

    def unseen(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is never looked into."""

    def end(self) -> None:
        """Look no more, and leave the interpreter as it was."""


def instrumentation_for(granularity: str, ownership: Ownership) -> Instrumentation:
    """Return what this interpreter has for `line` or `opcode`.

    Raises:
        UsageError: coverage or a debugger has what is needed.
    """
    if MONITORING is not None:
        return Monitoring(granularity, ownership)
    tracer = sys.gettrace()
    if tracer is not None:
        name = getattr(tracer, "__module__", None) or type(tracer).__module__
        raise UsageError(
            f"granularity {granularity} needs sys.settrace on this Python, and coverage or a debugger ({name}) uses "
            "it: run without that, or on Python 3.12 or later"
        )
    return Tracing(granularity, ownership)
