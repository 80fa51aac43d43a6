"""Lines and instructions by `sys.monitoring`, from Python 3.12 on. Coverage and debuggers go on beside it.

Only the code that is looked into is slowed down: each function is found when it begins for the first time.

A line is also begun again where a loop that stands in one line goes round; there is no `LINE` event for that, as there
is from `sys.settrace`, so jumps back are looked at, too. And 3.13 reports the line of a function that begins on the
line of its `def` or `lambda` only while it reports that it begins: for those that stays on.
"""

from __future__ import annotations

import dis
import sys
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.errors import UnknownBuild
from pcverify.explore.granularity.accesses import shared_accesses
from pcverify.explore.granularity.points import Points

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from pcverify.explore.granularity.accesses import Access
    from pcverify.explore.granularity.ownership import Ownership

MONITORING: Any = getattr(sys, "monitoring", None)
SAMPLE = "lambda items: [item for item in items]"
LINES_OF_SAMPLE = 4  # for three items: it begins, and goes round three times
_tried: list[bool] = []


class Monitoring(Points):
    """`sys.monitoring`: a callback when code begins that was not seen yet, then one for each of its lines."""

    def __init__(self, granularity: str, ownership: Ownership) -> None:
        super().__init__(granularity, ownership)
        self._codes: dict[int, types.CodeType] = {}  # by id: to compare two takes as long as they are
        self._tables: dict[int, dict[int, Access | None]] = {}
        self._rounds: set[tuple[int, int]] = set()
        self._tool = -1
        self._at_round: Callable[[], object] = self.stop

    def begin(self) -> None:
        """Begin to look.

        Raises:
            UsageError: no place for another tool is left.
            UnknownBuild: this Python does not report lines as it should.
        """
        self.find_word()
        free = [tool for tool in (4, 3, 2, 5, 1, 0) if MONITORING.get_tool(tool) is None]
        if not free:
            raise UsageError("granularity line and opcode need a place in sys.monitoring, and tools have taken all six")
        MONITORING.use_tool_id(free[0], "pcverify")
        self._tool = free[0]
        events = MONITORING.events
        callbacks: dict[int, Any] = {events.PY_START: self._started}
        if self.kind == "line":
            callbacks |= {events.LINE: self._at_line, events.JUMP: self._jumps}
        else:
            callbacks |= {events.INSTRUCTION: self._at_instruction}
        for event, callback in callbacks.items():
            MONITORING.register_callback(self._tool, event, callback)
        MONITORING.restart_events()
        MONITORING.set_events(self._tool, events.PY_START)
        if self.kind == "line" and not _tried:
            self._try_out()

    def end(self) -> None:
        """Look no more."""
        self.delivery.end()
        if self._tool < 0:
            return
        MONITORING.set_events(self._tool, 0)
        for code in self._codes.values():
            MONITORING.set_local_events(self._tool, code, 0)
        events = MONITORING.events
        for event in (events.PY_START, events.LINE, events.JUMP, events.INSTRUCTION):
            MONITORING.register_callback(self._tool, event, None)
        MONITORING.free_tool_id(self._tool)
        self._tool = -1

    def _started(self, code: types.CodeType, offset: int) -> Any:
        answer = None
        if id(code) not in self._codes:
            owned = self.ownership.owns(code.co_filename) and self.ownership.sees(code)
            answer = self._look_into(code) if owned else MONITORING.DISABLE
        if self.delivery.awaited:
            self.delivery.signal.arrives  # noqa: B018  # the last thing that is done here
        return answer

    def _look_into(self, code: types.CodeType) -> Any:
        self._codes[id(code)] = code
        events = MONITORING.events
        if self.kind == "line":
            MONITORING.set_local_events(self._tool, code, events.LINE | events.JUMP)
            return None if _begins_on_its_own_line(code) else MONITORING.DISABLE
        self._tables[id(code)] = shared_accesses(code)
        MONITORING.set_local_events(self._tool, code, events.INSTRUCTION)
        return MONITORING.DISABLE

    def _at_line(self, code: types.CodeType, line: int) -> None:
        self.stop()

    def _jumps(self, code: types.CodeType, origin: int, target: int) -> Any:
        if (id(code), origin) not in self._rounds:
            if target > origin or _line(code, origin) != _line(code, target):
                return MONITORING.DISABLE
            self._rounds.add((id(code), origin))
        self._at_round()
        return None

    def _at_instruction(self, code: types.CodeType, offset: int) -> Any:
        table = self._tables[id(code)]
        answer = None
        if offset in table:
            self.stop(table[offset])
        else:
            answer = MONITORING.DISABLE
        if self.delivery.awaited:
            self.delivery.signal.arrives  # noqa: B018  # the last thing that is done here
        return answer

    def _try_out(self) -> None:
        """Look whether each call of a function in one line gives the same, whether it was seen before or not."""
        seen: list[int] = []
        events = MONITORING.events
        function = eval(compile(SAMPLE, "<sample>", "eval"))
        sees = self.ownership
        self.ownership = _Only(function.__code__)  # type: ignore[assignment]
        self._at_round = lambda: seen.append(0)
        MONITORING.register_callback(self._tool, events.LINE, lambda code, line: seen.append(line))
        try:
            counts = []
            for _ in range(3):
                seen.clear()
                function("abc")
                counts.append(len(seen))
        finally:
            self.ownership = sees
            self._at_round = self.stop
            MONITORING.register_callback(self._tool, events.LINE, self._at_line)
        if counts != [LINES_OF_SAMPLE] * 3:
            raise UnknownBuild(f"granularity line needs events for each line; this Python gave {counts} for 4")
        _tried.append(True)


class _Only:
    """The ownership of one piece of code."""

    def __init__(self, code: types.CodeType) -> None:
        self._code = code

    def owns(self, file: str) -> bool:
        return file == self._code.co_filename

    def sees(self, code: types.CodeType) -> bool:
        return code is self._code


def _begins_on_its_own_line(code: types.CodeType) -> bool:
    """Whether the first instruction of the body is on the line on which the interpreter notes that it begins."""
    began: int | None = None
    for instruction in dis.get_instructions(code):
        line = _line(code, instruction.offset)
        if began is not None and line is not None:
            return line == began
        if instruction.opname == "RESUME":
            began = line or 0
    return False


def _line(code: types.CodeType, offset: int) -> int | None:
    return next((line for start, end, line in code.co_lines() if start <= offset < end), None)
