"""Hypothesis finds a failing schedule, shrinks it, and remembers it."""

import gc
import sys

import pytest
from hypothesis.database import InMemoryExampleDatabase

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import ReplayDeparted, explore
from pcverify.explore.strategies import Hypothesis
from tests.explore.strategies.driving import Watched, executions
from tests.subjects.registry import SUBJECTS

SUBJECT = {subject.name: subject for subject in SUBJECTS}
DEADLOCK = SUBJECT["deadlock01"]


def switches(schedule: str) -> int:
    """How often another task takes a step than the one before."""
    return schedule.rpartition(":")[2].count(".")


def test_what_it_finds_is_shrunk_to_the_same_few_switches_from_any_seed() -> None:
    found = {explore(DEADLOCK.wrong, strategy=Hypothesis(300, seed=seed)).schedule for seed in range(5)}
    assert len(found) == 1
    assert switches(found.pop()) == 3  # main, then one, the other, and the first again


def test_the_last_execution_that_fails_is_the_smallest() -> None:
    watched = Watched(Hypothesis(300))
    result = explore(DEADLOCK.wrong, strategy=watched)
    lengths = [len(execution) for execution in watched.seen]
    assert result.verdict is Verdict.VIOLATION
    assert result.executions == len(lengths) > 1
    assert lengths[-1] == min(lengths)


def test_a_right_program_is_sampled() -> None:
    result = explore(DEADLOCK.right, strategy=Hypothesis(50))
    assert (result.verdict, result.executions, result.strategy) == (Verdict.SAMPLED, 50, "hypothesis")


def test_an_example_from_the_database_is_tried_first() -> None:
    database = InMemoryExampleDatabase()
    first = explore(DEADLOCK.wrong, strategy=Hypothesis(300, key="deadlock", database=database))
    assert len(list(database.fetch(b"deadlock"))) == 1
    again = Watched(Hypothesis(300, key="deadlock", database=database))
    second = explore(DEADLOCK.wrong, strategy=again)
    assert second.schedule == first.schedule
    assert again.seen[0] == again.seen[-1]
    other = Watched(Hypothesis(300, key="another program", database=database))
    explore(DEADLOCK.wrong, strategy=other)
    assert other.seen[0] != other.seen[-1]


def test_the_first_choice_that_it_tries_is_to_go_on_with_the_task_that_runs() -> None:
    assert next(executions(Hypothesis(10), [1, 3, 2])) == [0, 1, 1, 1, 2, 2]


def test_every_choice_can_be_drawn() -> None:
    drawn = {tuple(steps) for steps in executions(Hypothesis(500), [1, 1, 1], late=[2])}
    assert len(drawn) == 6


def test_the_same_seed_gives_the_same_executions() -> None:
    runs = [list(executions(Hypothesis(30, seed=seed), [4, 4, 4])) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_more_choices_than_hypothesis_remembers_are_made_without_switches() -> None:
    runs = list(executions(Hypothesis(2), [6_000, 6_000]))
    assert len(runs) == 2
    assert all(len(steps) == 12_000 for steps in runs)


def test_a_failure_that_does_not_happen_again_is_noticed() -> None:
    strategy = Hypothesis(100)
    with pytest.raises(ReplayDeparted, match="what the same choices led to before"):
        fail_at_the_third(strategy)
    assert not strategy.begin()


def fail_at_the_third(strategy: Hypothesis) -> None:
    number = 0
    while strategy.begin():
        number += 1
        choose_twice(strategy)
        strategy.end(failed=number == 3)


def choose_twice(strategy: Hypothesis, number: int = 9) -> None:
    for _ in range(2):
        strategy.choose([None] * number, None)  # type: ignore[list-item]  # it looks at none if nobody runs


def test_another_number_of_choices_after_the_same_ones_is_noticed() -> None:
    with pytest.raises(ReplayDeparted):
        choose_among_others_each_time(Hypothesis(100))


def choose_among_others_each_time(strategy: Hypothesis) -> None:
    number = 0
    while strategy.begin():
        number += 1
        choose_twice(strategy, 8 + number % 2)
        strategy.end()


@pytest.mark.parametrize("closed", [True, False])
def test_a_search_that_is_cut_short_goes_away_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], closed: bool
) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)
    limit = sys.getrecursionlimit()
    strategy = Hypothesis(300)
    for _ in range(30):  # then it is in the middle of an example that begins as earlier ones did
        assert strategy.begin()
        choose_twice(strategy)
        strategy.end()
    assert sys.getrecursionlimit() != limit
    if closed:
        strategy.close()
        assert not strategy.begin()
    del strategy
    gc.collect()
    assert (said, capfd.readouterr()) == ([], ("", ""))
    assert sys.getrecursionlimit() == limit


def test_an_exploration_that_is_cut_short_can_be_closed() -> None:
    limit = sys.getrecursionlimit()
    strategy = Hypothesis(300)
    assert explore(DEADLOCK.right, strategy=strategy, max_executions=7).executions == 7
    strategy.close()
    assert sys.getrecursionlimit() == limit


def test_it_works_inside_a_test_of_hypothesis() -> None:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    verdicts = []

    @settings(max_examples=3, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 9))
    def test(seed: int) -> None:
        verdicts.append(explore(DEADLOCK.wrong, strategy=Hypothesis(50, seed=seed)).verdict)

    test()
    assert set(verdicts) == {Verdict.VIOLATION}


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(UsageError, match="pip install hypothesis"):
        Hypothesis()


def test_the_bound_is_stated_and_what_makes_no_sense_is_refused() -> None:
    assert Hypothesis(7).bounds == {"executions": 7}
    with pytest.raises(UsageError, match="ask for at least one"):
        Hypothesis(0)
    with pytest.raises(UsageError, match="needs a key"):
        Hypothesis(database=InMemoryExampleDatabase())
