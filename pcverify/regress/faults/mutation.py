"""From a class to its mutated twin: take the source, change the tree, compile it where the original lives.

The twin is compiled in a copy of its module's namespace, together with the functions and classes of that module
that it uses (and those that these use), because a class may have moved part of its waiting there. Nothing of the
original is touched. The new text is known to `linecache` under a name of its own, so tracebacks and
`inspect.getsource` of a method show the mutated lines.

What it does not do: the source of base classes and of exceptions stays as it is, and a class within a function is
refused, because the variables around it are out of reach. What the module does to the class after making it is not
done to the twin: a subclass of it that has hooks does not call them where the original needs to be told of that.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import sys
import textwrap
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pcverify.evidence import InternalError, UsageError
from pcverify.regress.faults.edits import FaultDoesNotApply

if TYPE_CHECKING:
    from collections.abc import Callable

Q = TypeVar("Q")


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake that can be made in a queue class.

    Attributes:
        name: short and stable, as in reports: `drop-notify-in-put`.
        description: what is wrong with the mutated class, as a phrase.
        mutate: changes a module that holds the class and what it uses, or raises `FaultDoesNotApply`.
    """

    name: str
    description: str
    mutate: Callable[[ast.Module], None]


def apply(fault: Fault, queue_class: type[Q]) -> type[Q]:
    """Return a class like `queue_class`, with `fault`.

    It is called `queue_class[fault]` and is no subclass of the original.

    Raises:
        FaultDoesNotApply: the class has no place for this fault.
        UsageError: the source of the class is not to be had.
    """
    source = mutated_source(fault, queue_class)
    name = f"{queue_class.__qualname__}[{fault.name}]"
    filename = f"<{queue_class.__module__}.{name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = dict(_namespace(queue_class))
    code = compile(source, filename, "exec", flags=_future_flags(namespace), dont_inherit=True)
    exec(code, namespace)
    mutated: type[Q] = namespace[queue_class.__name__]
    mutated.__name__ = mutated.__qualname__ = name
    return mutated


def mutated_source(fault: Fault, queue_class: type) -> str:
    """Return what `apply` compiles: `original_source` with `fault` in it."""
    tree = _tree(queue_class)
    before = ast.unparse(tree)
    try:
        fault.mutate(tree)
    except FaultDoesNotApply as error:
        raise FaultDoesNotApply(f"{fault.name} does not apply to {_full_name(queue_class)}: {error}") from None
    after = ast.unparse(ast.fix_missing_locations(tree))
    if after == before:
        raise InternalError(f"the fault {fault.name} left {_full_name(queue_class)} as it was", before)
    return after


def original_source(queue_class: type) -> str:
    """Return the class and what it uses of its module, without comments: to compare with."""
    return ast.unparse(_tree(queue_class))


def _tree(queue_class: type) -> ast.Module:
    if "<locals>" in queue_class.__qualname__ or "." in queue_class.__qualname__:
        raise UsageError(f"{_full_name(queue_class)} is not at the top of its module; move it there to mutate it")
    parts: dict[str, tuple[int, ast.stmt]] = {}
    waiting: list[Any] = [queue_class]
    while waiting:
        part = waiting.pop()
        parts[part.__name__] = _, tree = _parse(part)
        waiting += [used for used in _used(tree, queue_class) if used.__name__ not in parts]
    in_order = sorted(parts.values(), key=lambda part: part[0])  # a class comes after its bases
    return ast.Module(body=[tree for _, tree in in_order], type_ignores=[])


def _parse(part: Any) -> tuple[int, ast.stmt]:
    """Return its first line in the module, and its syntax tree."""
    try:
        lines, first = inspect.getsourcelines(part)
    except (OSError, TypeError) as error:
        raise UsageError(f"the source of {_full_name(part)} is not to be had: {error}") from error
    (statement,) = ast.parse(textwrap.dedent("".join(lines))).body
    return first, statement


def _used(tree: ast.AST, queue_class: type) -> list[Any]:
    """Return the functions and classes of the class's module that `tree` mentions, in the order of their names."""
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    found = [_namespace(queue_class).get(name) for name in names]
    own = [part for part in found if getattr(part, "__module__", None) == queue_class.__module__]
    return [part for part in own if isinstance(part, types.FunctionType) or _is_helper(part, queue_class)]


def _is_helper(part: Any, queue_class: type) -> bool:
    """Return whether it is a class, no base, and no exception: that has to be the one that callers expect."""
    return isinstance(part, type) and not issubclass(queue_class, part) and not issubclass(part, BaseException)


def _namespace(queue_class: type) -> dict[str, Any]:
    return vars(sys.modules[queue_class.__module__])


def _future_flags(namespace: dict[str, Any]) -> int:
    """Return the flags of the `from __future__` imports that the module has made."""
    names = [name for name in __future__.all_feature_names if namespace.get(name) is getattr(__future__, name)]
    return sum(getattr(__future__, name).compiler_flag for name in names)


def _full_name(part: Any) -> str:
    return f"{part.__module__}.{part.__qualname__}"
