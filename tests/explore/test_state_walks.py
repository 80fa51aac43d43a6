"""Where two ways lead to one key, they go on alike: the same choices, then the same keys, to the same end.

Programs made at random are walked at random. Each way that comes to a key which another way came to before is taken
again from there with every next choice, beside the other one, and both go on by the same chance to their ends.

What a pass does not show: that keys hold what these programs do not use; see `test_state_keys` for that.
"""

from __future__ import annotations

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.engine.execution import Execution
from pcverify.explore.states import StateKeys
from pcverify.explore.states.objects import WRITERS
from tests.explore.enumerator.counted import COUNTED, SIMPLE_QUEUES
from tests.explore.enumerator.generator import generate
from tests.explore.enumerator.interpreter import Meaning

SEEDS = sorted(seed for seed, executions in (COUNTED | SIMPLE_QUEUES).items() if executions >= 50)[:20]
WALKS = 6  # of each program
MEETINGS = 3  # of two ways, before a choice, that are looked at, of each program
MOST = 200  # steps of an execution


@dataclass
class Counts:
    """What was walked, and what went wrong."""

    states: int = 0
    unkeyed: int = 0
    meetings: int = 0
    continuations: int = 0
    steps: int = 0
    differences: list[str] = field(default_factory=list)


class Walker:
    """One program, under control until this is closed."""

    def __init__(self, seed: int, counts: Counts, redirection: Any) -> None:
        self.meaning = Meaning(generate(seed))
        self.chance = Random(seed)
        self.counts = counts
        self.keys = StateKeys()
        self.redirection = redirection
        self.seed = seed

    def look(self) -> None:
        """Walk, and follow what meets."""
        ways: dict[bytes, list[int]] = {}
        meetings = []
        for _ in range(WALKS):
            way: list[int] = []
            for key, number, _ in self.go((), self.chance):
                self.counts.states += 1
                self.counts.unkeyed += key is None
                if number > 1 and key is not None and (other := ways.setdefault(key, way[:])) != way:
                    meetings.append((other, way[:], number))
                way.append(self.taken)
        self.chance.shuffle(meetings)
        for one, other, number in meetings[:MEETINGS]:
            self.counts.meetings += 1
            for choice in range(number):
                self.compare([*one, choice], [*other, choice], self.chance.random())

    def compare(self, one: list[int], other: list[int], luck: float) -> None:
        """Take two ways and go on by the same chance."""
        self.counts.continuations += 1
        ends = [list(self.go(way, Random(luck)))[len(way) - 1 :] for way in (one, other)]
        self.counts.steps += len(ends[0])
        if ends[0] != ends[1]:
            at = next(at for at in range(max(map(len, ends))) if ends[0][at : at + 1] != ends[1][at : at + 1])
            self.counts.differences.append(f"program {self.seed}: {one} and {other} differ {at} steps later")

    def go(self, way: Any, chance: Random) -> Iterator[tuple[bytes | None, int, Any]]:
        """Go this way, and on by chance: yield each key, the number of choices and what these are; then the end."""
        meaning = self.meaning
        execution = Execution(max_delay=None, redirection=self.redirection, record=False)
        with execution:
            execution.adopt(lambda: meaning(threading, queue, time), "main")
            for step in range(MOST):
                choices = execution.choices()
                if not choices or execution.only_daemons_left():
                    break
                key = self.keys.key(execution)
                self.taken = way[step] if step < len(way) else chance.randrange(len(choices))
                yield key, len(choices), [(task.name, task.kind, task.blocked) for task in choices]
                execution.take(choices[self.taken])
            if way:
                yield None, 0, [(task.ended, repr(task.result), repr(task.error)) for task in execution.tasks]


@pytest.fixture
def walk() -> Iterator[Callable[[list[int]], Counts]]:
    """Walk the programs of some seeds."""
    redirection = redirect_everything()
    gc.disable()

    def look(seeds: list[int]) -> Counts:
        counts = Counts()
        for seed in seeds:
            Walker(seed, counts, redirection).look()
        return counts

    try:
        yield look
    finally:
        gc.enable()
        redirection.end()


def test_two_ways_to_one_key_go_on_alike(walk: Callable[[list[int]], Counts]) -> None:
    counts = walk(SEEDS)
    print(counts)
    assert not counts.differences
    assert counts.unkeyed == 0
    assert counts.meetings >= 50


def test_a_key_that_leaves_lists_out_is_caught(
    walk: Callable[[list[int]], Counts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITERS, list, lambda graph, value: None)
    assert walk([427]).differences
