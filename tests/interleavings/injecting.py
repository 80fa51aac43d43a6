"""Real threads on one queue, and exceptions from outside into each of them, one at a time.

    python -m tests.interleavings.injecting SECONDS [SEED]

prints one object of JSON: how many were raised in the queue and outside, and what is wrong at the end. Each producer
puts numbers that nobody else puts. What a thread notes, it notes without a call, so that no exception comes between.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import queue
import random
import sys
import threading
import time
from abc import ABC, abstractmethod
from typing import Any

from pcverify import HandoffQueue
from pcverify.pipeline import handoff_queue
from tests.support.threads import files_of

PRODUCERS = CONSUMERS = 3
CAPACITY = 2
SPAN = 10**9
"""Numbers of each producer."""

ROOM = 2_000_000
"""Items that a consumer can note."""
LIMIT = 20.0
"""Seconds in which all must have ended after the last exception."""


class Injected(Exception):
    """What is raised from outside."""


class Worker(threading.Thread, ABC):
    """Calls the queue until it is told to stop."""

    def __init__(self, shared: HandoffQueue[int]) -> None:
        super().__init__(daemon=True)
        self.shared = shared
        self.over = False
        self.arrived = self.raised = 0  # exceptions
        self.in_queue = 0

    def run(self) -> None:
        while not self.over:
            try:
                self.arrived = self.raised  # from here on the next one may come
                self.work()
            except Injected as error:
                self.note(handoff_queue.__file__ in files_of(error))
                self.raised += 1

    @abstractmethod
    def work(self) -> None:
        """Call the queue until it is over."""

    def note(self, inside: bool) -> None:
        self.in_queue += inside


class Putter(Worker):
    """Puts one number after the other."""

    def __init__(self, shared: HandoffQueue[int], first: int) -> None:
        super().__init__(shared)
        self.first = self.next = first
        self.doubtful: list[int] = []

    def work(self) -> None:
        while not self.over:
            self.shared.put(self.next)
            self.next += 1

    def note(self, inside: bool) -> None:
        self.in_queue += inside
        self.doubtful.append(self.next)  # it is there, or not
        self.next += 1


class Getter(Worker):
    """Notes what it gets."""

    def __init__(self, shared: HandoffQueue[int]) -> None:
        super().__init__(shared)
        self.got = [0] * ROOM
        self.count = 0
        self.returned = 0  # exceptions that came when a get had returned, perhaps

    def work(self) -> None:
        while not self.over:
            self.got[self.count] = self.shared.get()
            self.count += 1

    def note(self, inside: bool) -> None:
        self.in_queue += inside
        self.returned += not inside


def inject(workers: list[Any], seconds: float, chance: random.Random) -> int:
    """Raise in one after another, none before the last one has arrived; return how many."""
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    sent = dict.fromkeys(workers, 0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        worker = chance.choice(workers)
        if worker.arrived == sent[worker]:
            sent[worker] += 1
            raise_in(ctypes.c_ulong(worker.ident), ctypes.py_object(Injected))
        time.sleep(chance.uniform(0, 2e-4))
    return sum(sent.values())


def main(seconds: float, seed: int) -> dict[str, Any]:
    """Run it and say what came of it."""
    sys.setswitchinterval(1e-5)
    shared: HandoffQueue[int] = HandoffQueue(CAPACITY)
    putters = [Putter(shared, 1 + number * SPAN) for number in range(PRODUCERS)]
    getters = [Getter(shared) for _ in range(CONSUMERS)]
    workers: list[Any] = [*putters, *getters]
    for worker in workers:
        worker.start()
    sent = inject(workers, seconds, random.Random(seed))
    wrong = _end(shared, putters, getters)
    noted = [[number for number in getter.got[: getter.count] if number] for getter in getters]
    got = [number for numbers in noted for number in numbers] + [number for number in shared.queue if number]
    surely = {number for putter in putters for number in range(putter.first, putter.next)}
    lost = surely - {number for putter in putters for number in putter.doubtful} - set(got)
    given_back = sum(getter.in_queue for getter in getters)
    if len(set(got)) < len(got):
        wrong.append(f"{len(got) - len(set(got))} items were got twice")
    if len(lost) > sum(getter.returned for getter in getters):
        wrong.append(f"{len(lost)} items are lost")
    for numbers, producer in itertools.product(noted, range(PRODUCERS)):
        own = [number for number in numbers if number // SPAN == producer]
        if sum(later < earlier for earlier, later in itertools.pairwise(own)) > given_back:
            wrong.append("items of one producer are in another order, more often than any were given back")
    return {
        "sent": sent,
        "in the queue": sum(worker.in_queue for worker in workers),
        "items": len(got),
        "lost by the caller": len(lost),
        "wrong": wrong,
    }


def _end(shared: HandoffQueue[int], putters: list[Putter], getters: list[Getter]) -> list[str]:
    """Let all threads come to their end, getters by zeros; return what goes wrong with that."""
    until = time.monotonic() + LIMIT
    for putter in putters:
        putter.over = True
    while (shared.qsize() or any(putter.is_alive() for putter in putters)) and time.monotonic() < until:
        time.sleep(0.001)  # the getters make room
    for getter in getters:
        getter.over = True
    while any(getter.is_alive() for getter in getters) and time.monotonic() < until:
        with contextlib.suppress(queue.Full):
            shared.put_nowait(0)
        time.sleep(0.001)
    left = [worker.name for worker in (*putters, *getters) if worker.is_alive()]
    return [f"{', '.join(left)} never ended"] if left else []


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)))
