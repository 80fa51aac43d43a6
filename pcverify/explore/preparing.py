"""What an exploration was asked for, made ready: the strategy of a name, and the setting of its schedules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pcverify.evidence import Verdict
from pcverify.explore.schedule import Setting, compare_settings
from pcverify.explore.strategies import Replay, named

if TYPE_CHECKING:
    from pcverify.explore.bounds import Bounds
    from pcverify.explore.strategies import Strategy

SAMPLES = 1_000
"""How many executions a strategy that is given by name samples if no bound says otherwise."""

ENDLESS = 10**12


def strategy_named(name: str, bounds: Bounds, seed: int) -> tuple[Strategy, Bounds]:
    """Make the strategy of this name; return it with the bounds that hold then."""
    executions = bounds.max_executions
    if executions is None:
        executions = SAMPLES if bounds.max_seconds is None else ENDLESS
    strategy = named(name, executions=executions, seed=seed)
    if strategy.verdict is Verdict.SAMPLED and executions != ENDLESS:
        bounds = replace(bounds, max_executions=executions)
    return strategy, bounds


def setting_of(strategy: Strategy, granularity: str, instrument: tuple[str, ...]) -> tuple[Setting, tuple[str, ...]]:
    """Return the setting of the exploration, and what is to be said about it.

    Raises:
        UsageError: a replay cannot fit it.
    """
    made = strategy.schedule.setting if isinstance(strategy, Replay) else None
    if made is not None and granularity == "sync":
        granularity, instrument = made.granularity, made.instrument
    setting = Setting(granularity, instrument)
    return setting, () if made is None else compare_settings(made, setting)
