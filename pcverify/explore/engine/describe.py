"""Names for what a suspended task is about to do, found on its stack and only when somebody asks.

A lock has no name of its own. It is called what the code that uses it calls it: the attribute of an object in reach
(`mutex`), a local variable (`one`), or the condition, event or semaphore that keeps it (`not_full`). A lock that its
holder sleeps on until another task releases it goes by the name of what it waits among: a condition, also where
`Condition.wait` is not what sleeps, or a list.
"""

from __future__ import annotations

import itertools
import linecache
import os
import threading
from collections import deque
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

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
LISTS = (deque, list)
STACK = 3
"""Frames in which whoever waits is looked for: what sleeps, what called it, and one between."""


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
    kind, label, _ = _operation(task, labels)
    return kind, label


def _operation(task: Task, labels: Labels) -> tuple[str, str, Any]:
    """Return these, and what the name belongs to: for one that waits, what it waits among."""
    kind, thing = task.kind, task.object
    if thing is None:
        return kind, _source_at(task) if kind in {"line", "opcode"} else "", None
    if isinstance(thing, (threading.Thread, Task)):
        return "join" if kind == "join-now" else kind, thing.name, thing
    kind, named = _in_words(task)
    return kind, labels.of(named, next(_frames(task), None)), named


class _Gate(NamedTuple):
    """A lock that a task sleeps on although it holds it, until another task releases it; and what it waits among."""

    lock: Any
    among: Any  # a condition, or a list


def _in_words(task: Task) -> tuple[str, Any]:
    """Return what an operation on a lock is for, and the lock, or what the one who waits is among."""
    kind, thing = task.kind, task.object
    gate = _gate_at(task) if kind in {"acquire", "try-acquire", "release"} else None
    if gate is None:
        return kind, thing
    if kind == "release":
        return ("notify" if thing is gate.lock else "park"), gate.among
    if thing is gate.lock:
        return "wake", gate.among
    return "reacquire" if kind == "acquire" else kind, thing


def _gate_at(task: Task) -> _Gate | None:
    """Return the gate that an operation on a lock has to do with, the task's own or the one that it opens."""
    thing = task.object
    frames = list(itertools.islice(_frames(task), 2))
    codes = [frame.f_code for frame in frames]
    if WAIT in codes:
        return _Gate(task.waiter, frames[codes.index(WAIT)].f_locals["self"])
    if codes[:1] == [NOTIFY] and task.kind == "release":
        return _Gate(thing, frames[0].f_locals["self"])
    holder = task.execution.holders.get(thing)
    if task.kind == "release" and holder is not None and holder is not task:
        return _gate_of(holder, thing)
    return _gate_of(task, None if task.kind == "release" else task.waiter)


def _gate_of(task: Task, lock: Any) -> _Gate | None:
    """Find an object on a task's stack that has this lock, or one that is listed, and the list that it waits in."""
    variables = [value for frame in itertools.islice(_frames(task), STACK) for value in frame.f_locals.values()]
    for waiter in variables:
        parts = _attributes(waiter).values()
        for waiters in [part for part in parts if type(part) in LISTS]:
            for part in parts:
                if type(part) is LOCK and (part is lock or any(one is part or one is waiter for one in waiters)):
                    return _Gate(part, _named_list(waiters, variables))
    return None


def _named_list(waiters: Any, variables: list[Any]) -> Any:
    """Return the condition whose list this is, if it is one's that somebody on the stack has."""
    for value in variables:
        for part in _attributes(value).values():
            if isinstance(part, threading.Condition) and part._waiters is waiters:  # type: ignore[attr-defined]
                return part
    return waiters


def blocked_on(task: Task, labels: Labels) -> Blocked | None:
    """Return why a task cannot go on; None if it can, or has ended."""
    if task.ended or task.can_go_on():
        return None
    execution = task.execution
    kind, label, named = _operation(task, labels)
    parked = kind == "wake"
    condition = named if parked and isinstance(named, threading.Condition) else None
    holder = None
    if isinstance(task.object, Task):
        holder = task.object
    elif not parked:
        holder = execution.holders.get(task.object)
    return Blocked(kind, task.object, label, holder, task.deadline, location_of(task), parked, condition)


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
    if isinstance(value, (type, ModuleType)):
        return {}
    attributes = getattr(value, "__dict__", None)
    if type(attributes) is dict:
        return dict(attributes)
    names = [name for cls in type(value).__mro__ for name in vars(cls).get("__slots__", ())]
    return {name: getattr(value, name, None) for name in names}


def _place(code: Any, line: int) -> str:
    return f"{os.path.basename(code.co_filename)}:{line} {code.co_name}"
