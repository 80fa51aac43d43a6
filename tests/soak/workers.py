"""Who puts and who gets in a round, each in one of several ways.

A consumer lets C call the queue and note what it returns (`extend(map(get, …))`): on no version of Python can an
exception come between, and it is the quickest way, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, cycle, repeat, starmap
from queue import Empty, Full
from typing import TYPE_CHECKING, Any

from pcverify import ShutDown
from tests.soak.interrupted import Interrupted

if TYPE_CHECKING:
    import random

LONGEST = 2e-3
"""Seconds that a call with a timeout waits."""
WAITS = 64
"""How many timeouts are drawn beforehand; then they come again."""
NO_ARGUMENTS = ((),)

PUTTING = ("put", "put, timed", "put_many")
GETTING = ("get", "get, timed", "get_many", "drain", "iterate", "get, task_done")


class Producer(Interrupted):
    """Puts its numbers, one after the other, until it is told to stop or the queue is shut down.

    Attributes:
        next: the first number that was not put yet.
        stop: the first that is not to be put.
        doubtful: runs of numbers whose put was interrupted.
        ends: whether it shuts the queue down then, and `immediate`, how.
    """

    def __init__(self, shared: Any, way: str, numbers: range, most: int, chance: random.Random) -> None:
        super().__init__(shared)
        self.put = {"put": self._put, "put, timed": self._put_timed, "put_many": self._put_many}[way]
        self.first = self.next = numbers.start
        self.stop = numbers.stop
        self.most = most
        self.waits = [chance.uniform(0, LONGEST) for _ in range(WAITS)]
        self.size = 1
        self.skipped = 0
        self.doubtful: list[range] = []
        self.ends = self.immediate = False

    def work(self) -> None:
        try:
            self.put()
        except ShutDown:
            return
        if self.ends:
            self.shared.shutdown(self.immediate)

    def _put(self) -> None:
        while self.next < self.stop:
            self.shared.put(self.next)
            self.next += 1

    def _put_timed(self) -> None:
        while self.next < self.stop:
            try:
                self.shared.put(self.next, True, self.waits[self.next % WAITS])
            except Full:
                continue
            self.next += 1

    def _put_many(self) -> None:
        self.size = self.most
        while self.next < self.stop:
            self.next += self.shared.put_many(range(self.next, self.next + self.most))

    def note(self, inside: bool) -> None:
        self.doubtful.append(range(self.next, self.next + self.size))
        self.next += self.size
        self.skipped += self.size

    @property
    def moved(self) -> int:
        """Items that it has put; no interrupt adds to them."""
        return self.next - self.first - self.skipped


class Consumer(Interrupted):
    """Gets until the queue is shut down and empty.

    Attributes:
        got: what it got.
        finished: how often it called `task_done`, and, interrupted, perhaps.
    """

    def __init__(self, shared: Any, way: str, most: int, chance: random.Random) -> None:
        super().__init__(shared)
        ways = (self._get, self._get_timed, self._get_many, self._drain, self._iterate, self._finish)
        self.get = dict(zip(GETTING, ways, strict=True))[way]
        self.most = most
        self.waits: Iterator[float] = cycle([chance.uniform(0, LONGEST) for _ in range(WAITS)])
        self.got: list[int] = []
        self.finishing = False
        self.finished = self.finished_perhaps = 0

    def work(self) -> None:
        try:
            self.get()
        except ShutDown:
            return

    def _get(self) -> None:
        self.got.extend(map(self.shared.get, repeat(True)))

    def _get_timed(self) -> None:
        while True:
            try:
                self.got.extend(map(self.shared.get, repeat(True), self.waits))
            except Empty:
                continue

    def _get_many(self) -> None:
        self.got.extend(chain.from_iterable(map(self.shared.get_many, repeat(self.most))))

    def _drain(self) -> None:
        while True:
            self.got.extend(map(self.shared.get, (True,)))
            self.got.extend(chain.from_iterable(starmap(self.shared.drain, NO_ARGUMENTS)))

    def _iterate(self) -> None:
        self.got.extend(self.shared)

    def _finish(self) -> None:
        while True:
            self.got.extend(map(self.shared.get, (True,)))
            self.finishing = True
            self.shared.task_done()
            self.finished += 1
            self.finishing = False

    def note(self, inside: bool) -> None:
        self.finished_perhaps += self.finishing
        self.finishing = False

    @property
    def moved(self) -> int:
        """Items that it has got."""
        return len(self.got)
