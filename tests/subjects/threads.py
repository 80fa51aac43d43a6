"""Running functions in threads, all of which are joined."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run_together(*targets: Callable[[], object]) -> None:
    """Run each function in a thread of its own, named after it, and wait for all of them.

    The order in which they are given is the order in which they are started, and in which they are joined.
    """
    threads = [
        threading.Thread(target=target, name=f"{getattr(target, '__name__', 'thread')}-{number}")
        for number, target in enumerate(targets)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
