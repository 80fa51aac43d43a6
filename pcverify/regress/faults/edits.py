"""Changes of a syntax tree, found by the shape of statements and not by line numbers.

Each edit changes every place that fits, in the methods it is told, and returns how many it changed. `either` makes a
mutation of edits that look for the same mistake in code of different shapes: one of them must find its place. Places
are looked for in nested statements too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeVar

from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N = TypeVar("N", bound=ast.AST)


class FaultDoesNotApply(UsageError):
    """The class has no place where the fault could be made."""


def require(changed: int, place: str) -> None:
    """Raise `FaultDoesNotApply` if nothing was changed; `place` says what was looked for."""
    if not changed:
        raise FaultDoesNotApply(
            f"found no {place}: the fault means nothing for this class, or its pattern is out of date"
        )


def either(place: str, *edits: Callable[[ast.Module], int]) -> Callable[[ast.Module], None]:
    """Make all edits, each for code of another shape; `place` says what all of them look for."""

    def mutate(tree: ast.Module) -> None:
        require(sum([edit(tree) for edit in edits]), place)

    return mutate


# Edits of a kind, made to measure.


def replacing(
    where: tuple[str, ...],
    fits: Callable[[ast.stmt], bool],
    make: Callable[[ast.stmt, list[ast.stmt]], list[ast.stmt]],
) -> Callable[[ast.Module], int]:
    """Return the edit that replaces, in these methods, what fits by what `make` returns: see `replace_statements`."""
    return lambda tree: sum(replace_statements(method, fits, make) for method in methods(tree, *where))


def dropping(where: tuple[str, ...], *sources: str) -> Callable[[ast.Module], int]:
    """Return the edit that leaves out, in these methods, the statements that read so."""
    return replacing(where, reads(*sources), lambda _statement, _block: [ast.Pass()])


def never(where: tuple[str, ...], fits: Callable[[ast.If], bool]) -> Callable[[ast.Module], int]:
    """Return the edit that makes, in these methods, each `if` that fits go on as if its test had failed."""

    def edit(tree: ast.Module) -> int:
        found = [node for node in nodes(tree, ast.If, *where) if fits(node)]
        for node in found:
            node.test = ast.Constant(value=False)
        return len(found)

    return edit


def emptying(name: str, instead: str) -> Callable[[ast.Module], int]:
    """Return the edit that makes this the body of each method of that name."""

    def edit(tree: ast.Module) -> int:
        found = methods(tree, name)
        for method in found:
            method.body = statements(instead)
        return len(found)

    return edit


# What they are made of.


def methods(tree: ast.Module, *names: str) -> list[ast.FunctionDef]:
    """Return the methods that are called so, of all classes in `tree`."""
    members = [node for part in tree.body if isinstance(part, ast.ClassDef) for node in part.body]
    return [node for node in members if isinstance(node, ast.FunctionDef) and node.name in names]


def nodes(tree: ast.Module, kind: type[N], *where: str) -> Iterator[N]:
    """Yield every node of a kind within these methods."""
    return (node for method in methods(tree, *where) for node in ast.walk(method) if isinstance(node, kind))


def blocks(root: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield every list of statements within `root`."""
    for node in ast.walk(root):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


def replace_statements(
    root: ast.AST, fits: Callable[[ast.stmt], bool], make: Callable[[ast.stmt, list[ast.stmt]], list[ast.stmt]]
) -> int:
    """Replace each statement that fits by what `make` returns for it and the block around it."""
    changed = 0
    for block in list(blocks(root)):
        before = list(block)
        if any(map(fits, before)):
            changed += sum(map(fits, before))
            block[:] = [new for old in before for new in (make(old, before) if fits(old) else [old])]
    return changed


def statements(source: str) -> list[ast.stmt]:
    """Return the statements that `source` consists of."""
    return ast.parse(source).body


def text(node: ast.AST) -> str:
    """Return `node` as source, in one spelling whatever the original looked like."""
    return ast.unparse(node)


def reads(*sources: str) -> Callable[[ast.stmt], bool]:
    """Return whether a statement reads exactly like one of these."""
    return lambda statement: text(statement) in sources
