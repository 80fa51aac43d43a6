"""The queues that tests run on: ours and the standard library's, or the one that `make test QUEUE=…` names."""

from __future__ import annotations

import importlib
import os
import queue
from typing import Any

from pcverify import (
    HandoffLifoQueue,
    HandoffPriorityQueue,
    HandoffQueue,
    ThreadSafeLifoQueue,
    ThreadSafePriorityQueue,
    ThreadSafeQueue,
)
from pcverify.pipeline.blocking_queue import BlockingQueue

DESIGNS: list[Any] = [ThreadSafeQueue, HandoffQueue]
VARIANTS: list[Any] = [ThreadSafeLifoQueue, HandoffLifoQueue, ThreadSafePriorityQueue, HandoffPriorityQueue]


class MinimalQueue:
    """Only what `QueueProtocol` asks for, so no `shutdown`: what `queue.Queue` is before Python 3.13."""

    def __init__(self, maxsize: int = 0) -> None:
        self.maxsize = maxsize
        self.inner: queue.Queue[Any] = queue.Queue(maxsize)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """As `queue.Queue.put`."""
        self.inner.put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """As `queue.Queue.get`."""
        return self.inner.get(block, timeout)

    def qsize(self) -> int:
        """As `queue.Queue.qsize`."""
        return self.inner.qsize()

    def task_done(self) -> None:
        """As `queue.Queue.task_done`."""
        self.inner.task_done()

    @property
    def unfinished_tasks(self) -> int:
        """As the attribute of `queue.Queue`."""
        return self.inner.unfinished_tasks


def waiting_in(shared: Any) -> tuple[Any, ...]:
    """Return the lists of those who wait: for an item, for room, in join."""
    if isinstance(shared, BlockingQueue):
        return shared._waiting()
    return tuple(condition._waiters for condition in (shared.not_empty, shared.not_full, shared.all_tasks_done))


def named_queue() -> Any:
    """Return the class that the environment names as `package.module:Class`, or `None`."""
    name = os.environ.get("PCVERIFY_QUEUE", "")
    if not name:
        return None
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


NAMED = named_queue()
SPECIFIED = [NAMED] if NAMED else [ThreadSafeQueue, HandoffQueue, queue.Queue]  # their store can be looked at
QUEUES = [NAMED] if NAMED else [*SPECIFIED, MinimalQueue]  # what `QueueProtocol` offers is enough


def faulty(names: Any) -> list[Any]:
    """Return each fault named, or `(name, …)`, with each class that has the place for it.

    `tests/regress/test_faults.py` says which have none, so that no fault goes missing unnoticed.
    """
    from pcverify.regress import faults

    def applies(name: str, queue_class: type) -> bool:
        try:
            return bool(faults.mutated_source(faults.named(name), queue_class))
        except faults.FaultDoesNotApply:
            return False

    rows = [name if isinstance(name, tuple) else (name,) for name in names]
    classes = (ThreadSafeQueue, queue.Queue, HandoffQueue)
    places = {name: [each for each in classes if applies(name, each)] for name in {row[0] for row in rows}}
    return [(*row, queue_class) for row in rows for queue_class in places[row[0]]]
