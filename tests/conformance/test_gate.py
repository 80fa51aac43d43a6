"""Code and models agree, both ways, at each config of the gate; and how large each is.

The number of edges is asserted so that a model, or a config, that has become smaller is noticed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pcverify.conformance.command import load
from pcverify.conformance.conforming import conform
from pcverify.conformance.gate import CLASSES, configs_for
from pcverify.conformance.programs import Config
from pcverify.evidence import Verdict

EDGES = {
    ("ConditionQueue", "pcverify:ThreadSafeQueue"): (
        13, 882, 62, 37, 595, 266, 8, 382,
        123, 1322, 119, 111, 452, 742, 158, 533,
    ),
    ("HandoffQueue", "pcverify:HandoffQueue"): (
        12, 693, 48, 32, 257, 166, 8, 230,
        86, 573, 83, 108, 397, 628, 153, 393,
    ),
    ("UnfinishedTasks", "pcverify:ThreadSafeQueue"): (33, 696, 477, 452),
    ("UnfinishedTasks", "pcverify:HandoffQueue"): (31, 532, 276, 445),
}  # fmt: skip
EVERY_PYTHON = {3, 4, 9, 12, 15}
"""The numbers of the configs that are tried on each: two places, timeouts, a shutdown, interruptions, all of these."""
BY_NIGHT = {
    ("ConditionQueue", "pcverify:ThreadSafeQueue"): (8840, 5882, 14535, 2974, 2370, 48070, 145088, 15428, 5382, 7146),
    ("HandoffQueue", "pcverify:HandoffQueue"): (4206, 3130, 4866, 806, 606, 11984, 17104, 11550, 3820, 5116),
    ("UnfinishedTasks", "pcverify:ThreadSafeQueue"): (3347, 2650, 12997, 22056),
    ("UnfinishedTasks", "pcverify:HandoffQueue"): (3253, 1404, 12717, 14012),
}
CASES = [
    pytest.param(
        *(model, subject, config),
        EDGES[model, subject][number] if (model, subject) in EDGES else None,
        id=f"{subject}-{model}-{config.name}",
        marks=[] if number in EVERY_PYTHON else pytest.mark.on_one_python,
    )
    for model in ("ConditionQueue", "HandoffQueue", "UnfinishedTasks")
    for subject in CLASSES[model]
    for number, config in enumerate(configs_for(model, load(subject)))
]
LARGE_CASES = [
    pytest.param(*(model, subject, config), edges, id=f"{subject}-{model}-{config.name}")
    for (model, subject), counts in BY_NIGHT.items()
    for config, edges in zip(
        configs_for(model, load(subject), nightly=True)[len(EDGES[model, subject]) :], counts, strict=True
    )
]


@pytest.mark.parametrize(("model", "subject", "config", "edges"), CASES)
def test_code_and_model_agree(model: str, subject: str, config: Config, edges: int | None) -> None:
    agrees(model, subject, config, edges)


@pytest.mark.nightly
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("model", "subject", "config", "edges"), LARGE_CASES)
def test_code_and_model_agree_at_larger_configs(model: str, subject: str, config: Config, edges: int) -> None:
    agrees(model, subject, config, edges, max_seconds=2900.0)


def agrees(model: str, subject: str, config: Config, edges: int | None, *, max_seconds: float = 300.0) -> None:
    result = conform(model, load(subject), config, max_seconds=max_seconds)
    compared = result.comparison
    assert result.verdict is Verdict.OK
    assert (compared.covered_states, compared.covered_edges) == (compared.model_states, compared.model_edges)
    assert compared.foreign == compared.refused == result.code.unkeyed == 0
    assert all(taken == there > 0 for there, taken in compared.actions.values())
    assert edges in {compared.model_edges, None}


def test_the_document_says_at_how_many_configs_and_edges() -> None:
    document = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text("utf-8")
    for (model, subject), edges in EDGES.items():
        night = BY_NIGHT[model, subject]
        row = (
            f"| {model} | {subject.partition(':')[2]} | {len(edges)} | {sum(edges):,} | {len(night)} | {sum(night):,} |"
        )
        assert row in document
