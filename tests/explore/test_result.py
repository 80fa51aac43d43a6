"""What an exploration showed, as text and as JSON."""

from __future__ import annotations

import json
import signal
import threading
from typing import Any

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import Exploration, Random, Replay, ReplayDeparted, explore
from pcverify.explore.schedule import HASH_SEED, PYTHON, Setting
from tests.explore.test_exploration import kept_update, lost_update, opposite_order

KEYS = [
    *("verdict", "reason", "executions", "steps", "seconds", "strategy", "granularity", "bounds", "exhausted"),
    *("schedule", "error", "outcomes"),
]


def test_json_has_the_keys_it_must_have_and_is_plain_data() -> None:
    data = json.loads(json.dumps(explore(lost_update, strategy="dfs", keep_going=True).to_json()))
    assert list(data) == KEYS
    assert (data["verdict"], data["strategy"], data["granularity"], data["exhausted"]) == (
        *("VIOLATION", "dfs", "sync"),
        True,
    )
    assert data["error"] == "AssertionError: an update was lost: 1"
    assert {outcome["outcome"] for outcome in data["outcomes"]} == {"2", "EXC:AssertionError"}
    assert sum(outcome["count"] for outcome in data["outcomes"]) == data["executions"]


def test_each_outcome_can_be_had_again_by_its_schedule() -> None:
    for outcome in explore(opposite_order, strategy="dfs", keep_going=True).outcomes:
        assert list(explore(opposite_order, strategy=Replay(outcome.schedule)).counts()) == [outcome.outcome]


def test_a_deadlock_is_an_error_in_one_line() -> None:
    result = explore(opposite_order, strategy="dfs")
    assert (result.error, result.exit_code) == ("Deadlock: nobody can go on.", 1)


@pytest.mark.parametrize(
    ("verdict", "code"), [(Verdict.OK, 0), (Verdict.SAMPLED, 0), (Verdict.VIOLATION, 1), (Verdict.UNKNOWN, 3)]
)
def test_exit_codes(verdict: Verdict, code: int) -> None:
    assert Exploration(verdict=verdict).exit_code == code


def test_bounds_are_told_with_those_of_the_strategy() -> None:
    bounds = explore(kept_update, strategy=Random(5), max_steps=500, max_delay=None).bounds
    assert (bounds["max_steps"], bounds["max_delay"], bounds["executions"]) == (500, None, 5)


@pytest.mark.parametrize("strategy", ["random", "pct:3"])
@pytest.mark.parametrize("bound", [{"max_executions": 7}, {"max_seconds": 0.05}])
def test_a_bound_is_the_end_of_sampling(strategy: str, bound: dict[str, Any]) -> None:
    result = explore(kept_update, strategy=strategy, **bound)
    assert (result.verdict, result.reason) == (Verdict.SAMPLED, "")
    assert result.executions == bound.get("max_executions", result.executions) > 0


def test_a_bound_cuts_an_exhaustive_search_short() -> None:
    result = explore(kept_update, strategy="dfs", max_seconds=1e-9)
    assert (result.verdict, result.exhausted) == (Verdict.UNKNOWN, False)
    assert result.reason == "max_seconds=1e-09 came before the end of dfs"


@pytest.mark.parametrize(
    "wrong",
    [
        *({"max_seconds": 0}, {"max_steps": 0}, {"max_delay": -1}, {"max_idle": float("nan")}),
        *({"granularity": "fine"}, {"instrument": "queue"}, {"instrument": ["queue"]}, {"strategy": "magic"}),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        explore(kept_update, **wrong)


def test_a_signal_is_not_the_programs_failure_even_if_it_raises_what_a_program_may() -> None:
    def late(number: int, frame: object) -> None:
        raise TimeoutError("too late")

    def program() -> None:
        threading.Lock().acquire()
        signal.raise_signal(signal.SIGALRM)

    handler = signal.signal(signal.SIGALRM, late)
    try:
        result = explore(program, strategy="dfs")
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert (result.verdict, result.counterexample) == (Verdict.UNKNOWN, None)
    assert result.reason == "TimeoutError (too late) after 0 executions"
    assert isinstance(result.interrupted_by, TimeoutError)
    assert result.schedule.startswith("s2:")


def test_a_replay_in_another_setting_says_so() -> None:
    schedule = explore(opposite_order, strategy="dfs").schedule
    other = schedule.replace(f"s2:{PYTHON}:h{HASH_SEED}:", "s2:3.9:h77:")
    result = explore(opposite_order, strategy=Replay(other))
    assert result.verdict is Verdict.VIOLATION
    assert [note.partition(",")[0] for note in result.notes] == [
        *("the schedule was made on Python 3.9", "the schedule was made with PYTHONHASHSEED=77")
    ]
    with pytest.raises(ReplayDeparted, match=r"the likely cause: the schedule was made on Python 3\.9, this is"):
        explore(kept_update, strategy=Replay(other))


def test_lines_of_another_version_of_python_are_refused() -> None:
    with pytest.raises(UsageError, match=r"on Python 3\.9, and fits that version only.*replay it with python3\.9"):
        explore(kept_update, strategy=Replay(f"{Setting('line', python='3.9')}:0"))


def test_a_leak_is_named() -> None:
    class Registry:
        def __init__(self) -> None:
            self.workers: list[str] = []

    registry = Registry()

    def program() -> int:
        registry.workers.append("worker")
        threading.Lock().acquire()
        return len(registry.workers)

    result = explore(program, strategy="dfs")
    assert result.verdict is Verdict.UNKNOWN
    assert "it came to 2, and the next time to 3" in result.reason
    assert "registry.workers (['worker'], then ['worker', 'worker', 'worker'])" in result.reason


def test_what_initialises_itself_at_its_first_use_is_no_leak() -> None:
    made: list[threading.Lock] = []

    def program() -> None:
        if not made:
            threading.Lock().acquire()
            made.append(threading.Lock())
        threads = [threading.Thread(target=made[0].locked) for _ in range(2)]
        for thread in threads:
            thread.start()

    assert explore(program, strategy="dfs").verdict is Verdict.OK


def test_colour_adds_nothing_but_escapes() -> None:
    result = explore(opposite_order, strategy="dfs")
    plain, coloured = result.format(), result.format(colour=True)
    assert "\x1b[" not in plain
    uncoloured = "".join(
        part.partition("m")[2] if number else part for number, part in enumerate(coloured.split("\x1b["))
    )
    assert [line.rstrip() for line in uncoloured.splitlines()] == plain.splitlines()
