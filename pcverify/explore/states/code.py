"""What is known of a piece of code for good: how many variables it has, its instructions, the globals that it names."""

from __future__ import annotations

import dis
import inspect
import sys
from functools import cached_property, lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.task import Task
from pcverify.explore.signals import ENGINE
from pcverify.explore.states.depth import places

if TYPE_CHECKING:
    from pcverify.explore.states.depth import Place

TOOLS = (
    *("pcverify.explore", "pcverify.evidence", "pcverify.report", "pcverify.conformance", "pcverify.pipeline"),
    *("greenlet", "pytest", "_pytest", "pluggy"),
)
OUTERMOST = frozenset({Task.run.__code__, Task._run_function.__code__})
INNERMOST = frozenset({Task.pause.__code__, Task.operation.__code__, Task.wait.__code__})
PASSED_OVER = OUTERMOST | INNERMOST
LOOKING = f"{ENGINE}granularity"
GENERATES = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
IMPORT = dis.opmap["IMPORT_NAME"]
LIBRARY = tuple(f"{name}." for name in (*sys.stdlib_module_names, *TOOLS))


class Code:
    """One code object.

    Attributes:
        number: which it is of those seen so far.
        variables: how many places its variables take, cells and free ones included.
        is_ours: whether it is the engine's.
        is_passed_over: whether what it is doing stands in the task's attributes.
        generates: whether it is that of a generator, or something like it.
        keeps_first: whether the first parameter is never assigned to.
    """

    def __init__(self, code: CodeType, number: int) -> None:
        self.code = code
        self.number = number
        self.token = ("code", number)
        self.is_passed_over = code in PASSED_OVER or code.co_filename.startswith(LOOKING)
        self.generates = bool(code.co_flags & GENERATES)
        self.is_ours = code.co_filename.startswith(ENGINE)
        if sys.version_info >= (3, 11):
            cells = [name for name in code.co_cellvars if name not in code.co_varnames]
            self.variables = len(code.co_varnames) + len(cells) + len(code.co_freevars)
        else:
            self.variables = len(code.co_varnames) + len(code.co_cellvars) + len(code.co_freevars)

    @cached_property
    def places(self) -> list[Place]:
        """The instruction at each code unit."""
        return places(self.code)

    @cached_property
    def keeps_first(self) -> bool:
        """Whether the first parameter is there, and is never assigned to."""
        if not self.code.co_argcount:
            return False
        writes = {"STORE_FAST", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF", "STORE_FAST_STORE_FAST"}
        writes |= {"STORE_FAST_LOAD_FAST", "LOAD_FAST_AND_CLEAR", "STORE_FAST_MAYBE_NULL"}
        first = self.code.co_varnames[0]
        if first in self.code.co_cellvars:
            return False
        return not any(place.name in writes and _may_be_first(place) for place in self.places)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of globals and attributes in it and in the code within it."""
        return frozenset(self.code.co_names).union(*(inner.names for inner in self._inner))

    @cached_property
    def imports(self) -> frozenset[str]:
        """The names of the modules that it and the code within it import, as they stand there."""
        own: set[str] = set()
        if IMPORT in self.code.co_code[::2]:
            own = {one.argval for one in dis.get_instructions(self.code) if one.opcode == IMPORT}
        return frozenset(own).union(*(inner.imports for inner in self._inner))

    @cached_property
    def _inner(self) -> list[Code]:
        return [Code(constant, 0) for constant in self.code.co_consts if isinstance(constant, CodeType)]


def _may_be_first(place: Any) -> bool:
    return place.argument == 0 or "FAST_" in place.name or place.name.endswith("DEREF")


@lru_cache(maxsize=10_000)
def is_library(module: Any) -> bool:
    """Whether a module, by its name, is one whose own globals and classes no program changes."""
    return isinstance(module, str) and f"{module}.".startswith(LIBRARY)
