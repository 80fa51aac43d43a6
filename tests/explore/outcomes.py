"""What a program that never fails can come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.explore import explore

if TYPE_CHECKING:
    from collections.abc import Callable


def outcomes(program: Callable[[], object], executions: int | None = None, strategy: str = "random") -> set[str]:
    """Return all outcomes: of every schedule, or of so many that a strategy samples.

    Programs whose tasks share no lock are fine here, though an exploration says that it shows nothing of them.
    """
    strategy = "dfs" if executions is None else strategy
    result = explore(program, strategy=strategy, max_executions=executions, keep_going=True)
    assert result.counterexample is None, result.counterexample
    assert result.exhausted or executions is not None or result.strategy != "dfs", result
    assert not result.reason or "no two tasks" in result.reason, result.reason
    return {outcome.outcome for outcome in result.outcomes}


def refused(program: Callable[[], object]) -> str:
    """Return why a program shows nothing."""
    result = explore(program, strategy="random", max_executions=20)
    assert (result.verdict.name, result.counterexample) == ("UNKNOWN", None), result
    return result.reason
