"""What a process has once and each execution has anew: chance, what runs at the exit, counters that make names."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Surroundings:
    """Those of one execution; nothing is made before somebody uses it, for most programs use none of it.

    Attributes:
        workers: those of `concurrent.futures`, with their queues; None if there were none.
        exit_calls: what is called when the program's function has returned.
        exiting: whether that has begun.
        pools_named: how many pools got a name with a number.
        futures_made: how many futures there were.
        after: what is called when the execution is over.
    """

    workers: Any = None
    exit_calls: tuple[Callable[[], Any], ...] = ()
    exiting = False
    pools_named = 0
    futures_made = 0
    after: tuple[Callable[[], Any], ...] = ()
    _bytes: random.Random | None = None
    _generator: random.Random | None = None

    def take_bytes(self, number: int) -> bytes:
        """Return the next bytes of the stream that stands for the operating system's."""
        if self._bytes is None:
            self._bytes = random.Random(0)
        return self._bytes.randbytes(number)

    def generator(self) -> random.Random:
        """Return what stands for the hidden generator of `random`."""
        if self._generator is None:
            self._generator = random.Random(0)
        return self._generator

    def has_exit(self) -> bool:
        """Whether there is something to do when the program's function has returned."""
        return bool(self.exit_calls) or self.workers is not None

    def end(self) -> None:
        """Undo what belongs to the process."""
        calls, self.after = self.after, ()
        for call in reversed(calls):
            call()
