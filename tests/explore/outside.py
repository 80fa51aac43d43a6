"""A thread that no execution controls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def outside() -> Iterator[threading.Thread]:
    """Let one run, and wait for its end."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait, name="outside")
    thread.start()
    try:
        yield thread
    finally:
        done.set()
        thread.join(30)
