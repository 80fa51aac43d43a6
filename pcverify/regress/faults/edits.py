"""Changes of a syntax tree, found by the shape of statements and not by line numbers.

Each edit changes every place that fits, in the functions it is told, and returns how many it changed; the
caller says with `require` that there must be some. Places are looked for in nested statements too.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class FaultDoesNotApply(UsageError):
    """The class has no place where the fault could be made."""


def require(changed: int, place: str) -> None:
    """Raise `FaultDoesNotApply` if nothing was changed; `place` says what was looked for."""
    if not changed:
        raise FaultDoesNotApply(
            f"found no {place}: the fault means nothing for this class, or its pattern is out of date"
        )


def method(tree: ast.Module, name: str) -> ast.FunctionDef:
    """Return the method `name` of the one class in `tree`."""
    (queue_class,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in queue_class.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise FaultDoesNotApply(f"{queue_class.name} has no method {name} of its own")


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


def drop_statements(root: ast.AST, fits: Callable[[ast.stmt], bool]) -> int:
    """Put `pass` in the place of each statement that fits."""
    return replace_statements(root, fits, lambda _statement, _block: [ast.Pass()])


def statements(source: str) -> list[ast.stmt]:
    """Return the statements that `source` consists of."""
    return ast.parse(source).body


def text(node: ast.AST) -> str:
    """Return `node` as source, in one spelling whatever the original looked like."""
    return ast.unparse(node)


def is_call(source: str) -> Callable[[ast.stmt], bool]:
    """Return whether a statement is exactly the call `source`."""
    return lambda statement: isinstance(statement, ast.Expr) and text(statement) == source


def calls(node: ast.AST, function: str) -> bool:
    """Return whether a call of `function`, such as `self._get`, is anywhere within `node`."""
    return any(isinstance(inner, ast.Call) and text(inner.func) == function for inner in ast.walk(node))
