"""Virtual time: it stands still while tasks run, and moves when a deadline passes.

A loop that reads the clock until time has passed, and does nothing else, would never end under a clock that stands
still. So the clock creeps: after 1,000 reads without a step between them each further read takes a microsecond.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from pcverify.explore.switching import getcurrent
from pcverify.explore.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.redirect import Redirection

EPOCH = 1_700_000_000.0  # what time.time() says at the start of an execution: some day in November 2023
PATIENCE = 1_000
CREEP = 1e-6


class Clock:
    """The time of one execution, in seconds since its start."""

    def __init__(self) -> None:
        self.now = 0.0
        self._reads = 0
        self._reads_at = -1

    def pass_to(self, deadline: float) -> None:
        """Move on to `deadline`, unless it is over already."""
        self.now = max(self.now, deadline)

    def read(self, steps: int) -> float:
        """Return the time as a task sees it; `steps` is how many steps were taken so far."""
        if steps != self._reads_at:
            self._reads, self._reads_at = 0, steps
        self._reads += 1
        if self._reads > PATIENCE:
            self.now += CREEP
        return self.now


def redirect_clocks(redirection: Redirection) -> None:
    """Let the functions of the module `time` that tell or spend time do so virtually, in a task."""
    redirection.function(time.sleep, _sleep)
    for name, epoch in (("monotonic", 0.0), ("perf_counter", 0.0), ("time", EPOCH)):
        redirection.function(getattr(time, name), _reading(epoch, lambda seconds: seconds))
        redirection.function(getattr(time, f"{name}_ns"), _reading(epoch, lambda seconds: round(seconds * 1e9)))


def _reading(epoch: float, unit: Callable[[float], Any]) -> Callable[[Callable[[], Any]], Any]:
    def read(original: Callable[[], Any]) -> Any:
        task = getcurrent()
        if task.__class__ is not Task:
            return original()
        execution = task.execution
        return unit(epoch + execution.clock.read(execution.steps))

    return read


def _sleep(original: Callable[[float], None], seconds: float) -> None:
    task = getcurrent()
    if task.__class__ is not Task:
        return original(seconds)
    if not seconds > 0 or not math.isfinite(seconds):
        original(seconds if seconds else 0)  # raises what it raises; a sleep of zero is over at once
        task.operation("sleep", None)
    else:
        task.wait("sleep", None, task.execution.clock.now + seconds)
    return None
