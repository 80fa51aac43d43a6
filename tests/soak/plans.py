"""What is done in each round: all of it follows from the seed and the round's number."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from tests.soak.workers import GETTING, PUTTING
from tests.support.queues import DESIGNS, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

QUEUES: tuple[type[Any], ...] = (*DESIGNS, *VARIANTS)
CROWDS = ((1, 1), (1, 4), (4, 1), (4, 4))
CAPACITIES = (1, 2, 10, 1_000, 0)
ENDINGS = ("shutdown when all is put", "shutdown in the middle", "immediate shutdown in the middle")
SWITCHING = (1e-5, 1e-4, 5e-3)
"""Seconds after which Python lets another thread run."""

BATCHES = (2, 10, 100)
MOST_ITEMS = 50_000
"""In one round."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which queue, and who works on it.

    Attributes:
        design: the class.
        capacity: its `maxsize`.
    """

    design: type[Any]
    producers: int
    consumers: int
    capacity: int

    def __str__(self) -> str:
        capacity = f"capacity {self.capacity:,}" if self.capacity else "unbounded"
        return f"{self.design.__name__}, {self.producers} x {self.consumers}, {capacity}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One round.

    Attributes:
        number: of the round, from 0.
        putting: how each producer puts.
        getting: how each consumer gets.
        most: how many items `put_many` and `get_many` move at most.
        ending: when and how the queue is shut down.
        switching: after how many seconds Python lets another thread run.
        main: the worker that is the main thread, which signals interrupt; counted over producers, then consumers.
        seed: of all that is drawn while it runs.
    """

    number: int
    shape: Shape
    putting: tuple[str, ...]
    getting: tuple[str, ...]
    most: int
    ending: str
    switching: float
    main: int
    seed: str

    def __str__(self) -> str:
        return f"{self.shape}; {', '.join(self.putting)}; {'; '.join(self.getting)}; {self.ending}"


def shapes_of(designs: Sequence[type[Any]]) -> list[Shape]:
    """Return each of these in each crowd and capacity."""
    return [
        Shape(design, producers, consumers, capacity)
        for (producers, consumers), capacity, design in product(CROWDS, CAPACITIES, designs)
    ]


def plan_of(number: int, seed: int, designs: Sequence[type[Any]]) -> Plan:
    """Return what that round does. Each shape comes once in as many rounds as there are; each design in turn."""
    shapes = shapes_of(designs)
    turn, place = divmod(number, len(shapes))
    about, which = divmod(place, len(designs))
    mine = [shape for shape in shapes if shape.design is designs[which]]
    shape = random.Random(f"{seed}, {turn}, {which}").sample(mine, len(mine))[about]
    chance = random.Random(f"{seed}, round {number}")
    return Plan(
        number=number,
        shape=shape,
        putting=tuple(chance.choices(PUTTING, k=shape.producers)),
        getting=tuple(chance.choices(GETTING, k=shape.consumers)),
        most=chance.choice(BATCHES),
        ending=chance.choice(ENDINGS),
        switching=chance.choice(SWITCHING),
        main=chance.randrange(shape.producers + shape.consumers),
        seed=f"{seed}, in round {number}",
    )
