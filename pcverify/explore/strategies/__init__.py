"""Strategies: who takes the next step. One file each; the engine knows none of them.

| name | runs | its verdict |
|---|---|---|
| `dfs` | every schedule | OK |
| `stateful` | every state: what `dfs` runs, but for what follows a state that was met before | OK |
| `bounded:2` | every schedule with at most 2 preemptions | OK |
| `delay:2` | every schedule with at most 2 delays of a round-robin scheduler | OK |
| `random` | uniform random walks | SAMPLED |
| `sticky` | random walks that mostly go on with the task that runs | SAMPLED |
| `pct:3` | random priorities that change at 2 points: finds bugs of depth 3 with a known chance | SAMPLED |
| `hypothesis` | what Hypothesis draws; a failing schedule is shrunk | SAMPLED |
| `portfolio` | several of these in turn | OK or SAMPLED |
| `Replay(…)` | the one execution that a schedule describes | SAMPLED |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import UsageError
from pcverify.explore.strategies.bounded import Bounded
from pcverify.explore.strategies.dfs import Dfs
from pcverify.explore.strategies.hypothesis import Hypothesis
from pcverify.explore.strategies.pct import Pct
from pcverify.explore.strategies.portfolio import Portfolio
from pcverify.explore.strategies.random import Random
from pcverify.explore.strategies.replay import Replay
from pcverify.explore.strategies.stateful import Stateful
from pcverify.explore.strategies.strategy import STOP, Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "STOP",
    "Bounded",
    "Dfs",
    "Hypothesis",
    "Pct",
    "Portfolio",
    "Random",
    "Replay",
    "Stateful",
    "Strategy",
    "named",
]

_SAMPLING: dict[str, Callable[[int, int], Strategy]] = {
    "random": lambda executions, seed: Random(executions, seed=seed),
    "sticky": lambda executions, seed: Random(executions, seed=seed, sticky=True),
    "pct": lambda executions, seed: Pct(executions, seed=seed),
    "hypothesis": lambda executions, seed: Hypothesis(executions, seed=seed),
    "portfolio": lambda executions, seed: Portfolio(executions, seed=seed),
}
_SYSTEMATIC: dict[str, Callable[[], Strategy]] = {
    "dfs": Dfs,
    "stateful": Stateful,
    "bounded": Bounded,
    "delay": lambda: Bounded(delays=2),
}
_NUMBERED: dict[str, Callable[[int, int, int], Strategy]] = {
    "pct": lambda number, executions, seed: Pct(executions, depth=number, seed=seed),
    "bounded": lambda number, executions, seed: Bounded(preemptions=number),
    "delay": lambda number, executions, seed: Bounded(delays=number),
}
NAMES = (*_SYSTEMATIC, *_SAMPLING, *(f"{name}:N" for name in _NUMBERED))


def named(name: str, *, executions: int | None = None, seed: int = 0) -> Strategy:
    """Make a strategy.

    Args:
        name: one of `NAMES`, with a number for N: the depth of `pct`, the bound of `bounded` and `delay`.
        executions: how many, for those that sample: 10,000 for `portfolio` if not given, 1,000 for the others.
        seed: for those that draw.

    Raises:
        UsageError: there is none of this name, or what it needs is missing.
    """
    if executions is None:
        executions = 10_000 if name == "portfolio" else 1_000
    base, colon, number = name.partition(":")
    if colon and base in _NUMBERED and number.isascii() and number.isdigit():
        return _NUMBERED[base](int(number), executions, seed)
    if name in _SYSTEMATIC:
        return _SYSTEMATIC[name]()
    if name in _SAMPLING:
        return _SAMPLING[name](executions, seed)
    raise UsageError(f"there is no strategy {name!r}: give one of {', '.join(NAMES)}")
