"""A consumer: a thread that moves items from a queue to a destination."""

from __future__ import annotations

import queue as standard_queue
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pcverify.pipeline.blocking_queue import ShutDown
from pcverify.pipeline.errors import ConfigError, WorkerTimeoutError
from pcverify.pipeline.metrics import WorkerMetrics
from pcverify.pipeline.worker import Activity, Worker, logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.pipeline.configs import ConsumerConfig
    from pcverify.pipeline.protocol import QueueProtocol

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Appendable(Protocol[T_contra]):
    """Anything that takes items by `append`, such as a list or a deque."""

    def append(self, item: T_contra, /) -> object:
        """Take `item`."""


class Consumer(Worker, Generic[T]):
    """Gets items from `queue` and hands each to `destination`, until it gets the sentinel.

    It calls `task_done` for everything it got, so that `queue.join()` returns.

    Args:
        config: name, timeouts and policies.
        destination: anything with `append`, else a callable; called in the consumer's thread.
        queue: where the items come from.
        sentinel: the object that marks the end, compared by identity.

    Raises:
        ConfigError: `destination` is neither.
    """

    def __init__(
        self,
        config: ConsumerConfig,
        destination: Appendable[T] | Callable[[T], object],
        queue: QueueProtocol[Any],
        sentinel: object = None,
    ) -> None:
        super().__init__(config, queue, sentinel)
        self._config: ConsumerConfig = config
        self._deliver: Callable[[T], object] = getattr(destination, "append", destination)  # type: ignore[arg-type]
        if not callable(self._deliver):
            raise ConfigError(f"destination of {config.name} must have append() or be callable, got {destination!r}")
        self._got = 0
        self._last: object = None
        self._consumed = 0
        self._skipped: list[T] = []

    @property
    def skipped(self) -> list[T]:
        """The items that the destination refused, under the policy `skip`."""
        return list(self._skipped)

    @property
    def undelivered(self) -> list[T]:
        """What was got and has not reached the destination: at most one item, in hand or failed with."""
        return self._account()[1]

    @property
    def metrics(self) -> WorkerMetrics:
        """A snapshot of what the consumer counted."""
        return self._account()[0]

    def _account(self) -> tuple[WorkerMetrics, list[T]]:
        """Return the counters and what is in hand, both of one moment.

        An item is settled by one write, to `_consumed` or to `_skipped`; whether one is in hand follows from them.
        """
        last, consumed, skipped = self._last, self._consumed, len(self._skipped)
        metrics = WorkerMetrics(
            name=self.name,
            items_consumed=consumed,
            items_skipped=skipped,
            consumer_errors=self._errors,
            execution_duration=self._duration(),
        )
        return metrics, [last] if self._got > consumed + skipped else []  # type: ignore[list-item]  # it is an item

    def _work(self) -> None:
        while not self._stopping:
            # As in Producer._put: first the activity, then a look at the request.
            self._activity = Activity.GET
            if self._aborted:
                return
            try:
                item = self._queue.get(timeout=self._config.get_timeout)
            except standard_queue.Empty as empty:
                self._timed_out(empty)
                continue
            except ShutDown:
                return
            try:
                if item is self._sentinel:
                    return
                self._last = item
                self._got += 1
                if self._aborted:
                    return
                self._activity = Activity.DESTINATION
                self._consume(item)
            finally:
                self._queue.task_done()
            self._last = None
            if self._pauses or self._got % self._log_every == 0:
                self._after_item(self._got)

    def _consume(self, item: T) -> None:
        try:
            self._deliver(item)
        except Exception as error:
            if self._config.on_error == "stop":
                raise
            logger.warning("%s: skipped an item: %r", self.name, error, exc_info=error)
            self._errors += 1
            self._skipped.append(item)
        else:
            self._consumed += 1

    def _timed_out(self, empty: standard_queue.Empty) -> None:
        if self._stopping:
            return
        if self._config.on_timeout == "stop":
            raise WorkerTimeoutError(
                f"{self.name} got no item within {self._config.get_timeout} s: are the producers alive? "
                "Raise get_timeout, or choose on_timeout='retry'"
            ) from empty
        logger.info("%s: no item within %s s, trying again", self.name, self._config.get_timeout)
