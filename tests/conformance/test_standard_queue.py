"""What `queue.Queue` does when it is interrupted is not what the model does, at nine operations and nowhere else.

`docs/divergences.md` has the same table with what follows from each.
"""

from __future__ import annotations

import queue

from pcverify.conformance.conforming import conform, graph_for
from pcverify.conformance.programs import QueueConfig

DIVERGENCES = {  # where the exception comes: what the model does then, and what the code does instead
    "acquire": ("recover", "done"),
    "release": ("recover", "done"),
    "giveUp": ("recover", "done"),
    "park": ("recover", "drop"),
    "parked": ("recover", "timedOut"),
    "woken": ("recover", "timedOut"),
    "reacquire": ("recover", "drop"),
    "timedOut": ("recover", "drop"),
    "notify": ("drop", "drop"),
}
CONFIGS = [
    QueueConfig(interruptible=("all",)),
    QueueConfig(consumers=2, interruptible=("consumers",)),
    QueueConfig(producers=2, gets_each=2, interruptible=("producers",)),
    QueueConfig(consumers=2, timed=("all",), interruptible=("all",)),
]


def foreign_steps(config: QueueConfig) -> set[tuple[str, str, str]]:
    """Return the steps of the code that the model lacks: the action, and the task's position before and after."""
    graph = graph_for("ConditionQueue", config)
    code = conform("ConditionQueue", queue.Queue, config, graph=graph).code
    return {
        (action, dict(before[0])[move.task], dict(code.states[after][0])[move.task])
        for before, edges in zip(code.states, code.edges, strict=True)
        for action, move, after in edges
        if not graph.admits(before, action, code.states[after])
    }


def test_it_differs_only_where_it_is_interrupted_and_there_everywhere():
    expected = {("Interrupt", place, there) for place, (_, there) in DIVERGENCES.items()}
    found = [foreign_steps(config) for config in CONFIGS]
    assert set().union(*found) == expected
    assert all(len(steps) >= 6 for steps in found)
