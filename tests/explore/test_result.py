"""What an exploration showed, as text and as JSON."""

from __future__ import annotations

import json
import re
import signal
import threading
from typing import Any

import pytest

from pcverify.evidence import Trace, TraceStep, UsageError, Verdict
from pcverify.explore import Counterexample, Exploration, Random, Replay, ReplayDeparted, explore
from pcverify.explore.result import State
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


def counterexample(**more: Any) -> Counterexample:
    """Return one that is always the same."""
    steps = (
        TraceStep(1, "main", "begins", "bank.py:9 transfer", ""),
        TraceStep(2, "main", "acquires savings", "bank.py:10 transfer", ""),
        TraceStep(3, "back", "acquires checking", "bank.py:4 back", "in vain"),
    )
    given: dict[str, Any] = {
        "kind": "deadlock",
        "message": "Deadlock: nobody can go on.",
        "trace": Trace("Deadlock", steps),
        "tasks": ("main", "back"),
        "blocked": (("main", "waits for checking, held by back"),),
        "schedule": "s2:3.11:h0:sync:0x2.1",
        "program": "transfer",
        "error": None,
        "states": (
            State("main", "waits for checking, held by back", "bank.py:10 transfer"),
            State("back", "has ended"),
        ),
    }
    return Counterexample(**given | more)


WIDE = """\
Deadlock: nobody can go on.
  at bank.py:10 transfer: with savings, checking:

At the end:
  main  waits for checking, held by back  bank.py:10 transfer
  back  has ended

     main             │ back
──────────────────────┼──────────────────
  1  begins           │                    bank.py:9 transfer
  2  acquires savings │                    bank.py:10 transfer
  3                   │ acquires checking  bank.py:4 back
                      │ → in vain

What it printed and logged:
  from savings
  to checking

Replay: explore(transfer, strategy=Replay("s2:3.11:h0:sync:0x2.1"))"""

NARROW = """\
Deadlock: nobody can go on.

At the end:
  main  waits for checking, held by back  bank.py:10 transfer
  back  has ended

     main             │ back
──────────────────────┼──────────────────
  1  begins           │
  2  acquires savings │
  3                   │ acquires checking
                      │ → in vain

Replay: pcverify replay x.json"""

COLOURED = """\
<1;31>Deadlock: nobody can go on.<0>

At the end:
  <1>main<0>  waits for checking, held by back  <2>bank.py:10 transfer<0>
  <1>back<0>  has ended

     <1>main            <0> │ <1>back             <0>
──────────────────────┼──────────────────
  1  <36>begins          <0> │                    <2>bank.py:9 transfer<0>
  2  <36>acquires savings<0> │                    <2>bank.py:10 transfer<0>
  3                   │ <35>acquires checking<0>  <2>bank.py:4 back<0>
                      │ <35>→ in vain        <0>

Replay: <1>pcverify replay x.json<0>"""


def test_a_counterexample_reads_as_it_stands_here() -> None:
    where, output = "bank.py:10 transfer: with savings, checking:", "from savings\nto checking\n"
    assert counterexample(where=where, output=output).format(80) == WIDE
    assert max(map(len, WIDE.splitlines())) <= 80


def test_where_there_is_no_room_the_places_are_left_out() -> None:
    assert counterexample(command="pcverify replay x.json").format(45) == NARROW


def test_in_colour_it_reads_as_it_stands_here() -> None:
    text = counterexample(command="pcverify replay x.json").format(80, colour=True)
    assert re.sub(r"\x1b\[([\d;]*)m", r"<\1>", text) == COLOURED


def test_the_first_line_says_what_was_covered_and_notes_follow() -> None:
    result = Exploration(
        verdict=Verdict.UNKNOWN, reason="why", executions=1_234, steps=56_789, strategy="dfs", notes=("one", "two")
    )
    assert str(result) == "UNKNOWN: 1,234 executions, 56,789 steps by dfs; why\nNote: one.\nNote: two."


@pytest.mark.parametrize(
    ("verdict", "style"),
    [(Verdict.OK, "1;32"), (Verdict.SAMPLED, "1;32"), (Verdict.VIOLATION, "1;31"), (Verdict.UNKNOWN, "1")],
)
def test_the_verdict_has_a_colour(verdict: Verdict, style: str) -> None:
    assert Exploration(verdict=verdict).format(colour=True).startswith(f"\x1b[{style}m{verdict}\x1b[0m: ")


def test_a_long_schedule_without_a_counterexample_is_cut() -> None:
    result = Exploration(verdict=Verdict.UNKNOWN, schedule="s2:" + "0." * 200)
    assert str(result).endswith("…")
    assert len(str(result).splitlines()[-1]) < 330
    assert result.to_json()["schedule"] == result.schedule


@pytest.mark.parametrize(
    ("error", "said"),
    [
        *((None, "Deadlock: nobody can go on."), (ValueError(), "ValueError"), (KeyError("x"), "KeyError: 'x'")),
        (AssertionError("first\nsecond"), "AssertionError: first"),
    ],
)
def test_the_error_is_one_line(error: BaseException | None, said: str) -> None:
    assert counterexample(error=error).summary == said
    assert Exploration(verdict=Verdict.VIOLATION, counterexample=counterexample(error=error)).error == said


def test_json_has_no_number_that_json_lacks() -> None:
    bounds = {"max_seconds": float("inf"), "max_delay": None, "max_steps": 5}
    data = Exploration(verdict=Verdict.OK, bounds=bounds).to_json()
    assert json.loads(json.dumps(data, allow_nan=False))["bounds"] == {
        "max_seconds": None, "max_delay": None, "max_steps": 5,
    }  # fmt: skip


def test_nothing_found_is_no_error() -> None:
    data = Exploration(verdict=Verdict.OK).to_json()
    assert (data["error"], data["schedule"], data["reason"], data["outcomes"]) == (None, "", "", [])


def test_an_outcome_that_cannot_be_told_is_no_defect() -> None:
    class Mute:
        def __repr__(self) -> str:
            raise RuntimeError

    counts = explore(Mute, strategy=Random(2)).counts()
    assert counts == {"<Mute, whose repr raises RuntimeError>": 2}


def test_an_error_that_cannot_be_told_is_found_all_the_same() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def program() -> None:
        raise MuteError

    result = explore(program, strategy=Random(2))
    assert result.error == "MuteError: <MuteError, whose str raises RuntimeError>"
    assert "main fails with MuteError: <MuteError, whose str raises RuntimeError>" in str(result)
