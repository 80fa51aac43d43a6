"""What is known of a piece of code for good: how many variables it has, its instructions, the globals that it names."""

from __future__ import annotations

import sys
from functools import cached_property, lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from pcverify.explore.signals import ENGINE
from pcverify.explore.states.depth import places

if TYPE_CHECKING:
    from pcverify.explore.states.depth import Place

TOOLS = (
    *("pcverify.explore", "pcverify.evidence", "pcverify.report", "pcverify.conformance", "pcverify.pipeline"),
    *("greenlet", "pytest", "_pytest", "pluggy"),
)
LIBRARY = tuple(f"{name}." for name in (*sys.stdlib_module_names, *TOOLS))


class Code:
    """One code object.

    Attributes:
        number: which it is of those seen so far.
        variables: how many places its variables take, cells and free ones included.
        keeps_first: whether the first parameter is never assigned to.
    """

    def __init__(self, code: CodeType, number: int) -> None:
        self.code = code
        self.number = number
        self.token = ("code", number)
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
    def names(self) -> tuple[str, ...]:
        """The names of globals and attributes in it and in the code within it, in their order."""
        names = dict.fromkeys(self.code.co_names)
        for constant in self.code.co_consts:
            if isinstance(constant, CodeType):
                names.update(dict.fromkeys(Code(constant, 0).names))
        return tuple(names)


def _may_be_first(place: Any) -> bool:
    return place.argument == 0 or "FAST_" in place.name or place.name.endswith("DEREF")


@lru_cache(maxsize=10_000)
def is_library(module: Any) -> bool:
    """Whether a module, by its name, is one whose own globals and classes no program changes."""
    return isinstance(module, str) and f"{module}.".startswith(LIBRARY)
