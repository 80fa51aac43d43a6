"""`put` and `get` where a subclass has changed the store: each thread calls the hooks for itself, in either design.

It is the loop of `ThreadSafeQueue`: look, be listed, sleep outside the lock, look again. The designs differ in how
somebody waits and in whom they wake; and in `HandoffQueue` an item, or a place, is kept for whoever was called to it.
"""

from __future__ import annotations

from abc import abstractmethod
from queue import Empty, Full
from typing import TYPE_CHECKING, Any, TypeVar

from pcverify.pipeline.blocking_queue import BlockingQueue, ShutDown
from pcverify.pipeline.store import NOTHING, HookedStore

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Sequence

__all__ = ["ThroughHooks"]

T = TypeVar("T")


class ThroughHooks(HookedStore[T], BlockingQueue[T]):
    """What a design's class for subclasses with hooks is made of."""

    _getters: deque[Any]
    _putters: deque[Any]
    _called_getters: Sequence[Any]  # those who are on their way, and for each of whom an item is kept,
    _called_putters: Sequence[Any]  # or a place: no other call takes it that may wait itself

    def __new__(cls, *_: Any, **__: Any) -> ThroughHooks[T]:
        """Make it; here, since a subclass may call the `__init__` of a design by its name."""
        self = super().__new__(cls)
        self._called_getters = self._called_putters = ()
        return self

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        waiter: Any = None
        problem: Any
        try:
            while True:
                with self.mutex:
                    if waiter is not None:
                        waiter.leave()
                    if self.is_shutdown:
                        problem = ShutDown
                        break
                    if timeout is not None and timeout < 0 and block and self.maxsize > 0:
                        problem = ValueError("'timeout' must be a non-negative number")
                        break
                    size = self._qsize()
                    if not 0 < self.maxsize <= size + (len(self._called_putters) if block else 0):
                        self.unfinished_tasks += 1
                        try:
                            self._put(item)
                        except BaseException:
                            self.unfinished_tasks -= self._qsize() == size
                            raise
                        if self._getters:
                            self._item_came()
                        return
                    if not block or not (waiter := waiter or self._new_putter(timeout)).enlist():
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
                with self.mutex:
                    if waiter is not None:
                        waiter.leave()
                    size = self._qsize()
                    if self.is_shutdown and not size:
                        problem = ShutDown
                        break
                    if timeout is not None and timeout < 0 and block:
                        problem = ValueError("'timeout' must be a non-negative number")
                        break
                    kept = self._called_getters
                    if size and (not kept or size > len(kept) or not block or self.is_shutdown):
                        try:
                            item = self._get()
                        except BaseException:
                            item, self._taken = self._taken, NOTHING
                            raise
                        self._taken = NOTHING
                        if self._putters:
                            self._room_came()
                        return item  # type: ignore[no-any-return]
                    if not block or not (waiter := waiter or self._new_getter(timeout)).enlist():
                        problem = Empty
                        break
                    self._waits += 1
                self._wait(waiter)
        except BaseException:
            self._recover(waiter, item)
            raise
        raise problem

    @abstractmethod
    def _new_getter(self, timeout: float | None) -> Any:
        """Return one who can be listed to wait for an item."""

    @abstractmethod
    def _new_putter(self, timeout: float | None) -> Any:
        """Return one who can be listed to wait for room."""

    @abstractmethod
    def _item_came(self) -> None:
        """Let a getter that waits go on; `mutex` is held."""

    @abstractmethod
    def _room_came(self) -> None:
        """Let a putter that waits go on; `mutex` is held."""
