"""Signals during a run: none is lost, and none breaks in upon the engine's own work.

Python calls a signal's handler between any two instructions of the main thread. If the handler raises (Ctrl-C, the end
of a test's time) while the engine makes a task or undoes a redirection, something would be left half done; if it
raises in the callback of a weak reference or inside coverage's tracer, the exception is dropped and nobody hears of it.
So for the time of a run each handler that is written in Python is called by one of ours: at once if the program's own
code was interrupted, else at the next step. What it raised is remembered, and raised again if it got lost.
"""

from __future__ import annotations

import _weakrefset
import gc
import os
import signal
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

TRACERS = ("coverage.", "pydevd", "_pydevd", "debugpy.")
ENGINE = os.path.dirname(__file__) + os.sep
WEAK = frozenset({weakref.__file__, _weakrefset.__file__})
PATIENCE = 3  # of so many signals that wait for the engine, the last one is handled wherever it comes


class Signals:
    """The handlers of this process, if this is its main thread; elsewhere there are none to take care of.

    Attributes:
        arrived: whether `deliver` has something to do.
        on_arrival: is called when that becomes so.
    """

    def __init__(self) -> None:
        self.arrived = False
        self.on_arrival: Callable[[], Any] | None = None
        self._handlers: dict[int, Any] = {}
        self._waiting: list[tuple[int, Any]] = []
        self._raised: BaseException | None = None

    def begin(self) -> None:
        """Put ours before every handler that is written in Python."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in signal.valid_signals():
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, self._arrived)

    def end(self) -> None:
        """Put those back that the program has not replaced. `deliver` what is left afterwards."""
        while self._handlers:
            number = next(iter(self._handlers))
            if signal.getsignal(number) == self._arrived:
                signal.signal(number, self._handlers[number])
            del self._handlers[number]

    def deliver(self) -> None:
        """Raise what a handler raised, unless that is on its way already, and call the handlers that had to wait.

        Raises:
            BaseException: whatever the handlers raise.
        """
        self.arrived = False
        error, self._raised = self._raised, None
        if error is not None and error is not sys.exc_info()[1]:
            raise error
        while self._waiting:
            number, handler = self._waiting.pop(0)
            handler(number, None)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        handler = self._handlers.get(number)
        if handler is None:
            return
        if len(self._waiting) < PATIENCE - 1 and _interrupts_the_engine(frame):
            self._waiting.append((number, handler))
            self._tell()
            return
        try:
            handler(number, frame)
        except BaseException as error:
            self._raised = error
            self._tell()
            raise

    def _tell(self) -> None:
        self.arrived = True
        if self.on_arrival is not None:
            self.on_arrival()


def _interrupts_the_engine(frame: FrameType | None) -> bool:
    """Whether what is interrupted is not the program's own code.

    On the driver's stack this package may be anywhere; on a task's, whose lowest frames are always ours, on top. A
    tracer on it may hold locks of its own, which no handler's exception may leave locked. A weak reference's callback
    drops exceptions.
    """
    task = getcurrent()
    if task.__class__ is Task:
        return _is_ours(frame) or task.execution.unwinding or any(map(is_tracer, stack_of(frame))) or drops(frame)
    return any(map(_is_ours, stack_of(frame)))


def is_tracer(frame: FrameType) -> bool:
    """Whether it runs code of coverage or of a debugger, which runs on the stack of what it looks at."""
    return frame.f_globals.get("__name__", "").startswith(TRACERS)  # type: ignore[no-any-return]


def _is_ours(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_code.co_filename.startswith(ENGINE)


def drops(frame: FrameType | None) -> bool:
    """Whether what is raised in this frame is dropped: it runs because something is collected."""
    if frame is None:
        return False
    code = frame.f_code
    if code.co_filename in WEAK or code.co_name == "__del__":
        return True
    return any(getattr(callback, "__code__", None) is code for callback in gc.callbacks)


def stack_of(frame: FrameType | None) -> Iterator[FrameType]:
    """Give this frame and those that wait for it."""
    while frame is not None:
        yield frame
        frame = frame.f_back
