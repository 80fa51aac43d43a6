"""Programs in which nothing but one hidden thing remembers who came to a lock first."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

Action = Callable[[], Any]


class Hidden(NamedTuple):
    """What differs: one thread does `change` if it gets a lock at once, else `instead`; later `after`; main reads."""

    change: Action
    read: Action
    instead: Action = lambda: None
    after: Action = lambda: None


def undecided(make: Callable[[], Hidden]) -> Action:
    """Return a program in which nothing but what was changed remembers who had the lock first."""

    def program() -> str:
        hidden = make()
        lock: Any = threading.Lock()
        gate: queue.SimpleQueue[None] = queue.SimpleQueue()

        def other() -> None:
            if lock.acquire(blocking=False):
                hidden.change()
                lock.release()
            else:
                hidden.instead()
            gate.get()
            hidden.after()

        thread = threading.Thread(target=other)
        thread.start()
        with lock:
            pass
        gate.put(None)
        thread.join()
        return str(hidden.read())

    return program
