"""Metrics are arithmetic on counters; these are the sums done by hand."""

from __future__ import annotations

import pytest

from pcverify.pipeline import PipelineMetrics, WorkerMetrics
from pcverify.pipeline.metrics import per_second


def test_totals_are_sums_over_workers():
    metrics = PipelineMetrics(
        workers=(
            WorkerMetrics("p", items_produced=10, producer_errors=1),
            WorkerMetrics("c", items_consumed=4, items_skipped=2, consumer_errors=3),
            WorkerMetrics("d", items_consumed=1),
        ),
        items_undelivered=3,
        execution_duration=2.0,
    )
    assert metrics.items_produced == 10
    assert metrics.items_consumed == 5
    assert metrics.items_skipped == 2
    assert (metrics.producer_errors, metrics.consumer_errors) == (1, 3)
    assert metrics.throughput == 2.5


@pytest.mark.parametrize("lost", [-1, 0, 4])
def test_what_is_accounted_for_nowhere_is_lost(lost):
    workers = (WorkerMetrics("p", items_produced=9 + lost), WorkerMetrics("c", items_consumed=5, items_skipped=1))
    assert PipelineMetrics(workers, items_undelivered=3, execution_duration=1.0).items_lost == lost


def test_a_worker_has_the_throughput_of_what_it_does():
    assert WorkerMetrics("p", items_produced=6, execution_duration=2.0).throughput == 3.0
    assert WorkerMetrics("c", items_consumed=6, execution_duration=3.0).throughput == 2.0


def test_a_duration_of_zero_gives_no_rate():
    assert per_second(10, 0.0) == 0.0
