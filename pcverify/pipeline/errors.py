"""What the pipeline raises. Every message says what to change.

All are `PipelineError`; each is also the built-in exception that describes it, so that code which knows
nothing of the pipeline can still catch a `ValueError` or a `TimeoutError`. What a queue's own methods raise
are the standard library's `queue.Empty`, `queue.Full` and `queue.ShutDown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.pipeline.metrics import PipelineMetrics


class PipelineError(Exception):
    """Base class of everything that the pipeline itself raises."""


class ConfigError(PipelineError, ValueError):
    """A config, or a combination of workers, that cannot work."""


class WorkerStateError(PipelineError, RuntimeError):
    """A worker or a coordinator was asked for something that its state does not allow."""


class ReentryError(PipelineError, RuntimeError):
    """A thread called a queue while it was inside another call of it; raised if the queue is to detect that."""


class SentinelInSourceError(PipelineError, ValueError):
    """A source produced the object that marks the end; it was not enqueued."""


class WorkerTimeoutError(PipelineError, TimeoutError):
    """A put or a get took longer than the worker's config allows, under the policy `stop`."""


class PipelineFailed(PipelineError):
    """A run ended with failed or stuck workers.

    Nothing is lost: `undelivered` holds what was enqueued and neither consumed nor skipped, in the order of
    the queue, and `unsent` what a producer had taken from its source and could not enqueue.

    Attributes:
        causes: what each failed worker failed with, in the order in which they failed.
        stuck: a line for each worker that did not end in time, with what it was doing.
        metrics: the metrics of the run.
        undelivered: items that were enqueued and reached no destination.
        unsent: items that left a source and did not reach the queue.
    """

    def __init__(
        self,
        message: str,
        *,
        causes: Sequence[BaseException],
        stuck: Sequence[str],
        metrics: PipelineMetrics,
        undelivered: Sequence[Any],
        unsent: Sequence[Any],
    ) -> None:
        super().__init__(message)
        self.causes = tuple(causes)
        self.stuck = tuple(stuck)
        self.metrics = metrics
        self.undelivered = list(undelivered)
        self.unsent = list(unsent)


class PipelineAborted(PipelineFailed):
    """A run was ended by `abort()` before everything was consumed."""
