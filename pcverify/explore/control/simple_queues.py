"""`queue.SimpleQueue`, which is written in C, as tasks see it.

It stays the real queue and holds the items. A task never waits in it: it is suspended before each operation until it
is chosen and, for a `get`, until there is an item or its time is up.
"""

from __future__ import annotations

import _queue
import math
import sys
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.locks import HELD
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from pcverify.explore.control.redirect import Redirection

SIMPLE_QUEUE: Any = _queue.SimpleQueue
FINALISERS = frozenset({"__del__", "weakref_cb"})
"""What functions are called that run when something is collected, also in `concurrent.futures`: no operation there."""

_methods: dict[type, dict[str, Any]] = {}


def redirect_simple_queues(redirection: Redirection) -> dict[type, dict[str, Any]]:
    """Put the type under control, and its likes: who imports `_queue` afresh gets another one.

    Returns:
        what the methods of each were replaced by.
    """
    types = [SIMPLE_QUEUE, *(cls for cls in object.__subclasses__() if _is_another(cls))]
    replaced = {}
    for cls in types:
        methods = _methods.get(cls) or methods_of(cls)
        replaced[cls] = {name: redirection.in_tasks(method) for name, method in methods.items()}
        redirection.methods(cls, replaced[cls])
    return replaced


def _is_another(cls: type) -> bool:
    return cls.__name__ == "SimpleQueue" and cls.__module__ == "_queue" and cls is not SIMPLE_QUEUE


def methods_of(cls: type) -> dict[str, Any]:
    """Return what takes the place of the methods of a type, which are called behind it."""
    real_put, real_get, is_empty, real_qsize = (cls.__dict__[name] for name in ("put", "get", "empty", "qsize"))
    HELD[cls] = is_empty

    def put(self: Any, item: Any, block: bool = True, timeout: float | None = None) -> None:
        task = getcurrent()
        if task.__class__ is not Task:
            real_put(self, item, block, timeout)
            return
        if sys._getframe(1).f_code.co_name not in FINALISERS:
            task.operation("put", self)
        real_put(self, item)
        task.execution.unblock(self)
        task.done()

    def put_nowait(self: Any, item: Any) -> None:
        put(self, item)

    def get(self: Any, block: bool = True, timeout: float | None = None) -> Any:
        task = getcurrent()
        if task.__class__ is not Task:
            return real_get(self, block, timeout)
        execution = task.execution
        if not block or timeout == 0:
            task.operation("try-get", self)
            task.failed_try = is_empty(self)
            return task.done(real_get(self, False))
        if timeout is not None and not 0 <= timeout < math.inf:
            return real_get(self, block, timeout)  # raises what it raises
        task.kind = "get"
        task.object = self
        deadline = None if timeout is None else execution.clock.now + timeout
        while True:
            task.deadline = deadline
            if is_empty(self):
                execution.block(task)
            task.pause()
            if task.gave_up():
                return real_get(self, False)  # raises the Empty of its own module
            if not is_empty(self):
                break  # else another OS thread was quicker
        item = real_get(self, False)
        if is_empty(self):
            execution.taken(self, task)
        return task.done(item)

    def get_nowait(self: Any) -> Any:
        return get(self, False)

    def empty(self: Any) -> bool:
        task = getcurrent()
        if task.__class__ is Task:
            task.operation("empty", self)
        return bool(is_empty(self))

    def qsize(self: Any) -> int:
        task = getcurrent()
        if task.__class__ is Task:
            task.operation("qsize", self)
        return int(real_qsize(self))

    functions = (put, put_nowait, get, get_nowait, empty, qsize)
    _methods[cls] = {function.__name__: function for function in functions}
    return _methods[cls]


methods_of(SIMPLE_QUEUE)
