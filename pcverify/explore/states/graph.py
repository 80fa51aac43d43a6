"""The objects in reach of an execution, written down so that two states have the same text if they are the same.

Objects are numbered in the order in which they are come to, breadth first, from the same beginnings by the same ways;
so what is the same object twice, and what two equal ones, is in the text, and no address. Numbers, strings and the
like are written where they are: that two of them are one object is not told. What does not change (code, modules and
classes of the library) has a number for as long as these keys are made.

Each object is written as a word for its kind, how many parts it has, and its parts: so a text can be read in one way.
How an object of each type is written stands in `objects`.
"""

from __future__ import annotations

import marshal
import sys
import types
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.clock import Moment
from pcverify.explore.states.code import Code, is_library
from pcverify.explore.states.layout import EMPTY
from pcverify.explore.states.process import Process
from pcverify.explore.states.stacks import Unkeyable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PLAIN = frozenset({int, float, str, bytes, bool, type(None), complex})
DESCRIPTORS = frozenset(
    {
        types.WrapperDescriptorType,
        types.MethodDescriptorType,
        types.ClassMethodDescriptorType,
        types.MemberDescriptorType,
        types.GetSetDescriptorType,
    }
)
PLAINLY = 2  # the version of `marshal` that writes equal values in equal ways


class Constants:
    """What has a number for good, and what is known of code and types.

    Attributes:
        tokens: what is written for an object, by its id.
        writers: how an object of a type is written.
        unread: for classes, the names of attributes on which nothing depends.
        process: what the process has once.
    """

    def __init__(
        self, writers: dict[type, Callable[[Graph, Any], None]], unread: Mapping[type, frozenset[str]]
    ) -> None:
        self.unread = unread
        self.tokens: dict[int, Any] = {
            id(EMPTY): ("empty",),
            id(...): ("...",),
            id(NotImplemented): ("not",),
            id(()): ("tuple", ()),
        }
        self.writers = writers
        self.codes: dict[int, Code] = {}
        self.classes: dict[int, Any] = {}
        self.passing: dict[int, Any] = {}  # as `classes`: those that were made in this execution
        self.process = Process()
        self.standing = _Standing()
        self._modules_searched = 0
        self._shapes: dict[tuple[str, ...], int] = {}
        self._signatures: dict[bytes, int] = {}
        self._kept: list[Any] = []

    def code(self, code: types.CodeType) -> Code:
        """Return what is known of it."""
        found = self.codes.get(id(code))
        if found is None:
            found = self.codes[id(code)] = Code(code, len(self._kept))
            self._kept.append(code)
        return found

    def fix(self, thing: Any, kind: str) -> Any:
        """Give this object, which does not change, a number. Returns what is written for it."""
        token = self.tokens[id(thing)] = (kind, len(self._kept))
        self._kept.append(thing)
        return token

    def sentinel(self, value: Any) -> Any:
        """Return what is written for an `object()` that a library compares with by `is`; None for another one.

        Nothing else tells two of them apart, and the globals of a library are not written.
        """
        if self._modules_searched != len(sys.modules):
            self._modules_searched = len(sys.modules)
            for name, module in tuple(sys.modules.items()):
                for thing in tuple(vars(module).values()) if is_library(name) and module is not None else ():
                    if type(thing) is object and id(thing) not in self.tokens:
                        self.fix(thing, "sentinel")
        return self.tokens.get(id(value))

    def shape(self, names: tuple[str, ...]) -> int:
        """Return the number of these names of attributes, in this order."""
        number = self._shapes.get(names)
        return self._shapes.setdefault(names, len(self._shapes)) if number is None else number

    def signature(self, parts: Any) -> int:
        """Return the number of something that consists of plain values."""
        return self._signatures.setdefault(marshal.dumps(parts, PLAINLY), len(self._signatures))


class Graph:
    """One state.

    Attributes:
        text: what is written so far.
        execution: whose state it is.
        memo: what is written for an object that was come to, by its id.
        modules: the program's own modules that were come to.
    """

    __slots__ = (
        *("_done", "_kept", "_number", "_reached", "_spaces"),
        *("constants", "execution", "memo", "modules", "text"),
    )

    def __init__(self, constants: Constants, execution: Any) -> None:
        self.constants = constants
        self.execution = execution
        self.text: list[Any] = []
        self.modules: list[types.ModuleType] = []
        self.memo: dict[int, Any] = constants.tokens.copy()
        self._spaces: dict[int, _Space] = {}
        self._number = 0
        self._reached: list[Any] = []
        self._done = 0
        self._kept: list[Any] = []

    def write(self, values: Iterable[Any]) -> None:
        """Write these values, one after another."""
        add, known, first, plain = self.text.append, self.memo.get, self._first, PLAIN
        for value in values:
            kind = type(value)
            add(value if kind in plain else known(id(value)) or first(value, kind))

    def write_all(self) -> None:
        """Write everything in reach of what was written."""
        writers, reached = self.constants.writers, self._reached
        while True:
            for value in reached[self._done :]:
                writer = writers[type(value)]
                if writer is None:
                    raise Unkeyable(f"a {type(value).__qualname__}")
                writer(self, value)
                self._done += 1
            if self._done == len(reached) and not self._write_globals() and self._done == len(reached):
                return

    def uses(self, names: frozenset[str], namespace: dict[str, Any], imports: frozenset[str] = frozenset()) -> int:
        """Note that code with these names, and these globals, is in reach. Returns the number of the globals."""
        space = self._spaces.get(id(namespace))
        if space is None:
            space = self._spaces[id(namespace)] = _Space(namespace, len(self._spaces))
        space.names |= names
        space.imports |= imports
        return space.number

    def know(self, value: Any) -> Any:
        """Give an object a number that is written by the caller itself. Returns what stands for it."""
        token = self.memo[id(value)] = (self._number,)
        self._number += 1
        self._kept.append(value)
        return token

    def ahead(self, moment: float, task: Any) -> float:
        """Return how far a moment lies from the time of a task, with clocks apart."""
        return float(round(moment - self.execution.clock.of(task), 9))

    def _first(self, value: Any, kind: type) -> Any:
        """Return what stands for a value that is come to for the first time."""
        standing = self.constants.standing[kind]
        if standing is not None:
            token = standing(self, value)
            if token is not None:
                self.memo.setdefault(id(value), token)
                return token
        token = self.memo[id(value)] = (self._number,)
        self._number += 1
        self._reached.append(value)
        return token

    def _write_globals(self) -> bool:
        """Write the globals that the code in reach names, and what it may name of modules; whether there are more."""
        spaces = list(self._spaces.values())
        names = frozenset().union(*(space.names for space in spaces))
        fresh = False
        for space in spaces:
            fresh |= self._write_names(space, space.namespace, space.names)
            fresh |= self._write_imports(space)
        for module in self.modules:
            self.uses(frozenset(), vars(module))
            fresh |= self._write_names(self._spaces[id(vars(module))], vars(module), names)
        return fresh

    def _write_names(self, space: _Space, namespace: dict[str, Any], names: frozenset[str]) -> bool:
        """Write those of these names that are there, and were not written yet; whether there are any."""
        wanted = names - space.written
        if not wanted:
            return False
        space.written |= wanted
        found = sorted(wanted & namespace.keys())
        self.text += ("globals", space.number, len(found))
        self.text += found
        self.write([namespace[name] for name in found])
        return True

    def _write_imports(self, space: _Space) -> bool:
        """Write the modules, none of a library, that code may import by and by; whether there are more."""
        wanted = space.imports - space.imported
        if not wanted:
            return False
        space.imported |= wanted
        package = space.namespace.get("__package__") or ""
        around = [package.rsplit(".", up)[0] for up in range(package.count(".") + 1)] if package else []
        names = {name for one in wanted for name in (one, *(f"{each}.{one}".rstrip(".") for each in around))}
        names |= {name.rsplit(".", up)[0] for name in names for up in range(name.count(".") + 1)}
        found = sorted(name for name in names & sys.modules.keys() if not is_library(name))
        if found:
            self.text += ("imports", len(found))
        self.write([sys.modules[name] for name in found])
        return bool(found)


class _Space:
    """Globals that code in reach names.

    Attributes:
        names: which it names.
        imports: which modules it imports when it comes to that.
        written, imported: the names that were looked for.
    """

    __slots__ = ("imported", "imports", "names", "namespace", "number", "written")

    def __init__(self, namespace: dict[str, Any], number: int) -> None:
        self.namespace = namespace
        self.number = number
        self.names: frozenset[str] = frozenset()
        self.imports: frozenset[str] = frozenset()
        self.written: frozenset[str] = frozenset()
        self.imported: frozenset[str] = frozenset()


class _Standing(dict[type, Any]):
    """For each type what stands for an object of it that need not be written; None if each is to be."""

    def __missing__(self, kind: type) -> Any:
        found = self[kind] = _standing_for(kind)
        return found


def _standing_for(kind: type) -> Callable[[Graph, Any], Any] | None:
    if kind in BY_KIND:
        return BY_KIND[kind]
    if kind in DESCRIPTORS:
        return _descriptor
    if kind.__module__ == "typing":
        return _typing
    return _class if issubclass(kind, type) else None


def _bare(graph: Graph, value: Any) -> Any:
    return graph.constants.sentinel(value)


def _moment(graph: Graph, value: Any) -> Any:
    return ("moment", value.task.number, graph.ahead(value, value.task))


def _tuple(graph: Graph, value: Any) -> Any:
    """A tuple of plain values stands where it is come to first."""
    for part in value:
        if type(part) not in PLAIN:
            return None
    graph.know(value)
    return ("tuple", value)


def _function(graph: Graph, value: Any) -> Any:
    code = graph.constants.code(value.__code__)
    if not code.is_ours and (
        not is_library(value.__module__)
        or value.__closure__
        or value.__defaults__
        or value.__kwdefaults__
        or value.__dict__
    ):
        return None
    return ("function", code.number)


def _module(graph: Graph, value: Any) -> Any:
    return graph.constants.fix(value, "module") if is_library(value.__name__) else None


def _builtin(graph: Graph, value: Any) -> Any:
    owner = value.__self__
    return graph.constants.fix(value, "builtin") if owner is None or type(owner) is types.ModuleType else None


def _descriptor(graph: Graph, value: Any) -> Any:
    return graph.constants.fix(value, "descriptor") if is_library(value.__objclass__.__module__) else None


def _code(graph: Graph, value: Any) -> Any:
    return graph.constants.code(value).token


def _typing(graph: Graph, value: Any) -> Any:
    return graph.constants.fix(value, "typing")


def _class(graph: Graph, value: Any) -> Any:
    return graph.constants.fix(value, "class") if is_library(value.__module__) else None


BY_KIND: dict[type, Callable[[Graph, Any], Any]] = {
    object: _bare,
    Moment: _moment,
    tuple: _tuple,
    types.FunctionType: _function,
    types.ModuleType: _module,
    types.BuiltinFunctionType: _builtin,
    types.CodeType: _code,
}
