"""The configs at which code and models are compared: a few seconds for each class in `make check`, more by night.

Each is the smallest at which something shows: LIFO needs two places, `if` for `while` a second thread on the same side,
timeouts a second task with one. What the large ones add is that nothing new shows.
"""

from __future__ import annotations

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
    QueueConfig(producers=2, consumers=2, timed=ALL, interruptible=ALL),
    QueueConfig(producers=2, consumers=2, timed=ALL, interruptible=ALL, shutdown="immediately"),
)

JOINS: tuple[dict[str, Any], ...] = (
    {},
    {"joiners": 2, "puts_each": 2, "dones_each": 2},
    {"joiners": 2, "timed": ALL},
)
JOINS_WITH_INTERRUPTS = ({"joiners": 2, "interruptible": ALL, "shutdown": "immediately"},)
LARGE_JOINS = (
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

    `queue.Queue` has no shutdown before Python 3.13, and does something else when it is interrupted.
    """
    ours = make.__module__.startswith("pcverify.")
    shuts_down = hasattr(make, "shutdown")
    if model == "UnfinishedTasks":
        chosen = JOINS + (JOINS_WITH_INTERRUPTS if ours else ()) + (LARGE_JOINS if ours and nightly else ())
        over = "Handoff" in getattr(make, "__name__", "")
        return tuple(UnfinishedConfig(**each, hands_over=over) for each in chosen)
    if model == "Pipeline":
        chosen = PIPELINES + (LARGE_PIPELINES if nightly else ())
        exclusive = "Handoff" not in getattr(make, "__name__", "")
        return tuple(PipelineConfig(**each, exclusive=exclusive) for each in chosen)
    configs = SMALL + (WITH_SHUTDOWN if shuts_down else ()) + (WITH_INTERRUPTS if ours else ())
    if nightly:
        configs += LARGE + (LARGE_WITH_INTERRUPTS if ours else ())
    return configs
