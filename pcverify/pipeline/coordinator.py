"""The coordinator: starts workers, ends them in the right order, and accounts for every item.

The end of a run, in order: every producer ends; then one sentinel per consumer goes into the queue, so it
comes after every item; then every consumer ends. A worker that fails starts that end early: the other
producers stop after the item in hand, and what is enqueued is still consumed, as long as a consumer is left.
Only when that cannot go on (no consumer is left, or a time limit has passed) is the run aborted.

Nothing here polls. A worker tells its coordinator that it ended; whatever could keep the coordinator from
hearing it (a sentinel that finds no room) is undone by the worker that ended.
"""

from __future__ import annotations

import math
import queue as standard_queue
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from pcverify.pipeline.blocking_queue import ShutDown
from pcverify.pipeline.errors import WorkerStateError
from pcverify.pipeline.metrics import PipelineMetrics
from pcverify.pipeline.outcome import Outcome
from pcverify.pipeline.worker import Activity, Worker, check_that_workers_fit, logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from pcverify.pipeline.configs import CoordinatorConfig
    from pcverify.pipeline.consumer import Consumer
    from pcverify.pipeline.producer import Producer

T = TypeVar("T")
PATIENCE = 10.0  # seconds for the workers of a failed or aborted run to end, where the config sets no limit


class Coordinator(Generic[T]):
    """Runs producers and consumers that share one queue and one sentinel.

    `run()` does everything. As a context manager it starts the workers on entry and, on exit, waits for the end
    or, when the body raised, aborts.

    While a run lasts the queue is the coordinator's: whoever else takes items out of it breaks the accounts,
    and after an abort it is shut down.

    Args:
        config: name and time limit.
        producers: at least one, none of them started.
        consumers: at least one, none of them started.

    Raises:
        ConfigError: names that are not distinct, different queues or sentinels, a side without workers.
        WorkerStateError: a worker was started before or belongs to another coordinator.
    """

    def __init__(
        self, config: CoordinatorConfig, producers: Sequence[Producer[T]], consumers: Sequence[Consumer[T]]
    ) -> None:
        self._config = config
        self._producers = tuple(producers)
        self._consumers = tuple(consumers)
        self._workers: tuple[Worker, ...] = (*self._producers, *self._consumers)
        check_that_workers_fit(config.name, self._producers, self._consumers)
        self._queue = self._workers[0]._queue
        self._shut_down_queue: Callable[[], None] | None = getattr(self._queue, "shutdown", None)
        self._sentinel = self._workers[0]._sentinel
        self._changed = threading.Condition()  # protects _ended; notified when anything below changes
        self._ended: list[Worker] = []
        self._shutdown_requested = False
        self._sending_sentinels = False
        self._aborted = False
        self._abort_lock = threading.Lock()  # held by the one thread that aborts or concludes
        self._drained: list[T] = []
        self._outcome: Outcome[T] | None = None  # once the run has ended
        self._started_at: float | None = None
        for worker in self._workers:
            worker._attach(self._worker_ended)

    # The run.

    def run(self) -> PipelineMetrics:
        """Start all workers, wait for the end, and return the metrics.

        Raises:
            PipelineFailed: a worker failed or did not end in time; carries every cause and what is left.
            PipelineAborted: `abort()` was called meanwhile.
            KeyboardInterrupt: Ctrl-C; the run was aborted, and the message says what is left.
            WorkerStateError: the coordinator was started before.
        """
        with self._abort_on_interrupt():
            self.start()
            return self._wait()

    def start(self) -> None:
        """Start the consumers, then the producers."""
        if self._started_at is not None:
            raise WorkerStateError(f"{self._config.name} was started before: a coordinator runs once, make a new one")
        self._started_at = time.monotonic()
        logger.info(
            "%s: starts, consumers: %d, producers: %d",
            self._config.name,
            len(self._consumers),
            len(self._producers),
        )
        started = 0
        try:
            for worker in (*self._consumers, *self._producers):
                worker.start()
                started += 1
        except BaseException:
            for worker in (*self._consumers, *self._producers)[started:]:
                self._worker_ended(worker)
            self.abort()
            raise

    def wait(self) -> PipelineMetrics:
        """Wait for the end of a started run, and return or raise what `run()` does."""
        self._require_start()
        with self._abort_on_interrupt():
            return self._wait()

    def shutdown(self) -> None:
        """End the run gracefully; return at once, `wait()` or `run()` sees the end.

        Producers stop after the item in hand; everything that is enqueued is consumed.
        """
        with self._changed:
            self._shutdown_requested = True
            for producer in self._producers:
                producer.stop()
            self._changed.notify_all()

    def abort(self) -> list[T]:
        """End the run now, and return what was enqueued and not consumed, in the order of the queue.

        Workers that are blocked in the queue are woken, and the queue is shut down where it can be. A worker that
        is inside its source or destination cannot be woken: after `join_timeout` seconds (10 if that is `None`)
        it is named in the error that `run()` raises. What was taken from a source and not enqueued is in `unsent`.

        Called by one of the run's own workers, it only asks for the end and returns an empty list. It must not be
        called from a signal handler, which may have interrupted the queue: raise `KeyboardInterrupt` there.

        Raises:
            WorkerStateError: the coordinator was not started.
        """
        self._require_start()
        if any(worker._runs_here() for worker in self._workers):
            self._request_abort()
            return []
        return list(self._conclude(abort=True).undelivered)

    def __enter__(self) -> Self:
        """Start the workers."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait for the end, or abort when the body raised; nothing to do when that has been done."""
        if self._outcome is not None:
            return
        if kind is None:
            self.wait()
        else:
            left = len(self.abort())
            logger.warning("%s: aborted because of %r, %d items left in .undelivered", self._config.name, error, left)

    @property
    def metrics(self) -> PipelineMetrics:
        """The metrics of the run: exact once it has ended, a snapshot before."""
        if self._outcome is not None:
            return self._outcome.metrics
        return PipelineMetrics(tuple(worker.metrics for worker in self._workers), 0, self._duration())

    @property
    def undelivered(self) -> list[T]:
        """After the end: what was enqueued and reached no destination, in the order of the queue.

        It includes the item that a consumer was stuck with when an abort ran out of time.
        """
        return [] if self._outcome is None else list(self._outcome.undelivered)

    @property
    def unsent(self) -> list[T]:
        """After the end: what left a source and did not reach the queue, at most one item per producer."""
        return [] if self._outcome is None else list(self._outcome.unsent)

    # The end.

    @contextmanager
    def _abort_on_interrupt(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt as interrupt:
            outcome = self._conclude(abort=True)
            raise KeyboardInterrupt(
                f"{self._config.name} was interrupted and aborted: {outcome.metrics.items_consumed} items consumed, "
                f"{len(outcome.undelivered)} enqueued items left in .undelivered, {len(outcome.unsent)} in .unsent"
            ) from interrupt

    def _wait(self) -> PipelineMetrics:
        try:
            self._end_in_order()
        except Exception:  # the queue itself refused a sentinel
            self._conclude(abort=True)
            raise
        return self._conclude(abort=not self._all_ended()).result()

    def _end_in_order(self) -> None:
        """Wait for the producers, send the sentinels, wait for the consumers; return early if it cannot go on."""
        self._wait_until(lambda: self._all_ended(self._producers) or self._shutdown_requested or self._cannot_go_on())
        if self._failures():
            self.shutdown()
        limit = self._config.join_timeout
        patience = PATIENCE if limit is None and self._failures() else limit
        self._wait_until(lambda: self._all_ended(self._producers) or self._cannot_end(), patience)
        if not self._all_ended(self._producers) or self._cannot_end():
            return
        deadline = None if limit is None else time.monotonic() + limit
        self._send_sentinels(deadline)
        self._wait_until(
            lambda: self._all_ended() or self._aborted,
            None if deadline is None else deadline - time.monotonic(),
        )

    def _send_sentinels(self, deadline: float | None) -> None:
        """Put one sentinel for each consumer; stop early when nobody is left to take them, or too late."""
        self._sending_sentinels = True
        try:
            for _ in self._consumers:
                if self._cannot_end():
                    return
                self._queue.put(
                    self._sentinel,
                    timeout=None if deadline is None else max(0.0, deadline - time.monotonic()),
                )
        except (standard_queue.Full, ShutDown):
            pass  # too late: whoever has not ended is named; or shut down, which consumers see by themselves
        finally:
            with self._changed:
                self._sending_sentinels = False
                self._changed.notify_all()

    def _worker_ended(self, worker: Worker) -> None:
        """Hear of the end of `worker`, in its own thread."""
        with self._changed:
            self._ended.append(worker)
            self._changed.notify_all()
            if self._sending_sentinels and self._all_ended(self._consumers):
                self._drain()  # the coordinator may wait for room that nobody is left to make

    def _request_abort(self) -> None:
        with self._changed:
            self._aborted = True
            self._shutdown_requested = True
            for worker in self._workers:
                worker._abort()
            self._changed.notify_all()
        if self._shut_down_queue is not None:
            self._shut_down_queue()

    def _conclude(self, *, abort: bool) -> Outcome[T]:
        """End what has not ended, and settle the accounts; the first caller does it, others wait for that."""
        with self._abort_lock:
            if self._outcome is not None:
                return self._outcome
            if abort:
                self._request_abort()
                self._await_aborted_workers()
            for worker in self._ended:
                if worker._thread is not None:
                    worker.join()
            outcome = self._outcome = self._settle()
        logger.info(
            "%s: ended, %d items produced, %d consumed, %d left",
            self._config.name,
            outcome.metrics.items_produced,
            outcome.metrics.items_consumed,
            len(outcome.undelivered),
        )
        return outcome

    def _await_aborted_workers(self) -> None:
        """Wait for all workers, waking those that are blocked in a queue that has no `shutdown`."""
        limit = self._config.join_timeout
        deadline = time.monotonic() + (PATIENCE if limit is None else limit)
        with self._changed:
            while not self._all_ended():
                if self._shut_down_queue is None:
                    self._wake_blocked_workers()
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)

    def _wake_blocked_workers(self) -> None:
        """Make room for whoever puts, else put a sentinel for each consumer; repeated at each worker's end.

        A put that this lets through is its worker's last, so each round brings an end or leaves nobody blocked.
        """
        putting = any(producer._activity is Activity.PUT for producer in self._producers)
        if putting or self._sending_sentinels:
            self._drain()
            return
        try:
            for consumer in self._consumers:
                if consumer not in self._ended:
                    self._queue.put(self._sentinel, block=False)
        except standard_queue.Full:
            pass  # then no consumer is blocked; the next one that ends brings us back here
        except Exception as error:  # as in _drain; the consumers have their own timeouts left
            logger.error("%s: cannot wake the consumers: %r", self._config.name, error, exc_info=error)

    def _drain(self) -> None:
        """Take everything out of the queue, and keep what is no sentinel."""
        try:
            while True:
                item = self._queue.get(block=False)
                if item is not self._sentinel:
                    self._drained.append(item)
                self._queue.task_done()
        except (standard_queue.Empty, ShutDown):
            pass
        except Exception as error:  # a queue that is broken itself must not hide what broke the run
            logger.error("%s: cannot empty the queue: %r", self._config.name, error, exc_info=error)

    def _settle(self) -> Outcome[T]:
        """Fix what the run came to. Each worker is asked once, so that its counters and its items agree."""
        self._drain()
        sent = [producer._account() for producer in self._producers]
        taken = [consumer._account() for consumer in self._consumers]
        undelivered = (*(item for _, in_hand in taken for item in in_hand), *self._drained)
        alive = [worker for worker in self._workers if worker.is_alive()]
        return Outcome(
            pipeline=self._config.name,
            metrics=PipelineMetrics(
                tuple(metrics for metrics, _ in (*sent, *taken)), len(undelivered), self._duration()
            ),
            failures=tuple((worker.name, worker.error) for worker in self._ended if worker.error is not None),
            stuck=tuple(f"{worker.name} is still {worker._activity.value}" for worker in alive),
            undelivered=undelivered,
            unsent=tuple(item for _, in_hand in sent for item in in_hand),
            aborted=self._aborted,
        )

    # Small questions.

    def _failures(self) -> list[Worker]:
        return [worker for worker in self._ended if worker.error is not None]

    def _all_ended(self, workers: Sequence[Worker] | None = None) -> bool:
        return all(worker in self._ended for worker in (self._workers if workers is None else workers))

    def _cannot_end(self) -> bool:
        """Whether an end in order has become impossible: aborted, or no consumer is left."""
        return self._aborted or self._all_ended(self._consumers)

    def _cannot_go_on(self) -> bool:
        return self._cannot_end() or bool(self._failures())

    def _wait_until(self, condition: Callable[[], bool], seconds: float | None = None) -> None:
        """Wait until `condition`, which `_changed` announces, holds, at most so many seconds.

        The wait is cut into pieces for Ctrl-C alone: a signal that arrives just before the main thread blocks
        is handled only when it wakes (seen in 7 of 150 tries on 3.11 and on 3.13).
        """
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        with self._changed:
            while not condition():
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return
                self._changed.wait(min(remaining, 1.0))

    def _duration(self) -> float:
        return 0.0 if self._started_at is None else time.monotonic() - self._started_at

    def _require_start(self) -> None:
        if self._started_at is None:
            raise WorkerStateError(f"{self._config.name} was not started: call run() or start() first")
