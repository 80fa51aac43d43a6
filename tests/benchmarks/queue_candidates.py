"""The classes of queues that are measured: the standard library's, ours, and culsans where it can be imported.

culsans is a queue for threads and for async code. It is a peer, no dependency:
`peers-queues.txt` pins it, and it lives in an environment of its own. Its interface for threads is used, as its
documentation says: `culsans.Queue(maxsize).sync_q`.
"""

from __future__ import annotations

import importlib
import queue
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcverify import HandoffQueue, ThreadSafeQueue

if TYPE_CHECKING:
    from collections.abc import Callable

PEER = "culsans"
LIMIT = "SimpleQueue (C)"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One class of queues.

    Attributes:
        make: makes a queue of a capacity, 0 for any number of items.
        make_hooked: the same, of a subclass that replaces the store; `None` if there can be none.
        bounded: whether the capacity counts.
        version: of a peer.
    """

    make: Callable[[int], Any]
    make_hooked: Callable[[int], Any] | None = None
    bounded: bool = True
    version: str = ""


def with_hooks(base: Any) -> Any:
    """Return a subclass that keeps the items itself, as one that a user writes does."""

    class Hooked(base):  # type: ignore[misc]
        def _init(self, maxsize: int) -> None:
            self.queue: deque[Any] = deque()

        def _qsize(self) -> int:
            return len(self.queue)

        def _put(self, item: Any) -> None:
            self.queue.append(item)

        def _get(self) -> Any:
            return self.queue.popleft()

    return Hooked


def peer() -> Candidate | None:
    """Return culsans, or `None` where it is not installed."""
    try:
        module: Any = importlib.import_module(PEER)
    except ImportError:
        return None
    hooked = with_hooks(module.Queue)
    return Candidate(
        lambda maxsize: module.Queue(maxsize).sync_q,
        lambda maxsize: hooked(maxsize).sync_q,
        version=module.__version__,
    )


STANDARD = Candidate(queue.Queue, with_hooks(queue.Queue))
"""What all others are measured against."""


def candidates() -> dict[str, Candidate]:
    """Return who is measured beside `queue.Queue`, by name, the one that shows what is left to gain last."""
    found = {
        "ThreadSafeQueue": Candidate(ThreadSafeQueue, with_hooks(ThreadSafeQueue)),
        "HandoffQueue": Candidate(HandoffQueue, with_hooks(HandoffQueue)),
    }
    if other := peer():
        found[PEER] = other
    return found | {LIMIT: Candidate(lambda _: queue.SimpleQueue(), bounded=False)}
