"""Which of a queue's counts nothing that it does depends on: states that differ only in those are one.

The queues count for `stats` who had to wait, and what interrupted gets gave back. Such a count only grows, so states
that are the same but for it would never be met again. That nothing reads it is looked up in the class's own code.
"""

from __future__ import annotations

import dis
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COUNTS = frozenset({"_waits", "_given_back", "_overfull"})
"""Attributes of our queues that are for `stats`, which no program here calls."""
READERS = frozenset({"stats"})
_COPIES = frozenset({"COPY", "DUP_TOP"})
"""What comes before the attribute is loaded in `self.count += 1`."""


def unread_counts(queue: Any) -> dict[type, frozenset[str]]:
    """Return, for the class of a queue, the counts that no method but `stats` reads, other than to add to them."""
    return {type(queue): only_counted(type(queue), COUNTS)}


def only_counted(cls: type, names: Iterable[str]) -> frozenset[str]:
    """Return those of some attributes that no method of a class, or of its bases, reads, other than to add to them."""
    read = {name for base in cls.__mro__ for code in _methods(base) for name in _read(code)}
    defined = {name for base in cls.__mro__ for name in vars(base)}
    return frozenset(names) - read - defined


def _methods(cls: type) -> Iterator[CodeType]:
    for name, value in vars(cls).items():
        if name in READERS:
            continue
        functions = (value, *(getattr(value, part, None) for part in ("fget", "fset", "fdel", "__func__")))
        yield from (function.__code__ for function in functions if hasattr(function, "__code__"))


def _read(code: CodeType) -> Iterator[str]:
    """Yield the names that a function loads as attributes, or has as strings, which `getattr` may be given."""
    before = ""
    for instruction in dis.get_instructions(code):
        if instruction.opname.startswith("LOAD_") and before not in _COPIES and isinstance(instruction.argval, str):
            yield instruction.argval
        before = instruction.opname
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _read(constant)
