"""The configs at which code and models are compared: a few seconds for each class in `make check`, more by night.

Each is the smallest at which something shows: LIFO needs two places, `if` for `while` a second thread on the same side,
timeouts a second task with one. What the large ones add is that nothing new shows.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pcverify.conformance.programs import PipelineConfig, QueueConfig, UnfinishedConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.conformance.programs import Config

ALL = ("all",)
CLASSES = {
    "ConditionQueue": ("pcverify:ThreadSafeQueue", "queue:Queue"),
    "HandoffQueue": ("pcverify:HandoffQueue",),
    "UnfinishedTasks": ("pcverify:ThreadSafeQueue", "pcverify:HandoffQueue", "queue:Queue"),
    "Pipeline": ("pcverify:ThreadSafeQueue", "pcverify:HandoffQueue"),
}
"""For each model the classes that it describes."""

SMALL = (
    QueueConfig(),
    QueueConfig(producers=2, puts_each=2, gets_each=4),
    QueueConfig(consumers=2),
    QueueConfig(capacity=2, puts_each=2, gets_each=2),
    QueueConfig(producers=2, gets_each=2, timed=ALL),
    QueueConfig(consumers=2, timed=("consumers",), retry=True),
    QueueConfig(impatient=ALL),
    QueueConfig(producers=2, consumers=2),
)
WITH_SHUTDOWN = (
    QueueConfig(puts_each=2, shutdown="gently"),
    QueueConfig(consumers=2, timed=ALL, shutdown="gently"),
    QueueConfig(puts_each=2, shutdown="immediately"),
)
WITH_INTERRUPTS = (
    QueueConfig(interruptible=ALL),
    QueueConfig(consumers=2, interruptible=("consumers",)),
    QueueConfig(producers=2, gets_each=2, interruptible=("producers",)),
    QueueConfig(capacity=2, puts_each=2, gets_each=2, interruptible=("consumers",)),
    QueueConfig(timed=ALL, interruptible=ALL, shutdown="gently"),
)
LARGE = (
    QueueConfig(producers=2, consumers=2, puts_each=2, gets_each=2),
    QueueConfig(producers=2, consumers=2, capacity=2, puts_each=2, gets_each=2),
    QueueConfig(producers=3, consumers=3),
    QueueConfig(producers=2, consumers=2, timed=ALL),
    QueueConfig(producers=2, consumers=2, timed=ALL, retry=True),
    QueueConfig(producers=2, consumers=2, puts_each=2, gets_each=2, timed=("producers",)),
    QueueConfig(producers=2, consumers=2, puts_each=2, gets_each=2, timed=ALL, retry=True),
)
LARGE_WITH_INTERRUPTS = (
    QueueConfig(producers=2, consumers=2, interruptible=ALL),
    QueueConfig(consumers=2, capacity=2, puts_each=2, timed=ALL, interruptible=("consumers",), shutdown="immediately"),
    QueueConfig(consumers=2, timed=ALL, interruptible=ALL, shutdown="immediately"),
)

UNTIMED_JOINS: tuple[dict[str, Any], ...] = ({}, {"joiners": 2, "puts_each": 2, "dones_each": 2})
JOINS = (*UNTIMED_JOINS, {"joiners": 2, "timed": ALL})
JOINS_WITH_INTERRUPTS = ({"interruptible": ALL, "shutdown": "immediately"},)
LARGE_JOINS = (
    {"joiners": 2, "interruptible": ALL, "shutdown": "immediately"},
    {"joiners": 2, "puts_each": 2, "dones_each": 2, "timed": ALL},
    {"joiners": 2, "puts_each": 2, "dones_each": 2, "interruptible": ALL, "shutdown": "immediately"},
    {
        "finishers": 2,
        "joiners": 2,
        "puts_each": 2,
        "timed": ALL,
        "interruptible": ("joiners",),
        "shutdown": "immediately",
    },
)

_QUEUES_FOR_EDITS: tuple[dict[str, Any], ...] = (
    {"gets_each": 2, "shutdown": "gently"},
    {"consumers": 2, "puts_each": 2, "shutdown": "gently"},
    {"producers": 2, "puts_each": 2, "interruptible": ("producer-0",)},
    {"producers": 2, "puts_each": 2, "shutdown": "gently"},
    {"capacity": 2, "puts_each": 3},
    {"puts_each": 3, "gets_each": 2, "interruptible": ("consumers",)},
)
FOR_EDITS: dict[str, tuple[dict[str, Any], ...]] = {
    "ConditionQueue": _QUEUES_FOR_EDITS,
    "HandoffQueue": _QUEUES_FOR_EDITS,
    "UnfinishedTasks": (
        {},
        {"shutdown": "immediately"},
        {"interruptible": ALL},
        {"interruptible": ALL, "shutdown": "immediately"},
        {"timed": ALL, "puts_each": 2},
        {"timed": ALL, "interruptible": ALL},
        {"timed": ALL, "joins_each": 2, "shutdown": "immediately"},
        {"puts_each": 2, "shutdown": "immediately"},
        {"joiners": 2, "puts_each": 2, "dones_each": 2},
        {"joiners": 2, "timed": ALL},
        {"joiners": 2, "interruptible": ("finishers",)},
        {"joiners": 3},
    ),
    "Pipeline": (
        {"failing": ALL, "refusing": ALL},
        {"capacity": 2, "puts_each": 3, "refusing": ALL},
        {"producers": 2, "failing": ("producer-0",), "shorter": ALL},
        {"consumers": 2, "puts_each": 2, "refusing": ALL},
    ),
}
"""Configs at which mistakes in the model show; an edit is tried at one after the other until it does."""

LATE: dict[str, dict[str, Config]] = {
    "ConditionQueue": {
        # Three putters wait while one place of two is free; a getter and a putter wait while there is an item and room.
        "ToServe.value-1-first-only": QueueConfig(
            producers=3, capacity=2, puts_each=2, gets_each=2, interruptible=("consumer-0",)
        ),
        "ToServe.value-3-swapped": QueueConfig(
            producers=2, consumers=3, capacity=2, puts_each=2, interruptible=("consumer-0",)
        ),
    },
    # Two getters wait while a third, interrupted, gives back what it was given.
    "HandoffQueue": {
        "ServeOne.value-1-the-last": QueueConfig(consumers=3, interruptible=("consumer-0",)),
        "ServeOne.value-2-the-last": QueueConfig(consumers=3, interruptible=("consumer-0",)),
    },
    # Three joiners wait, and who wakes them is interrupted.
    "UnfinishedTasks": {"Notify.position-5-complain": UnfinishedConfig(joiners=3, interruptible=("finishers",))},
}
"""Large ones, each for the one edit that shows at nothing smaller."""


def _hands_over(make: Callable[[int], Any]) -> bool:
    """Whether a queue is of the design without conditions."""
    return not hasattr(make(1), "not_empty")


def left_out(model: str, make: Callable[[int], Any]) -> tuple[str, ...]:
    """Return what `configs_for` leaves out of the comparison for a class, in words; nothing for our own."""
    words = []
    if model != "Pipeline" and not hasattr(make, "_recover"):
        words.append("exceptions from outside, after which it sets nothing right: --bounds interruptible=all")
    if model != "UnfinishedTasks" and not hasattr(make, "shutdown"):
        words.append("a shutdown, which it does not have")
    if model == "UnfinishedTasks" and not _joins_with_timeout(make):
        words.append("a join with a timeout, which it does not have")
    return tuple(words)


def _joins_with_timeout(make: Callable[[int], Any]) -> bool:
    return "timeout" in inspect.signature(getattr(make, "join", make)).parameters


def configs_for_edits(model: str, make: Callable[[int], Any]) -> tuple[Config, ...]:
    """Return the configs for one of our classes: those of the gate and more, for join smaller ones.

    For the pipeline they are the large ones too, over the queue with which it takes every edge.
    """
    if model == "Pipeline":
        more = tuple(PipelineConfig(**each) for each in FOR_EDITS[model])
        return (*configs_for(model, make, nightly=True), *more) if not _hands_over(make) else ()
    if model == "UnfinishedTasks":
        over = _hands_over(make)
        return tuple(UnfinishedConfig(**each, hands_over=over) for each in FOR_EDITS[model])
    return (*configs_for(model, make), *(QueueConfig(**each) for each in FOR_EDITS[model]))


PIPELINES: tuple[dict[str, Any], ...] = (
    {"puts_each": 2},
    {"failing": ALL},
    {"puts_each": 2, "refusing": ALL},
)
LARGE_PIPELINES: tuple[dict[str, Any], ...] = (
    {"ending": "shutdown"},
    {"ending": "abort"},
    {"producers": 2, "shorter": ("producer-0",)},
    {"consumers": 2},
)


def configs_for(model: str, make: Callable[[int], Any], *, nightly: bool = False) -> tuple[Config, ...]:
    """Return the configs at which a class is to agree with a model.

    `queue.Queue` has no shutdown before Python 3.13, and does something else when it is interrupted; its join has no
    timeout. What is left out for a class is in `left_out`.
    """
    recovers = hasattr(make, "_recover")
    shuts_down = hasattr(make, "shutdown")
    if model == "UnfinishedTasks":
        joins = JOINS if _joins_with_timeout(make) else UNTIMED_JOINS
        chosen = joins + (JOINS_WITH_INTERRUPTS if recovers else ()) + (LARGE_JOINS if recovers and nightly else ())
        over = _hands_over(make)
        return tuple(UnfinishedConfig(**each, hands_over=over) for each in chosen)
    if model == "Pipeline":
        chosen = PIPELINES + (LARGE_PIPELINES if nightly else ())
        exclusive = not _hands_over(make)
        return tuple(PipelineConfig(**each, exclusive=exclusive) for each in chosen)
    configs = SMALL + (WITH_SHUTDOWN if shuts_down else ()) + (WITH_INTERRUPTS if recovers else ())
    if nightly:
        configs += LARGE + (LARGE_WITH_INTERRUPTS if recovers else ())
    return configs
