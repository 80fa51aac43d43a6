"""Producers and consumers on a queue that the caller makes, and queues that are broken in one known way each."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any

from pcverify import ThreadSafeQueue

if TYPE_CHECKING:
    from collections.abc import Callable


def produce_and_consume(make: Callable[[], Any], producers: int = 1, items: int = 2) -> Callable[[], tuple[Any, ...]]:
    """A program: so many producers put so many items each; the main thread gets them all and checks them."""

    def program() -> tuple[Any, ...]:
        shared = make()

        def produce(number: int) -> None:
            for item in range(items):
                shared.put((number, item))

        threads = [threading.Thread(target=produce, args=(number,), name=f"p{number}") for number in range(producers)]
        for thread in threads:
            thread.start()
        got = [shared.get() for _ in range(producers * items)]
        for thread in threads:
            thread.join()
        for number in range(producers):
            assert [item for who, item in got if who == number] == list(range(items)), got
        return tuple(got)

    return program


def barge_in(make: Callable[[], Any]) -> Callable[[], tuple[Any, ...]]:
    """A program: one thread gets; the main thread puts an item, takes it back if it is quicker, and puts another."""

    def program() -> tuple[Any, ...]:
        shared = make()
        got: list[int] = []
        thread = threading.Thread(target=lambda: got.append(shared.get()), name="getter")
        thread.start()
        shared.put(0)
        with contextlib.suppress(queue.Empty):
            got.append(shared.get(block=False))
        shared.put(1)
        thread.join()
        return tuple(sorted(got))

    return program


class IfForWhile(ThreadSafeQueue[Any]):
    """A woken getter does not look again whether there is an item."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        with self.mutex:
            if not self._qsize():
                if not block:
                    raise queue.Empty
                self.not_empty.wait()
            item = self._get()
            self.not_full.notify()
            return item


class NoNotifyInGet(ThreadSafeQueue[Any]):
    """A getter makes room and tells nobody."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        with self.mutex:
            while not self._qsize():
                self.not_empty.wait()
            return self._get()
