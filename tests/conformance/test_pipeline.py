"""Workers and coordinator agree with `Pipeline` on either queue; and wrong ones do not."""

from __future__ import annotations

import pytest

from pcverify import Consumer, Coordinator, HandoffQueue, ThreadSafeQueue, cli
from pcverify.conformance.conforming import conform, graph_for, subject_for
from pcverify.conformance.explaining import explained
from pcverify.conformance.gate import LARGE_PIPELINES, configs_for
from pcverify.conformance.programs import PipelineConfig
from pcverify.evidence import Verdict

QUEUES = [ThreadSafeQueue, HandoffQueue]
EDGES = {ThreadSafeQueue: (70, 80, 132), HandoffQueue: (110, 103, 210)}
LEFT_TO_HAND_OFF = (2, 2, 50)
"""Edges that `HandoffQueue` does not take, at each config: one or two at which another task acts while a putter has the
lock of the queue, in which the model does not keep others out, and those that lie behind them alone."""


def agrees(make, config, max_seconds=300.0):
    """Compare, and return the comparison if nothing differs."""
    result = conform("Pipeline", make, config, max_seconds=max_seconds)
    assert result.verdict is Verdict.OK, result.code.cut_short
    compared = result.comparison
    assert compared.foreign == result.code.unkeyed == 0
    assert all(taken > 0 for _, taken in compared.actions.values())
    return compared


@pytest.mark.parametrize("make", QUEUES)
@pytest.mark.parametrize("number", range(3))
def test_workers_and_coordinator_agree_with_the_model(make, number):
    compared = agrees(make, configs_for("Pipeline", make)[number])
    left = 0 if make is ThreadSafeQueue else LEFT_TO_HAND_OFF[number]
    assert compared.model_edges == EDGES[make][number]
    assert compared.covered_edges == compared.model_edges - left


@pytest.mark.nightly
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("make", QUEUES)
@pytest.mark.parametrize("number", range(len(LARGE_PIPELINES)))
def test_they_agree_at_larger_configs(make, number):
    compared = agrees(make, configs_for("Pipeline", make, nightly=True)[3 + number], max_seconds=2_900.0)
    if make is ThreadSafeQueue:
        assert compared.covered_edges == compared.model_edges


def test_the_command_says_what_it_does_not_ask_of_a_model_with_larger_steps(capsys):
    assert cli.main(["conform", "Pipeline", "--bounds", "producers=1"]) == 0
    assert "whether every state of the code takes every edge was not asked" in capsys.readouterr().out


def test_an_edit_of_the_model_is_reported_with_its_step_and_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert cli.main(["conform", "Pipeline", "--bounds", "puts_each=2", "--edits", "PutSentinel.guard-1-n*"]) == 0
    out = capsys.readouterr().out
    assert "coordinator takes a step that the model does not have" in out
    assert "  queue: ⟨⟩ → ⟨sentinel⟩" in out
    assert "thread_safe_queue.py:" in out
    assert "The model allows there" in out


def keeps_going(self):
    """Look at whether consumers are left as a coordinator does that counts only an abort."""
    return self._aborted


def drops_what_it_got(self, item):
    """Settle an item without delivering it."""
    self._consumed += 1


WRONG = [
    (Coordinator, "_cannot_end", keeps_going, {"puts_each": 2, "refusing": ("all",)}),
    (Consumer, "_consume", drops_what_it_got, {}),
]


@pytest.mark.parametrize(("cls", "method", "wrong", "bounds"), WRONG, ids=[each[1] for each in WRONG])
def test_a_wrong_worker_or_coordinator_is_reported_with_its_step(cls, method, wrong, bounds, monkeypatch):
    monkeypatch.setattr(cls, method, wrong)
    config = PipelineConfig(**bounds)
    result = conform("Pipeline", ThreadSafeQueue, config, graph=graph_for("Pipeline", config))
    assert result.verdict is Verdict.VIOLATION
    shown = explained(result, subject_for("Pipeline", ThreadSafeQueue, config))
    assert "The model allows there" in shown.text
    assert ".py" in shown.location
