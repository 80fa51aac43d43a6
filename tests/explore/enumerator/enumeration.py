"""Depth first over all choices, each execution from the start of the program."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.explore.enumerator.library import Library
from tests.explore.enumerator.operations import Rules, Run

Program = Callable[[Any, Any, Any], Any]
"""Gets the modules `threading`, `queue` and `time`; returns its outcome."""


class TooMany(Exception):
    """A program has more schedules than were allowed."""


@dataclass(frozen=True)
class Found:
    """What a program can do, and in how many schedules."""

    outcomes: frozenset[str]
    executions: int


def enumerate_schedules(program: Program, *, rules: Rules | None = None, max_executions: int | None = None) -> Found:
    """Run `program` under every schedule.

    Raises:
        TooMany: there are more than `max_executions`.
    """
    library = _library()
    outcomes: set[str] = set()
    executions = 0
    path: list[tuple[int, int]] | None = []
    with _on_one_core():
        while path is not None:
            if executions == max_executions:
                raise TooMany(f"more than {max_executions} schedules")
            run = Run(path, rules or Rules())
            library.begin()
            library.control.run = run
            try:
                outcomes.add(run.execute(lambda: library.call(program)))
            finally:
                library.control.run = None
            executions += 1
            path = _after(run.taken)
    return Found(frozenset(outcomes), executions)


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Keep this thread and those that it starts on one core: one runs at a time, and waking is quicker there."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(allowed)[os.getpid() % len(allowed)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


@cache
def _library() -> Library:
    return Library()


def _after(taken: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """Return the path that follows: the next choice at the last place that has one left."""
    for depth in range(len(taken) - 1, -1, -1):
        index, count = taken[depth]
        if index + 1 < count:
            return [*taken[:depth], (index + 1, count)]
    return None
