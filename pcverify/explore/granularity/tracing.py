"""Lines and instructions by `sys.settrace`, on Python 3.10 and 3.11. Nobody else may use that meanwhile.

To be traced costs some 30 times what a call costs, also where there is nothing to be seen. So what is called most is
traced only up to where the engine begins: see `unseen_in_tasks`.

Its traps:

- Each stack has a flag of its own that says whether it is traced, off while a trace function runs, and whoever is
  switched to gets the flag of the one that switches. So tracing is off at each switch, for all, and whoever goes on
  turns it on again, for itself: that is what calling `sys.settrace` does.
- A trace function that raises turns tracing off, for all, and in its own frame for good: it is turned on again at the
  next operation of the task, and by whoever else goes on.
- After a trace function the interpreter writes back what `frame.f_locals` was when it was last read: 3.10 always reads
  it before, and whoever describes a step may read it meanwhile. Other tasks may have changed shared variables since.
  So after a switch it is read again.
"""

from __future__ import annotations

from sys import gettrace, settrace
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task
from pcverify.explore.errors import OutOfControl
from pcverify.explore.granularity.accesses import shared_accesses
from pcverify.explore.granularity.points import Points
from pcverify.explore.signals import ENGINE

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

    from pcverify.explore.granularity.accesses import Access
    from pcverify.explore.granularity.ownership import Ownership


class Tracing(Points):
    """`sys.settrace`."""

    def __init__(self, granularity: str, ownership: Ownership) -> None:
        super().__init__(granularity, ownership)
        self._tables: dict[int, dict[int, Access | None]] = {}  # by id: to compare two codes takes as long as they are
        self._codes: list[types.CodeType] = []  # so that no other one gets the same id

    def begin(self) -> None:
        """Begin to look: the tasks do so."""
        self.find_word()
        self.tracer = self._make_tracer()

    def unseen_in_tasks(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same, and in a task is not traced."""

        def call(*arguments: Any, **keywords: Any) -> Any:
            if getcurrent().__class__ is not Task or not self._look_away():
                return function(*arguments, **keywords)
            try:
                return function(*arguments, **keywords)
            finally:
                self._trace()

        return call

    def enter_task(self) -> None:
        """Trace the task that runs."""
        super().enter_task()
        self._trace()

    def leave_task(self) -> None:
        """Trace the running task no more: its function has returned."""
        self._look_away()

    def switch(self, chosen: Any) -> None:
        """Let another task go on; afterwards trace the running one if it was traced before."""
        if self._look_away():
            try:
                chosen.switch()
            finally:
                self._trace()
        else:
            chosen.switch()

    def end(self) -> None:
        """Nobody is traced when no task runs."""
        self.delivery.end()

    def _look_away(self) -> bool:
        """Trace the running task no more; return whether it was traced, or would have been if no point had raised.

        Ends the execution if the program has changed what is traced.
        """
        task = getcurrent()
        traced, task.traced = task.traced, False
        found = gettrace()
        if found is self.tracer:
            settrace(None)
        elif traced and not task.execution.unwinding:
            what = "sys.settrace was called meanwhile, and on this Python granularity line and opcode need it"
            task.execution.end_by(OutOfControl(f"{what}: seen in {task.name}"))
            return False
        return traced is not False

    def _trace(self) -> None:
        settrace(self.tracer)
        getcurrent().traced = True

    def _make_tracer(self) -> Callable[..., Any]:
        """Return what is called when a function begins; most are not looked into, so this has to be quick."""
        at = self._at_line if self.kind == "line" else self._at_instruction
        opcodes = self.kind == "opcode"
        delivery = self.delivery
        sees = self.ownership.sees
        files = _Files(self.ownership.owns)

        def called(frame: types.FrameType, event: str, argument: object) -> Any:
            local = None
            if files[frame.f_code.co_filename] and sees(frame.f_code):
                local = at
                if opcodes:
                    frame.f_trace_opcodes = True
                    frame.f_trace_lines = False
            if delivery.awaited and not frame.f_code.co_filename.startswith(ENGINE):
                delivery.signal.arrives  # noqa: B018
            return local

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
        if self.delivery.awaited:
            self.delivery.signal.arrives  # noqa: B018  # the last thing that is done here
        return self._at_instruction

    def _stop_in(self, frame: types.FrameType, access: Access | None) -> None:
        try:
            if self.stop(access):
                frame.f_locals  # noqa: B018  # see above
        except BaseException:
            frame.f_locals  # noqa: B018
            getcurrent().traced = None
            raise


class _Files(dict[str, bool]):
    """Whether a file is looked into, by its name."""

    def __init__(self, owns: Callable[[str], bool]) -> None:
        super().__init__()
        self._owns = owns

    def __missing__(self, file: str) -> bool:
        self[file] = owned = self._owns(file)
        return owned
