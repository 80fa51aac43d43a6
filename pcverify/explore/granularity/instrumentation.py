"""Asks the interpreter to stop at lines or instructions, and lets the scheduler choose there.

Up to Python 3.11 by `sys.settrace`, which each task has to call for itself, and which nobody else may use meanwhile.
From 3.12 on by `sys.monitoring`, which is faster, and leaves coverage and debuggers alone.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

from pcverify.evidence import UsageError
from pcverify.explore.granularity.accesses import shared_accesses
from pcverify.explore.granularity.tracing_word import tracing_word
from pcverify.explore.switching import getcurrent
from pcverify.explore.task import Task

if TYPE_CHECKING:
    import types

    from pcverify.explore.granularity.ownership import Ownership

MONITORING: Any = getattr(sys, "monitoring", None)
TOUCH_LOCALS = sys.version_info < (3, 11)


class Instrumentation(Protocol):
    """What an exploration needs of either way."""

    def begin(self) -> None:
        """Begin to look."""

    def enter_task(self) -> None:
        """Look into the task that runs from here on."""

    def end(self) -> None:
        """Look no more, and leave the interpreter as it was."""


def instrumentation_for(granularity: str, ownership: Ownership) -> Instrumentation:
    """Return what this interpreter has for `line` or `opcode`.

    Raises:
        UsageError: coverage or a debugger has what is needed.
    """
    if MONITORING is not None:
        return Monitoring(granularity, ownership)
    if sys.gettrace() is not None:
        raise UsageError(
            f"granularity {granularity} needs sys.settrace on this Python, and coverage or a debugger uses it: run "
            "without that, or on Python 3.12 or later"
        )
    return Tracing(granularity, ownership)


class _Points:
    """What a callback does: suspend the task whose code this is, unless it is nobody's."""

    def __init__(self, granularity: str) -> None:
        self.kind = granularity
        self.word: Any = None

    def stop(self) -> None:
        """Let the scheduler choose, in a callback of the interpreter."""
        task = getcurrent()
        if task.__class__ is not Task or task.ended:
            return
        word = self.word
        word.value = 0
        try:
            task.operation(self.kind, None)
        finally:
            word.value = 1


class Monitoring(_Points):
    """`sys.monitoring`: a callback when code begins that was not seen yet, then one for each of its lines."""

    def __init__(self, granularity: str, ownership: Ownership) -> None:
        super().__init__(granularity)
        self._owns = ownership.owns
        self._codes: list[types.CodeType] = []
        self._tool = -1
        events = MONITORING.events
        self._event = events.LINE if granularity == "line" else events.INSTRUCTION

    def begin(self) -> None:
        """Begin to look.

        Raises:
            UsageError: no place for another tool is left.
        """
        self.word = tracing_word()
        free = [tool for tool in (4, 3, 2, 5, 1, 0) if MONITORING.get_tool(tool) is None]
        if not free:
            raise UsageError("granularity line and opcode need a place in sys.monitoring, and tools have taken all six")
        self._tool = free[0]
        MONITORING.use_tool_id(self._tool, "pcverify")
        MONITORING.register_callback(self._tool, MONITORING.events.PY_START, self._started)
        at = self._at_line if self.kind == "line" else self._at_instruction
        MONITORING.register_callback(self._tool, self._event, at)
        MONITORING.restart_events()
        MONITORING.set_events(self._tool, MONITORING.events.PY_START)

    def enter_task(self) -> None:
        """Nothing to do: it looks into everything."""

    def end(self) -> None:
        """Look no more."""
        if self._tool < 0:
            return
        MONITORING.set_events(self._tool, 0)
        for code in self._codes:
            MONITORING.set_local_events(self._tool, code, 0)
        for event in (MONITORING.events.PY_START, self._event):
            MONITORING.register_callback(self._tool, event, None)
        MONITORING.free_tool_id(self._tool)
        self._tool = -1

    def _started(self, code: types.CodeType, offset: int) -> Any:
        if self._owns(code.co_filename):
            self._codes.append(code)
            MONITORING.set_local_events(self._tool, code, self._event)
        return MONITORING.DISABLE

    def _at_line(self, code: types.CodeType, line: int) -> None:
        self.stop()

    def _at_instruction(self, code: types.CodeType, offset: int) -> Any:
        if offset not in shared_accesses(code):
            return MONITORING.DISABLE
        self.stop()
        return None


class Tracing(_Points):
    """`sys.settrace`."""

    def __init__(self, granularity: str, ownership: Ownership) -> None:
        super().__init__(granularity)
        self._owns = ownership.owns
        self._at = self._at_line if granularity == "line" else self._at_instruction

    def begin(self) -> None:
        """Begin to look: the tasks do so."""
        self.word = tracing_word()

    def enter_task(self) -> None:
        """Trace the task that runs."""
        sys.settrace(self._called)

    def end(self) -> None:
        """Trace no more."""
        sys.settrace(None)

    def _called(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if not self._owns(frame.f_code.co_filename):
            return None
        if self.kind == "opcode":
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
        return self._at

    def _at_line(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self._stop_in(frame)
        return self._at

    def _at_instruction(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if event == "opcode" and frame.f_lasti in shared_accesses(frame.f_code):
            self._stop_in(frame)
        return self._at

    def _stop_in(self, frame: types.FrameType) -> None:
        self.stop()
        if TOUCH_LOCALS:
            frame.f_locals  # noqa: B018  # 3.10 writes them back after this, and would undo what others set meanwhile
