"""Bounded search runs exactly the schedules within its bound, each once, cheapest first.

What is within the bound is computed from complete lists of schedules, by the definitions of the papers.
"""

import itertools
from math import comb

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import ReplayDeparted, explore
from pcverify.explore.strategies import Bounded, Dfs
from tests.explore.strategies.driving import Choice, Watched, executions, schedules_by_cost
from tests.subjects import programs
from tests.subjects.registry import SUBJECTS

SMALL = ("event_polling", "recursion", "shared_iterator", "timeout_or_notify", "try_lock", "two_locks_with_backoff")
SUBJECT = {subject.name: subject for subject in SUBJECTS}


def preemption(choice: Choice) -> int:
    """Another than the running task although that can go on; or a deadline that passes although anyone can."""
    if choice.index >= len(choice.enabled):
        return int(bool(choice.enabled))
    return int(choice.running in choice.enabled and choice.enabled[choice.index] != choice.running)


def delays(choice: Choice) -> int:
    """How many are passed over, from the running task on and round; those that are late come after all of them."""
    turn = choice.running or 0
    order = [number for number in choice.enabled if number >= turn] + [n for n in choice.enabled if n < turn]
    number = len(choice.enabled)
    return choice.index if choice.index >= number else order.index(choice.enabled[choice.index])


def all_of(strategy: Bounded | Dfs, name: str) -> Watched:
    watched = Watched(strategy)
    assert explore(getattr(programs, name), strategy=watched, keep_going=True).reason == ""
    return watched


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(("what", "cost"), [("preemptions", preemption), ("delays", delays)])
def test_exactly_the_schedules_within_the_bound_are_run_each_once(name: str, what: str, cost) -> None:
    every = schedules_by_cost(all_of(Dfs(), name).seen, cost)
    most = max(spent for spent, _ in every)
    assert most > 1
    for bound in (*range(4), most - 1, most):
        strategy = Bounded(**{what: bound})
        found = schedules_by_cost(all_of(strategy, name).seen, cost)
        assert found == [each for each in every if each[0] <= bound]
        assert strategy.exhausted == (bound >= most)


@pytest.mark.parametrize("bound", range(6))
def test_as_many_schedules_have_so_many_preemptions_as_there_are_ways_to_cut_two_tasks_into_stretches(
    bound: int,
) -> None:
    steps = 5
    counted = [0] * (bound + 1)
    for first, second in itertools.product(range(1, steps + 1), repeat=2):
        cuts = first + second - 2  # all stretches but the last of each task end with a preemption
        if cuts <= bound and abs(first - second) <= 1:
            ways = comb(steps - 1, first - 1) * comb(steps - 1, second - 1)
            counted[cuts] += ways * (2 if first == second else 1)
    strategy = Bounded(preemptions=bound)
    spent = []
    for _ in executions(strategy, [steps, steps]):
        spent.append(strategy.spent)
    assert [spent.count(cost) for cost in range(bound + 1)] == counted
    assert spent == sorted(spent)


def test_a_scheduler_that_may_not_delay_has_one_schedule() -> None:
    assert list(executions(Bounded(delays=0), [2, 3, 1])) == [[0, 0, 1, 1, 1, 2]]


def test_one_delay_passes_over_a_task_once_and_the_round_goes_on_from_there() -> None:
    found = list(executions(Bounded(delays=1), [2, 1, 1]))
    assert found == [[0, 0, 1, 2], [1, 2, 0, 0], [0, 1, 2, 0], [0, 0, 2, 1]]


def test_there_are_as_many_delays_as_tasks_passed_over() -> None:
    assert [0, 0, 0] not in [steps[:3] for steps in executions(Bounded(delays=1), [1, 1, 3])]
    assert [2, 2, 2] not in [steps[:3] for steps in executions(Bounded(delays=1), [1, 1, 3])]
    assert [2, 2, 2] in [steps[:3] for steps in executions(Bounded(delays=2), [1, 1, 3])]


def test_a_deadline_that_passes_although_a_task_can_go_on_is_a_preemption() -> None:
    assert list(executions(Bounded(preemptions=0), [2, 1], late=[1])) == [[0, 0, 1]]
    found = list(executions(Bounded(preemptions=1), [2, 1], late=[1]))
    assert sorted(found) == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_all_there_is_within_the_bound_is_all_there_is_if_nothing_was_cut() -> None:
    subject = SUBJECT["deadlock01"]
    wide = Bounded(preemptions=100)
    result = explore(subject.right, strategy=wide)
    assert (result.verdict, result.executions, wide.exhausted) == (Verdict.OK, 540, True)
    narrow = Bounded(preemptions=1)
    result = explore(subject.right, strategy=narrow)
    assert (result.verdict, narrow.exhausted) == (Verdict.OK, False)
    assert 0 < result.executions < 540


@pytest.mark.parametrize("what", ["preemptions", "delays"])
def test_one_is_enough_for_a_deadlock_and_none_is_not(what: str) -> None:
    found = [
        {each.outcome for each in explore(SUBJECT["deadlock01"].wrong, strategy=Bounded(**{what: bound})).outcomes}
        for bound in (0, 1)
    ]
    assert ["DEADLOCK" in outcomes for outcomes in found] == [False, True]


def test_a_program_that_offers_other_tasks_than_before_is_noticed() -> None:
    strategy = Bounded(preemptions=1)
    runs = executions(strategy, [2, 2])
    next(runs)
    runs.close()
    with pytest.raises(
        ReplayDeparted, match="at step 1 expected a choice of task-0, task-1, found task-0, task-1, task"
    ):
        list(executions(strategy, [2, 2, 1]))


def test_a_program_that_ends_sooner_than_before_is_noticed() -> None:
    strategy = Bounded(preemptions=1)
    runs = executions(strategy, [3, 3])
    for _ in range(4):
        next(runs)
    runs.close()
    with pytest.raises(ReplayDeparted, match="expected a choice of task-0, task-1, found the end of the execution"):
        list(executions(strategy, [1, 0]))


def test_the_bound_is_named_and_stated() -> None:
    assert (Bounded().name, Bounded().bounds) == ("bounded:2", {"max_preemptions": 2})
    assert (Bounded(delays=3).name, Bounded(delays=3).bounds) == ("delay:3", {"max_delays": 3})
    for wrong in ({"preemptions": -1}, {"delays": -1}):
        with pytest.raises(UsageError, match="give at least 0"):
            Bounded(**wrong)
