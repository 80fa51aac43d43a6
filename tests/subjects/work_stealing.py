"""A work-stealing queue: its owner pushes and pops at the tail without a lock, thieves steal at the head under one.

The protocol is that of Cilk-5 (Frigo, Leiserson and Randall, "The implementation of the Cilk-5 multithreaded language",
PLDI 1998): each side first claims, by moving its end, and then looks whether the ends have crossed. Who finds that they
have takes its claim back; the owner then tries again under the thieves' lock. CHESS has it as a test, and SCTBench as
chess.WSQ. Here the slots are never reused while a thief may read them, so there is no growing either.
"""

from __future__ import annotations

import threading

from tests.subjects.cells import Counter
from tests.subjects.threads import run_together


class _WorkStealingQueue:
    """Items between head and tail."""

    def __init__(self, capacity: int, *, claim_first: bool) -> None:
        self.claim_first = claim_first
        self.slots = [-1] * capacity
        self.head, self.tail = Counter(0), Counter(0)
        self.stealing = threading.Lock()  # lets nobody but its holder move the head

    def push(self, item: int) -> None:
        """For the owner."""
        tail = self.tail.load()
        self.slots[tail] = item
        self.tail.store(tail + 1)

    def pop(self) -> int | None:
        """For the owner."""
        tail = self.tail.add(-1)
        if self.head.load() <= tail:
            return self.slots[tail]
        self.tail.store(tail + 1)
        return self._pop_alone()

    def _pop_alone(self) -> int | None:
        with self.stealing:
            tail = self.tail.add(-1)
            if self.head.load() <= tail:
                return self.slots[tail]
            self.head.store(0)
            self.tail.store(0)
            return None

    def steal(self) -> int | None:
        """For thieves."""
        with self.stealing:
            head = self.head.load()
            if self.claim_first:
                self.head.store(head + 1)
            if head < self.tail.load():
                self.head.store(head + 1)
                return self.slots[head]
            self.head.store(head)
            return None


def _work_stealing(*, claim_first: bool, rounds: int = 2, attempts: int = 2) -> None:
    """The owner pushes two items and pops one, so many times, and pops the rest; a thief steals at the same time."""
    queue = _WorkStealingQueue(2 * rounds, claim_first=claim_first)
    popped: list[int | None] = []
    stolen: list[int | None] = []

    def owner() -> None:
        for number in range(rounds):
            queue.push(2 * number)
            queue.push(2 * number + 1)
            popped.append(queue.pop())
        for _ in range(rounds):
            popped.append(queue.pop())

    def thief() -> None:
        for _ in range(attempts):
            stolen.append(queue.steal())

    run_together(thief, owner)
    taken = [item for item in popped + stolen if item is not None]
    assert sorted(taken) == list(range(2 * rounds)), (popped, stolen)


def work_stealing_wrong() -> None:
    """The bug: a thief looks before it claims, so the owner may pop the last item that the thief has seen."""
    _work_stealing(claim_first=False)


def work_stealing_right() -> None:
    """A thief claims before it looks."""
    _work_stealing(claim_first=True)


def small_work_stealing_wrong() -> None:
    """The same bug, with two items and one attempt to steal."""
    _work_stealing(claim_first=False, rounds=1, attempts=1)


def small_work_stealing_right() -> None:
    """The same fix."""
    _work_stealing(claim_first=True, rounds=1, attempts=1)
