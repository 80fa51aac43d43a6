"""What a program keeps from one execution to the next, by name, where it can be found cheaply.

A program that leaves something behind in a module's global, a class or a closure does not do the same again under the
same schedule. To name it, what the program's function can reach by name is looked at before and after: each global of
its module, each variable that it encloses, and one level of attributes below these. Of each value its identity is
kept, its length if it has one, and its `repr` if it is small and plain. What lies deeper is not seen.
"""

from __future__ import annotations

import inspect
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLAIN = (bool, int, float, complex, str, bytes, type(None))
CONTAINERS = (list, tuple, dict, set, frozenset)
FEW = 20
LONG = 200
MOST = 5  # names in one message

Look = tuple[int, str, int | None, str]
"""Of a value: identity, type, length, repr."""


def look_at(function: Callable[..., Any]) -> dict[str, Look]:
    """Return what `function` can reach by name, as it is now."""
    return {name: _look(value) for name, value in _reachable(function)}


def changes(before: dict[str, Look], after: dict[str, Look]) -> tuple[str, ...]:
    """Say what is different, a phrase for each name."""
    found = []
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None or new is None:
            found.append(f"{name} (is {'new' if old is None else 'gone'})")
        elif old[3] != new[3]:
            found.append(f"{name} ({old[3] or old[1]}, then {new[3] or new[1]})")
        elif old[2] != new[2]:
            found.append(f"{name} ({old[2]} items, then {new[2]})")
        else:
            found.append(f"{name} (another {new[1]})")
    return tuple(sorted(found))


def say_changes(before: dict[str, Look], after: dict[str, Look]) -> str:
    """Say it as the end of a sentence; empty if nothing is different."""
    found = changes(before, after)
    if not found:
        return ""
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    return f"; state that leaks from one execution into the next: {', '.join(found[:MOST])}{more}"


def _reachable(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    code = inspect.unwrap(getattr(function, "__func__", function))
    globals_ = getattr(code, "__globals__", {})
    module = globals_.get("__name__", "")
    named = [(name, value) for name, value in list(globals_.items()) if not name.startswith("__")]
    cells = (
        zip(getattr(getattr(code, "__code__", None), "co_freevars", ()), code.__closure__ or (), strict=False)
        if (isinstance(code, types.FunctionType))
        else ()
    )
    for name, cell in cells:
        try:
            named.append((name, cell.cell_contents))
        except ValueError:  # not bound yet
            continue
    for name, value in named:
        if isinstance(value, (types.ModuleType, types.FunctionType, types.BuiltinFunctionType)):
            continue
        yield name, value
        if isinstance(value, type) and value.__module__ != module:
            continue
        attributes = getattr(value, "__dict__", None)
        if isinstance(attributes, (dict, types.MappingProxyType)):
            for attribute, inner in list(attributes.items()):
                if isinstance(attribute, str) and not attribute.startswith("__") and not callable(inner):
                    yield f"{name}.{attribute}", inner


def _look(value: Any) -> Look:
    kind = type(value)
    length = len(value) if kind in CONTAINERS or kind in (str, bytes) else _length(value)
    return id(value) if kind not in PLAIN else 0, kind.__name__, length, _plain_repr(value)


def _length(value: Any) -> int | None:
    try:
        return len(value) if kind_is_sized(value) else None
    except Exception:
        return None


def kind_is_sized(value: Any) -> bool:
    """Whether its length is worth asking for: it is an instance of a class that has one."""
    return not isinstance(value, type) and hasattr(type(value), "__len__")


def _plain_repr(value: Any, depth: int = 2) -> str:
    """Return the `repr` of what is small and made of plain values; else nothing."""
    kind = type(value)
    if kind in PLAIN:
        return repr(value) if kind not in (str, bytes) or len(value) <= LONG else ""
    if kind not in CONTAINERS or len(value) > FEW or not depth:
        return ""
    inner = [*value, *value.values()] if kind is dict else list(value)
    if all(_plain_repr(each, depth - 1) for each in inner):
        text = repr(sorted(value, key=repr)) if kind in (set, frozenset) else repr(value)
        return text if len(text) <= LONG else ""
    return ""
