"""Code and models agree, both ways, at each config of the gate; and how large each is.

The number of edges is asserted so that a model, or a config, that has become smaller is noticed.
"""

from __future__ import annotations

import pytest

from pcverify.conformance.command import load
from pcverify.conformance.comparing import ModelGraph
from pcverify.conformance.conforming import conform, graph_for
from pcverify.conformance.gate import CLASSES, configs_for
from pcverify.conformance.programs import Config
from pcverify.evidence import Verdict

EDGES = {
    ("ConditionQueue", "pcverify:ThreadSafeQueue"): (
        13,
        882,
        62,
        37,
        595,
        266,
        8,
        382,
        123,
        1322,
        119,
        111,
        452,
        742,
        158,
        533,
    ),
    ("HandoffQueue", "pcverify:HandoffQueue"): (
        12,
        693,
        48,
        32,
        257,
        166,
        8,
        230,
        86,
        573,
        83,
        108,
        397,
        628,
        153,
        393,
    ),
    ("UnfinishedTasks", "pcverify:ThreadSafeQueue"): (33, 696, 477, 452),
    ("UnfinishedTasks", "pcverify:HandoffQueue"): (31, 532, 276, 445),
}
EVERY_PYTHON = {3, 4, 9, 12, 15}
"""The numbers of the configs that are tried on each: two places, timeouts, a shutdown, interruptions, all of these."""
GRAPHS: dict[tuple[str, Config], ModelGraph] = {}
CASES = [
    pytest.param(
        *(model, subject, number),
        id=f"{subject}-{model}-{number}",
        marks=[] if number in EVERY_PYTHON else pytest.mark.on_one_python,
    )
    for model in ("ConditionQueue", "HandoffQueue", "UnfinishedTasks")
    for subject in CLASSES[model]
    for number in range(len(configs_for(model, load(subject))))
]


@pytest.mark.parametrize(("model", "subject", "number"), CASES)
def test_code_and_model_agree(model: str, subject: str, number: int) -> None:
    make = load(subject)
    config = configs_for(model, make)[number]
    if (model, config) not in GRAPHS:
        GRAPHS[model, config] = graph_for(model, config)
    result = conform(model, make, config, graph=GRAPHS[model, config])
    compared = result.comparison
    assert result.verdict is Verdict.OK
    assert (compared.covered_states, compared.covered_edges) == (compared.model_states, compared.model_edges)
    assert compared.foreign == compared.refused == result.code.unkeyed == 0
    assert all(taken == there > 0 for there, taken in compared.actions.values())
    if subject.startswith("pcverify"):
        assert compared.model_edges == EDGES[model, subject][number]
