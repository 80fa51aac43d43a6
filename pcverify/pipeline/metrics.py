"""What workers counted: snapshots, safe to keep and to compare.

While a worker runs, the counters of one snapshot may stem from slightly different moments; after the end they
are exact.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerMetrics:
    """What one worker counted. A producer consumes nothing and a consumer produces nothing.

    Attributes:
        name: of the worker.
        items_produced: items that were enqueued.
        items_consumed: items that the destination took.
        items_skipped: items that the destination refused, under the policy `skip`.
        producer_errors: failures of a producer: its source, a put that timed out, a sentinel among the items.
        consumer_errors: failures of a consumer: each exception of its destination, a get that timed out.
        execution_duration: seconds from start to end, or to now.
    """

    name: str
    items_produced: int = 0
    items_consumed: int = 0
    items_skipped: int = 0
    producer_errors: int = 0
    consumer_errors: int = 0
    execution_duration: float = 0.0

    @property
    def throughput(self) -> float:
        """Items produced or consumed per second."""
        return per_second(self.items_produced + self.items_consumed, self.execution_duration)


@dataclass(frozen=True, slots=True)
class PipelineMetrics:
    """What a whole run counted.

    Attributes:
        workers: the metrics of each worker, producers first.
        items_undelivered: items that were enqueued and reached no destination.
        execution_duration: seconds from the start of the run to its end, or to now.
    """

    workers: tuple[WorkerMetrics, ...]
    items_undelivered: int
    execution_duration: float

    @property
    def items_produced(self) -> int:
        """Items that were enqueued."""
        return sum(worker.items_produced for worker in self.workers)

    @property
    def items_consumed(self) -> int:
        """Items that a destination took."""
        return sum(worker.items_consumed for worker in self.workers)

    @property
    def items_skipped(self) -> int:
        """Items that a destination refused, under the policy `skip`."""
        return sum(worker.items_skipped for worker in self.workers)

    @property
    def producer_errors(self) -> int:
        """Failures of all producers."""
        return sum(worker.producer_errors for worker in self.workers)

    @property
    def consumer_errors(self) -> int:
        """Failures of all consumers."""
        return sum(worker.consumer_errors for worker in self.workers)

    @property
    def items_lost(self) -> int:
        """Items that were enqueued and are accounted for nowhere: 0 after every run.

        While workers run, the items that are on their way count here.
        """
        return self.items_produced - self.items_consumed - self.items_skipped - self.items_undelivered

    @property
    def throughput(self) -> float:
        """Items consumed per second."""
        return per_second(self.items_consumed, self.execution_duration)


def per_second(items: int, seconds: float) -> float:
    """Return the rate, and 0 for a duration that the clock could not tell from 0."""
    return items / seconds if seconds > 0 else 0.0
