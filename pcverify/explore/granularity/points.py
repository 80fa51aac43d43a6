"""A point: the running task stops within its local code, and the scheduler chooses.

A point is reached in a callback of the interpreter, and a switch there has traps of its own: see `tracing_word`, and
`tracing` for those of Python 3.10 and 3.11. So the engine's own code runs with the callback in force, in which the
interpreter reports nothing, and only the switch is made as if it were outside.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task
from pcverify.explore.granularity.delivery import Delivery
from pcverify.explore.granularity.tracing_word import tracing_word

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.granularity.accesses import Access
    from pcverify.explore.granularity.ownership import Ownership

CLEANING = 10_000  # so many points of a task that is being unwound are none: its `finally` clauses run to their end


class Points:
    """What both ways of looking have in common.

    Args:
        kind: `line` or `opcode`.
        ownership: whose code is looked into.
    """

    def __init__(self, kind: str, ownership: Ownership) -> None:
        self.kind = kind
        self.ownership = ownership
        self.delivery = Delivery(ownership, lambda: self.word[0] > 0)
        self.word: Any = None
        self.tracer: Callable[..., Any] | None = None
        """What `sys.settrace` needs to be given before a switch; None if that is not used."""

    def find_word(self) -> None:
        """Find the count of running callbacks of this OS thread.

        Raises:
            UnknownBuild: it was not found.
        """
        self.word = memoryview(tracing_word()).cast("B").cast("i")

    def unseen(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and has no points, whoever's code it is: a strategy's `choose`."""

        def call(*arguments: Any) -> Any:
            word = self.word
            word[0] += 1
            try:
                return function(*arguments)
            finally:
                word[0] -= 1

        return call

    def enter_task(self) -> None:
        """Make the running task ready for points, before its first one.

        While it is before an instruction, `access` says to what, as far as that is known, and is None else. `cleaned`
        counts the points that were left out while it was unwound. `traced` is for `tracing`: whether its code is looked
        into at present; None if it would be, had not a point raised.
        """
        task = getcurrent()
        task.access = None
        task.cleaned = 0

    def expect_exception(self, skip: int) -> bool:
        """Be ready for a task that is to raise something; return whether places are passed over.

        Raises:
            UsageError: see `Delivery.begin`.
        """
        if self.kind != "opcode":
            return False
        self.delivery.begin(skip)
        return True

    def holds_back(self, task: Task, *, done: bool) -> bool:
        """Whether what the running task is to raise has to wait; see `Delivery.holds_back`."""
        return self.kind == "opcode" and self.delivery.holds_back(task, done=done)

    def leave_task(self) -> None:
        """Look into the running task no more: its function has returned."""

    def unseen_in_tasks(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of the engine that is not looked into, if that is quicker; else the same."""
        return function

    def switch(self, chosen: Any) -> None:
        """Let another task go on."""
        chosen.switch()

    def stop(self, access: Access | None = None) -> bool:
        """Let the scheduler choose; does nothing if it is no task's code that runs, or the task is being unwound.

        Between `next` and `disturb` it does what `Task.pause` does, but for the word.

        Returns:
            whether other tasks may have run.
        """
        task = getcurrent()
        if task.__class__ is not Task or task.ended:
            return False
        execution = task.execution
        if execution.unwinding:
            task.cleaned += 1
            if task.cleaned < CLEANING:
                return False
        task.kind = self.kind
        task.object = None
        task.access = access
        chosen = execution.next(task)
        if chosen is not task:
            self.word[0] = 0
            if self.tracer is not None:
                sys.settrace(None)
            try:
                chosen.switch()
            finally:
                self.word[0] = 1
                if self.tracer is not None:
                    sys.settrace(self.tracer)
            task.use_storage()
        if execution.disturbed:
            task.disturb()
            self.delivery.awaited = task.interruption is not None
        return chosen is not task
