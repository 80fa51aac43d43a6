"""PCT finds bugs as often as it promises, and a random walk does not.

The program is built so that its bug needs a known number of orderings. How often it is found is held against the
bound by the binomial distribution: that it is found less often than asserted has a chance below 0.1 % if the bound
holds. Seeds are fixed, so a test that passes does so always.
"""

import itertools
import threading
from collections.abc import Callable
from math import comb

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import explore
from pcverify.explore.strategies import Pct, Random, Strategy
from pcverify.explore.strategies.pct import PATIENCE
from tests.explore.strategies.driving import Watched, executions
from tests.subjects import programs
from tests.subjects.cells import Cell


def two_threads_and_main(first: Callable[[], None], second: Callable[[], None]) -> None:
    threads = [threading.Thread(target=target, name=target.__name__) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def preempted_late(pads: int) -> Callable[[], None]:
    """A bug of depth 2: the reader's one step lies between the last two of a writer that does much before."""

    def program() -> None:
        busy, value = Cell(0), Cell(0)

        def write() -> None:
            for number in range(pads):
                busy.store(number)
            value.store(1)
            value.store(2)

        def read() -> None:
            assert value.load() != 1

        two_threads_and_main(write, read)

    return program


def preempted_twice() -> None:
    """A bug of depth 3: the reader begins between two steps of the writer, and waits before it reads again."""
    value = Cell(0)

    def write() -> None:
        for number in (1, 2):
            value.store(number)

    def read() -> None:
        assert (value.load(), value.load()) != (1, 2)

    two_threads_and_main(write, read)


def times_found(program: Callable[[], None], strategy: Strategy) -> tuple[int, int, int]:
    """Return in how many executions the bug was found, how many there were, and how many choices they had at most."""
    watched = Watched(strategy)
    result = explore(program, strategy=watched, keep_going=True)
    counts = {each.outcome: each.count for each in result.outcomes}
    return counts.get("EXC:AssertionError", 0), result.executions, max(map(len, watched.seen))


def enough(chance: float, number: int) -> int:
    """Return what a binomial variable stays below with a probability of less than 0.1 %."""
    below, hits = 0.0, 0
    while (below := below + comb(number, hits) * chance**hits * (1 - chance) ** (number - hits)) < 0.001:
        hits += 1
    return hits


def test_a_bug_of_depth_2_is_found_as_often_as_promised() -> None:
    found = number = longest = 0
    for seed in range(10):
        hits, ran, choices = times_found(preempted_late(12), Pct(150, depth=2, seed=seed))
        found, number, longest = found + hits, number + ran, max(longest, choices)
    needed = enough(1 / (3 * longest), number)
    assert needed >= 3
    assert found >= needed


def test_a_bug_of_depth_3_is_found_as_often_as_promised() -> None:
    found = number = longest = 0
    for seed in range(5):
        hits, ran, choices = times_found(preempted_twice, Pct(1_000, depth=3, seed=seed))
        found, number, longest = found + hits, number + ran, max(longest, choices)
    needed = enough(1 / (3 * longest**2), number)
    assert needed >= 1
    assert found >= needed


def test_a_random_walk_does_not_find_what_needs_one_task_to_run_long() -> None:
    assert times_found(preempted_late(12), Random(1_000))[0] == 0


def test_a_smaller_depth_finds_nothing_deeper() -> None:
    assert times_found(preempted_late(12), Pct(500, depth=1))[0] == 0
    assert times_found(preempted_twice, Pct(500, depth=1))[0] == 0


def test_without_changes_tasks_run_one_after_another_in_every_order_equally_often() -> None:
    runs = [tuple(steps) for steps in executions(Pct(6_000, depth=1), [3, 3, 3])]
    orders = set(runs)
    assert len(orders) == 6
    assert all(sorted(order) == [0, 0, 0, 1, 1, 1, 2, 2, 2] for order in orders)
    assert all(abs(runs.count(order) - 1_000) < 150 for order in orders)  # five standard deviations


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_there_are_as_many_changes_as_the_depth_allows(depth: int) -> None:
    def switches(steps: list[int]) -> int:
        return sum(before != after for before, after in itertools.pairwise(steps))

    found = [switches(steps) for steps in executions(Pct(2_000, depth=depth), [20, 20])]
    assert max(found) == depth  # one where a task ends, the others at changes
    assert found[0] == 1  # no length is known yet


def test_a_deadline_passes_early_or_late_by_the_priority_of_the_clock() -> None:
    runs = {tuple(steps) for steps in executions(Pct(200, depth=1), [2, 2], late=[1])}
    assert runs == {(0, 0, 1, 1), (1, 0, 0, 1), (1, 1, 0, 0)}


def test_of_tasks_that_are_due_together_any_may_go_first() -> None:
    runs = {tuple(steps) for steps in executions(Pct(100, depth=1), [1, 1, 1], late=[0, 1, 2])}
    assert len(runs) == 6


def test_both_ends_of_a_race_with_a_deadline_are_found() -> None:
    result = explore(programs.timeout_or_notify, strategy=Pct(100, depth=2))
    assert {each.outcome for each in result.outcomes} == {"(True,)", "(False,)"}


def test_a_task_that_polls_does_not_go_on_for_ever() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        thread = threading.Thread(target=lock.release)
        thread.start()
        while not lock.acquire(blocking=False):
            pass

    watched = Watched(Pct(20, depth=2))
    result = explore(program, strategy=watched)
    assert (result.verdict, result.executions) == (Verdict.SAMPLED, 20)
    assert PATIENCE < max(map(len, watched.seen)) < 2 * PATIENCE


def test_the_same_seed_gives_the_same_executions() -> None:
    runs = [list(executions(Pct(50, seed=seed), [4, 4, 4])) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_these_are_the_executions_on_every_version() -> None:
    runs = ["".join(map(str, steps)) for steps in executions(Pct(5, depth=3, seed=7), [3, 3, 3])]
    assert runs == ["111000222", "002111022", "222111000", "111022200", "221110200"]


def test_the_bound_is_named_and_stated() -> None:
    strategy = Pct(10, depth=2)
    assert (strategy.name, strategy.bounds) == ("pct:2", {"executions": 10, "depth": 2})
    for wrong in ({"executions": 0}, {"depth": 0}):
        with pytest.raises(UsageError, match="ask for at least"):
            Pct(**wrong)
