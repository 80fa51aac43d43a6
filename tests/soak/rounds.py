"""One round: a queue, threads that put and get, and a controller that interrupts them and ends it.

The main thread is one of those that put and get; a signal's handler raises in it, as Ctrl-C does. In the others the
controller raises by `PyThreadState_SetAsyncExc`.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.soak.interrupted import Injected, Interrupted, in_order, interrupt
from tests.soak.plans import ENDINGS, MOST_ITEMS, Plan
from tests.soak.records import Record, first_of
from tests.soak.workers import Consumer, Producer

if TYPE_CHECKING:
    from types import FrameType

SECONDS = 0.5
"""In which a round puts; it ends when all is got. After twice as many nobody is interrupted any more."""

PAUSE = 2e-3
"""The longest time between two exceptions, and between two signals."""


class Round:
    """What is under way.

    Args:
        stop: set, by whoever, to end it early.

    Attributes:
        wrong: what was found while it ran.
    """

    def __init__(self, plan: Plan, stop: threading.Event) -> None:
        self.plan = plan
        self.stop = stop
        self.chance = random.Random(plan.seed)
        shape = plan.shape
        self.shared = shape.design(shape.capacity)
        share = MOST_ITEMS // shape.producers
        self.producers = [
            Producer(self.shared, way, range(first_of(number), first_of(number) + share), plan.most, self.chance)
            for number, way in enumerate(plan.putting)
        ]
        self.consumers = [Consumer(self.shared, way, plan.most, self.chance) for way in plan.getting]
        self.workers: list[Any] = [*self.producers, *self.consumers]
        if plan.ending != ENDINGS[0]:
            first = self.producers[0]
            first.ends, first.immediate = True, plan.ending == ENDINGS[2]
            first.stop = first.first + self.chance.randrange(share)
        self.wrong: list[str] = []

    def run(self) -> None:
        """Run to its end; called in the main thread."""
        main: Interrupted = self.workers[self.plan.main]
        before = sys.getswitchinterval()
        sys.setswitchinterval(self.plan.switching)
        controller = threading.Thread(target=self._control, name="controller", daemon=True)
        with _Signals(main, self.chance):
            for worker in self.workers:
                if worker is not main:
                    worker.start()
            controller.start()
            main.run()
            controller.join()
            for worker in self.workers:
                if worker is not main:
                    worker.thread.join()
        sys.setswitchinterval(before)
        self._look()

    @property
    def moved(self) -> int:
        """Changes while anything gets on."""
        return sum(worker.moved + worker.ended + worker.dismissed for worker in self.workers)

    @property
    def items(self) -> int:
        """Items that were got so far."""
        return sum(len(consumer.got) for consumer in self.consumers)

    @property
    def interrupts(self) -> int:
        """Exceptions that arrived so far, in the queue or outside."""
        return sum(worker.raised for worker in self.workers)

    def _control(self) -> None:
        until = time.monotonic() + SECONDS
        shut = False
        while not all(worker.ended for worker in self.workers):
            time.sleep(self.chance.uniform(0, PAUSE))
            interrupt(self.chance.choice(self.workers))
            self._watch()
            failed = self._errors()
            for worker in self.workers:
                worker.spared = time.monotonic() > until + SECONDS  # who drains a large heap may need so long
            if self.stop.is_set() or failed or time.monotonic() > until:
                for producer in self.producers:
                    producer.stop = 0
            if not shut and (failed or all(producer.ended for producer in self.producers)):
                shut = True
                self.shared.shutdown(bool(failed))
        for worker in self.workers:
            worker.dismissed = True

    def _watch(self) -> None:
        stats = self.shared.stats()
        if stats.size > self.shared.maxsize + stats.overfull and self.shared.maxsize > 0 and not self.wrong:
            self.wrong.append(f"{stats.size} items are in it, and only {stats.overfull} came back to a full queue")

    def _errors(self) -> set[str]:
        return {repr(worker.error) for worker in self.workers if worker.error is not None}

    def _look(self) -> None:
        errors, stats = self._errors(), self.shared.stats()
        if errors:
            self.wrong.append(f"a call raised {', '.join(sorted(errors))}")
        elif any(worker.raised != worker.sent for worker in self.workers):
            self.wrong.append("an exception from outside did not arrive")
        if stats.getters + stats.putters + stats.joiners:
            self.wrong.append(f"nobody calls it, but somebody is in its lists: {stats}")

    def record(self) -> Record:
        """Return what is known of it at its end."""
        stats = self.shared.stats()
        return Record(
            put=[range(producer.first, producer.next) for producer in self.producers],
            doubtful=[run for producer in self.producers for run in producer.doubtful],
            got=[consumer.got for consumer in self.consumers],
            left=self.shared.drain(),
            maxsize=self.shared.maxsize,
            in_order=in_order(self.plan.shape.design),
            given_back=stats.given_back,
            overfull=stats.overfull,
            unfinished=stats.unfinished,
            finished=sum(consumer.finished for consumer in self.consumers),
            finished_perhaps=sum(consumer.finished_perhaps for consumer in self.consumers),
            discards=self.plan.ending == ENDINGS[2],
        )


class _Signals:
    """Sends signals to this process, again and again, whose handler raises in the main thread."""

    def __init__(self, worker: Interrupted, chance: random.Random) -> None:
        self.worker = worker
        self.pauses = [chance.uniform(1e-4, PAUSE) for _ in range(64)]
        self.turn = 0
        self.over = False

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._handle)
        signal.setitimer(signal.ITIMER_REAL, PAUSE)

    def __exit__(self, *exception: object) -> None:
        self.over = True  # not SIG_IGN: of a signal that came just before, CPython would tell on stderr
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.over:
            return
        worker = self.worker
        self.turn = (self.turn + 1) % len(self.pauses)
        signal.setitimer(signal.ITIMER_REAL, self.pauses[self.turn])
        if worker.may_be_interrupted:
            worker.sent += 1
            raise Injected
