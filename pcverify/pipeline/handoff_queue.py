"""A bounded blocking queue that hands each item, and each free place, to whoever waits longest.

The interface is that of `queue.Queue` in Python 3.13, without its conditions. A thread that has to wait parks on a lock
of its own, its gate, in a list; the one that can serve it takes it out of the list, gives it what it waits for, and
opens the gate. So nobody overtakes one who waits, and nobody is woken in vain.

What holds whenever `mutex` is free, and why no wakeup is lost:

1. A getter is parked only while the queue is empty, a putter only while it is full, a joiner only while something is
   unfinished: who ends that serves those who wait before it lets `mutex` go. A `get` that is interrupted may leave room
   beside a parked putter until it has given its item back; it lets the putter in then.
2. A waiter is in its list, shut, and was given nothing; or it is in no list, was given what it waited for, and its gate
   is open. Who takes it out does all of that, so it is served exactly once.

Exceptions from outside (Ctrl-C, the handler of a signal, `PyThreadState_SetAsyncExc`) come where CPython looks for
them: as a function begins, as a loop goes round, and after a call of what is written in C. What stands between two such
places happens at once. So what belongs together here is one run of statements without a call, and at most one call at
its end; a loop that is left half way is begun again. An item that a `get` has taken or was handed, and that it does not
return, goes back to the head. `with` on the lock itself is safe: CPython does not look before its body begins.
"""

from __future__ import annotations

import _thread
import time
from collections import deque
from queue import Empty, Full
from typing import Any, TypeVar

from pcverify.pipeline.blocking_queue import BlockingQueue, ShutDown, deadline_after, unfinished_after
from pcverify.pipeline.store import NOTHING
from pcverify.pipeline.through_hooks import ThroughHooks

__all__ = ["HandoffQueue"]

T = TypeVar("T")
ROOM: Any = object()  # what a putter or a joiner is given
SHUT: Any = object()  # what a waiter is given whom the end of the queue wakes
TURN: Any = object()  # what one is given, where there are hooks, who can now do it by itself


class _Waiter:
    """One who is parked.

    Attributes:
        gate: the lock that it sleeps on.
        waiters: the list that it is in until it is served.
        brings: the item of a putter.
        given: what it waited for, once it is served: an item, `ROOM` or `SHUT`.
        remaining: for how many seconds it sleeps; -1 for ever.
    """

    __slots__ = ("brings", "gate", "given", "remaining", "waiters")

    def __init__(self, waiters: deque[_Waiter], timeout: float | None, brings: Any = NOTHING) -> None:
        self.gate = _thread.allocate_lock()
        self.waiters = waiters
        self.brings = brings
        self.given = NOTHING
        self.remaining = -1 if timeout is None else timeout
        self.gate.acquire()

    def leave(self) -> None:
        """Be in the list no more, unless somebody has served it."""
        if self.given is NOTHING and self in self.waiters:
            self.waiters.remove(self)

    @property
    def holds(self) -> tuple[Any, ...]:
        """The item that a getter was given, if it was."""
        item = self.given
        nothing = item is NOTHING or item is ROOM or item is SHUT or item is TURN
        return () if nothing else (item,)


class HandoffQueue(BlockingQueue[T]):
    """A FIFO queue in which who waits longest is served first.

    Every operation takes constant time, but for one that gives up waiting: it looks for itself in the list.

    Args:
        maxsize: how many items fit; zero or less means that any number does.
        detect_reentry: as for `BlockingQueue`.
    """

    def __init__(self, maxsize: int = 0, *, detect_reentry: bool = False) -> None:
        super().__init__(maxsize, detect_reentry=detect_reentry)
        self._getters: deque[_Waiter] = deque()
        self._putters: deque[_Waiter] = deque()
        self._joiners: deque[_Waiter] = deque()

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        waiter: Any = None
        problem: Any = None
        try:
            with self._mutex:
                if self.is_shutdown:
                    problem = ShutDown
                elif timeout is not None and timeout < 0 and block and self.maxsize > 0:
                    problem = ValueError("'timeout' must be a non-negative number")
                elif self._getters:
                    getter = self._getters[0]
                    del self._getters[0]
                    self.unfinished_tasks += 1
                    getter.given = item
                    getter.gate.release()
                    return
                elif not 0 < self.maxsize <= len(self.queue):
                    self.unfinished_tasks += 1
                    self.queue.append(item)
                    return
                elif not block or timeout == 0:
                    problem = Full
                else:
                    waiter = _Waiter(self._putters, timeout, item)
                    self._putters.append(waiter)
                    self._waits += 1
            if problem is None:
                self._wait(waiter)
                if waiter.given is ROOM:
                    return
                problem = ShutDown if waiter.given is SHUT else Full
        except BaseException:
            self._recover(waiter)
            raise
        raise problem

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        item: Any = NOTHING
        waiter: Any = None
        problem: Any = None
        try:
            with self._mutex:
                if self.is_shutdown and not self.queue:
                    problem = ShutDown
                elif timeout is not None and timeout < 0 and block:
                    problem = ValueError("'timeout' must be a non-negative number")
                elif self.queue:
                    item = self.queue[0]
                    del self.queue[0]
                    if self._putters and len(self.queue) < self.maxsize:
                        putter = self._putters[0]
                        del self._putters[0]
                        self.unfinished_tasks += 1
                        self.queue += (putter.brings,)
                        putter.given = ROOM
                        putter.gate.release()
                    return item  # type: ignore[no-any-return]
                elif not block or timeout == 0:
                    problem = Empty
                else:
                    waiter = _Waiter(self._getters, timeout)
                    self._getters.append(waiter)
                    self._waits += 1
            if problem is None:
                self._wait(waiter)
                if waiter.given is not NOTHING and waiter.given is not SHUT:
                    return waiter.given  # type: ignore[no-any-return]
                problem = ShutDown if waiter.given is SHUT else Empty
        except BaseException:
            self._recover(waiter, item)
            raise
        raise problem

    # Parking: outside `mutex`, so that nobody has to take it again to go on.

    def _wait(self, waiter: _Waiter) -> None:
        """Wait until the gate is open; if the time is over first, leave."""
        if not waiter.gate.acquire(True, waiter.remaining):
            with self.mutex:
                waiter.leave()

    def _serve(self) -> None:
        while True:
            if self._getters and self.queue:
                getter, item = self._getters[0], self.queue[0]
                del self._getters[0], self.queue[0]
                getter.given = item
                getter.gate.release()
            elif self._putters and len(self.queue) < self.maxsize:
                putter = self._putters[0]
                del self._putters[0]
                self.unfinished_tasks += 1
                self.queue += (putter.brings,)
                putter.given = ROOM
                putter.gate.release()
            else:
                return

    def task_done(self) -> None:
        with self.mutex:
            if self.unfinished_tasks <= 0:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks -= 1
            if self.unfinished_tasks == 0 and self._joiners:
                try:
                    _open_all(self._joiners, ROOM)
                except BaseException:
                    _open_all(self._joiners, ROOM)  # those that are left
                    raise

    def join(self, timeout: float | None = None) -> None:
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        waiter: Any = None
        try:
            with self.mutex:
                if not self.unfinished_tasks:
                    return
                waiter = _Waiter(self._joiners, timeout)
                self._joiners.append(waiter)
                self._waits += 1
            self._wait(waiter)
            if waiter.given is not NOTHING:
                return
        except BaseException:
            self._recover(waiter)
            raise
        raise TimeoutError(unfinished_after(self.unfinished_tasks, timeout))

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
            if not self.unfinished_tasks:
                _open_all(self._joiners, ROOM)
        _open_all(self._getters, SHUT)
        _open_all(self._putters, SHUT)

    def _waiting(self) -> tuple[deque[Any], deque[Any], deque[Any]]:
        return self._getters, self._putters, self._joiners


def _open_all(waiters: deque[_Waiter], given: object) -> None:
    """Take all out, give them this, and open their gates."""
    while waiters:
        waiter = waiters[0]
        del waiters[0]
        waiter.given = given
        waiter.gate.release()


class _Turn(_Waiter):
    """One who is parked until it is its turn to call the hook.

    Attributes:
        called: the list that it is in from when it is its turn until it has the lock.
        deadline: until when it waits, in seconds of the monotonic clock; None for ever.
    """

    __slots__ = ("called", "deadline")

    def __init__(self, waiters: deque[_Waiter], called: deque[_Waiter], timeout: float | None) -> None:
        super().__init__(waiters, None)
        self.called = called
        self.deadline = deadline_after(timeout)

    def enlist(self) -> bool:
        """Be in the list, unless the time is over; again at its head, if somebody else was quicker."""
        if self.deadline is not None:
            self.remaining = self.deadline - time.monotonic()
            if self.remaining <= 0:
                return False
        before, self.given = self.given, NOTHING
        self.waiters.insert(0 if before is TURN else len(self.waiters), self)
        return True

    def leave(self) -> None:
        """Be in no list."""
        for waiters in (self.waiters, self.called):
            if self in waiters:
                waiters.remove(self)


class _ThroughHooks(ThroughHooks[T], HandoffQueue[T]):
    """The same with hooks, which each thread calls for itself: what they raise is its own.

    So nothing is handed over. Who waits longest is called, and an item, or a place, is kept for it until a shutdown:
    among calls that may wait, nobody overtakes. One that does not wait may: it would have to say that there is nothing.
    """

    _called_getters: deque[_Waiter]
    _called_putters: deque[_Waiter]

    def __new__(cls, *_: Any, **__: Any) -> _ThroughHooks[T]:
        """Make it."""
        self: Any = super().__new__(cls)
        self._called_getters = deque()
        self._called_putters = deque()
        return self  # type: ignore[no-any-return]

    def _new_getter(self, timeout: float | None) -> _Turn:
        return _Turn(self._getters, self._called_getters, timeout)

    def _new_putter(self, timeout: float | None) -> _Turn:
        return _Turn(self._putters, self._called_putters, timeout)

    def _wait(self, waiter: _Waiter) -> None:
        if type(waiter) is _Turn:
            waiter.gate.acquire(True, waiter.remaining)  # it leaves the list when it has the lock again
        else:
            super()._wait(waiter)

    def _forget_who_waits(self) -> None:
        super()._forget_who_waits()
        self._called_getters.clear()
        self._called_putters.clear()

    def _serve(self) -> None:
        while self._getters and self._qsize() > len(self._called_getters):
            getter = self._getters[0]
            del self._getters[0]
            self._called_getters += (getter,)
            getter.given = TURN
            getter.gate.release()
        while self._putters and self._qsize() + len(self._called_putters) < self.maxsize:
            putter = self._putters[0]
            del self._putters[0]
            self._called_putters += (putter,)
            putter.given = TURN
            putter.gate.release()

    _item_came = _room_came = _serve


HandoffQueue._through_hooks = _ThroughHooks
