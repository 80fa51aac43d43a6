"""Conditions and numbers that are Python's or z3's: one definition serves both.

    def may_put(items, capacity):
        return items < capacity

gives a `bool` for two numbers and a formula for two z3 integers. `+`, `-`, `<`, `<=` do so by themselves. What Python
does not let us redefine (`and`, `or`, `not`, `if`) and equality of conditions stand here. z3 is loaded only where a
formula is asked for.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from pcverify.smt.errors import SolverMissing

Term = Any
"""A number or a condition, of Python or of z3."""


@cache
def load_z3() -> Any:
    """Return the module `z3`.

    Raises:
        SolverMissing: the package z3-solver is not installed.
    """
    try:
        return importlib.import_module("z3")
    except ImportError:
        raise SolverMissing("z3-solver", "smt") from None


def all_of(*conditions: Term) -> Term:
    """Return whether all hold; true if there is none."""
    if any(condition is False for condition in conditions):
        return False
    open_ones = [condition for condition in conditions if condition is not True]
    return load_z3().And(*open_ones) if open_ones else True


def any_of(*conditions: Term) -> Term:
    """Return whether one holds; false if there is none."""
    if any(condition is True for condition in conditions):
        return True
    open_ones = [condition for condition in conditions if condition is not False]
    return load_z3().Or(*open_ones) if open_ones else False


def none_of(*conditions: Term) -> Term:
    """Return whether none holds."""
    holds = any_of(*conditions)
    return not holds if isinstance(holds, bool) else load_z3().Not(holds)


def implies(condition: Term, consequence: Term) -> Term:
    """Return whether the consequence holds if the condition does."""
    return any_of(none_of(condition), consequence)


def choose(condition: Term, then: Term, otherwise: Term) -> Term:
    """Return one of two terms, by a condition."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    return load_z3().If(condition, then, otherwise)


def smaller(left: Term, right: Term) -> Term:
    """Return the smaller of two numbers."""
    return choose(left <= right, left, right)


def same(left: Term, right: Term) -> Term:
    """Return whether two numbers, or two conditions, are equal."""
    return left == right
