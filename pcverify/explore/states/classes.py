"""How instances of Python classes are written, and the classes themselves.

What a class has is looked at each time: what may change in it (anything but functions and descriptors) is written,
and so are the globals that its functions name. The functions of a class are taken to be what they were when it was
first seen as long as they are the same objects without attributes.
"""

from __future__ import annotations

import threading
import types
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.threads import RawThread, Started
from pcverify.explore.engine.execution import Execution
from pcverify.explore.engine.switching import Greenlet
from pcverify.explore.engine.task import Task
from pcverify.explore.states.graph import DESCRIPTORS, PLAIN
from pcverify.explore.states.objects import WRITERS, write_bare
from pcverify.explore.states.stacks import Unkeyable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.states.graph import Constants, Graph

POINTER = 8
HEAP_TYPE = 1 << 9
OF_OS_THREADS = frozenset({"_tstate_lock", "_handle", "_stderr", "_invoke_excepthook", "_native_id"})
"""Attributes of threads that say nothing of tasks."""
HIDDEN = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "_abc_impl", "__slots__"})
_attributes = attrgetter("__dict__")


def writer_of(cls: type) -> Callable[[Graph, Any], None] | None:  # noqa: PLR0911  # one for each kind of class
    """Return how instances of a class are written; None if they may hide something."""
    if issubclass(cls, type):
        return write_class
    if issubclass(cls, Task):
        return _write_task
    if issubclass(cls, (Execution, Greenlet)):
        return lambda graph, value: graph.text.append("execution")
    if issubclass(cls, threading.Thread):
        return _write_thread
    native = next(one for one in cls.__mro__ if not _is_python(one))
    base = next((one for one in cls.__mro__ if one in WRITERS), object)
    fields = list(_fields(cls, native))
    size = native.__basicsize__ + POINTER * sum(one.__objclass__ is not native for one in fields)
    if native is not base and not issubclass(native, BaseException):
        return None
    if cls is not native and cls.__basicsize__ - size not in {0, POINTER, 2 * POINTER}:
        return None
    return _writer(cls, WRITERS[base], fields)


def _fields(cls: type, native: type) -> Any:
    """Give the slots of a class, and of the C type below it what that shows."""
    for one in cls.__mro__:
        if one is BaseException or one is object:
            return
        if _is_python(one) or issubclass(native, BaseException):
            yield from (part for part in vars(one).values() if type(part) is types.MemberDescriptorType)


def _is_python(cls: type) -> bool:
    """Whether instances have no more than a dict, and slots that can be read: as those of any class made in Python."""
    if not cls.__flags__ & HEAP_TYPE or cls in WRITERS:
        return False
    if "__slots__" in vars(cls) or "__dict__" in vars(cls):
        return True
    if cls.__basicsize__ == object.__basicsize__:  # `typing.Generic` of 3.12: it has no room to hide anything
        return True
    return any(one.__flags__ & HEAP_TYPE and _is_python(one) for one in cls.__mro__[1:-1]) or cls.__dictoffset__ != 0


def _writer(cls: type, inherited: Callable[[Graph, Any], None], fields: list[Any]) -> Callable[[Graph, Any], None]:
    has_dict = cls.__dictoffset__ != 0
    bare = inherited is write_bare

    def write(graph: Graph, value: Any) -> None:
        graph.text.append("instance")
        graph.write((cls,))
        if not bare:
            inherited(graph, value)
        if has_dict:
            own = getattr(value, "__dict__", None)
            if own is None:
                raise Unkeyable(f"a {cls.__qualname__}, which does not show what it has")
            unread = graph.constants.unread
            graph.text.append(len(own))
            graph.write(own)
            graph.write([part for name, part in own.items() if name not in unread] if unread else own.values())
        for field in fields:
            try:
                part = field.__get__(value)
            except AttributeError:
                graph.text.append("unset")
            else:
                graph.text.append("set")
                graph.write((part,))

    return write


def _write_task(graph: Graph, value: Any) -> None:
    graph.text += ("task", value.number)


def _write_thread(graph: Graph, value: Any) -> None:
    """A thread: its attributes, without those that only OS threads have."""
    graph.text.append("thread")
    task = graph.execution.tasks_by_thread.get(value)
    graph.write((type(value), None if task is None else task.number))
    for name, part in vars(value).items():
        if name in OF_OS_THREADS or (name == "_started" and type(part) is not Started):
            continue
        graph.text.append(name)
        graph.write((part,))


class _Known:
    """What was found in a class.

    Attributes:
        values: all of it.
        varying: the names of what may change without being replaced.
        functions: what has no attributes as long as nothing is changed.
    """

    def __init__(self, cls: type, constants: Constants) -> None:
        self.cls = cls
        self.values = tuple(vars(cls).values())
        self.varying: list[str] = []
        self.functions: list[Any] = []
        self.codes: list[tuple[Any, Any]] = []
        for name, value in vars(cls).items():
            function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
            if name in HIDDEN or type(value) in PLAIN or type(value) in DESCRIPTORS:
                continue
            if type(function) is types.FunctionType and _is_plain(function, cls):
                self.functions.append(function)
                self.codes.append((constants.code(function.__code__), function.__globals__))
            else:
                self.varying.append(name)


def _is_plain(function: Any, cls: type) -> bool:
    """Whether nothing hangs on a function that may change, but for its class, which `super` finds there."""
    cells = function.__closure__ or ()
    parts = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return all(type(part) in PLAIN for part in parts) and all(_content(cell) is cls for cell in cells)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def write_class(graph: Graph, value: Any) -> None:
    """A class of the program: what may change in it, or all of it if it was made in this execution."""
    constants = graph.constants
    known = constants.classes.get(id(value))
    if known is None:
        known = _Known(value, constants)
        if known.cls.__flags__ & HEAP_TYPE:
            constants.classes[id(value)] = known
    now = tuple(vars(value).values())
    changed = len(now) != len(known.values) or any(one is not two for one, two in zip(now, known.values, strict=False))
    graph.text += ("class", value.__module__, value.__qualname__, changed)
    graph.write(value.__bases__)
    if changed or any(map(_attributes, known.functions)):
        for name, part in list(vars(value).items()):
            if name not in HIDDEN and type(part) not in DESCRIPTORS:
                graph.text.append(name)
                graph.write((part,))
        return
    for code, namespace in known.codes:
        graph.uses(code, namespace)
    for name in known.varying:
        graph.text.append(name)
        graph.write((vars(value)[name],))


def write_raw_thread(graph: Graph, value: Any) -> None:
    """What stands for a thread that has no `Thread`."""
    graph.text += ("raw thread", value.name)


SPECIAL: dict[type, Callable[[Graph, Any], None]] = {RawThread: write_raw_thread}
