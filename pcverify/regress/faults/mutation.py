"""From a class to its mutated twin: take the source, change the tree, compile it where the original lives.

The twin is compiled in a copy of its module's namespace, together with the functions of that module that the
class calls (and those that these call), because a class may have moved part of its waiting there. Nothing of
the original is touched. The new text is known to `linecache` under a name of its own, so tracebacks and
`inspect.getsource` of a method show the mutated lines.

What it does not do: the source of base classes stays as it is, and a class within a function is refused,
because the variables around it are out of reach.
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
        mutate: changes a module that holds the class and the functions it calls, or raises `FaultDoesNotApply`.
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
    """Return the class and the functions of its module that it calls, without comments: to compare with."""
    return ast.unparse(_tree(queue_class))


def _tree(queue_class: type) -> ast.Module:
    if "<locals>" in queue_class.__qualname__ or "." in queue_class.__qualname__:
        raise UsageError(f"{_full_name(queue_class)} is not at the top of its module; move it there to mutate it")
    parts: dict[str, ast.stmt] = {}
    waiting: list[Any] = [queue_class]
    while waiting:
        part = waiting.pop()
        parts[part.__name__] = tree = _parse(part)
        waiting += [function for function in _own_functions(tree, queue_class) if function.__name__ not in parts]
    return ast.Module(body=[*parts.values()][::-1], type_ignores=[])


def _parse(part: Any) -> ast.stmt:
    try:
        source = inspect.getsource(part)
    except (OSError, TypeError) as error:
        raise UsageError(f"the source of {_full_name(part)} is not to be had: {error}") from error
    (statement,) = ast.parse(textwrap.dedent(source)).body
    return statement


def _own_functions(tree: ast.AST, queue_class: type) -> list[types.FunctionType]:
    """Return the functions of the class's module that `tree` mentions, in the order of their names."""
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    found = [_namespace(queue_class).get(name) for name in names]
    return [f for f in found if isinstance(f, types.FunctionType) and f.__module__ == queue_class.__module__]


def _namespace(queue_class: type) -> dict[str, Any]:
    return vars(sys.modules[queue_class.__module__])


def _future_flags(namespace: dict[str, Any]) -> int:
    """Return the flags of the `from __future__` imports that the module has made."""
    names = [name for name in __future__.all_feature_names if namespace.get(name) is getattr(__future__, name)]
    return sum(getattr(__future__, name).compiler_flag for name in names)


def _full_name(part: Any) -> str:
    return f"{part.__module__}.{part.__qualname__}"
