"""The faults. Add one here, with a name that says what is wrong.

The first group can be seen in a history of one call after the other; the others only when calls overlap,
some of them also alone, because a wait that timed out is an overlap with the clock.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError
from pcverify.regress.faults.edits import (
    calls,
    drop_statements,
    is_call,
    method,
    replace_statements,
    require,
    statements,
    text,
)
from pcverify.regress.faults.mutation import Fault

if TYPE_CHECKING:
    from collections.abc import Callable


def _drop_call(where: str, call: str) -> Callable[[ast.Module], None]:
    """Leave out the call in the method `where`."""

    def mutate(tree: ast.Module) -> None:
        require(drop_statements(method(tree, where), is_call(call)), f"{call} in {where}")

    return mutate


def _drop_if(where: str, fits: Callable[[ast.If], bool], place: str) -> Callable[[ast.Module], None]:
    """Leave out what each fitting `if` in the method `where` does; its `else` is as before."""

    def mutate(tree: ast.Module) -> None:
        found = [node for node in ast.walk(method(tree, where)) if isinstance(node, ast.If) and fits(node)]
        for node in found:
            node.body = [ast.Pass()]
        require(len(found), f"{place} in {where}")

    return mutate


def _raises(node: ast.If, exception: str) -> bool:
    """Whether all that the `if` does is to raise `exception`."""
    return len(node.body) == 1 and isinstance(node.body[0], ast.Raise) and exception in text(node.body[0])


def _if_for_while(where: str) -> Callable[[ast.Module], None]:
    def mutate(tree: ast.Module) -> None:
        changed = replace_statements(
            method(tree, where),
            lambda statement: isinstance(statement, ast.While),
            lambda loop, _: [ast.If(test=loop.test, body=loop.body, orelse=[])],  # type: ignore[attr-defined]
        )
        require(changed, f"loop in {where}")

    return mutate


def _check_outside_lock(where: str, store: str) -> Callable[[ast.Module], None]:
    """Release the lock between what comes before the call of `store` and that call."""

    def split(statement: ast.stmt, _block: list[ast.stmt]) -> list[ast.stmt]:
        assert isinstance(statement, ast.With)
        at = [calls(inner, store) for inner in statement.body].index(True)
        return [ast.With(items=statement.items, body=part) for part in (statement.body[:at], statement.body[at:])]

    def mutate(tree: ast.Module) -> None:
        changed = replace_statements(
            method(tree, where),
            lambda statement: isinstance(statement, ast.With) and any(calls(s, store) for s in statement.body[1:]),
            split,
        )
        require(changed, f"{store}() after a check under one lock in {where}")

    return mutate


def _one_condition(tree: ast.Module) -> None:
    init = method(tree, "__init__")
    made = {text(t) for node in ast.walk(init) if isinstance(node, ast.Assign) for t in node.targets}
    require({"self.not_empty", "self.not_full"} <= made, "not_empty and not_full in __init__")
    init.body += statements("self.not_full = self.not_empty")


def _swallow_wakeup(tree: ast.Module) -> None:
    """After a timed wait that reports a timeout, raise what the check before that wait raises."""

    def fits(statement: ast.stmt) -> bool:
        call = statement.value if isinstance(statement, ast.Expr) else None
        return isinstance(call, ast.Call) and text(call.func).endswith(".wait") and len(call.args) == 1

    def give_up(wait: ast.stmt, block: list[ast.stmt]) -> list[ast.stmt]:
        raises = [s.body[0] for s in block[: block.index(wait)] if isinstance(s, ast.If) and _raises(s, "")]
        require(len(raises), "check of the deadline before a timed wait")
        return [ast.If(test=ast.UnaryOp(ast.Not(), wait.value), body=raises[-1:], orelse=[])]  # type: ignore[attr-defined]

    require(replace_statements(tree, fits, give_up), "timed wait")


def _capacity_off_by_one(tree: ast.Module) -> None:
    found = 0
    for node in ast.walk(method(tree, "put")):
        if isinstance(node, ast.Compare) and text(node) == "self._qsize() >= self.maxsize":
            node.ops = [ast.Gt()]
            found += 1
    require(found, "comparison of the size with maxsize in put")


def _lifo(tree: ast.Module) -> None:
    found = 0
    for node in ast.walk(method(tree, "_get")):
        if isinstance(node, ast.Attribute) and node.attr == "popleft":
            node.attr = "pop"
            found += 1
    require(found, "popleft in _get")


def _double_item(tree: ast.Module) -> None:
    fits = is_call("self._put(item)")
    require(replace_statements(method(tree, "put"), fits, lambda put, _: [put, put]), "self._put(item) in put")


def _uncounted(tree: ast.Module) -> None:
    changed = drop_statements(method(tree, "put"), lambda statement: text(statement) == "self.unfinished_tasks += 1")
    require(changed, "count of unfinished tasks in put")


def _silent_task_done(tree: ast.Module) -> None:
    changed = drop_statements(method(tree, "task_done"), lambda statement: isinstance(statement, ast.Raise))
    require(changed, "raise in task_done")


def _always_block(tree: ast.Module) -> None:
    for name in ("put", "get"):
        found = method(tree, name)
        require("block" in [argument.arg for argument in found.args.args], f"argument block of {name}")
        start = 0 if ast.get_docstring(found) is None else 1
        found.body[start:start] = statements("block = True")


def _accept_negative(tree: ast.Module) -> None:
    """Count a negative time limit as zero, wherever a comparison with zero refuses it."""
    found = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and text(node.test) == "timeout < 0" and _raises(node, "ValueError"):
            node.test = ast.Constant(value=False)
            found += 1
    require(found, "refusal of a negative timeout")


FAULTS: tuple[Fault, ...] = (
    # Seen in a history of one call after the other.
    Fault("capacity-off-by-one", "put lets one item more in than fit", _capacity_off_by_one),
    Fault("lifo", "get returns the item that came last", _lifo),
    Fault("drop-item", "put counts an item and does not keep it", _drop_call("put", "self._put(item)")),
    Fault("double-item", "put keeps an item twice", _double_item),
    Fault("task-done-never-complains", "task_done may be called too often", _silent_task_done),
    Fault("unfinished-not-counted", "put does not count an unfinished task", _uncounted),
    Fault("nowait-waits", "put and get wait although they were told not to", _always_block),
    Fault("accept-negative-timeout", "put and get take a negative timeout for zero", _accept_negative),
    Fault(
        "shutdown-forgets-puts",
        "put goes on after a shutdown",
        _drop_if("put", lambda node: _raises(node, "ShutDown"), "check for a shutdown"),
    ),
    Fault(
        "immediate-shutdown-keeps-items",
        "an immediate shutdown discards nothing",
        _drop_if("shutdown", lambda node: text(node.test) == "immediate", "case of an immediate shutdown"),
    ),
    # Seen when calls overlap.
    Fault("one-condition", "putters and getters share one condition, and notify wakes any of them", _one_condition),
    Fault("if-for-while-in-put", "a woken put does not look again", _if_for_while("put")),
    Fault("if-for-while-in-get", "a woken get does not look again", _if_for_while("get")),
    Fault("drop-notify-in-put", "put wakes no getter", _drop_call("put", "self.not_empty.notify()")),
    Fault("drop-notify-in-get", "get wakes no putter", _drop_call("get", "self.not_full.notify()")),
    Fault(
        "check-outside-lock-in-put", "put lets go of the lock after its check", _check_outside_lock("put", "self._put")
    ),
    Fault(
        "check-outside-lock-in-get", "get lets go of the lock after its check", _check_outside_lock("get", "self._get")
    ),
    Fault("swallow-wakeup", "a waiter whose time is up does not look again, though it was notified", _swallow_wakeup),
    Fault(
        "drop-notify-in-task-done",
        "the last task_done wakes no join",
        _drop_call("task_done", "self.all_tasks_done.notify_all()"),
    ),
    Fault(
        "drop-notify-getters-in-shutdown",
        "a shutdown wakes no getter",
        _drop_call("shutdown", "self.not_empty.notify_all()"),
    ),
    Fault(
        "drop-notify-putters-in-shutdown",
        "a shutdown wakes no putter",
        _drop_call("shutdown", "self.not_full.notify_all()"),
    ),
    Fault(
        "drop-notify-joiners-in-shutdown",
        "an immediate shutdown wakes no join",
        _drop_call("shutdown", "self.all_tasks_done.notify_all()"),
    ),
)


def named(name: str) -> Fault:
    """Return the fault called `name`.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    for fault in FAULTS:
        if fault.name == name:
            return fault
    raise UsageError(f"no fault is called {name!r}; there are: {', '.join(fault.name for fault in FAULTS)}")
