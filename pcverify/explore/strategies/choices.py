"""What strategies read from a list of choices, and how they notice that a program departed from its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.explore.errors import ReplayDeparted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pcverify.explore.engine.scheduler import Scheduler
    from pcverify.explore.engine.task import Task


def first_late(choices: Sequence[Task]) -> int:
    """Return where the tasks that can go on end, and those begin whose deadline would pass."""
    index = len(choices)
    while index and not choices[index - 1].can_go_on():
        index -= 1
    return index


def departed(execution: Scheduler | None, expected: Iterable[str], found: Iterable[str] | None) -> ReplayDeparted:
    """Return the error for a program that offers other choices than it did; None: the execution was over.

    Args:
        execution: in which that is seen; None if it was over before there was a choice.
        expected: the names of the tasks that were offered here.
        found: the names of those that are.
    """
    here = "the end of the execution" if found is None else ", ".join(found)
    return ReplayDeparted(1 if execution is None else execution.steps + 1, f"a choice of {', '.join(expected)}", here)
