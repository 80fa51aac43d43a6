"""A failing schedule with fewer context switches, then fewer steps, that fails in the same way.

A schedule is a row of segments, each the steps that one task takes in a row. A variation leaves a segment out, joins
it to another one of the same task, or lets a task run on for as long as it can. It need not fit the program: what
cannot be done is left out, and where it says no more, whoever ran goes on. What such an execution really did is the
next schedule if it fails in the same way at a lower cost. Costs only go down, so this ends; it ends early when its
time is up. The result is a local minimum: no single variation makes it better. It may not be the best there is.

The idea is that of delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE
TSE 28(2), 2002), and of merging segments that of Jalbert and Sen, "A trace simplification technique for effective
debugging of concurrent programs", FSE 2010.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from pcverify.evidence import Verdict
from pcverify.explore.strategies import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pcverify.explore.engine.task import Task

Log = list[int]
"""An execution: the number of the task of each step, or ~number where its deadline passed."""

Segment = list[int]


class Guided(Strategy):
    """One execution that does what a log says as far as that can be done, and else lets whoever ran go on."""

    name = "guided"
    verdict = Verdict.SAMPLED
    asks_always = True

    def __init__(self, log: Sequence[int]) -> None:
        self._wanted = iter(log)

    def begin(self) -> bool:
        """It is always ready."""
        return True

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the next choice of the log that can be made; else the task that ran, or the first one."""
        offered = [~task.number if task.blocked else task.number for task in choices]
        for wanted in self._wanted:
            if wanted in offered:
                return offered.index(wanted)
        return choices.index(running) if running in choices else 0

    def end(self, failed: bool = False) -> None:
        """Nothing to do."""


def minimise(log: Log, execute: Callable[[Strategy], Log | None], *, max_seconds: float = 1.5) -> Log:
    """Return a schedule that fails in the same way, with as few context switches and then steps as were found.

    Args:
        log: a failing execution.
        execute: runs the program once; returns what was done if that failed in the same way, else None.
        max_seconds: real time after which it goes on no more.
    """
    until = time.monotonic() + max_seconds
    tried: set[tuple[int, ...]] = set()
    best, price = log, cost(log)
    improved = True
    while improved:
        improved = False
        for candidate in _variations(best):
            if time.monotonic() > until:
                return best
            key = tuple(candidate)
            if key in tried:
                continue
            tried.add(key)
            found = execute(Guided(candidate))
            if found is not None and cost(found) < price:
                best, price, improved = found, cost(found), True
                break
    return best


def cost(log: Sequence[int]) -> tuple[int, int]:
    """Return how many context switches an execution has, and how many steps."""
    tasks = [_task(choice) for choice in log]
    return sum(before != after for before, after in itertools.pairwise(tasks)), len(tasks)


def _variations(log: Log) -> Iterator[Log]:
    """Yield the logs to try, those first that change most."""
    segments = [list(steps) for _, steps in itertools.groupby(log, key=_task)]
    yield []
    for index in range(len(segments)):
        yield _flat(segments[:index])  # from here on nobody is interrupted
    for index, segment in enumerate(segments):
        for later in range(index + 2, len(segments)):
            if _task(segments[later][0]) == _task(segment[0]):
                yield _moved(segments, later, index + 1)  # what it does later, at once
                yield _moved(segments, index, later)  # what it does now, only then
                break
    for index in range(len(segments)):
        yield _flat(segments[:index] + segments[index + 1 :])
    for index, segment in enumerate(segments):
        task = _task(segment[0])
        rest = [[step for step in other if _task(step) != task] for other in segments[index + 1 :]]
        yield _flat([*segments[: index + 1], [task] * sum(map(len, segments)), *rest])  # it runs on
        for cut in range(1, len(segment)):
            yield _flat([*segments[:index], segment[:cut], *segments[index + 1 :]])


def _moved(segments: list[Segment], index: int, to: int) -> Log:
    """Put the segment at `index` in front of the one at `to`."""
    rest = segments[:index] + segments[index + 1 :]
    place = to - (index < to)
    return _flat([*rest[:place], segments[index], *rest[place:]])


def _flat(segments: list[Segment]) -> Log:
    return list(itertools.chain.from_iterable(segments))


def _task(choice: int) -> int:
    return choice if choice >= 0 else ~choice
