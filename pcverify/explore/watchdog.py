"""Ends an exploration whose program blocks, or computes for ever, where the scheduler has no say.

A real blocking call (a socket, a subprocess, a C function that waits) or an endless loop without operations stops the
whole exploration, since all tasks share one OS thread. An OS thread beside it looks every now and then whether any
step was taken. If none was for too long, it names the task and the line that it is at, and ends the execution:

- in the main thread by a signal, which interrupts blocking calls, too;
- elsewhere by an asynchronous exception, which Python code notices, but a call that blocks in C does not. Then all
  that can be done is to say so on stderr.

A program that catches every exception, BaseException included, ends at its next operation.
"""

from __future__ import annotations

import _thread
import ctypes
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from pcverify.explore.errors import OutOfControl
from pcverify.explore.signals import ENGINE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pcverify.explore.control.redirect import Redirection
    from pcverify.explore.engine.execution import Execution

SIGNAL = getattr(signal, "SIGURG", None)  # ignored where nobody asks for it
TOLD = 2
"""The bite, of those in vain, at which it says so."""

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
_raise_in.argtypes = (ctypes.c_ulong, ctypes.py_object)


class Expired(BaseException):
    """Raised in a task that did not come to its next operation in time."""


class Watchdog:
    """Looks at one exploration from another thread.

    Args:
        redirection: knows the execution that is under way.
        max_silence: real seconds without a step after which it bites.
    """

    def __init__(self, redirection: Redirection, max_silence: float) -> None:
        self._redirection = redirection
        self._max_silence = max_silence
        self._interval = min(max_silence / 2, 1.0)
        self._explorer = _thread.get_ident()
        self._in_main = threading.current_thread() is threading.main_thread()
        self._over = _thread.allocate_lock()
        self._biting = _thread.allocate_lock()  # held while it bites, so that no bite comes after `end`
        self._patient = False
        self._raised = False  # whether it has raised something in the explorer's thread, from its own
        self._handler: Any = None

    def begin(self) -> None:
        """Begin to look."""
        if self._in_main and SIGNAL is not None:
            self._handler = signal.getsignal(SIGNAL)
            signal.signal(SIGNAL, self._bitten)
        self._over.acquire()
        _thread.start_new_thread(self._watch, ())

    def end(self) -> None:
        """Look no more."""
        if not self._over.locked():
            return
        over = False
        while not over:
            try:
                with self._biting:
                    if self._over.locked():
                        self._over.release()
                if self._raised:
                    self._let_it_arrive()
                over = True
            except Expired:  # it may come anywhere in here
                self._raised = False
        if self._in_main and SIGNAL is not None:
            signal.signal(SIGNAL, self._handler)

    def _let_it_arrive(self) -> None:
        """Raise in this thread what was raised from another one, whether that has arrived or not.

        To put nothing in its place would take it back, but leave the interpreter looking for it at every instruction
        from then on; on 3.10 and 3.11 the next trace function would hang the process, out of reach of signals.
        """
        _raise_in(self._explorer, Expired)
        while True:
            pass

    def patient(self, function: Callable[[Execution], None]) -> Callable[[Execution], None]:
        """Return a function that does the same, and may take as long as it likes."""

        def unhurried(execution: Execution) -> None:
            self._patient = True
            try:
                function(execution)
            finally:
                self._patient = False

        return unhurried

    def _watch(self) -> None:
        seen: tuple[object, int] | None = None
        silent = 0.0
        bites = 0
        while not self._over.acquire(timeout=self._interval):
            execution = self._redirection.execution
            now = (execution, 0 if execution is None else execution.steps)
            if execution is None or execution.unwinding or self._patient or now != seen:
                seen, silent, bites = now, 0.0, 0
                continue
            silent += self._interval
            if silent >= self._max_silence * (bites + 1):
                bites += 1
                with self._biting:
                    if self._over.locked():
                        self._bite(execution, bites)

    def _bite(self, execution: Execution, bites: int) -> None:
        reason = f"{describe(execution, self._explorer)}: no operation for {self._max_silence:g} s"
        execution.end_by(OutOfControl(reason))
        if self._in_main and SIGNAL is not None:
            signal.pthread_kill(self._explorer, SIGNAL)
        else:
            self._raised = True
            _raise_in(self._explorer, Expired)
        if bites == TOLD:
            print(f"pcverify: {reason}, and it cannot be ended from another thread", file=sys.__stderr__)

    def _bitten(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal: in the program's own code raise, elsewhere let the engine come to its next step."""
        execution = self._redirection.execution
        if execution is not None and execution.was_ended and not _is_ours(frame):
            raise Expired


def describe(execution: Execution, explorer: int) -> str:
    """Return which task is at which line, or in what else the explorer's thread is."""
    frame = sys._current_frames().get(explorer)
    stack = []
    while frame is not None:
        stack.append(frame)
        frame = frame.f_back
    name = execution.tasks[max(execution.log[-1], ~execution.log[-1])].name if execution.log else "main"
    own = [found for found in stack if not _is_ours(found)]
    if not own:
        return f"{name} does not come to its next operation"
    code = own[0].f_code
    return f"{name} is stuck at {os.path.basename(code.co_filename)}:{own[0].f_lineno} in {code.co_name}"


def _is_ours(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith(ENGINE)
