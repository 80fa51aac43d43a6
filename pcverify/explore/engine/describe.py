"""Names for what a suspended task is about to do, found on its stack and only when somebody asks.

A lock has no name of its own. It is called what the code that uses it calls it: the attribute of an object in reach
(`mutex`), a local variable (`one`), or the condition, event or semaphore that keeps it (`not_full`). The private
lock on which `Condition.wait` sleeps goes by the name of its condition.
"""

from __future__ import annotations

import itertools
import linecache
import os
import threading
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.locks import LOCK, RLOCK, WAIT
from pcverify.explore.control.simple_queues import SIMPLE_QUEUE
from pcverify.explore.engine.step import Blocked
from pcverify.explore.engine.task import Task
from pcverify.explore.granularity.accesses import said_at
from pcverify.explore.signals import ENGINE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

LIBRARY = frozenset({threading.__file__})
KINDS = {LOCK: "a lock", RLOCK: "an RLock", SIMPLE_QUEUE: "a SimpleQueue"}
NOTIFY = threading.Condition.notify.__code__


class Labels:
    """The names given so far in one execution; each belongs to one object."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        self._taken: dict[str, int] = {}
        self._keep: list[Any] = []

    def of(self, thing: Any, frame: FrameType | None) -> str:
        """Return the name of a lock or condition, as the code on this stack calls it."""
        label = self._labels.get(id(thing))
        if label is None:
            label = _name_in_reach(thing, frame) or KINDS.get(
                type(thing), "a condition" if isinstance(thing, threading.Condition) else "a queue"
            )
            number = self._taken[label] = self._taken.get(label, 0) + 1
            label = label if number == 1 else f"{label}#{number}"
            self._labels[id(thing)] = label
            self._keep.append(thing)  # so that its id is not given to another one
        return label


def location_of(task: Task) -> str:
    """Return the source line that a suspended task is at: outside of `threading`, if its stack leaves that."""
    if task.kind == "start":
        code = getattr(getattr(task.function, "__func__", task.function), "__code__", None)
        return "" if code is None or code.co_filename.startswith(ENGINE) else _place(code, code.co_firstlineno)
    frames = list(_frames(task))
    outside = [frame for frame in frames if frame.f_code.co_filename not in LIBRARY]
    found = (outside or frames)[:1]
    return _place(found[0].f_code, found[0].f_lineno) if found else ""


def operation_of(task: Task, labels: Labels) -> tuple[str, str]:
    """Return the kind of the operation that a suspended task is in front of, and the name of its object."""
    kind, thing = task.kind, task.object
    if thing is None:
        return kind, _source_at(task) if kind in {"line", "opcode"} else ""
    if isinstance(thing, (threading.Thread, Task)):
        return "join" if kind == "join-now" else kind, thing.name
    frames = list(itertools.islice(_frames(task), 2))
    inner = frames[0] if frames else None
    codes = [frame.f_code for frame in frames]
    waiting = frames[codes.index(WAIT)] if WAIT in codes else None
    named = thing
    if waiting is not None and thing is task.waiter and task.kind != "release":
        kind, named = "wake", waiting.f_locals["self"]
    elif waiting is not None and kind == "release":
        kind, named = "park", waiting.f_locals["self"]
    elif waiting is not None and kind == "acquire":
        kind = "reacquire"
    elif inner is not None and inner.f_code is NOTIFY and kind == "release":
        kind, named = "notify", inner.f_locals["self"]
    return kind, labels.of(named, inner)


def blocked_on(task: Task, labels: Labels) -> Blocked | None:
    """Return why a task cannot go on; None if it can, or has ended."""
    if task.ended or task.can_go_on():
        return None
    execution = task.execution
    kind, label = operation_of(task, labels)
    condition = None
    if kind == "wake":
        condition = next(_frames(task)).f_locals["self"]
        holder = None
    elif isinstance(task.object, Task):
        holder = task.object
    else:
        holder = execution.holders.get(task.object)
    return Blocked(kind, task.object, label, holder, task.deadline, location_of(task), condition)


def waiting_tasks(lock: Any, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """Return the tasks that are parked on this private lock: the one that made it, or none."""
    return tuple(task for task in tasks if task.waiter is lock and task.object is lock)


def _frames(task: Task) -> Iterator[FrameType]:
    """Yield the frames of a suspended task, innermost first, without ours."""
    frame = task.gr_frame
    while frame is not None:
        if not frame.f_code.co_filename.startswith(ENGINE):
            yield frame
        frame = frame.f_back


def _source_at(task: Task) -> str:
    """Return the source line that a task is at, and at `opcode` what the next instruction does in it."""
    frame = next(_frames(task), None)
    if frame is None:
        return ""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    said = said_at(frame.f_code, frame.f_lasti) if task.kind == "opcode" else ""
    return f"{line} ({said})" if said else line


def _name_in_reach(thing: Any, frame: FrameType | None) -> str:
    """Return what the code on the stack that ends in `frame` calls `thing`.

    An attribute's name says most; else a variable's, and the outermost one, for a parameter's is the callee's own.
    """
    stack: list[dict[str, Any]] = []
    while frame is not None:
        if frame.f_code.co_filename not in LIBRARY and not frame.f_code.co_filename.startswith(ENGINE):
            stack.append(dict(frame.f_locals))
        frame = frame.f_back
    for variables in stack:
        for value in variables.values():
            if not _is_primitive(value) and (found := _name_among(thing, _attributes(value))):
                return found
    return next(filter(None, (_name_among(thing, variables) for variables in reversed(stack))), "")


def _name_among(thing: Any, named: dict[str, Any]) -> str:
    """Return the name that has `thing` as its value, or a condition, event or the like that is made of `thing`."""
    for name, value in named.items():
        if value is thing:
            return name
    for name, value in named.items():
        parts = list(_attributes(value).values()) if _is_primitive(value) else []
        if any(part is thing or getattr(part, "_lock", None) is thing for part in parts if _is_part(part)):
            return name if isinstance(thing, threading.Condition) else f"lock of {name}"
    return ""


def _is_primitive(value: Any) -> bool:
    return type(value).__module__ == "threading" and not isinstance(value, threading.Thread)


def _is_part(value: Any) -> bool:
    return isinstance(value, (LOCK, RLOCK, threading.Condition))


def _attributes(value: Any) -> dict[str, Any]:
    attributes = None if isinstance(value, type) else getattr(value, "__dict__", None)
    return dict(attributes) if type(attributes) is dict else {}


def _place(code: Any, line: int) -> str:
    return f"{os.path.basename(code.co_filename)}:{line} {code.co_name}"
