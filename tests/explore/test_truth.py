"""`dfs` does exactly what was found by enumerating every schedule over real threads, in as many executions."""

import json
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Random, explore
from tests.subjects import programs

EXPECTED = json.loads((Path(programs.__file__).parent / "expected.json").read_text())
FAILING = {"if_queue_1x2", "swallowed_wakeup"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_outcome_is_found_and_no_other_in_as_many_executions(name: str) -> None:
    result = explore(getattr(programs, name), max_delay=None, keep_going=True, strategy="dfs")
    assert (sorted(result.counts()), result.executions) == (EXPECTED[name]["outcomes"], EXPECTED[name]["executions"])
    assert sum(result.counts().values()) == result.executions
    assert result.verdict is (Verdict.VIOLATION if name in FAILING else Verdict.OK)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_random_walk_finds_nothing_else(name: str) -> None:
    result = explore(getattr(programs, name), strategy=Random(200), keep_going=True)
    assert set(result.counts()) <= set(EXPECTED[name]["outcomes"])
    assert result.executions == 200
