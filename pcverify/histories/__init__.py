"""What operations on a queue may do, one at a time: the yardstick for histories of many threads at once.

`sequential` describes an abstract queue: immutable states, and for each operation the outcomes that a state
allows. It knows no implementation and runs no thread.
"""

from pcverify.histories.sequential import (
    Drain,
    Empty,
    Full,
    Get,
    GetMany,
    GiveBack,
    Interrupted,
    Join,
    Operation,
    Outcome,
    Put,
    PutMany,
    Qsize,
    QueueState,
    Raised,
    Returned,
    Shutdown,
    TaskDone,
    apply,
    initial,
)

__all__ = [
    "Drain",
    "Empty",
    "Full",
    "Get",
    "GetMany",
    "GiveBack",
    "Interrupted",
    "Join",
    "Operation",
    "Outcome",
    "Put",
    "PutMany",
    "Qsize",
    "QueueState",
    "Raised",
    "Returned",
    "Shutdown",
    "TaskDone",
    "apply",
    "initial",
]
