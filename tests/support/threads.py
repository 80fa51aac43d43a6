"""Threads for tests: what they return or raise comes back, and nothing sleeps to wait for them."""

from __future__ import annotations

import threading
import traceback
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

from pcverify.pipeline.blocking_queue import BlockingQueue

T = TypeVar("T")
LIMIT = 5.0  # seconds; generous, and only ever used up by a test that fails


class InThread(Generic[T]):
    """A call that runs in a daemon thread of its own, so that a test can fail instead of hanging."""

    def __init__(self, function: Callable[..., T], *arguments: Any, **keywords: Any) -> None:
        self._outcome: list[tuple[T | None, BaseException | None]] = []
        self._ended = threading.Event()
        self._call: Callable[[], T] = lambda: function(*arguments, **keywords)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._outcome.append((self._call(), None))
        except BaseException as error:
            self._outcome.append((None, error))
        self._ended.set()

    @property
    def ended(self) -> bool:
        """Whether the call has returned or raised."""
        return self._ended.is_set()

    def result(self) -> T:
        """Wait for the call, and return or raise what it did; a failure if it does not end."""
        if not self._ended.wait(LIMIT):
            raise AssertionError(f"still blocked after {LIMIT} s: nobody woke it")
        self._thread.join(LIMIT)
        value, error = self._outcome[0]
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # no error: it is what the call returned


def files_of(error: BaseException) -> set[str]:
    """Return the files of the code through which an exception came."""
    return {frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)}


class Parking:
    """Knows which threads are parked on a condition; replaces its `wait` for the time of a test.

    A thread counts from when it holds the condition's lock for the last time, so whoever gets that lock
    afterwards knows that the thread is parked.
    """

    def __init__(self, condition: threading.Condition) -> None:
        self._condition = condition
        self._changed = threading.Condition()
        self._parked = 0
        self._waits = 0
        self._wait = condition.wait
        condition.wait = self._counted  # type: ignore[method-assign]

    def _counted(self, timeout: float | None = None) -> bool:
        self._count(1)
        try:
            return self._wait(timeout)
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._changed:
            self._parked += change
            self._waits += change > 0
            self._changed.notify_all()

    def wait_for(self, threads: int) -> None:
        """Return when so many threads are parked at the same time."""
        self._wait_until(lambda: self._parked >= threads, f"{threads} parked threads")

    def wait_for_waits(self, number: int) -> None:
        """Return when so many waits have begun, by any thread, since this object was made."""
        self._wait_until(lambda: self._waits >= number, f"{number} waits")

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, LIMIT):
                raise AssertionError(f"no {what} within {LIMIT} s: {self._parked} parked, {self._waits} waits")
        with self._condition:
            pass


class QueueParking(Parking):
    """The same for one of the lists of those who wait in a queue of ours; who waits is in it already."""

    def __init__(self, tested: BlockingQueue[Any], waiters: Any) -> None:
        self._changed = threading.Condition()
        self._condition = tested.mutex
        self._parked = self._waits = 0
        wait = tested._wait

        def counted(waiter: Any) -> None:
            if waiter.waiters is not waiters:
                wait(waiter)
                return
            self._count(1)
            try:
                wait(waiter)
            finally:
                self._count(-1)

        tested._wait = counted  # type: ignore[method-assign]


def parked_getters(tested: Any) -> Parking:
    """Start to watch the threads that wait for an item in a queue, which may be within a `MinimalQueue`."""
    return _parked(tested, 0, "not_empty")


def parked_putters(tested: Any) -> Parking:
    """Start to watch the threads that wait for room."""
    return _parked(tested, 1, "not_full")


def parked_joiners(tested: Any) -> Parking:
    """Start to watch the threads that wait in `join`."""
    return _parked(tested, 2, "all_tasks_done")


def _parked(tested: Any, place: int, condition: str) -> Parking:
    if isinstance(tested, BlockingQueue):
        return QueueParking(tested, tested._waiting()[place])
    return Parking(getattr(getattr(tested, "inner", tested), condition))
