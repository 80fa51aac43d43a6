"""A bounded blocking queue as a textbook has it: one lock, and a condition for each thing waited for.

The interface and the semantics are those of `queue.Queue` in Python 3.13, on every supported version.

Why no wakeup is lost: the state changes only under `mutex`; whoever finds that it must wait is in the wait list of
its condition before it releases `mutex`; whoever makes an operation possible notifies that condition before it
releases `mutex`; whoever is woken looks again. `models/ConditionQueue.tla` says the same in TLA+, one action for each
operation on a lock.

It waits outside `with self.mutex` and takes the lock again by another `with`, not within `Condition.wait`: an exception
from outside that came there, before the lock was taken again, would make the `with` around it release a lock that
another thread holds. The conditions are real ones all the same, and a subclass may wait on them.

Exceptions from outside (Ctrl-C, the handler of a signal, `PyThreadState_SetAsyncExc`) come where CPython looks for
them: as a function begins, as a loop goes round, and after a call of what is written in C. What stands between two such
places happens at once. So an item is in `item` before it leaves the queue, and is counted as it enters; and what an
interrupted call has begun, `_recover` sets right: it leaves the list, the item goes back, and all who could go on are
notified, one of whom may have been about to be. A wakeup in vain does no harm: whoever is woken looks again.

What it does not promise: which of several blocked threads goes first, for the lock is not fair.
"""

from __future__ import annotations

import _thread
import threading
import time
from queue import Empty, Full
from typing import TYPE_CHECKING, Any, TypeVar

from pcverify.pipeline.blocking_queue import BlockingQueue, ShutDown, deadline_after, unfinished_after
from pcverify.pipeline.store import NOTHING
from pcverify.pipeline.through_hooks import ThroughHooks

if TYPE_CHECKING:
    from collections import deque

__all__ = ["ThreadSafeQueue"]

T = TypeVar("T")


class _Condition(threading.Condition):
    """A condition; who is notified is out of its list, also where an exception interrupts that."""

    _waiters: deque[Any]

    def notify(self, n: int = 1) -> None:
        """Wake up to so many of those who wait, those first that wait longest.

        Raises:
            RuntimeError: the lock is free.
        """
        if not self._is_owned():  # type: ignore[attr-defined]
            raise RuntimeError("cannot notify on un-acquired lock")
        waiters = self._waiters
        while n > 0 and waiters:
            gate = waiters[0]
            del waiters[0]
            gate.release()
            n -= 1


class _Waiter:
    """One call that waits on a condition, as often as it takes.

    Attributes:
        gate: the lock that it sleeps on, and that is released to wake it.
        waiters: the list that it is in while it waits.
        remaining: for how many seconds it sleeps next; -1 for ever.
        woken: whether it was, and did not give up.
    """

    __slots__ = ("deadline", "gate", "remaining", "waiters", "woken")

    def __init__(self, condition: _Condition, timeout: float | None) -> None:
        self.gate = _thread.allocate_lock()
        self.waiters = condition._waiters
        self.deadline = deadline_after(timeout)
        self.remaining: float = -1
        self.woken = False
        self.gate.acquire()

    holds = ()  # who is notified is given nothing

    def enlist(self) -> bool:
        """Be in the list, unless the time is over.

        A wakeup that another thread made use of first does not prolong the wait: the deadline stays.
        """
        if self.deadline is not None:
            self.remaining = self.deadline - time.monotonic()
            if self.remaining <= 0:
                return False
        self.woken = False
        self.waiters.append(self.gate)
        return True

    def leave(self) -> None:
        """Be in the list no more, where nobody has taken it out."""
        if not self.woken and self.gate in self.waiters:
            self.waiters.remove(self.gate)


class ThreadSafeQueue(BlockingQueue[T]):
    """A FIFO queue of one lock and two conditions; whoever gets the lock first goes first.

    Every operation takes constant time, but for one that gives up waiting: it looks for itself in a list.

    Args:
        maxsize: how many items fit; zero or less means that any number does.
        detect_reentry: as for `BlockingQueue`.

    Attributes:
        not_empty: condition on `mutex` that getters wait for.
        not_full: condition on `mutex` that putters wait for.
        all_tasks_done: condition on `mutex` that `join` waits for, and nobody else.
    """

    def __init__(self, maxsize: int = 0, *, detect_reentry: bool = False) -> None:
        super().__init__(maxsize, detect_reentry=detect_reentry)
        self.not_empty = _Condition(self.mutex)
        self.not_full = _Condition(self.mutex)
        self.all_tasks_done = _Condition(self.mutex)
        self._getters, self._putters = self.not_empty._waiters, self.not_full._waiters  # as `ThroughHooks` calls them

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        waiter: Any = None
        problem: Any
        try:
            while True:
                with self._mutex:
                    if waiter is not None:
                        waiter.leave()
                    if self.is_shutdown:
                        problem = ShutDown
                        break
                    if timeout is not None and timeout < 0 and block and self.maxsize > 0:
                        problem = ValueError("'timeout' must be a non-negative number")
                        break
                    if not 0 < self.maxsize <= len(self.queue):
                        self.unfinished_tasks += 1
                        self.queue.append(item)
                        if self.not_empty._waiters:
                            self.not_empty.notify()
                        return
                    if not block or not (waiter := waiter or _Waiter(self.not_full, timeout)).enlist():
                        problem = Full
                        break
                    self._waits += 1
                self._wait(waiter)
        except BaseException:
            self._recover(waiter)
            raise
        raise problem

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        item: Any = NOTHING
        waiter: Any = None
        problem: Any
        try:
            while True:
                with self._mutex:
                    if waiter is not None:
                        waiter.leave()
                    if self.is_shutdown and not self.queue:
                        problem = ShutDown
                        break
                    if timeout is not None and timeout < 0 and block:
                        problem = ValueError("'timeout' must be a non-negative number")
                        break
                    if self.queue:
                        item = self.queue[0]
                        del self.queue[0]
                        if self.not_full._waiters:
                            self.not_full.notify()
                        return item  # type: ignore[no-any-return]
                    if not block or not (waiter := waiter or _Waiter(self.not_empty, timeout)).enlist():
                        problem = Empty
                        break
                    self._waits += 1
                self._wait(waiter)
        except BaseException:
            self._recover(waiter, item)
            raise
        raise problem

    def _wait(self, waiter: _Waiter) -> None:
        """Sleep until woken, or until the time is over; `mutex` is free meanwhile."""
        waiter.woken = waiter.gate.acquire(True, waiter.remaining)

    def task_done(self) -> None:
        with self.mutex:
            unfinished = self.unfinished_tasks - 1
            if unfinished < 0:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks = unfinished
            if unfinished == 0 and self.all_tasks_done._waiters:
                try:
                    self.all_tasks_done.notify_all()
                except BaseException:
                    self.all_tasks_done.notify_all()  # those that are left
                    raise

    def join(self, timeout: float | None = None) -> None:
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        waiter: Any = None
        try:
            while True:
                with self.mutex:
                    if waiter is not None:
                        waiter.leave()
                    if not self.unfinished_tasks:
                        return
                    waiter = waiter or _Waiter(self.all_tasks_done, timeout)
                    if not waiter.enlist():
                        unfinished = self.unfinished_tasks
                        break
                    self._waits += 1
                self._wait(waiter)
        except BaseException:
            self._recover(waiter)
            raise
        raise TimeoutError(unfinished_after(unfinished, timeout))

    def shutdown(self, immediate: bool = False) -> None:
        with self.mutex:
            try:
                self._close(immediate)
            except BaseException:
                self._close(immediate)  # what is left of it
                raise

    def _close(self, immediate: bool) -> None:
        self.is_shutdown = True
        if immediate:
            self._discard()
            self.all_tasks_done.notify_all()
        self.not_empty.notify_all()
        self.not_full.notify_all()

    def _waiting(self) -> tuple[deque[Any], deque[Any], deque[Any]]:
        return self.not_empty._waiters, self.not_full._waiters, self.all_tasks_done._waiters

    def _serve(self) -> None:
        size = self._qsize()
        self.not_empty.notify(size)
        self.not_full.notify(self.maxsize - size)


class _ThroughHooks(ThroughHooks[T], ThreadSafeQueue[T]):
    """The same with hooks; nothing is kept for anybody."""

    def _new_getter(self, timeout: float | None) -> _Waiter:
        return _Waiter(self.not_empty, timeout)

    def _new_putter(self, timeout: float | None) -> _Waiter:
        return _Waiter(self.not_full, timeout)

    def _item_came(self) -> None:
        self.not_empty.notify()

    def _room_came(self) -> None:
        self.not_full.notify()


ThreadSafeQueue._through_hooks = _ThroughHooks
