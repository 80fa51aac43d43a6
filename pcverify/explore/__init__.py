"""Deterministic execution of ordinary thread code: every interleaving, or any one of them again.

    result = explore(program)              # the threads that `program` starts, in every order
    print(result)                          # OK, or the steps that break it

    with Execution() as execution:         # the same by hand, one step at a time
        task = execution.spawn(work, "worker-0")
        execution.step(task)

The program runs unmodified: its threads become greenlets in one OS thread, and for the time of a run the lock types,
`Thread`, the clocks and `sleep` do what the scheduler says. So `Condition`, `Event`, `Semaphore`, `Barrier`, `Timer`
and `queue.Queue` are the standard library's own. A switch can happen before each operation on a lock, a thread or
the clock, and nowhere else; see `exploration` and `execution` for what that does not show.

Needs greenlet: pip install 'pcverify[explore]'. Importing this works without.
"""

from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.engine.execution import Execution
from pcverify.explore.engine.step import Blocked, Step
from pcverify.explore.engine.task import Task
from pcverify.explore.errors import (
    AlreadyRunning,
    InconclusiveExploration,
    InterleavingFailure,
    MissingGreenlet,
    OutOfControl,
    ReplayDeparted,
    TooManySteps,
    UnknownBuild,
    UnreadableSchedule,
)
from pcverify.explore.exploration import explore
from pcverify.explore.interleavings import interleavings
from pcverify.explore.result import Counterexample, Exploration, Outcome
from pcverify.explore.strategies import (
    Bounded,
    Dfs,
    Hypothesis,
    Pct,
    Portfolio,
    Random,
    Replay,
    Stateful,
    Strategy,
)

__all__ = [
    "AlreadyRunning",
    "Blocked",
    "Bounded",
    "Counterexample",
    "Dfs",
    "Execution",
    "Exploration",
    "Hypothesis",
    "InconclusiveExploration",
    "InterleavingFailure",
    "MissingGreenlet",
    "OutOfControl",
    "Outcome",
    "Pct",
    "Portfolio",
    "Random",
    "Replay",
    "ReplayDeparted",
    "Stateful",
    "Step",
    "Strategy",
    "Task",
    "TooManySteps",
    "UnknownBuild",
    "UnreadableSchedule",
    "explore",
    "interleavings",
    "redirect_everything",
]
