"""A bounded blocking queue that hands each item, and each free place, to whoever waits longest.

The interface is that of `queue.Queue` in Python 3.13, without its conditions and without the hooks of the store. A
thread that has to wait parks on a lock of its own, its gate, in a list; the one that can serve it takes it out of the
list, gives it what it waits for, and opens the gate. So nobody overtakes one who waits, and nobody is woken in vain.

What holds whenever `mutex` is free, and why no wakeup is lost:

1. A getter is parked only while the queue is empty, a putter only while it is full, a joiner only while something is
   unfinished: who ends that serves those who wait before it lets `mutex` go. A `get` that is interrupted may leave room
   beside a parked putter until it has given its item back; whoever gets one meanwhile lets the putter in.
2. A waiter is in its list, shut, and was given nothing; or it is in no list, was given what it waited for, and its gate
   is open. Who takes it out does all of that, so it is served exactly once.

Exceptions from outside (Ctrl-C, the handler of a signal, `PyThreadState_SetAsyncExc`) come where CPython looks for
them: as a function begins, as a loop goes round, and after a call of what is written in C. What stands between two such
places happens at once. So what belongs together here is one run of statements without a call, and at most one call at
its end; a loop that is left half way is begun again. An item that a `get` has taken or was handed, and that it does not
return, goes back to the head. `with` on the lock itself is safe: CPython does not look before its body begins.
"""

from __future__ import annotations

import sys
from collections import deque
from functools import partialmethod
from queue import Empty, Full
from threading import Lock
from typing import Any, Generic, TypeVar

from pcverify.pipeline.thread_safe_queue import ShutDown

__all__ = ["HandoffQueue"]

T = TypeVar("T")
_NOTHING: Any = object()  # in the place of an item, where there is none
_ROOM: Any = object()  # what a putter or a joiner is given
_SHUT: Any = object()  # what a waiter is given whom the end of the queue wakes


class _Waiter:
    """One who is parked: its gate, and what it was given; for a putter, what it brings."""

    __slots__ = ("brings", "gate", "given")

    def __init__(self, brings: Any = _NOTHING) -> None:
        self.gate = Lock()
        self.brings = brings
        self.given = _NOTHING
        self.gate.acquire()


class HandoffQueue(Generic[T]):
    """A FIFO queue for any number of threads, in which who waits longest is served first.

    Every operation takes constant time, but for one that gives up waiting: it looks for itself in the list. Items are
    compared with nothing and may be any object, `None` included.

    Args:
        maxsize: how many items fit; zero or less means that any number does.

    Attributes:
        maxsize: as given.
        mutex: the lock that protects everything below; `with q.mutex: list(q.queue)` is allowed, no change is.
        unfinished_tasks: items put for which nobody has called `task_done` yet.
        is_shutdown: whether `shutdown` was called.
        queue: the items.
    """

    def __init_subclass__(cls) -> None:
        """Refuse what would not be called.

        Raises:
            TypeError: it has hooks of `queue.Queue`.
        """
        hooks = [name for name in ("_init", "_qsize", "_put", "_get") if hasattr(cls, name)]
        if hooks:
            raise TypeError(f"{cls.__name__}.{hooks[0]}: a HandoffQueue calls no hooks; derive from ThreadSafeQueue")
        super().__init_subclass__()

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self.mutex = Lock()
        self.unfinished_tasks = 0
        self.is_shutdown = False
        self.queue: deque[T] = deque()
        self._getters: deque[_Waiter] = deque()
        self._putters: deque[_Waiter] = deque()
        self._joiners: deque[_Waiter] = deque()

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Enqueue `item`, waiting behind all who wait already while the queue is full.

        Interrupted by an exception from outside, it has enqueued the item once or not at all.

        Args:
            item: any object.
            block: whether to wait at all; `timeout` is ignored otherwise.
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            queue.Full: there was no room, in time.
            ShutDown: the queue was shut down, before or while waiting.
            ValueError: `timeout` is negative, and would be used: the queue is bounded.
        """
        waiter: Any = None
        try:
            with self.mutex:
                if self.is_shutdown:
                    raise ShutDown
                if timeout is not None and timeout < 0 and block and self.maxsize > 0:
                    raise ValueError("'timeout' must be a non-negative number")
                if self._getters:
                    getter = self._getters[0]
                    del self._getters[0]
                    self.unfinished_tasks += 1
                    getter.given = item
                    getter.gate.release()
                    return
                if not 0 < self.maxsize <= len(self.queue):
                    self.unfinished_tasks += 1
                    self.queue.append(item)
                    return
                if not block:
                    raise Full
                waiter = _Waiter(item)
                self._putters.append(waiter)
            self._wait(waiter, self._putters, timeout)
            if waiter.given is _NOTHING:
                raise Full
            if waiter.given is _SHUT:
                raise ShutDown
        except BaseException:
            if waiter is not None:
                self._leave(waiter, self._putters)
            raise

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Remove and return the item that has been there longest, waiting behind all who wait already.

        Interrupted by an exception from outside before it returned, it has removed nothing: an item that it had taken
        goes back to the head. Others may have got later ones meanwhile, and there may be one more than `maxsize` then.

        Args:
            block: whether to wait at all; `timeout` is ignored otherwise.
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            queue.Empty: there was no item, in time.
            ShutDown: the queue was shut down, before or while waiting, and has no item.
            ValueError: `timeout` is negative, and would be used.
        """
        item: Any = _NOTHING
        waiter: Any = None
        try:
            with self.mutex:
                if self.is_shutdown and not self.queue:
                    raise ShutDown
                if timeout is not None and timeout < 0 and block:
                    raise ValueError("'timeout' must be a non-negative number")
                if self.queue:
                    item = self.queue[0]
                    del self.queue[0]
                    if self._putters and len(self.queue) < self.maxsize:
                        putter = self._putters[0]
                        del self._putters[0]
                        self.unfinished_tasks += 1
                        self.queue += (putter.brings,)
                        putter.given = _ROOM
                        putter.gate.release()
                    return item  # type: ignore[no-any-return]
                if not block:
                    raise Empty
                waiter = _Waiter()
                self._getters.append(waiter)
            self._wait(waiter, self._getters, timeout)
            if waiter.given is _NOTHING:
                raise Empty
            if waiter.given is _SHUT:
                raise ShutDown
            return waiter.given  # type: ignore[no-any-return]
        except BaseException:
            if waiter is not None:
                self._leave(waiter, self._getters)
                item = waiter.given
            if item is not _NOTHING and item is not _SHUT:
                self._give_back(item)
            raise

    # Parking: outside `mutex`, so that nobody has to take it again to go on.

    def _wait(self, waiter: _Waiter, waiters: deque[_Waiter], timeout: float | None) -> None:
        """Wait until the gate is open; if the time is over first, leave."""
        if not waiter.gate.acquire(True, -1 if timeout is None else timeout):
            self._leave(waiter, waiters)

    def _leave(self, waiter: _Waiter, waiters: deque[_Waiter]) -> None:
        """Be in the list no more, unless somebody has taken the waiter out meanwhile."""
        with self.mutex:
            if waiter.given is _NOTHING and waiter in waiters:
                waiters.remove(waiter)

    def _give_back(self, item: T) -> None:
        """Put back, at the head, what an interrupted `get` does not return; or give it to who waits longest."""
        with self.mutex:
            if self._getters:
                getter = self._getters[0]
                del self._getters[0]
                getter.given = item
                getter.gate.release()
            else:
                self.queue.appendleft(item)

    def shutdown(self, immediate: bool = False) -> None:
        """End the queue: every later put raises `ShutDown`, and so does every get once it is empty.

        All threads blocked in put or get are woken. A queue cannot be started again.

        Args:
            immediate: also discard what is in the queue, counting each item as done, and wake every `join`.
        """
        with self.mutex:
            try:
                self._close(immediate)
            except BaseException:
                self._close(immediate)  # what is left of it
                raise

    def _close(self, immediate: bool) -> None:
        self.is_shutdown = True
        if immediate:
            while self.queue:
                del self.queue[0]
                self.unfinished_tasks -= self.unfinished_tasks > 0
            _open_all(self._joiners, _ROOM)
        _open_all(self._getters, _SHUT)
        _open_all(self._putters, _SHUT)

    def task_done(self) -> None:
        """Say that an item that was got is dealt with; the last one wakes every `join`.

        Raises:
            ValueError: it was called more often than items were put.
        """
        with self.mutex:
            if self.unfinished_tasks <= 0:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks -= 1
            if self.unfinished_tasks == 0 and self._joiners:
                try:
                    _open_all(self._joiners, _ROOM)
                except BaseException:
                    _open_all(self._joiners, _ROOM)  # those that are left
                    raise

    def join(self, timeout: float | None = None) -> None:
        """Wait until `task_done` was called for every item that was put.

        Args:
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            TimeoutError: it was not, in time.
            ValueError: `timeout` is negative.
        """
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        waiter: Any = None
        try:
            with self.mutex:
                if not self.unfinished_tasks:
                    return
                waiter = _Waiter()
                self._joiners.append(waiter)
            self._wait(waiter, self._joiners, timeout)
            if waiter.given is _NOTHING:
                raise TimeoutError(f"{self.unfinished_tasks} items are unfinished after {timeout} s")
        except BaseException:
            if waiter is not None:
                self._leave(waiter, self._joiners)
            raise

    def put_nowait(self, item: T) -> None:
        """Enqueue `item` if there is room now, else raise `queue.Full`."""
        self.put(item, block=False)

    if sys.version_info >= (3, 11):

        def get_nowait(self) -> T:
            """Remove and return an item if there is one now, else raise `queue.Empty`."""
            return self.get(block=False)

    else:  # 3.10 looks for signals after that call, too: the item would be nobody's
        get_nowait = partialmethod(get, block=False)

    def qsize(self) -> int:
        """Return the number of items, which may have changed by the time it is read."""
        with self.mutex:
            return len(self.queue)

    def empty(self) -> bool:
        """Return whether there was no item, which may have changed by the time it is read."""
        with self.mutex:
            return not self.queue

    def full(self) -> bool:
        """Return whether there was no room, which may have changed by the time it is read."""
        with self.mutex:
            return 0 < self.maxsize <= len(self.queue)


def _open_all(waiters: deque[_Waiter], given: object) -> None:
    """Take all out, give them this, and open their gates."""
    while waiters:
        waiter = waiters[0]
        del waiters[0]
        waiter.given = given
        waiter.gate.release()
