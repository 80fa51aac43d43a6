"""What a queue can do wrong where an exception from outside comes: mistakes to be mixed into either design."""

from __future__ import annotations

from typing import Any

from pcverify.pipeline.blocking_queue import BlockingQueue


class TakesByACall(BlockingQueue[Any]):
    """Has nothing in hand when the exception comes right after the call."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        with self.mutex:
            if self.queue:
                return self.queue.popleft()
        return super().get(block, timeout)  # type: ignore[safe-super]  # a design comes behind this


class CountsBeforeACall(BlockingQueue[Any]):
    """Has counted an item that it does not put if the exception comes in between."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        with self.mutex:
            self.unfinished_tasks += 1
            len(self.queue)
            self.unfinished_tasks -= 1
        super().put(item, block, timeout)  # type: ignore[safe-super]


class GivesNothingBack(BlockingQueue[Any]):
    """Keeps what an interrupted get has taken, or was handed."""

    def _put_back(self, item: Any) -> None: ...


class StaysListed(BlockingQueue[Any]):
    """Stays among those who wait when it waits no more."""

    def _recover(self, waiter: Any, *taken: Any) -> None:
        super()._recover(None, *taken, *(() if waiter is None else waiter.holds))


class PassesNothingOn(BlockingQueue[Any]):
    """Lets nobody go on in its place."""

    def _recover(self, waiter: Any, *taken: Any) -> None:
        self._serve = lambda: None  # type: ignore[method-assign]
        super()._recover(waiter, *taken)
        del self._serve


class ClosesHalfWay(BlockingQueue[Any]):
    """Wakes the others no more if the exception comes after the first."""

    def shutdown(self, immediate: bool = False) -> None:
        with self.mutex:
            self._close(immediate)
