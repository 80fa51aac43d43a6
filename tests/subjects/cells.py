"""Shared variables whose every access is a step of its own.

The programs that these subjects are written after race on plain variables. A scheduler of thread code switches only
before operations on locks, threads, queues and the clock, so here each variable that takes part in a bug is a cell: an
access takes the cell's lock and releases it. What an atomic instruction would do in one go, one method does.

No method does two things that a program should not get for free: there is no "add unless", and no iteration.
"""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Cell(Generic[T]):
    """A variable. Each method is atomic; between two calls anything may happen."""

    def __init__(self, value: T) -> None:
        self._lock = threading.Lock()  # protects _value
        self._value = value

    def load(self) -> T:
        """Return the value."""
        with self._lock:
            return self._value

    def store(self, value: T) -> None:
        """Replace the value."""
        with self._lock:
            self._value = value

    def exchange(self, value: T) -> T:
        """Replace the value, and return what it was."""
        with self._lock:
            old, self._value = self._value, value
            return old

    def compare_and_set(self, expected: T, value: T) -> bool:
        """Replace the value if it is `expected`, and say whether it was."""
        with self._lock:
            found = self._value == expected
            if found:
                self._value = value
            return found


class Counter(Cell[int]):
    """A number."""

    def add(self, amount: int) -> int:
        """Add, and return the sum."""
        with self._lock:
            self._value += amount
            return self._value
