"""Real threads on one queue, and exceptions from outside into each of them, one at a time.

    python -m tests.interleavings.injecting [MODULE:CLASS] [--injections N] [--seconds S] [--still S] [--seed N]

raises them until so many came through the code of the queue, for at most so long, and prints one object of JSON: how
many there were, and what is wrong at the end. Methods that the class lacks are not called.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import pkgutil
import queue
import random
import sys
import time
from typing import Any

from tests.soak.interrupted import Interrupted, in_order, interrupt
from tests.soak.records import Record, first_of

PRODUCERS = CONSUMERS = 3
CAPACITY = 2
ACTS = 1024
"""How many calls are drawn beforehand; then they come again."""

LONGEST = 5e-4
"""Seconds that a call with a timeout waits."""
DRAINED = 10
"""No fewer items than one `drain` returns."""
CALLER_LOSES = sys.version_info < (3, 11)
"""Whether an exception may come between the return of a call and the note of what it returned."""


class Worker(Interrupted):
    """Calls what it has drawn, until it is told to stop."""

    calls: tuple[str, ...]

    def __init__(self, shared: Any, chance: random.Random) -> None:
        super().__init__(shared)
        known = [call for call in self.calls if hasattr(shared, call.partition(" ")[0])]
        if not hasattr(shared, "stats"):
            known = [call for call in known if call != "join"]  # it takes no timeout
        self.acts = chance.choices(known, k=ACTS)
        self.waits = [chance.uniform(0, LONGEST) for _ in range(ACTS)]
        self.turn = 0
        self.over = False


class Putter(Worker):
    """Puts one number after the other."""

    calls = ("put", "put", "put timed", "put_many")

    def __init__(self, shared: Any, chance: random.Random, first: int) -> None:
        super().__init__(shared, chance)
        self.first = self.next = first
        self.size = 1
        self.doubtful: list[range] = []

    def work(self) -> None:
        while not self.over:
            self.turn = (self.turn + 1) % ACTS
            act, wait = self.acts[self.turn], self.waits[self.turn]
            self.size = 1
            if act == "put":
                self.shared.put(self.next)
            elif act == "put timed":
                try:
                    self.shared.put(self.next, True, wait)
                except queue.Full:
                    continue
            else:
                self.size = 3
                self.next += self.shared.put_many((self.next, self.next + 1, self.next + 2))
                continue
            self.next += 1

    def note(self, inside: bool) -> None:
        self.doubtful.append(range(self.next, self.next + self.size))  # some of the first are there, or none
        self.next += self.size


class Getter(Worker):
    """Notes what it gets."""

    calls = ("get", "get", "get timed", "get_many", "drain", "join")

    def __init__(self, shared: Any, chance: random.Random) -> None:
        super().__init__(shared, chance)
        self.got: list[int] = []
        self.holds = self.kept = 0  # items that a call has returned, and that are not noted, perhaps
        self.finishing = False
        self.finished = self.finished_perhaps = 0

    def work(self) -> None:
        while not self.over:
            self.turn = (self.turn + 1) % ACTS
            act, wait = self.acts[self.turn], self.waits[self.turn]
            if act == "get":
                self.holds = 1
                self.got += (self.shared.get(),)
            elif act == "get timed":
                self.holds = 1
                try:
                    self.got += (self.shared.get(True, wait),)
                except queue.Empty:
                    continue
            elif act == "get_many":
                self.holds = 3
                self.got += self.shared.get_many(3)
                continue
            elif act == "drain":
                self.holds = DRAINED
                self.got += self.shared.drain()
                continue
            else:
                self.holds = 0
                with contextlib.suppress(TimeoutError):
                    self.shared.join(wait)
                continue
            self.holds = 0
            self.finishing = True
            self.shared.task_done()
            self.finished += 1
            self.finishing = False

    def note(self, inside: bool) -> None:
        if CALLER_LOSES and not inside:
            self.kept += self.holds
        self.holds = 0
        self.finished_perhaps += self.finishing
        self.finishing = False


class Closer(Interrupted):
    """Puts numbers, too, so that getters that wait look up; nothing interrupts it."""

    def __init__(self, shared: Any) -> None:
        super().__init__(shared)
        self.first = self.next = first_of(PRODUCERS)

    def work(self) -> None:
        while not self.dismissed:
            try:
                self.shared.put_nowait(self.next)
                self.next += 1
            except queue.Full:
                time.sleep(0.0005)

    def note(self, inside: bool) -> None: ...


class Run:
    """One queue, who calls it, and who interrupts them.

    Attributes:
        still: seconds without any movement after which nothing is taken to move any more.
    """

    def __init__(self, make: type[Any], seed: int, still: float) -> None:
        chance = self.chance = random.Random(seed)
        self.make, self.still = make, still
        self.shared = make(CAPACITY)
        self.putters = [Putter(self.shared, chance, first_of(number)) for number in range(PRODUCERS)]
        self.getters = [Getter(self.shared, chance) for _ in range(CONSUMERS)]
        self.closer = Closer(self.shared)
        self.workers: list[Worker] = [*self.putters, *self.getters]
        self._moved, self._since = -1, time.monotonic()

    @property
    def inside(self) -> int:
        """Exceptions that came through the code of the queue."""
        return sum(worker.inside for worker in self.workers)

    def moves(self) -> bool:
        """Whether an item was got lately, or a thread has ended."""
        moved = sum(len(getter.got) for getter in self.getters) + sum(worker.ended for worker in self.workers)
        if moved != self._moved:
            self._moved, self._since = moved, time.monotonic()
        return time.monotonic() < self._since + self.still

    def inject(self, injections: int, seconds: float) -> None:
        """Raise exceptions, until enough came through the queue, the time is over, or nothing moves."""
        until = time.monotonic() + seconds
        while self.inside < injections and time.monotonic() < until and self.moves():
            interrupt(self.chance.choice(self.workers))
            time.sleep(self.chance.uniform(0, 2e-4))

    def end(self) -> list[str]:
        """Let all threads come to their end; return what goes wrong with that."""
        for putter in self.putters:
            putter.over = True
        while not all(putter.ended for putter in self.putters) and self.moves():
            time.sleep(0.001)  # the getters make room
        for getter in self.getters:
            getter.over = True
        self.closer.start()
        while not all(worker.ended for worker in self.workers) and self.moves():
            time.sleep(0.001)
        stuck = sum(not worker.ended for worker in self.workers)
        everybody: list[Interrupted] = [*self.workers, self.closer]
        for each in everybody:
            each.dismissed = True
        for each in everybody:
            if each.thread is not None and (each.ended or each is self.closer):
                each.thread.join(self.still)
        free = self.shared.mutex.acquire(timeout=self.still)
        if free:
            self.shared.mutex.release()
        errors = {repr(worker.error) for worker in self.workers if worker.error is not None}
        problems = {
            "the lock is left locked": not free,
            f"{stuck} of {len(self.workers)} threads never ended, beside {len(self.shared.queue)} items": stuck,
            f"a call raised {', '.join(sorted(errors))}": errors,
            "exceptions did not arrive": not stuck and not errors and any(w.raised != w.sent for w in self.workers),
        }
        if free and not stuck and hasattr(self.shared, "stats"):
            stats = self.shared.stats()
            problems[f"nobody calls, but some are in its lists: {stats}"] = (
                stats.getters + stats.putters + stats.joiners
            )
        return [problem for problem, found in problems.items() if found]

    def record(self) -> Record:
        return Record(
            put=[
                *(range(putter.first, putter.next) for putter in self.putters),
                range(self.closer.first, self.closer.next),
            ],
            doubtful=[numbers for putter in self.putters for numbers in putter.doubtful],
            got=[getter.got for getter in self.getters],
            left=list(self.shared.queue),
            maxsize=CAPACITY,
            in_order=in_order(self.make),
            given_back=getattr(self.shared, "_given_back", 0),
            overfull=getattr(self.shared, "_overfull", 0),
            unfinished=self.shared.unfinished_tasks,
            finished=sum(getter.finished for getter in self.getters),
            finished_perhaps=sum(getter.finished_perhaps + (not getter.ended) for getter in self.getters),
            kept_by_callers=sum(getter.kept + (not getter.ended) for getter in self.getters),
        )


def main(make: type[Any], injections: int, seconds: float, still: float, seed: int) -> dict[str, Any]:
    """Run it and say what came of it."""
    sys.setswitchinterval(1e-5)
    gc.collect()
    gc.disable()  # in a callback of its, CPython drops what is raised
    run = Run(make, seed, still)
    began = time.monotonic()
    for worker in run.workers:
        worker.start()
    run.inject(injections, seconds)
    inside, took = run.inside, time.monotonic() - began
    wrong = run.end()
    record = run.record()
    return {
        "queue": make.__name__,
        "sent": sum(worker.sent for worker in run.workers),
        "in the queue": inside,
        "seconds": round(took, 1),
        "items": record.out,
        "given back": record.given_back,
        "lost by the caller": len(record.missing) if not wrong else 0,
        "wrong": wrong + record.wrong(),
    }


if __name__ == "__main__":
    summary, _, rest = str(__doc__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.interleavings.injecting",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("queue", nargs="?", default="pcverify:HandoffQueue", help="default: %(default)s")
    parser.add_argument("--injections", type=int, default=1_000, help="in the queue (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="no longer (default: %(default)s)")
    parser.add_argument("--still", type=float, default=20, help="when nothing moves any more (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of what is called and who is interrupted")
    chosen = parser.parse_args()
    tested = pkgutil.resolve_name(chosen.queue)
    print(json.dumps(main(tested, chosen.injections, chosen.seconds, chosen.still, chosen.seed)))
