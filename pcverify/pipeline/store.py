"""What is in a queue: a deque, or whatever a subclass has changed that to by its hooks. `mutex` is held all the time.

Exceptions from outside may come within any of these, see `thread_safe_queue`. So an item is noted in `_taken` before it
leaves: whoever called the hook finds it there, where an exception came before the hook had returned it.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Any, Generic, TypeVar

__all__ = ["HOOKS", "NOTHING", "HookedStore", "Store"]

T = TypeVar("T")
HOOKS = ("_init", "_qsize", "_put", "_get")
NOTHING: Any = object()
"""In the place of an item, where there is none."""


class Store(Generic[T]):
    """A deque.

    Attributes:
        queue: the deque, or what a subclass has made of it.
        unfinished_tasks: items put for which nobody has called `task_done` yet.
    """

    unfinished_tasks: int
    _taken: Any = NOTHING  # the item that `_get` is about to take, until somebody has it

    def _init(self, maxsize: int) -> None:
        self.queue: Any = deque()

    def _qsize(self) -> int:
        return len(self.queue)

    def _put(self, item: T) -> None:
        self.queue.append(item)

    def _get(self) -> T:
        item = self._taken = self.queue[0]  # noted first: an exception may come before anybody has it
        del self.queue[0]
        return item  # type: ignore[no-any-return]  # a subclass may keep any store

    def _put_back(self, item: T) -> None:
        """Put an item where `_get` has just taken it."""
        self.queue.appendleft(item)

    def _add(self, items: list[T]) -> None:
        """Put items that are there to stay, all of them or, when interrupted, none."""
        count = len(items)
        self.unfinished_tasks += count
        self.queue += items

    def _take(self, most: int, taken: list[T]) -> None:
        """Move at most so many items; when interrupted, those that are moved are in `taken`, and no others."""
        before, kept = len(self.queue), len(taken)
        taken += islice(self.queue, most)
        try:
            if most >= before:
                self.queue.clear()
            else:
                for _ in range(most):
                    del self.queue[0]
        except BaseException:
            del taken[kept + before - len(self.queue) :]
            raise

    def _discard(self) -> None:
        """Let all items go, each counted as done."""
        while size := self._qsize():
            counted = self.unfinished_tasks > 0
            self.unfinished_tasks -= counted
            try:
                self._get()
            except BaseException:
                self.unfinished_tasks += counted and self._qsize() == size
                raise
        self._taken = NOTHING


class HookedStore(Store[T]):
    """The store, where a subclass may have changed it: a hook is called for each item, and may raise."""

    @property
    def _mutex(self) -> Any:
        raise TypeError(
            f"{type(self).__name__} has hooks, which this put, or get, does not call: call super().put(...), or get, "
            "and not that of a base class by the name of the class"
        )

    def _add(self, items: list[T]) -> None:
        for item in items:
            size = self._qsize()
            self.unfinished_tasks += 1
            try:
                self._put(item)
            except BaseException:
                self.unfinished_tasks -= self._qsize() == size
                raise

    def _take(self, most: int, taken: list[T]) -> None:
        while most > 0 and self._qsize():
            try:
                item = self._get()
            except BaseException:
                if self._taken is not NOTHING:
                    taken += (self._taken,)
                self._taken = NOTHING
                raise
            taken += (item,)
            self._taken = NOTHING
            most -= 1

    def _put_back(self, item: T) -> None:
        self._put(item)
