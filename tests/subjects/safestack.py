"""A stack of free slots, linked by their numbers, that looks lock-free and safe.

A pop claims the top slot by taking its link away, then moves the head past it; if the head has moved meanwhile, it puts
the link back. The algorithm is D. Vyukov's; SCTBench has it as misc.safestack.

The original tries a pop until it succeeds; here a pop is tried once, and a thread that gets nothing leaves out what it
would have done with the slot. The bug is there all the same, with three slots, two threads that pop, push and pop, and
one that pops. A search of all states of that program, one access to a cell at a time, gave: the shortest way to the bug
takes 45 accesses, and none has fewer than seven preemptions.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from tests.subjects.cells import Cell, Counter
from tests.subjects.threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

END = -1


class _SafeStack:
    """Slots 0, 1, 2 and so on; each is linked to the next, the last one to `END`."""

    def __init__(self, slots: int, *, locked: bool) -> None:
        self.whole: AbstractContextManager[object] = threading.Lock() if locked else contextlib.nullcontext()
        self.head = Cell(0)
        self.count = Counter(slots)
        self.next = [Cell(slot + 1) for slot in range(slots - 1)] + [Cell(END)]

    def pop(self) -> int | None:
        """Return a slot that nobody else has, or None; the last slot always stays."""
        with self.whole:
            if self.count.load() <= 1:
                return None
            slot = self.head.load()
            after = self.next[slot].exchange(END)
            if after == END:
                return None
            if self.head.compare_and_set(slot, after):
                self.count.add(-1)
                return slot
            self.next[slot].store(after)
            return None

    def push(self, slot: int) -> None:
        """Give a slot back. A try fails only if the head was moved, so there are as many as there are other calls."""
        with self.whole:
            while True:
                head = self.head.load()
                self.next[slot].store(head)
                if self.head.compare_and_set(head, slot):
                    break
            self.count.add(1)


def _safestack(*, locked: bool) -> None:
    """Three threads pop, write their number into the slot, look whether it is still there, and push."""
    stack = _SafeStack(3, locked=locked)
    owner = [Cell(END) for _ in range(3)]

    def user(number: int, *, pops: int) -> Callable[[], None]:
        def use() -> None:
            for left in reversed(range(pops)):
                slot = stack.pop()
                if slot is None:
                    continue
                owner[slot].store(number)
                assert owner[slot].load() == number, f"two threads have slot {slot}"
                if left:
                    stack.push(slot)

        return use

    run_together(user(0, pops=2), user(1, pops=2), user(2, pops=1))


def safestack_wrong() -> None:
    """The bug: a pop that was delayed takes, or puts back, the link of a slot that was popped and pushed meanwhile."""
    _safestack(locked=False)


def safestack_right() -> None:
    """A pop, and a push, is done under a lock."""
    _safestack(locked=True)
