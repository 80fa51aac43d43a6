"""A producer: a thread that moves the items of a source into a queue."""

from __future__ import annotations

import queue as standard_queue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pcverify.pipeline.blocking_queue import ShutDown
from pcverify.pipeline.errors import SentinelInSourceError, WorkerTimeoutError
from pcverify.pipeline.metrics import WorkerMetrics
from pcverify.pipeline.worker import Activity, Worker, logger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pcverify.pipeline.configs import ProducerConfig
    from pcverify.pipeline.protocol import QueueProtocol

T = TypeVar("T")
_END = object()


class Producer(Worker, Generic[T]):
    """Puts each item of `source` into `queue`, in order.

    Used alone, it puts the sentinel when its source ends or fails, or when it was stopped; a coordinator sends
    the sentinels itself.

    Args:
        config: name, timeouts and policies.
        source: any iterable, also an endless one; it is iterated in the producer's thread.
        queue: where the items go.
        sentinel: the object that marks the end, compared by identity; no item may be it.
    """

    def __init__(
        self, config: ProducerConfig, source: Iterable[T], queue: QueueProtocol[Any], sentinel: object = None
    ) -> None:
        super().__init__(config, queue, sentinel)
        self._config: ProducerConfig = config
        self._source = source
        self._taken = 0
        self._last: object = None
        self._produced = 0

    @property
    def unsent(self) -> list[T]:
        """What was taken from the source and is not enqueued: at most one item."""
        return self._account()[1]

    @property
    def metrics(self) -> WorkerMetrics:
        """A snapshot of what the producer counted."""
        return self._account()[0]

    def _account(self) -> tuple[WorkerMetrics, list[T]]:
        """Return the counters and what is in hand, both of the moment when `_produced` is read."""
        last, produced = self._last, self._produced
        metrics = WorkerMetrics(
            name=self.name,
            items_produced=produced,
            producer_errors=self._errors,
            execution_duration=self._duration(),
        )
        return metrics, [last] if self._taken > produced else []  # type: ignore[list-item]  # it is an item

    def _work(self) -> None:
        try:
            self._produce()
        except BaseException as error:  # the consumers must hear of the end all the same
            self._fail(error)
        if self._on_end is None:
            self._put(self._sentinel)

    def _produce(self) -> None:
        self._activity = Activity.SOURCE
        items = iter(self._source)
        while not self._stopping:
            self._activity = Activity.SOURCE
            item = next(items, _END)
            if item is _END:
                return
            if item is self._sentinel:
                raise SentinelInSourceError(
                    f"the source of {self.name} produced {item!r}, which is the sentinel: "
                    "filter it out, or give all workers another sentinel, for example object()"
                )
            self._last = item
            self._taken += 1
            if not self._put(item):
                return
            self._produced += 1
            self._last = None
            if self._pauses or self._produced % self._log_every == 0:
                self._after_item(self._produced)

    def _put(self, item: object) -> bool:
        """Enqueue `item` and return whether it was, or the run was aborted first."""
        while True:
            # The order of these two lines and of the coordinator's (abort, then look at the activity) makes
            # sure that one of the two sees the other.
            self._activity = Activity.PUT
            if self._aborted:
                return False
            try:
                self._queue.put(item, timeout=self._config.put_timeout)
                return True
            except standard_queue.Full as full:
                if self._config.on_timeout == "stop" and not self._aborted:
                    raise WorkerTimeoutError(
                        f"{self.name} found no room in the queue within {self._config.put_timeout} s: are the "
                        "consumers alive? Raise put_timeout, or choose on_timeout='retry'"
                    ) from full
                logger.warning("%s: no room within %s s, trying again", self.name, self._config.put_timeout)
            except ShutDown:
                if self._aborted:
                    return False
                raise
