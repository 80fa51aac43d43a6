"""What both designs of a queue offer: all but `put`, `get` and how they wait, which each design defines.

A design gives two classes: one whose `put` and `get` work on the deque themselves, and one that reaches the store
through `_init`, `_qsize`, `_put` and `_get`, as `queue.Queue` does. Which of them serves a class is decided when that
class is made: one that has a hook of its own finds the second among its bases, and no call asks.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from weakref import WeakValueDictionary

from pcverify.pipeline.reentry import detecting
from pcverify.pipeline.store import HOOKS, NOTHING, HookedStore, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

if sys.version_info >= (3, 13):
    from queue import ShutDown
else:

    class ShutDown(Exception):
        """Raised by put and get on a queue that has been shut down."""


__all__ = ["BlockingQueue", "QueueStats", "ShutDown"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueueStats:
    """What a queue knows of itself without counting anything where nobody waits.

    Attributes:
        size: items in the queue.
        unfinished: items put for which nobody has called `task_done` yet.
        getters: threads that wait for an item now.
        putters: threads that wait for room now.
        joiners: threads that wait in `join` now.
        waits: how often a thread began to wait so far.
        given_back: items so far that an interrupted `get` gave back; each may have changed places with later ones.
        overfull: those of them that made the queue hold more than `maxsize`.
    """

    size: int
    unfinished: int
    getters: int
    putters: int
    joiners: int
    waits: int
    given_back: int
    overfull: int


class BlockingQueue(Store[T], ABC):
    """A bounded queue for any number of producing and consuming threads.

    Items may be any object, `None` included, and are compared with nothing. A subclass may replace the four hooks
    `_init`, `_qsize`, `_put` and `_get`, which are called with `mutex` held, as in `queue.Queue`.

    Args:
        maxsize: how many items fit; zero or less means that any number does.
        detect_reentry: whether a call that begins while the same thread is inside another one of this queue (in the
            handler of a signal, in a finaliser) raises `ReentryError`; without it, it waits for itself for ever.

    Attributes:
        maxsize: as given.
        mutex: the lock that protects everything below; `with q.mutex: list(q.queue)` is allowed.
        unfinished_tasks: items put for which nobody has called `task_done` yet.
        is_shutdown: whether `shutdown` was called.
        queue: the store, made by `_init`.
    """

    _through_hooks: ClassVar[type[BlockingQueue[Any]] | None] = None  # the class of this design that calls the hooks
    mutex: Any
    _mutex: Any  # the same, for what does without hooks

    def __init_subclass__(cls) -> None:
        """Let a class that has a hook of its own call it."""
        super().__init_subclass__()
        hooked = cls._through_hooks
        if hooked is None or hooked in cls.__mro__ or all(getattr(cls, h) is getattr(hooked, h) for h in HOOKS):
            return
        last = max(place for place, base in enumerate(cls.__bases__) if issubclass(base, BlockingQueue))
        before = [base for base in cls.__bases__[: last + 1] if base not in hooked.__mro__]
        cls.__bases__ = (*before, hooked, *cls.__bases__[last + 1 :])

    def __init__(self, maxsize: int = 0, *, detect_reentry: bool = False) -> None:
        self.maxsize = maxsize
        self._init(maxsize)
        self.mutex = threading.RLock() if detect_reentry else threading.Lock()
        if not isinstance(self, HookedStore):
            self._mutex = self.mutex
        self.unfinished_tasks = 0
        self.is_shutdown = False
        self._waits = self._given_back = self._overfull = 0
        _QUEUES[id(self)] = self
        if detect_reentry:
            self.__class__ = detecting(type(self))

    # Each design's own.

    @abstractmethod
    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Enqueue `item`, waiting while the queue is full.

        Interrupted by an exception from outside (Ctrl-C, a signal's handler, `PyThreadState_SetAsyncExc`), it has
        enqueued the item once or not at all.

        Args:
            item: any object.
            block: whether to wait at all; `timeout` is ignored otherwise.
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            queue.Full: there was no room, in time.
            ShutDown: the queue was shut down, before or while waiting.
            ValueError: `timeout` is negative, and would be used: the queue is bounded.
        """

    @abstractmethod
    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Remove and return the item that has been there longest, waiting while there is none.

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

    @abstractmethod
    def task_done(self) -> None:
        """Say that an item that was got is dealt with; the last one wakes every `join`.

        Raises:
            ValueError: it was called more often than items were put.
        """

    @abstractmethod
    def join(self, timeout: float | None = None) -> None:
        """Wait until `task_done` was called for every item that was put.

        Args:
            timeout: the longest wait in seconds; `None` for no limit.

        Raises:
            TimeoutError: it was not, in time.
            ValueError: `timeout` is negative.
        """

    @abstractmethod
    def shutdown(self, immediate: bool = False) -> None:
        """End the queue: every later put raises `ShutDown`, and so does every get once it is empty.

        All threads blocked in put or get are woken. A queue cannot be started again.

        Args:
            immediate: also discard what is in the queue, counting each item as done, and wake every `join`.
        """

    @abstractmethod
    def _waiting(self) -> tuple[deque[Any], deque[Any], deque[Any]]:
        """Return the lists of those who wait: for an item, for room, in `join`."""

    @abstractmethod
    def _wait(self, waiter: Any) -> None:
        """Sleep until woken, or until the time is over; `mutex` is free meanwhile."""

    @abstractmethod
    def _serve(self) -> None:
        """Let all who wait and need not go on; `mutex` is held. May be left half way, and called again."""

    # Made of these.

    def put_nowait(self, item: T) -> None:
        """Enqueue `item` if there is room now, else raise `queue.Full`."""
        self.put(item, block=False)

    if sys.version_info >= (3, 11):

        def get_nowait(self) -> T:
            """Remove and return an item if there is one now, else raise `queue.Empty`."""
            return self.get(block=False)

    else:

        @property
        def get_nowait(self) -> Callable[[], T]:
            """`get(block=False)`, called by C: after calls by Python, 3.10 looks for signals, and may lose the item."""
            return partial(self.get, False)

    def put_many(self, items: Iterable[T], block: bool = True, timeout: float | None = None) -> int:
        """Enqueue the first items, as many as fit at once, and wait only while not even one does.

        If one fits when it is called, this is one step: nobody's item comes between. Otherwise it waits for the first
        as `put` does, and then enqueues as many more as fit, in a second step. Interrupted by an exception from
        outside, it has enqueued some of the first, each once, or none.

        Returns:
            How many are in: fewer than all if there was no room for more, or a shutdown came between.

        Raises:
            queue.Full, ShutDown, ValueError: as `put` does; nothing is enqueued then.
        """
        pending = list(items)
        done = self._put_some(pending)
        if done or not pending:
            return done
        self.put(pending[0], block, timeout)
        with suppress(ShutDown):
            done = self._put_some(pending[1:])
        return 1 + done

    def get_many(self, most: int, block: bool = True, timeout: float | None = None) -> list[T]:
        """Remove and return the items that have been there longest, at most so many, and wait only while there is none.

        If there is one when it is called, this is one step. Otherwise it waits for the first as `get` does, and then
        takes what more there is, in a second step. Interrupted by an exception from outside, it has removed nothing.

        Raises:
            queue.Empty, ShutDown: as `get` does.
            ValueError: `timeout` is negative, and would be used; or `most` is less than one.
        """
        if most < 1:
            raise ValueError("'most' must be at least 1")
        taken: list[T] = []
        try:
            self._get_some(most, taken)
            if not taken:
                taken.extend(map(self.get, (block,), (timeout,)))  # C calls it: nothing comes between the two
                self._get_some(most - 1, taken)
        except BaseException:
            self._give_back(taken)
            raise
        return taken

    def drain(self) -> list[T]:
        """Remove and return all items there are, in one step; also after a shutdown. Waits for nothing."""
        taken: list[T] = []
        try:
            self._get_some(sys.maxsize, taken)
        except BaseException:
            self._give_back(taken)
            raise
        return taken

    def __iter__(self) -> Iterator[T]:
        """Get one item after the other, until the queue is shut down and empty."""
        while True:
            taken: list[T] = []
            try:
                taken.extend(map(self.get, (True,)))  # C calls it: nothing comes between the two
            except ShutDown:
                return
            except BaseException:
                self._give_back(taken)
                raise
            yield taken[0]

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

    def stats(self) -> QueueStats:
        """Return what the queue knows of itself, all of one moment."""
        with self.mutex:
            getters, putters, joiners = map(len, self._waiting())
            return QueueStats(
                size=self._qsize(),
                unfinished=self.unfinished_tasks,
                getters=getters,
                putters=putters,
                joiners=joiners,
                waits=self._waits,
                given_back=self._given_back,
                overfull=self._overfull,
            )

    # Several items in one step; and what an exception from outside has interrupted.

    def _put_some(self, items: list[T]) -> int:
        """Enqueue the first ones, as many as fit, and return how many."""
        try:
            with self.mutex:
                if not self.is_shutdown:
                    room = self.maxsize - self._qsize() if self.maxsize > 0 else len(items)
                    done = min(max(room, 0), len(items))
                    self._add(items[:done])
                    self._serve()
                    return done
        except BaseException:
            self._recover(None)
            raise
        raise ShutDown

    def _get_some(self, most: int, taken: list[T]) -> None:
        """Move the items that have been there longest to `taken`, at most so many."""
        with self.mutex:
            self._take(most, taken)
            self._serve()

    def _forget_who_waits(self) -> None:
        for waiters in self._waiting():
            waiters.clear()

    def _give_back(self, taken: list[T]) -> None:
        if taken:
            self._recover(None, *taken)

    def _recover(self, waiter: Any, *taken: T) -> None:
        """Set right what an interrupted call has begun.

        It waits no more; what it has taken, or was given, goes back to the head; and whoever can go on does: so
        neither an item nor a wakeup ends with it.
        """
        with self.mutex:
            if waiter is not None:
                waiter.leave()
                taken += waiter.holds
            for item in reversed(taken):
                if item is not NOTHING:
                    self._put_back(item)
                    self._given_back += 1
                    self._overfull += 0 < self.maxsize < self._qsize()
            self._serve()


def unfinished_after(unfinished: int, timeout: float | None) -> str:
    """Say why a join gives up."""
    return f"{unfinished} item{'s' if unfinished != 1 else ''} unfinished after {timeout:g} s"


def deadline_after(timeout: float | None) -> float | None:
    """Return the moment, in monotonic seconds, at which a call gives up that begins now; None for never."""
    return None if timeout is None else time.monotonic() + timeout


_QUEUES: WeakValueDictionary[int, BlockingQueue[Any]] = WeakValueDictionary()


def _forget_the_dead() -> None:
    """In a process that was just forked: those who waited in its parent do not wait here."""
    for each in list(_QUEUES.values()):
        with suppress(AttributeError):  # one that another thread was making
            each._forget_who_waits()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_dead)
