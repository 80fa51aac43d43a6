"""The key of a state: two states of one program that have the same key go on in the same ways.

    keys = StateKeys()
    keys.key(execution)        # 16 bytes; None if this state cannot be keyed

Compared is everything that the program's code can get at from where its tasks are: the frames with their variables
and operand stacks, what these refer to, and so on; the globals that code in reach names, and the modules that it may
yet import; locks with their owners; contexts; what each task is about to do and until when; the time; chance; and of
what the process has once, what stands in `process`. See `graph` for how, `stacks` for what cannot be seen.

A key is a digest (BLAKE2b of 16 bytes) of all that. Of a billion states two have the same one by accident with a
chance of 1 in 10^20.

What is not compared: how many steps there were; what was printed; globals and attributes of modules that are looked
up by a computed name; other globals of the standard library; what was registered with an abstract base class; what
keeps an object alive that only a weak reference leads to; where in the table of a set or dict deleted items were;
frames' own line tracing; how numbers and strings are shared.
"""

from __future__ import annotations

import marshal
import weakref
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pcverify.explore.states.classes import SPECIAL, writer_of
from pcverify.explore.states.code import is_library
from pcverify.explore.states.graph import PLAINLY, Constants, Graph
from pcverify.explore.states.layout import check_layout
from pcverify.explore.states.objects import WRITERS
from pcverify.explore.states.stacks import Unkeyable, frames_of, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pcverify.explore.engine.execution import Execution
    from pcverify.explore.engine.task import Task


class StateKeys:
    """Makes keys that can be compared with each other.

    A number is compared as it is, and so is the time, which a program can read. With clocks apart, tasks are told
    `Moment`s, and only how far such a one lies from its task's time is compared.

    Args:
        unread: for classes, the names of attributes of their instances that are not compared, because nothing that
            matters depends on them: counts that only grow. The caller's promise; a wrong one merges states that differ.

    Attributes:
        refused: why states could not be keyed, and how often.

    Raises:
        UnknownBuild: the frames of this Python cannot be read.
    """

    def __init__(self, *, unread: Mapping[type, frozenset[str]] | None = None) -> None:
        check_layout()
        self.refused: Counter[str] = Counter()
        self._constants = Constants(_Writers(), unread or {})
        self._execution: Any = None  # what stands for the one that was looked at last

    def key(self, execution: Execution, watched: tuple[Any, ...] = ()) -> bytes | None:
        """Return the key of the state that an execution is in; None if something may be hidden.

        What is `watched` counts, with all in reach of it, also when no task can get at it any more.

        Must be called by the driver, between two steps. Takes time in proportion to what is in reach.
        """
        try:
            text = self.text(execution, watched)
            return blake2b(marshal.dumps(text, PLAINLY), digest_size=16).digest()
        except (Unkeyable, RecursionError, ValueError) as error:
            self.refused[str(error)] += 1
            return None

    def text(self, execution: Execution, watched: tuple[Any, ...] = ()) -> list[Any]:
        """Return what the key is a digest of.

        Raises:
            Unkeyable: something may be hidden.
        """
        if self._execution is None or self._execution() is not execution.surroundings:
            self._execution = weakref.ref(execution.surroundings)
            self._constants.passing.clear()
        graph = Graph(self._constants, execution)
        self._write_clock(graph, execution)
        self._write_surroundings(graph, execution)
        tasks = execution.tasks
        for task in tasks:
            graph.know(task)
        known = self._constants.code
        stacks = [[] if task.ended or not task.begun else frames_of(task, known) for task in tasks]
        for stack in stacks:
            for frame, _, _ in stack:
                graph.know(frame)
        for task, stack in zip(tasks, stacks, strict=True):
            self._write_task(graph, task, stack)
        graph.write(watched)
        graph.write_all()
        return graph.text

    def _write_surroundings(self, graph: Graph, execution: Execution) -> None:
        surroundings = execution.surroundings
        graph.text += (execution.threads_named, surroundings.pools_named, surroundings.futures_made)
        graph.text.append(surroundings.exiting)
        self._constants.process.write(graph)
        graph.write((surroundings.workers, surroundings.exit_calls, surroundings._bytes, surroundings._generator))
        if execution.failure is not None:
            graph.text += (execution.failure[0].number, type(execution.failure[1]).__name__)

    def _write_clock(self, graph: Graph, execution: Execution) -> None:
        clock = execution.clock
        if not clock.apart:
            graph.text.append(clock.now)
        if any(task.kind == "read-clock" for task in execution.tasks):
            graph.text += (clock._reads, clock._creep)

    def _write_times(self, graph: Graph, task: Task) -> None:
        """Write until when a task waits, and how long it has done so if that matters."""
        execution, deadline = graph.execution, task.deadline
        if execution.max_delay is not None or execution.max_idle is not None:
            graph.text.append(round(execution.clock.now - task.since, 9))
        graph.text.append(deadline if deadline is None or not execution.clock.apart else graph.ahead(deadline, task))

    def _write_task(self, graph: Graph, task: Task, stack: list[Any]) -> None:
        text = graph.text
        text += (task.kind, task.blocked, task.timed_out, task.ended, task.begun, len(stack))
        # After the result there may come what exits do.
        graph.write((task.name, task.thread, task.error, task.result, task.interruption))
        if task.ended:
            return
        self._write_times(graph, task)
        if task._own_storage.is_used():
            raise Unkeyable("values of threading.local")
        handling = task.handling
        graph.write((task.gr_context, task.object, handling) if task.begun else (task.gr_context, task.function))
        point = task.kind in {"line", "opcode"}
        known = self._constants.code
        for frame, callee, code in stack:
            if handling is not None and code.generates:
                raise Unkeyable("an exception that is handled in or around a generator")
            place, values = values_of(frame, callee, code, known, point)
            point = False
            text += (code.number, place.offset, len(values))
            graph.write(values)
            if not code.is_ours and not is_library(frame.f_globals.get("__name__")):
                text.append(graph.uses(code.names, frame.f_globals, code.imports))


class _Writers(dict[type, Any]):
    """How objects of each type are written; None if they are not."""

    def __init__(self) -> None:
        super().__init__(WRITERS)
        self.update(SPECIAL)

    def __missing__(self, kind: type) -> Any:
        """Find out how, once."""
        found = self[kind] = writer_of(kind)
        return found
