"""What each guarantee costs where nobody waits: queues that have one more of them each, up to those that are measured.

None of these is of use by itself. The last one promises what `HandoffQueue` does, as long as nobody has to wait.
"""

from __future__ import annotations

import threading
from collections import deque
from queue import Full
from typing import Any

NOTHING: Any = object()


class Locked:
    """A lock and a deque: the least that pure Python can do."""

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self.mutex = threading.Lock()
        self.queue: deque[Any] = deque()
        self.unfinished_tasks = 0
        self.is_shutdown = False
        self.waiting: deque[Any] = deque()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        with self.mutex:
            self.queue.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        with self.mutex:
            return self.queue.popleft()

    def recover(self, item: Any) -> None:
        """Give back what an interrupted get has taken."""
        with self.mutex:
            self.queue.appendleft(item)


class GivesBack(Locked):
    """An interrupted get loses nothing."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        item = NOTHING
        try:
            with self.mutex:
                if self.queue:
                    item = self.queue[0]
                    del self.queue[0]
                    return item
        except BaseException:
            self.recover(item)
            raise
        return None


class Counts(GivesBack):
    """`task_done` and `join` can be answered."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        with self.mutex:
            self.unfinished_tasks += 1
            self.queue.append(item)


class Ends(Counts):
    """It can be shut down, and refuses a negative time limit."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        with self.mutex:
            if self.is_shutdown or (timeout is not None and timeout < 0 and block):
                raise ValueError
            self.unfinished_tasks += 1
            self.queue.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        item = NOTHING
        try:
            with self.mutex:
                if (self.is_shutdown and not self.queue) or (timeout is not None and timeout < 0 and block):
                    raise ValueError
                if self.queue:
                    item = self.queue[0]
                    del self.queue[0]
                    return item
        except BaseException:
            self.recover(item)
            raise
        return None


class Waits(Ends):
    """It has a bound, and looks whether somebody waits."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        try:
            with self.mutex:
                if self.is_shutdown or (timeout is not None and timeout < 0 and block and self.maxsize > 0):
                    raise ValueError
                if self.waiting:
                    return
                if not 0 < self.maxsize <= len(self.queue):
                    self.unfinished_tasks += 1
                    self.queue.append(item)
                    return
        except BaseException:
            self.recover(item)
            raise
        raise Full

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        item = NOTHING
        try:
            with self.mutex:
                if (self.is_shutdown and not self.queue) or (timeout is not None and timeout < 0 and block):
                    raise ValueError
                if self.queue:
                    item = self.queue[0]
                    del self.queue[0]
                    if self.waiting:
                        return None
                    return item
        except BaseException:
            self.recover(item)
            raise
        return None


STEPS: dict[str, Any] = {
    "a lock and a deque": Locked,
    "an interrupted get loses nothing": GivesBack,
    "what is unfinished is counted": Counts,
    "shutdown; a negative time limit is refused": Ends,
    "a bound; whoever waits is looked for": Waits,
}
