"""`queue.SimpleQueue`, which is written in C, as tasks see it.

It stays the real queue and holds the items. A task never waits in it: it is suspended before each operation until it
is chosen and, for a `get`, until there is an item or its time is up.
"""

from __future__ import annotations

import _queue
import math
from typing import TYPE_CHECKING, Any

from pcverify.explore.primitives import HELD
from pcverify.explore.switching import getcurrent
from pcverify.explore.task import Task

if TYPE_CHECKING:
    from pcverify.explore.redirect import Redirection

SIMPLE_QUEUE: Any = _queue.SimpleQueue
_put, _get, _empty, _qsize = (SIMPLE_QUEUE.__dict__[name] for name in ("put", "get", "empty", "qsize"))


def redirect_simple_queues(redirection: Redirection) -> dict[type, dict[str, Any]]:
    """Put the type under control; return what its methods were replaced by."""
    methods = {
        "put": put,
        "put_nowait": put_nowait,
        "get": get,
        "get_nowait": get_nowait,
        "empty": empty,
        "qsize": qsize,
    }
    redirection.methods(SIMPLE_QUEUE, methods)
    return {SIMPLE_QUEUE: methods}


def put(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> None:
    """`SimpleQueue.put`."""
    task = getcurrent()
    if task.__class__ is Task:
        task.operation("put", self)
        _put(self, item)
        task.execution.unblock(self)
    else:
        _put(self, item, block, timeout)


def put_nowait(self: Any, item: Any) -> None:
    """`SimpleQueue.put_nowait`."""
    put(self, item)


def get(self: Any, block: bool = True, timeout: float | None = None) -> Any:
    """`SimpleQueue.get`."""
    task = getcurrent()
    if task.__class__ is not Task:
        return _get(self, block, timeout)
    execution = task.execution
    if not block or timeout == 0:
        task.operation("try-get", self)
        task.failed_try = _empty(self)
        return _get(self, False)
    if timeout is not None and not 0 <= timeout < math.inf:
        return _get(self, block, timeout)  # raises what it raises
    task.kind = "get"
    task.object = self
    deadline = None if timeout is None else execution.clock.now + timeout
    while True:
        task.deadline = deadline
        if _empty(self):
            execution.block(task)
        task.pause()
        if task.gave_up():
            raise _queue.Empty
        try:
            item = _get(self, False)
            break
        except _queue.Empty:  # another OS thread was quicker
            continue
    if _empty(self):
        execution.taken(self, task)
    return item


def get_nowait(self: Any) -> Any:
    """`SimpleQueue.get_nowait`."""
    return get(self, False)


def empty(self: Any) -> bool:
    """`SimpleQueue.empty`."""
    task = getcurrent()
    if task.__class__ is Task:
        task.operation("empty", self)
    return bool(_empty(self))


def qsize(self: Any) -> int:
    """`SimpleQueue.qsize`."""
    task = getcurrent()
    if task.__class__ is Task:
        task.operation("qsize", self)
    return int(_qsize(self))


HELD[SIMPLE_QUEUE] = _empty
