"""The objects in reach of an execution, written down so that two states have the same text if they are the same.

Objects are numbered in the order in which they are come to, breadth first, from the same beginnings by the same ways;
so what is the same object twice, and what two equal ones, is in the text, and no address. Numbers, strings and the
like are written where they are: that two of them are one object is not told. What does not change (code, modules and
classes of the library) has a number for as long as these keys are made.

How an object of each type is written stands in `objects`.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.clock import Moment
from pcverify.explore.states.code import Code, is_library
from pcverify.explore.states.layout import EMPTY
from pcverify.explore.states.stacks import Unkeyable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLAIN = frozenset({int, float, str, bytes, bool, type(None), complex})
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
DESCRIPTORS = frozenset(
    {
        types.WrapperDescriptorType,
        types.MethodDescriptorType,
        types.ClassMethodDescriptorType,
        types.MemberDescriptorType,
        types.GetSetDescriptorType,
    }
)


class Constants:
    """What has a number for good, and what is known of code and types.

    Attributes:
        tokens: what is written for an object, by its id.
        writers: how an object of a type is written.
        unread: names of attributes on which nothing depends.
    """

    def __init__(self, unread: frozenset[str] = frozenset()) -> None:
        self.unread = unread
        self.tokens: dict[int, Any] = {id(EMPTY): ("empty",), id(...): ("...",), id(NotImplemented): ("not",)}
        self.writers: dict[type, Callable[[Graph, Any], None]] = {}
        self.codes: dict[int, Code] = {}
        self.classes: dict[int, Any] = {}
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


class Graph:
    """One state.

    Attributes:
        text: what is written so far.
        execution: whose state it is.
        globals: the globals that the code so far names, by the id of their dict: which dict, and which code.
        modules: the program's own modules that were come to.
    """

    def __init__(self, constants: Constants, execution: Any) -> None:
        self.constants = constants
        self.execution = execution
        self.text: list[Any] = []
        self.globals: dict[int, tuple[dict[str, Any], dict[Code, None]]] = {}
        self.modules: list[types.ModuleType] = []
        self.memo: dict[int, Any] = {}
        self._reached: list[Any] = []
        self._done = 0
        self._kept: list[Any] = []

    def write(self, values: Iterable[Any]) -> None:
        """Write these values, one after another."""
        add, memo, tokens = self.text.append, self.memo, self.constants.tokens
        for value in values:
            kind = type(value)
            if kind in PLAIN:
                add(value)
                continue
            where = id(value)
            token = memo.get(where) or tokens.get(where)
            add(token if token is not None else self._first(value, kind))

    def write_all(self) -> None:
        """Write everything in reach of what was written."""
        named: set[tuple[int, str]] = set()
        while True:
            while self._done < len(self._reached):
                value = self._reached[self._done]
                self._done += 1
                writer = self.constants.writers.get(type(value))
                if writer is None:
                    raise Unkeyable(f"a {type(value).__qualname__}")
                writer(self, value)
            before = len(named)
            self._write_globals(named)
            if self._done == len(self._reached) and len(named) == before:
                return

    def uses(self, code: Code, namespace: dict[str, Any]) -> None:
        """Note that this code is in reach, with these globals."""
        found = self.globals.get(id(namespace))
        if found is None:
            found = self.globals[id(namespace)] = (namespace, {})
        found[1][code] = None

    def keep(self, value: Any) -> None:
        """Keep this until all is written, so that no other object gets its id."""
        self._kept.append(value)

    def know(self, value: Any) -> Any:
        """Give an object a number that is written by the caller itself. Returns what stands for it."""
        token = self.memo[id(value)] = (len(self.memo),)
        self._kept.append(value)
        return token

    def ahead(self, moment: float, task: Any) -> float:
        """Return how far a moment lies from the time of a task, with clocks apart."""
        return float(round(moment - self.execution.clock.of(task), 9))

    def _first(self, value: Any, kind: type) -> Any:
        """Return what stands for a value that is come to for the first time."""
        if kind is Moment:
            return ("moment", value.task.number, self.ahead(value, value.task))
        if kind is tuple and all(type(part) in PLAIN for part in value):
            return ("tuple", value)
        token = self._constant(value, kind)
        if token is None:
            token = self.memo[id(value)] = (len(self.memo),)
            self._reached.append(value)
        return token

    def _constant(self, value: Any, kind: type) -> Any:  # noqa: PLR0911  # one for each kind
        constants = self.constants
        if kind is types.FunctionType:
            code = constants.code(value.__code__)
            if not code.is_ours and not is_library(value.__module__):
                return None
            if code.is_ours or not (value.__closure__ or value.__defaults__ or value.__kwdefaults__ or value.__dict__):
                return ("function", code.number)
        elif kind is types.ModuleType:
            return constants.fix(value, "module") if is_library(value.__name__) else None
        elif kind is types.BuiltinFunctionType:
            owner = value.__self__
            return constants.fix(value, "builtin") if owner is None or type(owner) is types.ModuleType else None
        elif kind in DESCRIPTORS:
            return constants.fix(value, "descriptor") if is_library(value.__objclass__.__module__) else None
        elif kind is types.CodeType:
            return constants.code(value).token
        elif kind.__module__ == "typing":
            return constants.fix(value, "typing")
        elif isinstance(value, type):
            return constants.fix(value, "class") if is_library(value.__module__) else None
        return None

    def _write_globals(self, named: set[tuple[int, str]]) -> None:
        """Write the globals that the code in reach names, and what it may name of the program's modules."""
        before = len(named)
        for number, (namespace, codes) in list(self.globals.items()):
            for code in list(codes):
                self._write_names(number, namespace, code.names, named)
        for module in self.modules:
            for _, codes in list(self.globals.values()):
                for code in list(codes):
                    self._write_names(id(vars(module)), vars(module), code.names, named)
        if len(named) > before:
            self.text.append("globals")

    def _write_names(
        self, number: int, namespace: dict[str, Any], names: tuple[str, ...], named: set[tuple[int, str]]
    ) -> None:
        for name in names:
            if name in namespace and (number, name) not in named:
                named.add((number, name))
                self.text.append(name)
                self.write((namespace[name],))
