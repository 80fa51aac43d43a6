"""Mistakes that take more than to leave something out, each in every shape of code in which it can be made.

The shapes are those of `queue.Queue`, which waits in `Condition.wait` with the lock held and reaches the store through
hooks; of `ThreadSafeQueue`, which parks outside the lock and looks again as its loop goes round; and of
`HandoffQueue`, in which a waiter that is served has nothing more to look for.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pcverify.regress.faults.edits import (
    either,
    methods,
    nodes,
    reads,
    replace_statements,
    replacing,
    require,
    statements,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LOOSER: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.GtE: ast.Gt, ast.LtE: ast.Lt}
SIZES = ("self._qsize()", "len(self.queue)")
STORES = reads("self._put(item)", "self.queue.append(item)")
WAITS_LONGEST = ("self._getters[0]", "self._putters[0]")
TAKES = reads("item = self._get()", "item = self.queue[0]")


# In one call.


def capacity_off_by_one(tree: ast.Module) -> None:
    """Let a put go on that finds as many items as fit."""
    found = 0
    for node in nodes(tree, ast.Compare, "put"):
        if "self.maxsize" in text(node) and any(size in text(node) for size in SIZES):
            node.ops = [LOOSER.get(type(op), type(op))() for op in node.ops]
            found += 1
    require(found, "comparison of the size with maxsize in put")


def lifo(tree: ast.Module) -> None:
    """Take from the end at which items come in."""
    found = 0
    for call in nodes(tree, ast.Attribute, "_get"):
        if call.attr == "popleft":
            call.attr = "pop"
            found += 1
    for head in nodes(tree, ast.Subscript, "get"):
        if text(head) == "self.queue[0]":
            head.slice = ast.Constant(value=-1)
            found += 1
    require(found, "head of the queue in _get or get")


def always_block(tree: ast.Module) -> None:
    """Forget what put and get were told of `block`."""
    require(_begin_with(tree, "block = True", lambda method: _takes(method, "block")), "argument block of put and get")


def accept_negative(tree: ast.Module) -> None:
    """Count a negative time limit as zero, in each put and get that refuses it."""

    def refuses(method: ast.FunctionDef) -> bool:
        tests = [text(node.test) for node in ast.walk(method) if isinstance(node, ast.If)]
        return _takes(method, "timeout") and any("timeout < 0" in test for test in tests)

    require(_begin_with(tree, "timeout = timeout and max(timeout, 0)", refuses), "refusal of a negative timeout")


def _begin_with(tree: ast.Module, source: str, fits: Callable[[ast.FunctionDef], bool]) -> int:
    found = [method for method in methods(tree, "put", "get") if fits(method)]
    for method in found:
        start = 0 if ast.get_docstring(method) is None else 1
        method.body[start:start] = statements(source)
    return len(found)


def _takes(method: ast.FunctionDef, argument: str) -> bool:
    return argument in [each.arg for each in method.args.args]


# Between calls that overlap.


def one_condition(tree: ast.Module) -> None:
    """Let putters and getters wait on the same condition."""
    found = 0
    for init in methods(tree, "__init__"):
        made = {text(t) for node in ast.walk(init) if isinstance(node, ast.Assign) for t in node.targets}
        if {"self.not_empty", "self.not_full"} <= made:
            init.body += statements("self.not_full = self.not_empty")
            found += 1
    require(found, "not_empty and not_full in __init__")


def if_for_while(where: str) -> Callable[[ast.Module], None]:
    """Go on after the first wait, whatever there is then."""

    def look_once(loop: ast.stmt, _block: list[ast.stmt]) -> list[ast.stmt]:
        assert isinstance(loop, ast.While)
        return [ast.If(test=loop.test, body=loop.body, orelse=[])]

    def look_no_more(tree: ast.Module) -> int:
        """Where a loop begins with the look: pass it by for whoever has waited."""
        found = [
            node
            for method in methods(tree, where)
            for loop in ast.walk(method)
            if _is_endless(loop)
            for node in ast.walk(loop)
            if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Return)
        ]
        for node in found:
            node.test = ast.BoolOp(op=ast.Or(), values=[_expression("waiter is not None"), node.test])
        return len(found)

    return either(
        f"loop in {where}",
        replacing((where,), lambda node: isinstance(node, ast.While) and not _is_endless(node), look_once),
        look_no_more,
    )


def _is_endless(node: ast.AST) -> bool:
    return isinstance(node, ast.While) and text(node.test) == "True"


def lets_go_before(where: str, fits: Callable[[ast.stmt], bool], place: str) -> Callable[[ast.Module], None]:
    """Release the lock before a statement that belongs to what comes before it, and take it again."""
    lets_go = "self.mutex.release()\nself.mutex.acquire()"
    return either(
        f"{place} in {where}",
        replacing((where,), fits, lambda statement, _block: [*statements(lets_go), statement]),
    )


def enlists(statement: ast.stmt) -> bool:
    """Return whether it puts a waiter into a list, or waits in a condition, which does."""
    if isinstance(statement, ast.If) and ".enlist()" in text(statement.test):
        return True
    if isinstance(statement, ast.Assign):
        return text(statement).startswith("waiter = ") and "_Waiter(" in text(statement)
    return text(statement).startswith(("self.not_empty.wait(", "self.not_full.wait("))


def swallow_wakeup(tree: ast.Module) -> None:
    """Let a waiter whose time is up end in vain, though it was notified or served by then."""
    either(
        "end of a timed wait",
        replacing(("put", "get"), _is_timed_wait, _raise_at_once),
        _end_at_once,
        replacing(("_wait",), reads("waiter.leave()"), lambda leave, _: [leave, *statements("waiter.given = NOTHING")]),
    )(tree)


def _is_timed_wait(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and text(call.func).endswith(".wait") and len(call.args) == 1


def _raise_at_once(wait: ast.stmt, block: list[ast.stmt]) -> list[ast.stmt]:
    """Raise what the check before that wait raises."""
    assert isinstance(wait, ast.Expr)
    checks = [each for each in block[: block.index(wait)] if isinstance(each, ast.If)]
    raises = [check.body[0] for check in checks if isinstance(check.body[0], ast.Raise)]
    require(len(raises), "check of the deadline before a timed wait")
    return [ast.If(test=ast.UnaryOp(op=ast.Not(), operand=wait.value), body=[raises[-1]], orelse=[])]


def _end_at_once(tree: ast.Module) -> int:
    """Where a loop begins by leaving the list, end as if the time had been up before.

    With no exception yet: who is interrupted wakes others in its place.
    """
    return sum(_add_end(method) for method in methods(tree, "put", "get"))


def _add_end(method: ast.FunctionDef) -> int:
    ends = [node.body for node in ast.walk(method) if isinstance(node, ast.If) and ".enlist()" in text(node.test)]
    if not ends:
        return 0
    end = ast.If(test=_expression("not waiter.woken"), body=ends[0], orelse=[])
    return replace_statements(method, reads("waiter.leave()"), lambda leave, _block: [leave, end])


def _expression(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def last_come_first_served(tree: ast.Module) -> None:
    """Take the last one out of a list of those who are served in their order."""
    found = [head for head in nodes(tree, ast.Subscript, "put", "get") if text(head) in WAITS_LONGEST]
    for head in found:
        head.slice = ast.Constant(value=-1)
    require(len(found), "head of a list of those who are served in their order")


# Where an exception from outside comes.


def recovers_without(argument: int, place: str) -> Callable[[ast.Module], None]:
    """Do not tell `_recover` of the waiter, or of what the call has taken."""

    def edit(tree: ast.Module) -> int:
        calls = [call for call in nodes(tree, ast.Call, "put", "get", "join") if text(call.func) == "self._recover"]
        found = [call for call in calls if len(call.args) > argument]
        for call in found:
            call.args[argument] = ast.Constant(value=None) if argument == 0 else ast.Name(id="NOTHING")
        return len(found)

    return either(place, edit)


def stops_half_way(tree: ast.Module) -> None:
    """Do not begin again where waking all of them is interrupted."""
    handlers = [
        handler
        for handler in nodes(tree, ast.ExceptHandler, "shutdown", "task_done")
        if isinstance(handler.body[-1], ast.Raise)
    ]
    for handler in handlers:
        handler.body = handler.body[-1:]
    require(len(handlers), "second attempt in shutdown or task_done")
