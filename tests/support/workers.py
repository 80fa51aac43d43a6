"""Workers for tests: daemon threads with time limits, so that a lost wakeup fails a test and hangs nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from pcverify import Consumer, ConsumerConfig, Coordinator, CoordinatorConfig, Producer, ProducerConfig
from pcverify.pipeline import PipelineFailed
from tests.support.threads import LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator


def producer(work_queue: Any, source: Any, name: str = "producer-0", sentinel: object = None, **config: Any) -> Any:
    """Return a producer that gives up on a blocked put after a while."""
    config = {"put_timeout": LIMIT, "daemon": True, **config}
    return Producer(ProducerConfig(name, **config), source, work_queue, sentinel)


def consumer(
    work_queue: Any, destination: Any, name: str = "consumer-0", sentinel: object = None, **config: Any
) -> Any:
    """Return a consumer that gives up on a blocked get after a while."""
    config = {"get_timeout": LIMIT, "daemon": True, **config}
    return Consumer(ConsumerConfig(name, **config), destination, work_queue, sentinel)


def coordinator(producers: Any, consumers: Any, join_timeout: float | None = LIMIT) -> Any:
    """Return a coordinator that gives up after a while."""
    return Coordinator(CoordinatorConfig("pipeline", join_timeout=join_timeout), producers, consumers)


class Gate:
    """A source, a destination or both, whose thread stops in it until the test lets it go on."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()
        self.items: list[object] = []

    def wait_until_entered(self) -> None:
        """Return when a thread is inside."""
        if not self.entered.wait(LIMIT):
            raise AssertionError(f"no thread came within {LIMIT} s")

    def open(self) -> None:
        """Let all threads go on, also those that come later."""
        self.opened.set()

    def append(self, item: object) -> None:
        """Be a destination."""
        self._pass()
        self.items.append(item)

    def __iter__(self) -> Iterator[object]:
        """Be a source of one item."""
        self._pass()
        yield "from the gate"

    def _pass(self) -> None:
        self.entered.set()
        if not self.opened.wait(4 * LIMIT):
            raise AssertionError("the test never opened the gate")


class Broken(Exception):
    """What failing sources and destinations raise."""


def failing_source(*items: object) -> Iterator[object]:
    """Yield `items`, then fail."""
    yield from items
    raise Broken("source")


class FailingDestination:
    """A destination that refuses the items in `refused`."""

    def __init__(self, *refused: object) -> None:
        self.refused = refused
        self.items: list[object] = []

    def __call__(self, item: object) -> None:
        """Take `item` or refuse it."""
        if item in self.refused:
            raise Broken(item)
        self.items.append(item)


def failure(main: Any, kind: Any = PipelineFailed) -> Any:
    """Run `main`, which must fail, and check the accounts that hold for every failure."""
    with pytest.raises(kind) as caught:
        main.run()
    error = caught.value
    assert error.metrics.items_lost == 0
    assert error.metrics.items_undelivered == len(error.undelivered)
    assert error.undelivered == main.undelivered
    assert error.unsent == main.unsent
    return error
