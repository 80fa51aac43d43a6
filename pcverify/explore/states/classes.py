"""How instances of Python classes are written, and the classes themselves.

A class is looked at each time. What may change in it without being replaced (anything but plain values, plain
functions and slots) is written, and so are the globals that its functions name. The rest has a number, the same for
each class in which it is the same: a class that the program makes is another one in each execution.
"""

from __future__ import annotations

import sys
import threading
import types
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.threads import RawThread, Started
from pcverify.explore.engine.execution import Execution
from pcverify.explore.engine.switching import Greenlet
from pcverify.explore.engine.task import Task
from pcverify.explore.states.code import is_library
from pcverify.explore.states.graph import DESCRIPTORS, PLAIN, Constants
from pcverify.explore.states.layout import EMPTY
from pcverify.explore.states.objects import WRITERS, write_bare, write_by_reduction
from pcverify.explore.states.stacks import Unkeyable
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.states.graph import Graph

POINTER = 8
HEAP_TYPE = 1 << 9
OF_OS_THREADS = frozenset({"_tstate_lock", "_handle", "_started", "_stderr", "_invoke_excepthook", "_native_id"})
"""Attributes of threads that say nothing of tasks."""
HIDDEN = frozenset({"__dict__", "__weakref__", "__doc__", "__module__", "__qualname__", "_abc_impl", "__slots__"})
OURS = frozenset({Execution, Greenlet, Strategy, Constants})
BY_REDUCTION = frozenset(
    {("decimal", "Context"), ("decimal", "Decimal")}
    | {("datetime", name) for name in ("date", "datetime", "timedelta")}
)
"""Types of modules that are not imported for this."""
DETAILS = attrgetter("__code__", "__defaults__", "__kwdefaults__", "__dict__")


def writer_of(cls: type) -> Callable[[Graph, Any], None] | None:  # noqa: PLR0911  # one for each kind of class
    """Return how instances of a class are written; None if they may hide something."""
    if issubclass(cls, type):
        return write_class
    if issubclass(cls, Task):
        return _write_task
    if not OURS.isdisjoint(cls.__mro__):
        return lambda graph, value: graph.text.append("ours")
    if (cls.__module__, cls.__name__) in BY_REDUCTION:
        return write_by_reduction
    native = next(one for one in cls.__mro__ if not _is_python(one))
    base = next((one for one in cls.__mro__ if one in WRITERS), object)
    fields = list(_fields(cls, native))
    size = native.__basicsize__ + POINTER * sum(one.__objclass__ is not native for one in fields)
    if native is not base and not issubclass(native, BaseException):
        return None
    if cls is not native and cls.__basicsize__ - size not in {0, POINTER, 2 * POINTER}:
        return None
    if issubclass(cls, threading.Thread):
        return _thread_writer(cls, fields) if base is object else None
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
        text = graph.text
        text.append("instance")
        parts: list[Any] = [cls]
        if has_dict:
            own = getattr(value, "__dict__", None)
            if own is None:
                raise Unkeyable(f"a {cls.__qualname__}, which does not show what it has")
            if _is_first_met(graph, own):
                unread = graph.constants.unread.get(cls)
                parts += [part for name, part in own.items() if name not in unread] if unread else own.values()
            else:
                parts.append(own)
        if fields:
            parts += [_part(field, value) for field in fields]
        graph.write(parts)
        if not bare:
            inherited(graph, value)

    return write


def _is_first_met(graph: Graph, own: dict[str, Any]) -> bool:
    """Whether the values of this dict of an instance are to be written with it: its names are written, and it is known.

    If not, it was come to by another way, as `vars` gives it to a program.
    """
    if id(own) in graph.memo or type(own) is not dict:
        return False
    graph.know(own)
    graph.text.append(graph.constants.shape(tuple(own)))
    return True


def _write_task(graph: Graph, value: Any) -> None:
    graph.text += ("task", value.number)


def _thread_writer(cls: type, fields: list[Any]) -> Callable[[Graph, Any], None]:
    """Return how a thread is written: as any instance, without what only OS threads have."""

    def write(graph: Graph, value: Any) -> None:
        task = graph.execution.tasks_by_thread.get(value)
        graph.text += ("thread", None if task is None else task.number)
        own = vars(value)
        parts: list[Any] = [cls]
        if _is_first_met(graph, own):
            started = own.get("_started")
            if type(started) is Started:
                parts += (started._flag, started.left_behind)
            parts += [part for name, part in own.items() if name not in OF_OS_THREADS]
        else:
            parts.append(own)
        parts += [_part(field, value) for field in fields]
        graph.write(parts)

    return write


def _part(field: Any, value: Any) -> Any:
    """Return what is in a slot of an object."""
    try:
        return field.__get__(value)
    except AttributeError:
        return EMPTY


class _Known:
    """What was found in a class.

    Attributes:
        names: those of all that it has.
        fixed: what is not written each time, with its name.
        varying: the names of what is.
        functions: those among `fixed`.
        details: what of each of these would have to be the same.
        number: that of the rest.
        uses: the names that the functions name, for each of their globals.
    """

    def __init__(self, cls: type, constants: Constants) -> None:
        self.cls = cls
        self.names = tuple(vars(cls))
        self.fixed: list[str] = []
        self.values: list[Any] = []
        self.varying: list[str] = []
        self.functions: list[Any] = []
        self.uses: list[tuple[dict[str, Any], frozenset[str], frozenset[str]]] = []
        parts: list[Any] = [cls.__module__, cls.__qualname__]
        codes = []
        for name, value in vars(cls).items():
            function = value.__func__ if type(value) in {staticmethod, classmethod} else value
            if name in HIDDEN:
                continue
            if type(value) in PLAIN:
                parts += (name, "plain", value)
            elif type(value) in DESCRIPTORS and value.__objclass__ is cls:
                parts += (name, "slot")
            elif type(function) is types.FunctionType and _is_plain(function, cls):
                code = constants.code(function.__code__)
                codes.append((code, function.__globals__))
                self.functions.append(function)
                parts += (name, type(value).__name__, code.number, function.__defaults__, function.__kwdefaults__)
            else:
                parts += (name, "varying")
                self.varying.append(name)
                continue
            self.fixed.append(name)
            self.values.append(value)
        for _, namespace in codes:
            if not any(namespace is other for other, _, _ in self.uses) and not is_library(namespace.get("__name__")):
                mine = [code for code, own in codes if own is namespace]
                names = frozenset().union(*(code.names for code in mine))
                self.uses.append((namespace, names, frozenset().union(*(code.imports for code in mine))))
        self.details = list(map(DETAILS, self.functions))
        self.number = constants.signature(parts)

    def holds(self) -> bool:
        """Whether all that is not written each time is as it was."""
        now = vars(self.cls)
        return (
            tuple(now) == self.names
            and all(map(is_, map(now.__getitem__, self.fixed), self.values))
            and list(map(DETAILS, self.functions)) == self.details
        )


def _is_plain(function: Any, cls: type) -> bool:
    """Whether nothing hangs on a function that may change, but for its class, which `super` finds there."""
    cells = function.__closure__ or ()
    parts = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return (
        not function.__dict__
        and all(type(part) in PLAIN for part in parts)
        and all(_content(cell) is cls for cell in cells)
    )


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def write_class(graph: Graph, value: Any) -> None:
    """A class of the program: its number, what may change in it, and its bases."""
    constants = graph.constants
    known = constants.classes.get(id(value)) or constants.passing.get(id(value))
    if known is None or not known.holds():
        known = _Known(value, constants)
        kept = constants.classes if _is_lasting(value) else constants.passing
        kept[id(value)] = known
    for namespace, names, imports in known.uses:
        graph.uses(names, namespace, imports)
    now = vars(value)
    graph.text += ("class", known.number, len(value.__bases__))
    graph.write((type(value), *value.__bases__, *[now[name] for name in known.varying]))


def _is_lasting(cls: type) -> bool:
    """Whether a class is found under its name, and so is the same one in every execution."""
    found: Any = sys.modules.get(cls.__module__)
    for name in cls.__qualname__.split("."):
        found = getattr(found, "__dict__", {}).get(name)
    return found is cls


def write_raw_thread(graph: Graph, value: Any) -> None:
    """What stands for a thread that has no `Thread`."""
    graph.text += ("raw thread", value.name)


SPECIAL: dict[type, Callable[[Graph, Any], None]] = {RawThread: write_raw_thread}
