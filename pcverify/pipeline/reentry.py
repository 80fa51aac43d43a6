"""Queues that notice when a thread calls them that is inside one of their calls already.

A signal's handler, a finaliser and the callback of a weak reference run between two instructions of any thread, also
of one that holds the lock of a queue. If they call that queue, they wait for a lock that they hold themselves. Here the
lock is one that knows its owner, and who asks for it is asked first. That costs time with each call, so it has to be
asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pcverify.pipeline.errors import ReentryError
from pcverify.pipeline.store import HookedStore, Store

__all__ = ["detecting"]

Q = TypeVar("Q")


class _Detecting(Store[Any]):
    """What a queue becomes that was made with `detect_reentry`; mixed into its class, with whose layout it agrees."""

    @property
    def mutex(self) -> Any:
        """The lock, for a thread that does not hold it."""
        lock = vars(self)["mutex"]
        if lock._is_owned():
            raise ReentryError(
                "a call on this queue began while the same thread was inside another one of it, as in the handler of "
                "a signal or a finaliser; let the handler note what is to be done, and do it later"
            )
        return lock

    @property
    def _mutex(self) -> Any:
        return super()._mutex if isinstance(self, HookedStore) else self.mutex  # type: ignore[misc]

    def _recover(self, waiter: Any, *taken: Any) -> None:
        if not vars(self)["mutex"]._is_owned():  # else it has done nothing
            super()._recover(waiter, *taken)  # type: ignore[misc]


@cache
def detecting(queue_class: type[Q]) -> type[Q]:
    """Return the class that a queue of this class becomes; it goes by the same name."""
    names = {"__module__": queue_class.__module__, "__qualname__": queue_class.__qualname__}
    made: type[Q] = type(queue_class.__name__, (_Detecting, queue_class), names)
    return made
