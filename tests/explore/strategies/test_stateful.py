"""Search over states finds what `dfs` finds: on every program whose outcomes are known, several of which fool matching.

What a pass does not show: that keys hold whatever another program's state may hide in.
"""

import json
import threading
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Stateful, explore
from tests.explore.test_subjects import EXHAUSTIBLE
from tests.subjects import programs
from tests.subjects.registry import SUBJECTS

EXPECTED = json.loads((Path(programs.__file__).parent / "expected.json").read_text())
FAILING = {"if_queue_1x2", "swallowed_wakeup"}
SUBJECT = {subject.name: subject for subject in SUBJECTS}


def look(program: Any, **more: Any) -> tuple[Any, Stateful]:
    strategy = Stateful()
    return explore(program, strategy=strategy, keep_going=True, **more), strategy


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_outcome_is_found_and_no_other(name: str) -> None:
    expected = EXPECTED[name]
    result, strategy = look(getattr(programs, name), max_delay=None, granularity=expected["granularity"])
    assert sorted(result.counts()) == expected["outcomes"]
    assert result.exhausted
    assert result.verdict is (Verdict.VIOLATION if name in FAILING else Verdict.OK)
    assert result.executions <= expected["executions"]
    assert strategy.states > 0


@pytest.mark.parametrize(
    ("granularity", "name"),
    [
        *(("line", name) for name in ("augmented_operand", "event_polling", "locked_probe", "timeout_or_notify")),
        *(("line", name) for name in ("line_lost_update", "same_object_or_equal", "timer_or_cancel")),
        *(("opcode", name) for name in ("line_lost_update", "same_object_or_equal", "timer_or_cancel")),
    ],
)
def test_between_lines_and_instructions_the_outcomes_are_those_of_dfs(granularity: str, name: str) -> None:
    program = getattr(programs, name)
    every = explore(program, strategy="dfs", keep_going=True, max_delay=None, granularity=granularity)
    result, strategy = look(program, max_delay=None, granularity=granularity)
    assert every.exhausted
    assert result.exhausted
    assert result.counts().keys() == every.counts().keys()
    assert strategy.merged > 0


@pytest.mark.parametrize("name", ["cpython_1x2", "one_condition_2x1"])
def test_some_hundred_states_stand_for_a_hundred_thousand_schedules(name: str) -> None:
    result, strategy = look(getattr(programs, name), max_delay=None)
    assert strategy.unkeyed == 0
    assert strategy.states < 400
    assert result.executions + strategy.merged < 1_000 < EXPECTED[name]["executions"]


@pytest.mark.parametrize("name", sorted(EXHAUSTIBLE))
def test_right_twins_pass_and_wrong_ones_fail_as_they_should(name: str) -> None:
    subject = SUBJECT[name]
    right, _ = look(subject.right)
    assert right.verdict is Verdict.OK, right
    wrong = explore(subject.wrong, strategy="stateful")
    assert wrong.counterexample is not None
    assert wrong.counterexample.kind == subject.fails_by


def test_a_loop_without_a_way_out_is_a_livelock() -> None:
    def program() -> None:
        lock = threading.Lock()
        while True:
            with lock:
                pass

    result = explore(program, strategy="stateful", max_steps=50)
    assert result.counterexample is not None
    assert result.counterexample.kind == "livelock"


def test_a_loop_with_a_way_out_is_none() -> None:
    def program() -> None:
        done: deque[int] = deque()
        lock = threading.Lock()
        thread = threading.Thread(target=lambda: lock.acquire() and done.append(1))
        thread.start()
        while not done:
            lock.locked()
        thread.join()

    result, strategy = look(program)
    assert result.verdict is Verdict.OK
    assert strategy.merged > 0


def test_a_state_that_cannot_be_keyed_is_counted_and_not_merged() -> None:
    def program() -> str:
        lock = threading.Lock()
        seen = []

        def key(item: int) -> int:
            with lock:
                seen.append(item)
            return item

        thread = threading.Thread(target=sorted, args=([2, 1],), kwargs={"key": key})
        thread.start()
        with lock:
            seen.append(0)
        thread.join()
        return str(seen)

    result, strategy = look(program)
    assert sorted(result.counts()) == sorted(explore(program, strategy="dfs").counts())
    assert strategy.unkeyed > 0
    assert any("had no key because of" in note for note in result.notes)
