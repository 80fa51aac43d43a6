"""What an exploration concludes, and what it shows when a program fails."""

import threading
from collections.abc import Callable

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import Dfs, Exploration, Random, Replay, ReplayDeparted, explore
from tests.subjects.programs import two_locks_with_backoff


def two_threads(target: Callable[[], object]) -> None:
    """Run a function in two threads."""
    threads = [threading.Thread(target=target, name=name) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def opposite_order() -> None:
    """Two locks taken in opposite orders."""
    one, two = threading.Lock(), threading.Lock()

    def forwards() -> None:
        with one, two:
            pass

    def backwards() -> None:
        with two, one:
            pass

    threads = [threading.Thread(target=forwards, name="forwards"), threading.Thread(target=backwards, name="backwards")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def same_order() -> None:
    """The sound twin."""
    one, two = threading.Lock(), threading.Lock()

    def forwards() -> None:
        with one, two:
            pass

    two_threads(forwards)


def lost_update() -> int:
    """Read and write under a lock each, not under one: an update may be lost."""
    lock, value = threading.Lock(), 0

    def add() -> None:
        nonlocal value
        with lock:
            mine = value
        with lock:
            value = mine + 1

    two_threads(add)
    assert value == 2, f"an update was lost: {value}"
    return value


def kept_update() -> int:
    """The sound twin."""
    lock, value = threading.Lock(), 0

    def add() -> None:
        nonlocal value
        with lock:
            value += 1

    two_threads(add)
    assert value == 2
    return value


def found(result: Exploration) -> str:
    """Return the schedule of what was found."""
    assert result.verdict is Verdict.VIOLATION
    assert result.counterexample is not None
    return result.counterexample.schedule


def test_locks_in_opposite_orders_are_a_deadlock_with_its_steps() -> None:
    counterexample = explore(opposite_order, strategy="dfs").counterexample
    assert counterexample is not None
    assert (counterexample.kind, counterexample.error) == ("deadlock", None)
    assert counterexample.blocked == (
        ("main", "waits for the end of forwards"),
        ("forwards", "waits for two, held by backwards"),
        ("backwards", "waits for one, held by forwards"),
    )
    assert [step.action for step in counterexample.trace.steps if step.task != "main"] == [
        *("begins", "acquires one", "begins", "acquires two")
    ]


def test_locks_in_the_same_order_are_none() -> None:
    result = explore(same_order, strategy="dfs")
    assert (result.verdict, result.counterexample, result.reason) == (Verdict.OK, None, "")


def test_a_failed_assertion_is_found_with_its_error() -> None:
    counterexample = explore(lost_update, strategy="dfs").counterexample
    assert counterexample is not None
    assert counterexample.kind == "assertion"
    assert counterexample.message == "main fails with AssertionError: an update was lost: 1\nassert 1 == 2"
    assert isinstance(counterexample.error, AssertionError)


def test_an_update_under_one_lock_is_not_lost() -> None:
    assert explore(kept_update, strategy="dfs").verdict is Verdict.OK


def test_an_exception_in_any_task_is_found() -> None:
    def program() -> None:
        threading.Thread(target=lambda: list[int]()[0], name="reader").start()

    counterexample = explore(program, strategy="dfs").counterexample
    assert counterexample is not None
    assert (counterexample.kind, counterexample.message) == (
        "exception",
        "reader fails with IndexError: list index out of range",
    )


def test_the_first_failure_ends_the_exploration_unless_it_is_to_keep_going() -> None:
    first, all_of_them = (
        explore(opposite_order, strategy="dfs"),
        explore(opposite_order, keep_going=True, strategy="dfs"),
    )
    assert first.executions < all_of_them.executions
    assert found(first) == found(all_of_them)
    assert set(all_of_them.counts()) == {"None", "DEADLOCK"}


def test_what_is_found_and_printed_can_be_replayed() -> None:
    for program in (opposite_order, lost_update):
        printed = str(explore(program, strategy="dfs").counterexample)
        schedule = printed.rpartition('strategy=Replay("')[2].partition('"))')[0]
        again = explore(program, strategy=Replay(schedule))
        assert again.executions == 1
        assert str(again.counterexample) == printed


def test_a_replay_that_departs_says_where() -> None:
    schedule = found(explore(opposite_order, strategy="dfs"))
    with pytest.raises(ReplayDeparted, match="at step") as departed:
        explore(kept_update, strategy=Replay(schedule))
    error = departed.value
    assert (error.step, error.expected, error.found) == (7, "a step of right", "a step of left")


def test_a_replay_of_what_cannot_run_says_what_could() -> None:
    with pytest.raises(ReplayDeparted, match="expected a step of task 7, found a step of main") as departed:
        explore(kept_update, strategy=Replay("s2:3.11:h0:sync:0.7"))
    assert departed.value.step == 2
    with pytest.raises(ReplayDeparted, match="expected a step of task 3, found the end of the execution"):
        explore(lambda: None, strategy=Replay("s2:3.11:h0:sync:0x2.3"))
    with pytest.raises(ReplayDeparted, match="the clock to go on by itself"):
        explore(lambda: None, strategy=Replay("s2:3.11:h0:sync:0.c"))
    with pytest.raises(ReplayDeparted, match="expected the deadline of main to pass, found a step of main"):
        explore(lambda: None, strategy=Replay("s2:3.11:h0:sync:0.t0"))


def test_random_is_reproducible_by_its_seed() -> None:
    runs = [explore(two_locks_with_backoff, strategy=Random(300, seed=seed)) for seed in (1, 1, 2)]
    assert runs[0] == runs[1]
    assert runs[0].counts() != runs[2].counts()


def test_random_ends_sampled_after_its_number() -> None:
    result = explore(kept_update, strategy=Random(50))
    assert (result.verdict, result.executions, result.strategy) == (Verdict.SAMPLED, 50, "random")
    assert str(result) == f"SAMPLED: 50 executions, {result.steps:,} steps by random"


def test_random_finds_what_is_wrong_within_100_executions() -> None:
    assert found(explore(opposite_order, strategy=Random(100)))
    assert found(explore(lost_update, strategy=Random(100)))


def test_dfs_that_is_cut_short_shows_nothing() -> None:
    result = explore(kept_update, max_executions=10, strategy="dfs")
    assert (result.verdict, result.executions) == (Verdict.UNKNOWN, 10)
    assert result.reason == "max_executions=10 came before the end of dfs"


def test_dfs_that_comes_to_its_end_at_the_bound_was_not_cut_short() -> None:
    number = explore(kept_update, strategy="dfs").executions
    assert explore(kept_update, max_executions=number, strategy="dfs").verdict is Verdict.OK


def test_dfs_runs_each_schedule_once() -> None:
    seen: list[str] = []

    class Noted(Dfs):
        def end(self, failed: bool = False) -> None:
            seen.append(str([index for index, _ in self._path]))
            super().end()

    result = explore(kept_update, strategy=Noted())
    assert len(set(seen)) == len(seen) == result.executions


def test_a_livelock_is_no_pass() -> None:
    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        while not lock.acquire(blocking=False):
            pass

    result = explore(program, max_steps=200, strategy="dfs")
    assert (result.verdict, result.executions, result.steps) == (Verdict.VIOLATION, 1, 400)
    assert result.counterexample is not None
    assert result.counterexample.kind == "livelock"
    assert result.counterexample.message == "Livelock: 200 steps by dfs and 200 fair ones, and somebody still goes on."


def test_a_program_that_is_not_deterministic_is_no_pass() -> None:
    runs = []

    def program() -> None:
        runs.append(1)
        if len(runs) > 2:
            threading.Lock().acquire()
        two_threads(threading.Lock().acquire if len(runs) == 4 else threading.Lock)

    result = explore(program, strategy="dfs")
    assert result.verdict is Verdict.UNKNOWN
    assert result.reason.startswith(
        "the program is not deterministic: run again with the same choices, at step 2 it had a choice of"
    )
    assert result.reason.endswith("state that leaks from one execution into the next: runs ([1], then [1, 1, 1])")


def test_other_names_at_the_same_choice_are_noticed() -> None:
    runs = []

    def program() -> None:
        runs.append(1)
        for side in ("left", "right"):
            threading.Thread(target=lambda: None, name=f"{side}-{len(runs) // 3}").start()

    result = explore(program, strategy="dfs")
    assert (result.verdict, len(runs)) == (Verdict.UNKNOWN, 3)
    assert (
        "at step 3 it had a choice of main (start-thread), left-0 (start), and the next time of main" in result.reason
    )


def test_what_changes_only_during_the_search_is_noticed_there() -> None:
    runs = []

    def program() -> None:
        runs.append(1)
        for side in ("left", "right"):
            threading.Thread(target=lambda: None, name=f"{side}-{len(runs) // 6}").start()

    result = explore(program, strategy="dfs")
    assert (result.verdict, len(runs)) == (Verdict.UNKNOWN, 6)
    assert "at step 3 expected a choice of main, left-0, found main, left-1" in result.reason


def test_a_failure_that_does_not_happen_again_is_no_pass() -> None:
    runs = []

    def program() -> None:
        runs.append(1)
        assert len(runs) != 4  # the first three look whether it does the same again

    result = explore(program, strategy=Random(5))
    assert (result.verdict, result.counterexample) == (Verdict.UNKNOWN, None)
    assert result.reason.startswith("an execution ended in EXC:AssertionError, but did not do so again")


@pytest.mark.parametrize("wrong", [lambda: explore(kept_update, max_executions=0, strategy="dfs"), lambda: Random(0)])
def test_bounds_that_run_nothing_are_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        wrong()
