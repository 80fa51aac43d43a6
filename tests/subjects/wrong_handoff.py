"""`HandoffQueue`s that are wrong in one way each, where an exception from outside comes."""

from __future__ import annotations

from typing import Any

from pcverify import HandoffQueue


class Wrong(HandoffQueue[Any]):
    """Some that are wrong in one way each."""


class TakesByACall(Wrong):
    """Has nothing in hand when the exception comes right after the call."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        with self.mutex:
            if self.queue:
                return self.queue.popleft()
        return super().get(block, timeout)


class CountsBeforeACall(Wrong):
    """Has counted an item that it does not put if the exception comes in between."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        with self.mutex:
            self.unfinished_tasks += 1
            len(self.queue)
            self.unfinished_tasks -= 1
        super().put(item, block, timeout)


class GivesNothingBack(Wrong):
    """Keeps what an interrupted get has taken."""

    def _give_back(self, item: Any) -> None: ...


class LeavesNoList(Wrong):
    """Stays listed when it waits no more."""

    def _leave(self, waiter: Any, waiters: Any) -> None: ...


class ClosesHalfWay(Wrong):
    """Wakes the others no more if the exception comes after the first."""

    def shutdown(self, immediate: bool = False) -> None:
        with self.mutex:
            self._close(immediate)
