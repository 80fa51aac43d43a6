"""A bounded blocking queue as a textbook has it: one lock, and a condition for each thing waited for.

The interface and the semantics are those of `queue.Queue` in Python 3.13, on every supported version,
`shutdown` included. As there, the store is reached through `_init`, `_qsize`, `_put` and `_get`, called with
the lock held, so a subclass written for `queue.Queue` works here.

Why no wakeup is lost: the state changes only under `mutex`; whoever finds that it must wait is in the wait
list of its condition before it releases `mutex`; whoever makes an operation possible notifies that condition
before it releases `mutex`; whoever is woken looks again. `models/ConditionQueue.tla` says the same in TLA+,
one action for each operation on a lock.

What it does not promise: which of several blocked threads goes first (the lock is not fair); and that an
exception delivered asynchronously (Ctrl-C, a signal handler) inside an operation leaves it done or undone.
"""

from __future__ import annotations

import math
import sys
import threading
import time
from collections import deque
from queue import Empty, Full
from typing import Any, Generic, TypeVar

if sys.version_info >= (3, 13):
    from queue import ShutDown
else:

    class ShutDown(Exception):
        """Raised by put and get on a queue that has been shut down."""


__all__ = ["ShutDown", "ThreadSafeQueue"]

T = TypeVar("T")


class ThreadSafeQueue(Generic[T]):
    """A FIFO queue for any number of producing and consuming threads.

    Every operation takes constant time while nobody waits. Items are compared with nothing and may be any
    object, `None` included.

    Args:
        maxsize: how many items fit; zero or less means that any number does.

    Attributes:
        maxsize: as given.
        mutex: the lock that protects everything below; `with q.mutex: q.queue.clear()` is allowed.
        not_empty: condition on `mutex` that getters wait for.
        not_full: condition on `mutex` that putters wait for.
        all_tasks_done: condition on `mutex` that `join` waits for, and nobody else.
        unfinished_tasks: items put for which nobody has called `task_done` yet.
        is_shutdown: whether `shutdown` was called.
        queue: the store, made by `_init`.
    """

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self._init(maxsize)
        self.mutex = threading.Lock()
        self.not_empty = threading.Condition(self.mutex)
        self.not_full = threading.Condition(self.mutex)
        self.all_tasks_done = threading.Condition(self.mutex)
        self.unfinished_tasks = 0
        self.is_shutdown = False

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Enqueue `item`, waiting while the queue is full.

        Args:
            item: any object.
            block: whether to wait at all; `timeout` is ignored otherwise.
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            queue.Full: there was no room, in time.
            ShutDown: the queue was shut down, before or while waiting.
            ValueError: `timeout` is negative, and would be used: the queue is bounded.
        """
        with self.mutex:
            if self.is_shutdown:
                raise ShutDown
            if self.maxsize > 0:
                deadline = _deadline(block, timeout)
                while self._qsize() >= self.maxsize:
                    _wait(self.not_full, deadline, Full)
                    if self.is_shutdown:
                        raise ShutDown
            self._put(item)
            self.unfinished_tasks += 1
            if self.not_empty._waiters:  # type: ignore[attr-defined]  # to notify nobody would take most of a put
                self.not_empty.notify()

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Remove and return the item that has been there longest, waiting while there is none.

        Args:
            block: whether to wait at all; `timeout` is ignored otherwise.
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            queue.Empty: there was no item, in time.
            ShutDown: the queue was shut down, before or while waiting, and has no item.
            ValueError: `timeout` is negative, and would be used.
        """
        with self.mutex:
            if self.is_shutdown and not self._qsize():
                raise ShutDown
            deadline = _deadline(block, timeout)
            while not self._qsize():
                _wait(self.not_empty, deadline, Empty)
                if self.is_shutdown and not self._qsize():
                    raise ShutDown
            item = self._get()
            if self.not_full._waiters:  # type: ignore[attr-defined]
                self.not_full.notify()
            return item

    def put_nowait(self, item: T) -> None:
        """Enqueue `item` if there is room now, else raise `queue.Full`."""
        self.put(item, block=False)

    def get_nowait(self) -> T:
        """Remove and return an item if there is one now, else raise `queue.Empty`."""
        return self.get(block=False)

    def task_done(self) -> None:
        """Say that an item that was got is dealt with; the last one wakes every `join`.

        Raises:
            ValueError: it was called more often than items were put.
        """
        with self.mutex:
            unfinished = self.unfinished_tasks - 1
            if unfinished < 0:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks = unfinished
            if unfinished == 0:
                self.all_tasks_done.notify_all()

    def join(self) -> None:
        """Wait until `task_done` was called for every item that was put."""
        with self.mutex:
            while self.unfinished_tasks:
                self.all_tasks_done.wait()

    def shutdown(self, immediate: bool = False) -> None:
        """End the queue: every later put raises `ShutDown`, and so does every get once it is empty.

        All threads blocked in put or get are woken. A queue cannot be started again.

        Args:
            immediate: also discard what is in the queue, counting each item as done, and wake every `join`.
        """
        with self.mutex:
            self.is_shutdown = True
            if immediate:
                while self._qsize():
                    self._get()
                    if self.unfinished_tasks > 0:
                        self.unfinished_tasks -= 1
                self.all_tasks_done.notify_all()
            self.not_empty.notify_all()
            self.not_full.notify_all()

    def qsize(self) -> int:
        """Return the number of items, which may have changed by the time it is read."""
        with self.mutex:
            return self._qsize()

    def empty(self) -> bool:
        """Return whether there was no item, which may have changed by the time it is read."""
        with self.mutex:
            return not self._qsize()

    def full(self) -> bool:
        """Return whether there was no room, which may have changed by the time it is read."""
        with self.mutex:
            return 0 < self.maxsize <= self._qsize()

    # The store. A subclass may replace these four; they are called with `mutex` held.

    def _init(self, maxsize: int) -> None:
        self.queue: Any = deque()

    def _qsize(self) -> int:
        return len(self.queue)

    def _put(self, item: T) -> None:
        self.queue.append(item)

    def _get(self) -> T:
        return self.queue.popleft()  # type: ignore[no-any-return]  # a subclass may keep any store


def _deadline(block: bool, timeout: float | None) -> float | None:
    """Return the moment (monotonic seconds) at which a call gives up; `None` for never."""
    if not block:
        return -math.inf
    if timeout is None:
        return None
    if timeout < 0:
        raise ValueError("'timeout' must be a non-negative number")
    return time.monotonic() + timeout


def _wait(condition: threading.Condition, deadline: float | None, too_late: type[Exception]) -> None:
    """Wait on `condition` until notified or `deadline`; raise `too_late` if that has passed already.

    A wakeup that another thread makes use of first does not prolong the wait: the deadline stays.
    """
    if deadline is None:
        condition.wait()
        return
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise too_late
    condition.wait(remaining)
