"""What a run came to: its metrics, or one error that carries every cause and everything that is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pcverify.pipeline.errors import PipelineAborted, PipelineFailed

if TYPE_CHECKING:
    from pcverify.pipeline.metrics import PipelineMetrics

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """The end of a run, fixed when it ends: what a stuck worker does later changes nothing here.

    Attributes:
        pipeline: the name of the run.
        metrics: what was counted.
        failures: name and error of each worker that failed, in the order in which they ended.
        stuck: a line for each worker that had not ended.
        undelivered: items that were enqueued and reached no destination, in the order of the queue.
        unsent: items that left a source and did not reach the queue.
        aborted: whether the run was ended by an abort.
    """

    pipeline: str
    metrics: PipelineMetrics
    failures: tuple[tuple[str, BaseException], ...]
    stuck: tuple[str, ...]
    undelivered: tuple[T, ...]
    unsent: tuple[T, ...]
    aborted: bool

    def result(self) -> PipelineMetrics:
        """Return the metrics of a run that did all it should, else raise.

        Raises:
            PipelineAborted: nothing failed, but the run was aborted.
            PipelineFailed: a worker failed or was stuck, or items are left.
        """
        left = f"{len(self.undelivered)} enqueued items reached no destination (.undelivered), "
        left += f"{len(self.unsent)} were not enqueued (.unsent)"
        lines = [f"{name} failed: {error!r}" for name, error in self.failures]
        lines += self.stuck
        lines += [left] if self.undelivered or self.unsent else []
        if not lines and not self.aborted:
            return self.metrics
        only_aborted = self.aborted and not self.failures and not self.stuck
        kind, verb = (PipelineAborted, "was aborted") if only_aborted else (PipelineFailed, "failed")
        causes = [error for _, error in self.failures]
        raise kind(
            "\n  ".join([f"{self.pipeline} {verb}", *lines]),
            causes=causes,
            stuck=self.stuck,
            metrics=self.metrics,
            undelivered=self.undelivered,
            unsent=self.unsent,
        ) from (causes[0] if causes else None)
