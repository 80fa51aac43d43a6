"""The queues that the tests of workers run on."""

from __future__ import annotations

import queue
from typing import Any

from pcverify import ThreadSafeQueue


class MinimalQueue:
    """Only what `QueueProtocol` asks for, so no `shutdown`: what `queue.Queue` is before Python 3.13."""

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self.inner: queue.Queue[Any] = queue.Queue(maxsize)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """As `queue.Queue.put`."""
        self.inner.put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """As `queue.Queue.get`."""
        return self.inner.get(block, timeout)

    def qsize(self) -> int:
        """As `queue.Queue.qsize`."""
        return self.inner.qsize()

    def task_done(self) -> None:
        """As `queue.Queue.task_done`."""
        self.inner.task_done()

    @property
    def unfinished_tasks(self) -> int:
        """As the attribute of `queue.Queue`."""
        return self.inner.unfinished_tasks


QUEUES = [ThreadSafeQueue, queue.Queue, MinimalQueue]


def conditions(tested: Any) -> Any:
    """Return the object that holds the conditions of `tested`."""
    return getattr(tested, "inner", tested)
