"""Where this interpreter itself raises what comes from outside: an exception that a task is to raise, at `opcode`.

A signal's handler, and `PyThreadState_SetAsyncExc`, do not raise just anywhere: CPython looks for them where a function
begins, where a loop goes round, and after most calls; between `with` and the first instruction of its body, for
instance, it does not. Which instructions these are differs between versions. So they are not listed here: the
interpreter is told that a signal has arrived, and the exception is raised in the handler that it calls.

It is told so by reading an attribute, since after a call it would look at once, in the engine's own code. Whenever it
does look there, before the program's code goes on, it is told again.

What is written in C is done by Python code here: after the operations on locks and queues it has to look, too, if they
were called; see `holds_back`.
"""

from __future__ import annotations

import _thread
import dis
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task
from pcverify.explore.signals import ENGINE, drops, stack_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pcverify.explore.granularity.ownership import Ownership

CANDIDATES = ("SIGRTMAX", "SIGURG", "SIGIO", "SIGUSR2")  # none of them is sent: it is only its handler that is called
EFFECTS = frozenset({"acquire", "try-acquire", "release", "put", "get", "try-get"})
"""Kinds of operations that have done something when the interpreter looks."""
CALLS = ("CALL", "PRECALL")
LOOKS_TWICE = sys.version_info[:2] == (3, 11)  # where a traced function begins


class Delivery:
    """Raises what tasks are to raise, where the interpreter does.

    Args:
        ownership: whose code is looked into.
        at_point: whether what runs is a callback of the interpreter, and what that calls.

    Attributes:
        awaited: whether the task that ran last is to raise something, so that `signal.arrives` has to be read when its
            code goes on.
    """

    def __init__(self, ownership: Ownership, at_point: Callable[[], bool]) -> None:
        self.awaited = False
        self.signal: Any = None
        self._ownership = ownership
        self._at_point = at_point
        self._skip = 0
        self._beginning: FrameType | None = None

    def begin(self, skip: int) -> None:
        """Take a signal that nobody handles, and pass over so many places.

        Raises:
            UsageError: this is not the main thread, which alone handles signals; or there is none.
        """
        self._skip = skip
        if self.signal is not None:
            return
        if threading.current_thread() is not threading.main_thread():
            raise UsageError("interrupt: at granularity opcode the execution must run in the main thread")
        numbers = [getattr(signal, name) for name in CANDIDATES if hasattr(signal, name)]
        free = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
        if not free:
            raise UsageError(f"interrupt: at granularity opcode one of {', '.join(CANDIDATES)} must have no handler")
        signal.signal(free[0], self._arrived)
        self.signal = _Signal(free[0])

    def end(self) -> None:
        """Give the signal back."""
        if self.signal is not None:
            signal.signal(self.signal, signal.SIG_DFL)
            self.signal = self._beginning = None

    def holds_back(self, task: Task, *, done: bool) -> bool:
        """Whether what this task is to raise has to wait for the interpreter to look.

        Args:
            task: the running one.
            done: whether its operation was done, and not just chosen.
        """
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith(ENGINE):
            frame = frame.f_back
        if frame is None or not self._ownership.owns(frame.f_code.co_filename):
            return False
        if done:
            return not _opcode(frame).startswith(CALLS) or self._passes_over()
        return task.kind == "opcode" or (task.kind in EFFECTS and not task.parked)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        task = getcurrent()
        if frame is None or task.__class__ is not Task or self._at_point():
            return
        first = frame is not self._beginning
        self._beginning = None
        if frame.f_code.co_filename.startswith(ENGINE):
            return
        if first and not any(map(drops, stack_of(frame))) and not self._passes_over():
            self.awaited = False
            task.deliver()
        elif first and LOOKS_TWICE and _opcode(frame) == "RESUME":
            self._beginning = frame  # before the trace function, which tells it, and after
        else:
            self.signal.arrives  # noqa: B018  # the last thing that is done here

    def _passes_over(self) -> bool:
        self._skip -= 1
        return self._skip >= 0


def _opcode(frame: FrameType) -> str:
    code, at = frame.f_code.co_code, frame.f_lasti
    while dis.opname[code[at]] == "CACHE":
        at -= 2
    return dis.opname[code[at]]


class _Signal(int):
    """The number of a signal."""

    arrives = property(_thread.interrupt_main)
    """To read this tells the interpreter so, and gives None."""
