"""Queues in another order: last in, first out; and the least item first. Each in both designs.

They change the store through the hooks, as those of the standard library do. A `put` whose item cannot be compared
raises what the comparison raised and leaves the queue as it was, and so does a `get`, which `queue.PriorityQueue` does
not: that keeps the one and loses the other.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Any, TypeVar

from pcverify.pipeline.blocking_queue import BlockingQueue
from pcverify.pipeline.handoff_queue import HandoffQueue
from pcverify.pipeline.thread_safe_queue import ThreadSafeQueue

__all__ = ["HandoffLifoQueue", "HandoffPriorityQueue", "ThreadSafeLifoQueue", "ThreadSafePriorityQueue"]

T = TypeVar("T")


class _Lifo(BlockingQueue[T]):
    """The newest item leaves first."""

    def _init(self, maxsize: int) -> None:
        self.queue: list[Any] = []

    def _get(self) -> T:
        item = self._taken = self.queue[-1]
        del self.queue[-1]
        return item  # type: ignore[no-any-return]

    def _put_back(self, item: T) -> None:
        self.queue.append(item)


class _Priority(BlockingQueue[T]):
    """The least item leaves first; `queue` is a heap, but for the moment after an operation has failed."""

    _in_order = True

    def _init(self, maxsize: int) -> None:
        self.queue: list[Any] = []

    def _put(self, item: T) -> None:
        self._restore()
        size = len(self.queue)
        try:
            heappush(self.queue, item)
        except BaseException:
            if len(self.queue) > size:
                del self.queue[next(place for place, other in enumerate(self.queue) if other is item)]
                self._in_order = False
            raise

    def _get(self) -> T:
        self._restore()
        item = self._taken = self.queue[0]
        heappop(self.queue)
        return item  # type: ignore[no-any-return]

    def _put_back(self, item: T) -> None:
        self.queue.append(item)
        self._in_order = False  # later: to compare may be what failed

    def _restore(self) -> None:
        if not self._in_order:
            heapify(self.queue)
            self._in_order = True


class ThreadSafeLifoQueue(_Lifo[T], ThreadSafeQueue[T]):
    """A `ThreadSafeQueue` from which the newest item leaves first, as from `queue.LifoQueue`."""


class ThreadSafePriorityQueue(_Priority[T], ThreadSafeQueue[T]):
    """A `ThreadSafeQueue` from which the least item leaves first, as from `queue.PriorityQueue`."""


class HandoffLifoQueue(_Lifo[T], HandoffQueue[T]):
    """A `HandoffQueue` from which the newest item leaves first, as from `queue.LifoQueue`."""


class HandoffPriorityQueue(_Priority[T], HandoffQueue[T]):
    """A `HandoffQueue` from which the least item leaves first, as from `queue.PriorityQueue`."""
