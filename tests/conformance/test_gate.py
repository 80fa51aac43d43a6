"""Code and models agree, both ways, at each config of the gate; and how large each is.

The number of edges is asserted so that a model, or a config, that has become smaller is noticed.
"""

from __future__ import annotations

import pytest

from pcverify.conformance.command import load
from pcverify.conformance.conforming import conform, graph_for
from pcverify.conformance.gate import CLASSES, configs_for
from pcverify.evidence import Verdict

EDGES = {
    "ConditionQueue": (13, 882, 62, 37, 595, 266, 8, 382, 123, 1322, 119, 111, 452, 742, 158, 533),
    "HandoffQueue": (12, 693, 48, 32, 257, 166, 8, 230, 86, 573, 83, 108, 397, 628, 153, 393),
}
GRAPHS: dict[tuple[str, str], object] = {}
CASES = [
    pytest.param(model, subject, number, id=f"{subject}-{number}")
    for model in EDGES
    for subject in CLASSES[model]
    for number in range(len(configs_for(model, load(subject))))
]


@pytest.mark.parametrize(("model", "subject", "number"), CASES)
def test_code_and_model_agree(model: str, subject: str, number: int) -> None:
    make = load(subject)
    config = configs_for(model, make)[number]
    if (model, config.name) not in GRAPHS:
        GRAPHS[model, config.name] = graph_for(model, config)
    result = conform(model, make, config, graph=GRAPHS[model, config.name])
    compared = result.comparison
    assert result.verdict is Verdict.OK
    assert (compared.covered_states, compared.covered_edges) == (compared.model_states, compared.model_edges)
    assert compared.foreign == compared.refused == result.code.unkeyed == 0
    assert all(taken == there > 0 for there, taken in compared.actions.values())
    if subject.startswith("pcverify"):
        assert compared.model_edges == EDGES[model][number]
