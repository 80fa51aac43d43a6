"""Strategies by name; each of them finds what is wrong, and not what is right."""

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import explore
from pcverify.explore.strategies import Bounded, Dfs, Hypothesis, Pct, Portfolio, Random, Strategy, named
from tests.subjects.registry import SUBJECTS

SUBJECT = {subject.name: subject for subject in SUBJECTS}
ALL = ("dfs", "bounded:2", "delay:2", "random", "sticky", "pct:3", "hypothesis", "portfolio")
WRONG = ("if_for_while", "look_then_wait", "stringbuffer")


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("dfs", Dfs, "dfs"),
        ("bounded", Bounded, "bounded:2"),
        ("bounded:3", Bounded, "bounded:3"),
        ("delay", Bounded, "delay:2"),
        ("delay:0", Bounded, "delay:0"),
        ("random", Random, "random"),
        ("sticky", Random, "sticky"),
        ("pct", Pct, "pct:3"),
        ("pct:5", Pct, "pct:5"),
        ("hypothesis", Hypothesis, "hypothesis"),
        ("portfolio", Portfolio, "portfolio"),
    ],
)
def test_a_name_makes_its_strategy_which_is_called_so(name: str, kind: type[Strategy], called: str) -> None:
    strategy = named(name, executions=None, seed=0)
    assert isinstance(strategy, kind)
    assert strategy.name == called
    assert type(named(called, executions=None, seed=0)) is kind


def test_a_number_and_a_seed_hold_for_those_that_sample() -> None:
    for name in ("random", "sticky", "pct", "hypothesis", "portfolio"):
        assert named(name, executions=7, seed=1).bounds["executions"] == 7
        assert named(name, executions=None, seed=1).bounds["executions"] == (10_000 if name == "portfolio" else 1_000)
    assert named("dfs", executions=7, seed=1).bounds == {}


@pytest.mark.parametrize("name", ["", "pc", "random:3", "pct:", "pct:x", "pct:-1", "pct:²", "replay", "dfs:1"])
def test_an_unknown_name_is_refused_with_those_there_are(name: str) -> None:
    listed = "dfs, stateful, bounded, delay, random, sticky, pct, hypothesis, portfolio, pct:N, bounded:N, delay:N"
    with pytest.raises(UsageError, match=listed):
        named(name, executions=None, seed=0)


def test_a_number_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="depth of 0"):
        named("pct:0", executions=None, seed=0)


@pytest.mark.parametrize("subject", WRONG)
@pytest.mark.parametrize("name", ALL)
def test_each_finds_what_is_wrong_within_its_budget(name: str, subject: str) -> None:
    strategy = named(name, executions=1_000, seed=3)
    budget = 20_000 if strategy.verdict is Verdict.OK else 1_600  # Hypothesis shrinks what it found
    result = explore(SUBJECT[subject].wrong, strategy=strategy, max_executions=budget)
    assert result.verdict is Verdict.VIOLATION, result
    assert result.counterexample is not None
    assert result.counterexample.kind == SUBJECT[subject].fails_by
    assert any(each.outcome.startswith(("EXC:", "DEADLOCK")) for each in result.outcomes)


@pytest.mark.parametrize("subject", ["look_then_wait", "stringbuffer"])
@pytest.mark.parametrize("name", ALL)
def test_none_finds_anything_in_what_is_right(name: str, subject: str) -> None:
    strategy = named(name, executions=300, seed=3)
    result = explore(SUBJECT[subject].right, strategy=strategy)
    assert result.verdict is strategy.verdict
    assert result.counterexample is None
    assert 0 < result.executions < 600
