"""At `line` and `opcode` switches happen within local code; what is found there is there on real threads, too."""

import ctypes
import gc
import sys
import threading
from collections.abc import Callable

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import Replay, explore
from pcverify.explore.granularity import tracing_word
from pcverify.explore.granularity.monitoring import MONITORING
from tests.subjects import local_races

FINE = ["line", "opcode"]


def outcomes(program: Callable[[], object], granularity: str, **bounds: object) -> set[str]:
    result = explore(program, granularity=granularity, keep_going=True, **{"strategy": "random", **bounds})  # type: ignore[arg-type]
    assert result.verdict is not Verdict.UNKNOWN, result.reason
    return set(result.counts())


@pytest.mark.parametrize("granularity", FINE)
def test_what_is_read_in_one_line_and_written_in_the_next_can_be_lost(granularity: str) -> None:
    assert outcomes(local_races.in_two_lines, granularity) == {"1", "2"}


@pytest.mark.parametrize("program", local_races.WITHIN_A_LINE)
def test_an_update_within_a_line_can_be_lost_between_its_instructions(program: Callable[[], object]) -> None:
    assert outcomes(program, "opcode") == {"1", "2"}
    assert outcomes(program, "line") == {"2"}


@pytest.mark.parametrize("granularity", FINE)
def test_what_was_looked_at_may_have_changed(granularity: str) -> None:
    assert outcomes(local_races.check_then_act, granularity) == {"1", "2"}


@pytest.mark.parametrize("granularity", FINE)
@pytest.mark.parametrize("program", [local_races.guarded, local_races.one_call])
def test_the_right_twins_never_alarm(program: Callable[[], object], granularity: str) -> None:
    for strategy in ("random", "sticky", "pct"):
        assert outcomes(program, granularity, strategy=strategy) == {"2"}


@pytest.mark.parametrize("granularity", FINE)
def test_a_failure_can_be_replayed_and_shows_the_lines(granularity: str) -> None:
    def program() -> None:
        assert local_races.in_two_lines() == 2

    result = explore(program, granularity=granularity)
    assert result.counterexample is not None
    assert f":{granularity}:" in result.schedule
    assert "box.value = value + 1" in str(result)
    again = explore(program, strategy=Replay(result.schedule))
    assert again.counterexample is not None
    assert (again.granularity, again.counterexample.trace) == (granularity, result.counterexample.trace)


def test_code_of_others_is_looked_into_where_that_is_asked_for() -> None:
    def program() -> None:
        event = threading.Event()
        local_races.both(event.is_set)

    alone, added = (
        explore(program, strategy="random", max_executions=1, granularity="line", instrument=names)
        for names in ([], ["threading"])
    )
    assert added.steps > alone.steps


@pytest.mark.parametrize(
    ("name", "said"), [("no.such.module", "no package or module"), ("math", "no lines"), ("./none.py", "no file")]
)
def test_what_cannot_be_looked_into_is_a_usage_error(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        explore(local_races.guarded, granularity="line", instrument=[name])


@pytest.mark.parametrize("granularity", FINE)
def test_nothing_is_left_behind(granularity: str) -> None:
    def tools() -> object:
        return MONITORING and [MONITORING.get_tool(tool) for tool in range(6)]

    before = sys.gettrace(), tools(), gc.isenabled()
    explore(local_races.in_two_lines, granularity=granularity)
    explore(lambda: 1 / 0, granularity=granularity)
    assert (sys.gettrace(), tools(), gc.isenabled()) == before


def test_another_tracer_is_left_alone_or_the_call_is_refused() -> None:
    seen: list[str] = []

    def trace(frame: object, event: str, argument: object) -> None:
        seen.append(event)

    sys.settrace(trace)
    try:
        if MONITORING is None:
            with pytest.raises(UsageError, match="coverage or a debugger"):
                explore(local_races.in_two_lines, granularity="line")
        else:
            assert outcomes(local_races.in_two_lines, "line") == {"1", "2"}
        assert sys.gettrace() is trace
    finally:
        sys.settrace(None)
    assert seen


def test_without_the_word_set_to_0_schedules_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def program() -> int:
        box = local_races.Box()

        def add() -> None:
            value = box.value
            box.value = value + 1

        thread = threading.Thread(target=add)
        thread.start()
        add()
        thread.join()
        return box.value

    def schedules() -> int:
        return explore(program, granularity="line", strategy="dfs").executions

    assert schedules() == 70  # four steps of each: 8 choose 4
    monkeypatch.setattr("pcverify.explore.granularity.points.tracing_word", lambda: ctypes.c_int(1))
    assert schedules() < 70


def test_the_word_counts_running_trace_functions() -> None:
    word = tracing_word()
    inside: list[int] = []

    def probe() -> None:
        pass

    def trace(frame: object, event: str, argument: object) -> None:
        inside.append(word.value)

    sys.settrace(trace)
    probe()
    sys.settrace(None)
    assert (word.value, set(inside)) == (0, {1})
