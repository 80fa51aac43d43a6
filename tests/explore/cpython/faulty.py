"""Queues with a fault, under the standard library's own tests: a comparison that cannot fail would show nothing.

Each is `queue.Queue` with one method written wrong, and a test case that inherits the methods of `QueueTest`. The
names of the cases can be given to `run_one` like any other. `SoundTest` is the same without a fault.
"""

from __future__ import annotations

import importlib
import os
import queue
import threading
import types
import unittest
from typing import Any

QueueTest: Any = importlib.import_module("test.test_queue").QueueTest


class Lifo(queue.Queue[Any]):
    """Hands out the item that came last: wrong in every schedule."""

    def _get(self) -> Any:
        return self.queue.pop()


class ForgetsJoin(queue.Queue[Any]):
    """Does not tell `join` that the last task is done: whoever waits there already waits for ever."""

    def task_done(self) -> None:
        with self.all_tasks_done:
            if self.unfinished_tasks <= 0:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks -= 1


class TakesOnce(queue.Queue[Any]):
    """Looks once whether there is an item, not again after waiting: another getter may have been quicker."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not block or timeout is not None:
            return super().get(block, timeout)
        with self.not_empty:
            if not self._qsize():
                self.not_empty.wait()
            item = self._get()
            self.not_full.notify()
            return item


def _case(queue_class: type) -> type[unittest.TestCase]:
    module = types.SimpleNamespace(Queue=queue_class, Full=queue.Full, Empty=queue.Empty)
    module.ShutDown = getattr(queue, "ShutDown", None)
    queue_class.__name__ = "Queue"  # by which test_basic knows what order to expect
    return type(f"{queue_class.__qualname__}Test", (QueueTest, unittest.TestCase), {"queue": module})


SoundTest = _case(type("Sound", (queue.Queue,), {}))
LifoTest = _case(Lifo)
ForgetsJoinTest = _case(ForgetsJoin)
TakesOnceTest = _case(TakesOnce)


class OutcomesTest(unittest.TestCase):
    """One method for each way in which a process can answer, or not."""

    def passes(self) -> None:
        pass

    def fails(self) -> None:
        self.fail("as it should")

    def hangs(self) -> None:
        threading.Event().wait()

    def dies(self) -> None:
        os._exit(3)
