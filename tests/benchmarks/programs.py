"""The programs that are timed. They need nothing but the standard library, so every explorer can be given them."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

State = TypeVar("State")


def in_threads(state: State, workers: Sequence[Callable[[State], None]]) -> None:
    """Give `state` to each worker, in a thread of its own, and wait for all of them."""
    threads = [threading.Thread(target=worker, args=(state,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Exchange:
    """A queue with room for one item, and what was got from it."""

    def __init__(self) -> None:
        self.queue: queue.Queue[int] = queue.Queue(1)
        self.got: list[int] = []

    def outcome(self) -> tuple[int, ...]:
        return tuple(self.got)


def put_zero(exchange: Exchange) -> None:
    exchange.queue.put(0)


def put_one(exchange: Exchange) -> None:
    exchange.queue.put(1)


def get(exchange: Exchange) -> None:
    exchange.got.append(exchange.queue.get())


class Counter:
    """A number that two threads raise."""

    def __init__(self) -> None:
        self.n = 0

    def outcome(self) -> int:
        return self.n


def increment(counter: Counter) -> None:
    value = counter.n
    counter.n = value + 1


EXCHANGING = (put_zero, put_one, get, get)
COUNTING = (increment, increment)


def queue_2x2() -> tuple[int, ...]:
    """Two producers and two consumers with one item each, on `queue.Queue(1)`."""
    exchange = Exchange()
    in_threads(exchange, EXCHANGING)
    return exchange.outcome()


def racy_counter() -> int:
    """Two threads read, then write: 2, or 1 if both read first."""
    counter = Counter()
    in_threads(counter, COUNTING)
    return counter.outcome()


def contend(tasks: int, times: int) -> Callable[[], None]:
    """Return a program: so many tasks take one lock so many times each."""

    def program() -> None:
        lock = threading.Lock()

        def work(_: Any) -> None:
            for _ in range(times):
                with lock:
                    pass

        in_threads(None, [work] * tasks)

    return program


def beside_blocked(blocked: int, times: int) -> Callable[[], None]:
    """Return a program: two tasks take a lock so many times each, while so many others wait for another lock."""

    def program() -> None:
        gate, lock, here = threading.Lock(), threading.Lock(), threading.Semaphore(0)

        def wait() -> None:
            here.release()
            with gate:
                pass

        def work(_: Any) -> None:
            for _ in range(times):
                with lock:
                    pass

        gate.acquire()
        waiting = [threading.Thread(target=wait) for _ in range(blocked)]
        for thread in waiting:
            thread.start()
        for _ in waiting:
            here.acquire()
        in_threads(None, [work, work])
        gate.release()
        for thread in waiting:
            thread.join()

    return program
