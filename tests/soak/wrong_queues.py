"""Queues that are wrong in one way each, which a soak must find."""

from __future__ import annotations

from typing import Any

from pcverify import HandoffQueue, ThreadSafeQueue


class LosesItems(HandoffQueue[Any]):
    """Keeps what an interrupted call has taken."""

    def _recover(self, waiter: Any, *taken: Any) -> None:
        super()._recover(waiter)


class DoublesItems(HandoffQueue[Any]):
    """Gives back twice what an interrupted call has taken."""

    def _recover(self, waiter: Any, *taken: Any) -> None:
        super()._recover(waiter, *taken, *taken)


class ChangesPlaces(ThreadSafeQueue[Any]):
    """Puts several items in another order."""

    def _add(self, items: list[Any]) -> None:
        super()._add([*items[:-2], *items[-1:], *items[-2:-1]])


class HoldsTooMany(ThreadSafeQueue[Any]):
    """Has room for one item more than there may be."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        with self.mutex:
            if len(self.queue) == self.maxsize and not self.is_shutdown:
                self._add([item])
                self._serve()
                return
        super().put(item, block, timeout)


class Miscounts(ThreadSafeQueue[Any]):
    """Counts an item as unfinished once more when its put was interrupted."""

    def _recover(self, waiter: Any, *taken: Any) -> None:
        self.unfinished_tasks += 1
        super()._recover(waiter, *taken)


class Swallows(ThreadSafeQueue[Any]):
    """Lets no exception through that comes while it puts."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        try:
            super().put(item, block, timeout)
        except Exception as error:
            if type(error).__name__ != "Injected":
                raise


class WakesNobody(ThreadSafeQueue[Any]):
    """Lets those wait for ever who wait for an item."""

    def __init__(self, maxsize: int = 0, *, detect_reentry: bool = False) -> None:
        super().__init__(maxsize, detect_reentry=detect_reentry)
        self.not_empty.notify = lambda n=1: None  # type: ignore[method-assign]
