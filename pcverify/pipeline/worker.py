"""What producers and consumers have in common: a thread with a name that never dies silently.

A worker's counters are written by its own thread alone. `stop` and `abort` are requests that the thread sees
between two items; nothing polls. The members that begin with an underscore and take part in ending a run are
for the coordinator, which shares this folder.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any

from pcverify.pipeline.errors import ConfigError, WorkerStateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pcverify.pipeline.configs import ConsumerConfig, ProducerConfig
    from pcverify.pipeline.metrics import WorkerMetrics
    from pcverify.pipeline.protocol import QueueProtocol

logger = logging.getLogger("pcverify.pipeline")


class Activity(Enum):
    """What a worker's thread is doing, in words for an error message."""

    NOT_STARTED = "not started"
    SOURCE = "in its source"
    PUT = "in put on the queue"
    GET = "in get on the queue"
    DESTINATION = "in its destination"
    PAUSE = "in its delay"
    ENDED = "ended"


class Worker(ABC):
    """A named thread that moves items to or from a queue, and can be started once."""

    _config: ProducerConfig | ConsumerConfig

    def __init__(self, config: ProducerConfig | ConsumerConfig, queue: QueueProtocol[Any], sentinel: object) -> None:
        self._queue = queue
        self._sentinel = sentinel
        self._pauses = config.delay > 0
        self._log_every = config.log_every or sys.maxsize
        self._stopping = False
        self._stop_requested = threading.Event()  # says the same as _stopping, and ends a delay
        self._aborted = False
        self._activity = Activity.NOT_STARTED
        self._errors = 0
        self._error: BaseException | None = None
        self._starting = threading.Lock()  # protects _thread, which is set once
        self._thread: threading.Thread | None = None
        self._thread_id: int | None = None
        self._started_at = 0.0
        self._ended_at: float | None = None
        self._on_end: Callable[[Worker], None] | None = None

    @property
    def name(self) -> str:
        """The name in the config, which is also the thread's."""
        return self._config.name

    @property
    def error(self) -> BaseException | None:
        """What the worker failed with first, or `None`."""
        return self._error

    @property
    @abstractmethod
    def metrics(self) -> WorkerMetrics:
        """A snapshot of what the worker counted."""

    def start(self) -> None:
        """Start the thread.

        Raises:
            WorkerStateError: the worker was started before.
        """
        with self._starting:
            if self._thread is not None:
                raise WorkerStateError(f"{self.name} was started before: a worker runs once, make a new one")
            self._started_at = time.monotonic()
            thread = threading.Thread(target=self._run, name=self.name, daemon=self._config.daemon)
            thread.start()
            self._thread = thread

    def stop(self) -> None:
        """Ask the worker to end after the item in hand; return at once.

        A consumer that waits for an item ends when it gets one, which it still delivers, or at its timeout.
        """
        self._stopping = True
        self._stop_requested.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the worker ended, at most `timeout` seconds, and return whether it has.

        Raises:
            WorkerStateError: the worker was not started.
        """
        with self._starting:
            thread = self._thread
        if thread is None:
            raise WorkerStateError(f"{self.name} was not started: call start() before join()")
        thread.join(timeout)
        return not thread.is_alive()

    def is_alive(self) -> bool:
        """Return whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    # For the coordinator.

    def _attach(self, on_end: Callable[[Worker], None]) -> None:
        """Make `on_end` hear of the worker's end, as the last thing its thread does."""
        if self._thread is not None or self._on_end is not None:
            state = "was started before" if self._thread is not None else "belongs to another coordinator"
            raise WorkerStateError(f"{self.name} {state}: give the coordinator new workers")
        self._on_end = on_end

    def _abort(self) -> None:
        """Ask the worker to end without putting or delivering anything more; return at once."""
        self._aborted = True
        self.stop()

    def _runs_here(self) -> bool:
        """Return whether the calling thread is the worker's own."""
        return self._thread_id == threading.get_ident()

    # The thread.

    @abstractmethod
    def _work(self) -> None:
        """Move items until there is a reason to end."""

    def _run(self) -> None:
        self._thread_id = threading.get_ident()
        try:
            logger.info("%s: started", self.name)
            self._work()
        except BaseException as error:  # whatever it is, it must be seen: nobody else will
            self._fail(error)
        finally:
            self._ended_at = time.monotonic()
            self._activity = Activity.ENDED
            self._thread_id = None  # the system gives it to the next thread
            try:
                logger.info("%s: ended after %s", self.name, self._progress())
            finally:  # even if the queue cannot tell its size
                if self._on_end is not None:
                    self._on_end(self)

    def _fail(self, error: BaseException) -> None:
        self._errors += 1
        if self._error is None:
            self._error = error
        logger.error("%s: failed: %r", self.name, error, exc_info=error)

    def _progress(self) -> str:
        count = self.metrics.items_produced + self.metrics.items_consumed
        size = self._queue.maxsize
        return f"{count} items, queue {self._queue.qsize()}/{size if size > 0 else 'unbounded'}"

    def _after_item(self, count: int) -> None:
        """Log and pause as the config says, after the item number `count`."""
        if count % self._log_every == 0:
            logger.info("%s: %s", self.name, self._progress())
        if self._pauses:
            self._activity = Activity.PAUSE
            self._stop_requested.wait(self._config.delay)

    def _duration(self) -> float:
        if self._activity is Activity.NOT_STARTED:
            return 0.0
        return (time.monotonic() if self._ended_at is None else self._ended_at) - self._started_at


def check_that_workers_fit(name: str, producers: Sequence[Worker], consumers: Sequence[Worker]) -> None:
    """Refuse workers that cannot make up one run, called `name`.

    Raises:
        ConfigError: a side without workers, names that are not distinct, different queues or sentinels.
    """
    for side, workers in (("producer", producers), ("consumer", consumers)):
        if not workers:
            raise ConfigError(f"{name} has no {side}: give it at least one")
    workers = (*producers, *consumers)
    names = [worker.name for worker in workers]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ConfigError(f"worker names must be distinct, given more than once: {', '.join(doubled)}")
    first = workers[0]
    for worker in workers:
        if worker._queue is not first._queue:
            raise ConfigError(f"{worker.name} and {first.name} have different queues: give all workers one queue")
        if worker._sentinel is not first._sentinel:
            raise ConfigError(
                f"{worker.name} has the sentinel {worker._sentinel!r} and {first.name} has {first._sentinel!r}: "
                "give all workers the same object"
            )
