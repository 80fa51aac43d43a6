"""The numbers of states of models that have no code of their own, counted again by a search written in Python.

It is written from what the headers say in prose. A mistake in a module that makes it do more or less than its header
says shows here as another number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pcverify.tla import load_manifest

EXPECTED = {run.config: run.expect for run in load_manifest(Path(__file__).resolve().parents[2] / "models").runs}
PRODUCERS, CONSUMERS = ("p0", "p1"), ("c0", "c1")


def search(start: Any, steps: Callable[[Any], Iterator[Any]]) -> tuple[int, int]:
    """Return how many states there are, and how many steps the farthest is away, plus one."""
    seen, level, depth = {start}, [start], 0
    while level:
        depth += 1
        found = {after for state in level for after in steps(state)} - seen
        seen |= found
        level = list(found)
    return len(seen), depth


def agree(config: str, start: Any, steps: Callable[[Any], Iterator[Any]]) -> bool:
    return search(start, steps) == (EXPECTED[config].distinct, EXPECTED[config].depth)


class Fifo(NamedTuple):
    """A queue of items `(producer, number)`, and what became of every item."""

    queue: tuple[tuple[str, int], ...] = ()
    shut: bool = False
    held: tuple[tuple[str, tuple[str, int]], ...] = ()  # consumer, and the item that it has taken and not returned
    sent: frozenset[tuple[str, int]] = frozenset()
    received: frozenset[tuple[str, int]] = frozenset()
    discarded: frozenset[tuple[str, int]] = frozenset()


def fifo_steps(capacity: int, puts_each: int, *, interruptible: bool, shuts: bool) -> Callable[[Fifo], Iterator[Fifo]]:
    def steps(now: Fifo) -> Iterator[Fifo]:
        for producer in PRODUCERS:
            last = max((number for who, number in now.sent if who == producer), default=0)
            if not now.shut and len(now.queue) < capacity:
                for number in range(last + 1, puts_each + 1):  # some may be passed over
                    item = (producer, number)
                    yield now._replace(queue=(*now.queue, item), sent=now.sent | {item})
        holding = dict(now.held)
        for consumer in CONSUMERS:
            others = tuple(pair for pair in now.held if pair[0] != consumer)
            if consumer in holding:
                item = holding[consumer]
                yield now._replace(held=others, received=now.received | {item})
                yield now._replace(held=others, queue=(item, *now.queue))
            elif now.queue:
                item, *rest = now.queue
                if interruptible:
                    held = tuple(sorted((*now.held, (consumer, item))))
                    yield now._replace(queue=tuple(rest), held=held)
                else:
                    yield now._replace(queue=tuple(rest), received=now.received | {item})
        if shuts and not now.shut:  # at once: what is in it is let go
            yield now._replace(shut=True, queue=(), discarded=now.discarded | set(now.queue))

    return steps


def test_the_atomic_queue_has_as_many_states() -> None:
    assert agree("BoundedFifo_p2c2k2i2", Fifo(), fifo_steps(2, 2, interruptible=False, shuts=False))
    interrupted = fifo_steps(1, 2, interruptible=True, shuts=True)
    assert agree("BoundedFifo_p2c2k1i2_shut_immediately_interrupted", Fifo(), interrupted)


def test_another_atomic_queue_has_not() -> None:
    assert not agree("BoundedFifo_p2c2k2i2", Fifo(), fifo_steps(1, 2, interruptible=False, shuts=False))


class Run(NamedTuple):
    """A pipeline while it runs. `at`, `told`: of each task by its place in the pipeline's list."""

    at: tuple[str, ...]
    told: tuple[str, ...]
    queue: tuple[Any, ...] = ()
    hands: tuple[Any, ...] = ()  # what each consumer has in hand
    taken: tuple[int, ...] = ()
    sent: tuple[int, ...] = ()
    delivered: frozenset[Any] = frozenset()
    sentinels: tuple[int, frozenset[int]] = (0, frozenset())  # how many were put, and which were taken
    failed: frozenset[int] = frozenset()
    shut: bool = False
    lock: int = -1  # who holds the lock of the ends
    left: int = 0  # how many it has yet to tell
    wanted: str = "no"
    accounts: str = ""
    drained: tuple[Any, ...] = ()


class Pipeline:
    """The steps of every thread of a pipeline, one after the other. Tasks: producers, consumers, coordinator, user."""

    def __init__(
        self,
        lengths: tuple[int, ...],
        consumers: int,
        *,
        failing: frozenset[int] = frozenset(),
        refusing: frozenset[int] = frozenset(),
        ending: str = "none",
        patience: bool = False,
        by_shutdown: bool = False,
    ) -> None:
        self.lengths, self.producers = lengths, len(lengths)
        self.workers = self.producers + consumers
        self.coordinator, self.user = self.workers, self.workers + 1
        self.consumers = range(self.producers, self.workers)
        self.failing, self.refusing, self.ending = failing, refusing, ending
        self.patience, self.by_shutdown = patience, by_shutdown
        bosses = ("wait for producers",) + (("idle",) if ending != "none" else ())
        self.start = Run(
            at=("look",) * self.workers + bosses,
            told=("no",) * self.workers,
            hands=(None,) * consumers,
            taken=(0,) * self.producers,
            sent=(0,) * self.producers,
        )

    def ended(self, now: Run, which: range) -> bool:
        return all(now.at[task] in {"done", "drains", "drained"} for task in which)

    def hopeless(self, now: Run) -> bool:
        return now.wanted == "abort" or self.ended(now, self.consumers)

    def steps(self, now: Run) -> Iterator[Run]:
        for task, place in enumerate(now.at):
            if task < self.producers:
                yield from self.produce(now, task, place)
            elif task < self.workers:
                yield from self.consume(now, task, place)
            if task < self.workers and place in {"ending", "failing"} and now.lock < 0:
                yield self.hear_of(now, task)
            if task >= self.workers:
                yield from self.lead(now, task, place)
            if place in {"drains", "settle"} and now.queue:
                item, *rest = now.queue
                after = now._replace(queue=tuple(rest))
                if item[0] == "sentinel":
                    yield after._replace(sentinels=took(now, item))
                else:
                    yield after._replace(drained=(*now.drained, item))

    def produce(self, now: Run, task: int, place: str) -> Iterator[Run]:
        if place in {"look", "back"}:
            if now.told[task] != "no":
                yield moved(now, task, "ending")
            elif now.taken[task] == self.lengths[task]:
                yield moved(now, task, "failing" if task in self.failing else "ending")
            else:
                yield moved(now, task, "put")._replace(taken=put_at(now.taken, task, now.taken[task] + 1))
        if place == "put" and now.shut:
            yield moved(now, task, "ending" if now.told[task] == "abort" else "failing")
        elif place == "put" and not now.queue:  # one place
            item = (task, now.taken[task])
            yield moved(now, task, "back")._replace(queue=(item,), sent=put_at(now.sent, task, now.sent[task] + 1))

    def consume(self, now: Run, task: int, place: str) -> Iterator[Run]:
        hand = task - self.producers
        if place in {"look", "finish"}:
            yield moved(now, task, "get" if now.told[task] == "no" else "ending")
        elif place == "get" and now.queue:
            yield moved(now, task, "got")._replace(queue=now.queue[1:], hands=put_at(now.hands, hand, now.queue[0]))
        elif place == "get" and now.shut:
            yield moved(now, task, "ending")
        elif place == "got":
            item = now.hands[hand]
            emptied = now._replace(hands=put_at(now.hands, hand, None))
            if item[0] == "sentinel":
                yield moved(emptied, task, "ending")._replace(sentinels=took(now, item))
            elif now.told[task] == "abort":
                yield moved(now, task, "ending")
            elif task in self.refusing:
                yield moved(now, task, "failing")
            else:
                yield moved(emptied, task, "finish")._replace(delivered=now.delivered | {item})
        elif place == "drains" and not now.queue:
            yield moved(now, task, "drained")
        elif place == "drained":
            yield moved(now, task, "done")._replace(lock=-1)

    def hear_of(self, now: Run, task: int) -> Run:
        failed = now.failed | {task} if now.at[task] == "failing" else now.failed
        after = moved(now, task, "done")._replace(failed=failed)
        sending = now.at[self.coordinator] in {"sentinel", "sentinel put", "sent"}
        if task in self.consumers and sending and self.ended(after, self.consumers):
            return moved(after, task, "drains")._replace(lock=task)
        return after

    def lead(self, now: Run, task: int, place: str) -> Iterator[Run]:
        yield from self.wait(now, task, place)
        yield from self.tell(now, task, place)
        yield from self.put_sentinels(now, task, place)
        if place in {"conclude", "give up"} or (place == "idle" and self.ending == "abort"):
            if now.accounts == "settled":
                yield moved(now, task, "done")
            elif not now.accounts:
                yield moved(now, task, "settle" if place == "conclude" else "abort")._replace(accounts=str(task))
        if place == "shut":
            yield moved(now, task, "await")._replace(shut=True)
        if place == "settle" and not now.queue:
            yield moved(now, task, "done")._replace(accounts="settled")

    def wait(self, now: Run, task: int, place: str) -> Iterator[Run]:
        if now.lock >= 0:
            return
        produced, all_ended = self.ended(now, range(self.producers)), self.ended(now, range(self.workers))
        end = "conclude" if all_ended else "give up"
        if place == "wait for producers" and (produced or now.wanted != "no" or self.hopeless(now) or now.failed):
            yield moved(now, task, "stop" if now.failed else "stragglers")
        limited = place == "limited" or self.patience
        if place in {"stragglers", "limited"} and (produced or self.hopeless(now) or limited):
            yield moved(now, task, self.one_more(now) if produced and not self.hopeless(now) else end)
        if place == "wait for consumers" and (all_ended or now.wanted == "abort" or self.patience):
            yield moved(now, task, end)
        if place == "await":
            yield moved(now, task, "settle")

    def one_more(self, now: Run) -> str:
        return "sent" if self.hopeless(now) or now.sentinels[0] == len(self.consumers) else "sentinel"

    def put_sentinels(self, now: Run, task: int, place: str) -> Iterator[Run]:
        if place == "sentinel" and self.by_shutdown:
            yield moved(now, task, "sent")._replace(shut=True)
        elif place == "sentinel":
            if not now.queue and not now.shut:
                number = now.sentinels[0] + 1
                after = moved(now, task, "sentinel put")._replace(sentinels=(number, now.sentinels[1]))
                yield after._replace(queue=(("sentinel", number),))
            if now.shut or self.patience:
                yield moved(now, task, "sent")
        elif place == "sentinel put":
            yield moved(now, task, self.one_more(now))
        elif place == "sent" and now.lock < 0:
            yield moved(now, task, "wait for consumers")

    def tell(self, now: Run, task: int, place: str) -> Iterator[Run]:
        stops = place == "stop" or (place == "idle" and self.ending == "shutdown")
        if (stops or place == "abort") and now.lock < 0:
            word, whom = ("abort", self.workers) if place == "abort" else ("stop", self.producers)
            begun = moved(now, task, f"tells {word}")._replace(lock=task, left=whom)
            begun = begun._replace(wanted="abort" if now.wanted == "abort" else word)
            yield self.tell_next(begun, word, whom)
        elif now.lock == task:
            word = place.split()[1]
            if now.left:
                yield self.tell_next(now, word, self.workers if word == "abort" else self.producers)
            else:
                behind = "shut" if word == "abort" else "done" if task == self.user else "limited"
                behind = "stragglers" if behind == "limited" and self.patience else behind
                yield moved(now, task, behind)._replace(lock=-1)

    def tell_next(self, now: Run, word: str, whom: int) -> Run:
        worker = whom - now.left
        word = "abort" if now.told[worker] == "abort" else word
        return now._replace(told=put_at(now.told, worker, word), left=now.left - 1)


def put_at(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    return (*values[:place], value, *values[place + 1 :])


def took(now: Run, sentinel: tuple[str, int]) -> tuple[int, frozenset[int]]:
    return now.sentinels[0], now.sentinels[1] | {sentinel[1]}


def moved(now: Run, task: int, place: str) -> Run:
    return now._replace(at=put_at(now.at, task, place))


P0, C0 = frozenset({0}), frozenset({1})
PIPELINES = {
    "Pipeline_p1c1k1i2": Pipeline((2,), 1),
    "Pipeline_p2c1k1i2_shutdown": Pipeline((2, 2), 1, ending="shutdown"),
    "Pipeline_p1c1k1i2_abort": Pipeline((2,), 1, ending="abort"),
    "Pipeline_p2c1k1i2_failing_p0": Pipeline((2, 2), 1, failing=P0),
    "Pipeline_p1c2k1i3_refusing_c0": Pipeline((3,), 2, refusing=C0),
    "Pipeline_p1c1k1i2_refusing_c0_abort_patience": Pipeline((2,), 1, refusing=C0, ending="abort", patience=True),
    "PipelineByShutdown_p2c2k1i2": Pipeline((2, 2), 2, by_shutdown=True),
    "PipelineByShutdown_p1c1k1i2_refusing_c0_abort_liveness": Pipeline(
        (2,), 1, refusing=C0, ending="abort", by_shutdown=True
    ),
}


@pytest.mark.parametrize("config", PIPELINES)
def test_the_pipeline_has_as_many_states(config: str) -> None:
    pipeline = PIPELINES[config]
    assert search(pipeline.start, pipeline.steps) == (EXPECTED[config].distinct, EXPECTED[config].depth)


def test_another_pipeline_has_not() -> None:
    pipeline = Pipeline((2,), 1, refusing=C0)
    expected = EXPECTED["Pipeline_p1c1k1i2"]
    assert search(pipeline.start, pipeline.steps) != (expected.distinct, expected.depth)
