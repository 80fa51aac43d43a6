"""Says how far long work is, on stderr: over and over in one line of a terminal, every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

IN_TERMINAL, ELSEWHERE = 0.5, 5.0  # seconds from one time to the next


class Progress:
    """Hears from the work as often as it likes, and says something now and then."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._terminal = self._stream.isatty()
        self._between = IN_TERMINAL if self._terminal else ELSEWHERE
        self._next = time.monotonic() + self._between

    def __call__(self, words: Callable[[], str]) -> None:
        """Say how far it is, if it is time to: `words` is asked only then."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._between
        self._stream.write(f"\r{words()}\033[K" if self._terminal else f"{words()}\n")
        self._stream.flush()

    def over(self) -> None:
        """Clear the line."""
        if self._terminal:
            self._stream.write("\r\033[K")
            self._stream.flush()
