"""Virtual time: it stands still while tasks run, and moves when a deadline passes.

A loop that reads the clock until time has passed, and does nothing else, would never end under a clock that stands
still. So the clock creeps: after 1,000 reads without a step between them each further read takes time, at first a
microsecond, and then each time one per cent more; so a minute is over after some 1,400 reads more. Meanwhile every
100th read is an operation, so that others can do what the loop waits for. An execution that goes on fairly, since it
took too many steps, may be such a loop with operations in it: there the clock creeps whether there are steps or not.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.redirect import Redirection

EPOCH = 1_700_000_000.0  # what time.time() says at the start of an execution: some day in November 2023
PATIENCE = 1_000
POINTS = 100  # of so many reads in the time after that one is an operation
CREEP = 1e-6
FASTER = 1.01


class Clock:
    """The time of one execution, in seconds since its start."""

    __slots__ = ("_creep", "_reads", "_reads_at", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self._reads = 0
        self._reads_at = -1
        self._creep = CREEP

    apart = False
    """Whether each task has a time of its own."""

    def pass_to(self, deadline: float, task: Task) -> None:
        """Move on to the deadline of a task, unless it is over already."""
        self.now = max(self.now, deadline)

    def read(self, task: Task) -> float:
        """Return the time as a task sees it, which must be the running one."""
        execution = task.execution
        if execution.steps != self._reads_at:
            self._reads_at = execution.steps
            if not execution.unfair:
                self._reads, self._creep = 0, CREEP
        self._reads += 1
        if self._reads > PATIENCE:
            self._wait(task)
        return self.now

    def _wait(self, task: Task) -> None:
        """Let some time pass for a task that does nothing but look at the clock."""
        reads, creep = self._reads, self._creep
        if reads % POINTS == 0:
            task.operation("read-clock", None)
            self._reads, self._reads_at = reads, task.execution.steps  # that step is none of the loop's own
        self.now += creep
        self._creep = creep * FASTER


class Moment(float):
    """What a clock of one task said, or a moment so many seconds before or after; a difference of two is a number.

    Attributes:
        task: whose clock that is.
    """

    __slots__ = ("task",)

    task: Task

    def __add__(self, seconds: float) -> Moment:
        """Return the moment so many seconds later."""
        return _moment(float(self) + seconds, self.task)

    __radd__ = __add__

    def __sub__(self, other: float) -> float:
        """Return how many seconds lie between two moments, or the moment so many seconds before."""
        if isinstance(other, Moment):
            return float(self) - float(other)
        return _moment(float(self) - other, self.task)


def _moment(seconds: float, task: Task) -> Moment:
    moment = Moment(seconds)
    moment.task = task
    return moment


class ClocksApart(Clock):
    """A time for each task, which moves only when a deadline of that task passes.

    So deadlines pass in any order, whatever their timeouts: what can happen then can happen with some timeouts and
    some speed of each thread. Time does not creep. Tasks are told `Moment`s, so that whoever compares states can tell
    a moment, of which only the distance counts, from any other number.
    """

    __slots__ = ("_times",)

    apart = True

    def __init__(self) -> None:
        self._times: dict[Any, float] = {}

    @property
    def now(self) -> float:  # type: ignore[override]  # whose time it is depends on who asks
        """The time of the running task."""
        task = getcurrent()
        return _moment(self._times.get(task, 0.0), task) if task.__class__ is Task else 0.0

    def of(self, task: Task) -> float:
        """Return the time of a task."""
        return self._times.get(task, 0.0)

    def pass_to(self, deadline: float, task: Task) -> None:
        """Move the time of a task on to its deadline."""
        self._times[task] = max(self.of(task), deadline)

    def read(self, task: Task) -> float:
        """Return the time of a task."""
        return _moment(self.of(task), task)


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
        return unit(task.execution.clock.read(task) + epoch)

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
