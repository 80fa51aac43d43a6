"""A portfolio runs small programs through, finds what its parts find, and says which of them ran."""

import threading

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import explore
from pcverify.explore.strategies import Portfolio
from tests.explore.strategies.driving import Watched, executions
from tests.subjects import programs
from tests.subjects.registry import SUBJECTS

SUBJECT = {subject.name: subject for subject in SUBJECTS}


def parts(strategy: Portfolio, lengths: list[int]) -> list[str]:
    """Run it, and return which part made each execution."""
    return [strategy.name for _ in executions(strategy, lengths)]


@pytest.mark.parametrize("name", ["recursion", "timeout_or_notify", "try_lock"])
def test_a_small_program_is_run_through_completely(name: str) -> None:
    strategy = Portfolio(1_000)
    result = explore(getattr(programs, name), strategy=strategy)
    assert (result.verdict, strategy.exhausted) == (Verdict.OK, True)
    assert result.strategy.startswith("portfolio (d")  # by delays, or depth first
    assert result.executions < 250


def test_a_large_program_is_sampled_as_often_as_asked_for() -> None:
    strategy = Portfolio(300)
    result = explore(SUBJECT["deadlock01"].right, strategy=strategy)
    assert (result.verdict, result.executions, result.strategy) == (Verdict.SAMPLED, 300, "portfolio")
    assert not strategy.exhausted


def test_every_part_has_its_slices() -> None:
    ran = parts(Portfolio(1_000), [9, 9, 9])
    assert len(ran) == 1_000
    named = ["random", "pct:5", "delay:2", "pct:3", "sticky", "dfs"]
    assert list(dict.fromkeys(ran)) == [f"portfolio ({name})" for name in named]
    first, second = ran[:290], ran[290:370]
    assert [first.count(f"portfolio ({name})") for name in named] == [10, 20, 10, 10, 40, 200]
    assert [second.count(f"portfolio ({name})") for name in named] == [10, 20, 10, 10, 20, 10]


def test_what_has_come_to_its_end_within_its_bound_drops_out() -> None:
    ran = parts(Portfolio(2_000), [1, 1, 1, 1, 1, 1, 1])
    assert ran.count("portfolio (delay:2)") < 40
    assert len(ran) == 2_000


def test_no_part_runs_a_schedule_again_that_it_has_run() -> None:
    strategy = Portfolio(500)
    runs = [(strategy.name, tuple(steps)) for steps in executions(strategy, [5, 5, 5])]
    systematic = [run for run in runs if run[0] in {"portfolio (dfs)", "portfolio (delay:2)"}]
    assert len(set(systematic)) == len(systematic) > 100


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["bluetooth", "dining_5", "reorder_4", "swallowed_wakeup", "work_stealing"])
def test_what_only_some_strategies_find_is_found(name: str, seed: int) -> None:
    result = explore(SUBJECT[name].wrong, strategy=Portfolio(1_000, seed=seed))
    assert result.verdict is Verdict.VIOLATION, result


def test_a_task_that_polls_does_not_keep_it_from_the_rest() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        thread = threading.Thread(target=lock.release)
        thread.start()
        while not lock.acquire(blocking=False):
            pass
        thread.join()

    watched = Watched(Portfolio(200))
    result = explore(program, strategy=watched)
    assert (result.verdict, result.executions, result.reason) == (Verdict.SAMPLED, 200, "")
    long = [name for name, execution in zip(watched.names, watched.seen, strict=True) if len(execution) > 1_000]
    assert long.count("portfolio (dfs)") == watched.names.count("portfolio (dfs)") == 1
    assert long.count("portfolio (delay:2)") == 1
    assert max(map(len, watched.seen)) < 1_100


def test_the_same_seed_gives_the_same_executions() -> None:
    runs = [list(executions(Portfolio(400, seed=seed), [5, 5, 5])) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_its_number_is_stated_and_must_not_be_none() -> None:
    assert Portfolio(7).bounds == {"executions": 7}
    assert parts(Portfolio(7), [5, 5, 5]) == ["portfolio (random)"] * 7
    with pytest.raises(UsageError, match="ask for at least one"):
        Portfolio(0)
