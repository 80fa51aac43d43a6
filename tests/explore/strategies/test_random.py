"""A random walk: uniform, or sticky, and the same for the same seed."""

import itertools
from typing import Any

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import explore
from pcverify.explore.strategies import Random
from tests.explore.strategies.driving import Counted, Run, executions
from tests.subjects.registry import SUBJECTS

SUBJECT = {subject.name: subject for subject in SUBJECTS}


def share_of_stays(strategy: Random) -> list[float]:
    """How often, in each execution, the task that runs is chosen again where there is a choice."""
    shares = []
    for steps in executions(strategy, [100, 100]):
        stays = [before == after for before, after in itertools.pairwise(steps)]
        shares.append(sum(stays) / len(stays))
    return shares


def test_a_uniform_walk_goes_on_with_a_task_as_often_as_not() -> None:
    assert all(0.3 < share < 0.7 for share in share_of_stays(Random(50)))


def test_a_sticky_walk_draws_for_each_execution_how_often_it_goes_on() -> None:
    shares = share_of_stays(Random(100, sticky=True))
    assert min(shares) < 0.6
    assert max(shares) > 0.95


def test_a_sticky_walk_does_not_go_on_by_a_deadline_passing() -> None:
    first = [steps[0] for steps in executions(Random(1_000, sticky=True), [1, 1], late=[1])]
    assert 400 < sum(first) < 600


def test_a_sticky_walk_finds_what_needs_one_task_to_run_long() -> None:
    wrong = SUBJECT["reorder_20"].wrong
    assert explore(wrong, strategy=Random(500, sticky=True)).verdict is Verdict.VIOLATION
    assert explore(wrong, strategy=Random(500)).verdict is Verdict.SAMPLED


def test_in_every_second_execution_who_starts_others_goes_on_until_it_has() -> None:
    def goes_on(strategy: Random, kind: str) -> bool:
        strategy.begin()
        tasks: list[Any] = [Counted(number, 1, late=False, execution=Run(), kind=kind) for number in (0, 1)]
        return all(strategy.choose(tasks, tasks[1]) == 1 for _ in range(200))

    strategy = Random(2_000, sticky=True)
    assert 400 < sum(goes_on(strategy, "start-thread") for _ in range(1_000)) < 600
    assert sum(goes_on(strategy, "acquire") for _ in range(1_000)) < 20


@pytest.mark.parametrize("subject", ["reorder_20", "twostage_20"])
def test_so_threads_are_all_there_at_the_same_time(subject: str) -> None:
    """Without it, as a rule, it takes more than a thousand executions of `twostage_20`."""
    found = explore(SUBJECT[subject].wrong, strategy=Random(600, sticky=True))
    assert found.verdict is Verdict.VIOLATION


@pytest.mark.parametrize("sticky", [False, True])
def test_the_same_seed_gives_the_same_executions(sticky: bool) -> None:
    runs = [list(executions(Random(50, seed=seed, sticky=sticky), [4, 4, 4])) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_these_are_the_executions_on_every_version() -> None:
    drawn = [
        ["".join(map(str, steps)) for steps in executions(Random(3, seed=7, sticky=sticky), [3, 3])]
        for sticky in (False, True)
    ]
    assert drawn == [["001011", "100101", "000111"], ["111000", "000111", "111000"]]


def test_what_it_did_is_named_and_stated() -> None:
    assert (Random(5).name, Random(5).bounds) == ("random", {"executions": 5})
    assert Random(5, sticky=True).name == "sticky"
    with pytest.raises(UsageError, match="ask for at least one"):
        Random(0, sticky=True)
