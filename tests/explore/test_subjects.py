"""Wrong programs fail as they should, soon enough; their right twins do not.

What a pass does not show: that the bugs marked as hard are found, and that the right twins with too many schedules to
run them all are right beyond the sample.
"""

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Dfs, Random, explore
from tests.subjects.registry import SUBJECTS, Subject

BUDGET = 3_000
"""Within so many random executions every bug is found that is not marked as hard."""

EXHAUSTIBLE = {
    "carter": 9811,
    "circular_buffer": 3239,
    "deadlock01": 540,
    "dining_2": 540,
    "queue": 3239,
    "reorder_2": 2161,
    "stack": 3239,
    "stringbuffer": 491,
    "sync01": 136,
    "sync02": 5620,
    "twostage_2": 526,
    "wronglock_1": 1310,
    "missing_notify": 5620,
    "notify_before_append": 196,
    "look_then_wait": 186,
    "swallowed_wakeup": 11512,
}
"""The right twins that have no more than 20,000 schedules, and how many they have."""


def by_name(subjects: list[Subject]) -> list[object]:
    return [pytest.param(subject, id=subject.name) for subject in subjects]


@pytest.mark.parametrize("subject", by_name([subject for subject in SUBJECTS if not subject.hard]))
def test_a_random_walk_finds_the_bug_and_tells_how_it_fails(subject: Subject) -> None:
    result = explore(subject.wrong, strategy=Random(BUDGET, seed=1))
    assert result.verdict is Verdict.VIOLATION, result
    assert result.counterexample is not None
    assert result.counterexample.kind == subject.fails_by, result


@pytest.mark.parametrize("subject", by_name(list(SUBJECTS)))
def test_the_right_twin_passes_500_random_executions(subject: Subject) -> None:
    result = explore(subject.right, strategy=Random(500, seed=1))
    assert result.verdict is Verdict.SAMPLED, result
    assert result.executions == 500


@pytest.mark.parametrize("subject", by_name([subject for subject in SUBJECTS if subject.name in EXHAUSTIBLE]))
def test_the_right_twin_passes_every_schedule(subject: Subject) -> None:
    result = explore(subject.right, strategy=Dfs(), max_executions=20_000)
    assert result.verdict is Verdict.OK, result
    assert result.executions == EXHAUSTIBLE[subject.name]


def test_names_are_unique_and_those_of_the_programs() -> None:
    names = [subject.name for subject in SUBJECTS]
    assert len(set(names)) == len(names)
    assert set(EXHAUSTIBLE) <= set(names)
    for subject in SUBJECTS:
        assert subject.wrong.__name__ == f"{subject.name}_wrong"
        assert subject.right.__name__ == f"{subject.name}_right"
