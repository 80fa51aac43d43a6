"""What a worker needs of a queue, and no more.

`queue.Queue` and `ThreadSafeQueue` satisfy it, so do their subclasses. A queue may also have a
`shutdown(immediate=False)` as in Python 3.13: the coordinator's `abort()` uses it where it is there.
"""

from __future__ import annotations

from typing import Protocol, TypeVar, runtime_checkable

T = TypeVar("T")


@runtime_checkable
class QueueProtocol(Protocol[T]):
    """A bounded blocking queue, as workers see it.

    `isinstance` checks that the methods are there, not their signatures: that is mypy's part.
    """

    maxsize: int

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Enqueue `item`; wait for room at most `timeout` seconds, then raise `queue.Full`."""

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """Remove and return the next item; wait at most `timeout` seconds, then raise `queue.Empty`."""

    def qsize(self) -> int:
        """Return the number of items, which may have changed by the time it is read."""

    def task_done(self) -> None:
        """Say that an item that was got is dealt with, so that `join()` can return."""
