"""Lines and instructions by `sys.settrace`, on Python 3.10 and 3.11. Nobody else may use that meanwhile.

Its traps:

- Each stack has a flag of its own that says whether it is traced, off while a trace function runs. Whoever is switched
  to gets the flag of the one that switches. So a task turns it on for itself when it begins, and before it switches
  away in a trace function: that is what calling `sys.settrace` again does.
- A trace function that raises turns tracing off, for all, and in its own frame for good: it is turned on again by the
  next task that begins, switches away at a point, or is told to `go_on`.
- After a trace function the interpreter writes back what `frame.f_locals` was when it was last read: 3.10 always reads
  it before, and whoever describes a step may read it meanwhile. Other tasks may have changed shared variables since.
  So after a switch it is read again.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pcverify.explore.errors import OutOfControl
from pcverify.explore.granularity.accesses import shared_accesses
from pcverify.explore.granularity.points import Points
from pcverify.explore.switching import getcurrent

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from pcverify.explore.granularity.accesses import Access
    from pcverify.explore.granularity.ownership import Ownership


class Tracing(Points):
    """`sys.settrace`."""

    def __init__(self, granularity: str, ownership: Ownership) -> None:
        super().__init__(granularity)
        self._ownership = ownership
        self._tables: dict[int, dict[int, Access | None]] = {}  # by id: to compare two codes takes as long as they are
        self._codes: list[types.CodeType] = []  # so that no other one gets the same id
        self._removed = False  # by us, or by the interpreter because a point raised
        self._began = False

    def begin(self) -> None:
        """Begin to look: the tasks do so."""
        self.find_word()
        self.tracer = self._tracer()

    def enter_task(self) -> None:
        """Trace the task that runs. Ends its execution if the program has a tracer of its own, or removed this one."""
        super().enter_task()
        found = sys.gettrace()
        if found is not self.tracer and (found is not None or (self._began and not self._removed)):
            what = "sys.settrace was called meanwhile, and on this Python granularity line and opcode need it"
            task = getcurrent()
            task.execution.end_by(OutOfControl(f"{what}: seen when {task.name} began"))
        self._began = True
        self._removed = False
        sys.settrace(self.tracer)

    def go_on(self) -> None:
        """Trace the running task again if a point that raised has ended that."""
        if self._removed and sys.gettrace() is None:
            sys.settrace(self.tracer)

    def leave_tasks(self) -> None:
        """Trace neither the driver, which got the flag from the last task, nor what tasks do to end."""
        if self._began and sys.gettrace() is self.tracer:
            sys.settrace(None)
            self._removed = True

    def end(self) -> None:
        """Trace no more."""
        if self._began:
            sys.settrace(None)

    def _tracer(self) -> Callable[..., Any]:
        """Return what is called when a function begins; most are not looked into, so this has to be quick."""
        at = self._at_line if self.kind == "line" else self._at_instruction
        opcodes = self.kind == "opcode"
        sees = self._ownership.sees
        files = _Files(self._ownership.owns)

        def called(frame: types.FrameType, event: str, argument: object) -> Any:
            if not files[frame.f_code.co_filename] or not sees(frame.f_code):
                return None
            if opcodes:
                frame.f_trace_opcodes = True
                frame.f_trace_lines = False
            return at

        return called

    def _at_line(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if event == "line":
            self._stop_in(frame, None)
        return self._at_line

    def _at_instruction(self, frame: types.FrameType, event: str, argument: object) -> Any:
        if event == "opcode":
            code = frame.f_code
            table = self._tables.get(id(code))
            if table is None:
                table = self._tables[id(code)] = shared_accesses(code)
                self._codes.append(code)
            if frame.f_lasti in table:
                self._stop_in(frame, table[frame.f_lasti])
        return self._at_instruction

    def _stop_in(self, frame: types.FrameType, access: Access | None) -> None:
        try:
            if self.stop(access):
                frame.f_locals  # noqa: B018  # see above
        except BaseException:
            frame.f_locals  # noqa: B018
            self._removed = True
            raise


class _Files(dict[str, bool]):
    """Whether a file is looked into, by its name."""

    def __init__(self, owns: Callable[[str], bool]) -> None:
        super().__init__()
        self._owns = owns

    def __missing__(self, file: str) -> bool:
        self[file] = owned = self._owns(file)
        return owned
