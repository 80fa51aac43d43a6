"""The key of a state: two states of one program that have the same key go on in the same ways.

    keys = StateKeys()
    keys.key(execution)        # 16 bytes; None if this state cannot be keyed

Compared is everything that the program's code can get at from where its tasks are: the frames with their variables
and operand stacks, what these refer to, and so on; the globals that code in reach names; locks with their owners;
what each task is about to do and until when; the time; chance. See `graph` for how, `stacks` for what cannot be seen.

A key is a digest (BLAKE2b of 16 bytes) of all that. Of a billion states two have the same one by accident with a
chance of 1 in 10^20.

What is not compared: how many steps there were; what was printed; globals and attributes of modules that are looked
up by a computed name; globals of the standard library; frames' own line tracing; how numbers and strings are shared.
"""

from __future__ import annotations

import inspect
import marshal
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pcverify.explore.states.classes import SPECIAL, writer_of
from pcverify.explore.states.code import is_library
from pcverify.explore.states.graph import Constants, Graph
from pcverify.explore.states.layout import check_layout
from pcverify.explore.states.objects import WRITERS
from pcverify.explore.states.stacks import Unkeyable, frames_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pcverify.explore.engine.execution import Execution
    from pcverify.explore.engine.task import Task

GENERATES = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
PLAINLY = 2  # the version of `marshal` that writes equal values in equal ways


class StateKeys:
    """Makes keys that can be compared with each other.

    A number is compared as it is, and so is the time, which a program can read. With clocks apart, tasks are told
    `Moment`s, and only how far such a one lies from its task's time is compared.

    Args:
        unread: names of attributes that are not compared, because nothing that matters depends on them: counts that
            only grow. The caller's promise; a wrong one merges states that differ.

    Attributes:
        refused: why states could not be keyed, and how often.

    Raises:
        UnknownBuild: the frames of this Python cannot be read.
    """

    def __init__(self, *, unread: Iterable[str] = ()) -> None:
        check_layout()
        self.refused: Counter[str] = Counter()
        self._constants = Constants(frozenset(unread))
        self._constants.writers = _Writers()

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
        clock = execution.clock
        graph = Graph(self._constants, execution)
        if not clock.apart:
            graph.text.append(clock.now)
        self._write_surroundings(graph, execution)
        tasks = execution.tasks
        for task in tasks:
            graph.know(task)
        stacks = [_stack(task) for task in tasks]
        for stack in stacks:
            for frame, _ in stack:
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
        graph.write((surroundings.workers, surroundings.exit_calls, surroundings._bytes, surroundings._generator))
        if execution.failure is not None:
            graph.text += (execution.failure[0].number, type(execution.failure[1]).__name__)
        if any(task.kind == "read-clock" for task in execution.tasks):
            graph.text += (execution.clock._reads, execution.clock._creep)

    def _write_task(self, graph: Graph, task: Task, stack: list[Any]) -> None:
        execution = graph.execution
        clock = execution.clock
        graph.text += (task.kind, task.blocked, task.timed_out, task.ended, task.begun, len(stack))
        graph.write((task.name, task.thread, task.error, task.result))  # after the result there may come what exits do
        if task.ended:
            return
        if execution.max_delay is not None:
            graph.text.append(round(clock.now - task.since, 9))
        deadline = task.deadline
        graph.text.append(deadline if deadline is None or not clock.apart else graph.ahead(deadline, task))
        if task._own_storage.is_used():
            raise Unkeyable("values of threading.local")
        if not task.begun:
            graph.write((task.function,))
            return
        graph.write((task.object,))
        graph.write((task.handling,))
        point = task.kind in {"line", "opcode"}
        known = self._constants.code
        for frame, callee in stack:
            code = known(frame.f_code)
            if task.handling is not None and frame.f_code.co_flags & GENERATES:
                raise Unkeyable("an exception that is handled in or around a generator")
            place, values = values_of(frame, callee, code, known, point)
            point = False
            graph.text += ("frame", code.number, place.offset, len(values))
            graph.write(values)
            if not code.is_ours and not is_library(frame.f_globals.get("__name__")):
                graph.uses(code, frame.f_globals)


def _stack(task: Task) -> list[Any]:
    return [] if task.ended or not task.begun else frames_of(task)


class _Writers(dict[type, Any]):
    """How objects of each type are written; None if they are not."""

    def __init__(self) -> None:
        super().__init__(WRITERS)
        self.update(SPECIAL)

    def get(self, kind: type, default: Any = None) -> Any:
        """Return how."""
        found = super().get(kind, self)
        if found is self:
            found = self[kind] = writer_of(kind)
        return found
