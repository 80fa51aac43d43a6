"""A program that blocks or computes where the scheduler has no say ends in UNKNOWN, with the task and the line."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Exploration, Random, Replay, explore

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SILENCE = 0.1  # real seconds
LIMIT = 30.0  # seconds that only a failure uses up


def rest(seconds: float = 3_600.0) -> None:
    """Wait in C code, of which the scheduler does not know."""
    ctypes.CDLL(None).poll(None, 0, int(seconds * 1_000))


def read() -> None:
    """Wait at a pipe into which nobody writes."""
    ours, theirs = os.pipe()
    try:
        os.readv(ours, [bytearray(1)])
    finally:
        os.close(ours)
        os.close(theirs)


def loop() -> None:
    """Go on for ever."""
    while True:
        pass


def loop_beside() -> None:
    """Let a thread go on for ever."""
    thread = threading.Thread(target=loop, name="looper")
    thread.start()
    thread.join()


def swallow() -> None:
    """Go on after each exception, with an operation in between."""
    lock = threading.Lock()
    while True:
        try:
            loop()
        except BaseException:
            with lock:
                pass


def bitten(program: Callable[[], object], **options: Any) -> Exploration:
    """Explore what is silent for too long."""
    given: dict[str, Any] = {"strategy": "dfs", "max_silence": SILENCE} | options
    result = explore(program, **given)
    assert (result.verdict, result.counterexample) == (Verdict.UNKNOWN, None)
    return result


def elsewhere(program: Callable[[], object]) -> Exploration:
    """Do it in a thread that is not the main one."""
    found: list[Exploration] = []
    thread = threading.Thread(target=lambda: found.append(bitten(program)), daemon=True)
    thread.start()
    thread.join(LIMIT)
    assert found, f"it has not ended after {LIMIT:g} s"
    return found[0]


def line(function: Any, number: int) -> str:
    """Say where it is: a line of a function, counted from its `def`."""
    code = function.__code__
    return f"{Path(__file__).name}:{code.co_firstlineno + number} in {function.__name__}"


@pytest.mark.parametrize(
    ("program", "task", "number"), [(rest, "main", 2), (read, "main", 4), (loop_beside, "looper", None)]
)
def test_the_reason_names_the_task_and_its_line(program: Callable[[], object], task: str, number: int | None) -> None:
    reason = bitten(program).reason
    if number is not None:
        assert reason == f"{task} is stuck at {line(program, number)}: no operation for {SILENCE:g} s"
    else:
        assert reason in {f"{task} is stuck at {line(loop, n)}: no operation for {SILENCE:g} s" for n in (2, 3)}


def test_a_loop_that_swallows_every_exception_ends_at_its_next_operation() -> None:
    assert bitten(swallow).reason.startswith("main is stuck at ")


@pytest.mark.parametrize("program", [loop, loop_beside, swallow])
def test_python_code_can_be_ended_in_another_thread_than_the_main_one_and_nothing_is_printed(
    program: Callable[[], object], capfd: pytest.CaptureFixture[str]
) -> None:
    assert " is stuck at " in elsewhere(program).reason
    assert capfd.readouterr().err == ""


def test_the_outcomes_repr_is_the_programs_code_too() -> None:
    class Endless:
        def __repr__(self) -> str:
            loop()
            return ""

    assert bitten(Endless).reason.startswith("main is stuck at ")
    assert elsewhere(Endless).reason.startswith("main is stuck at ")


def test_a_slow_program_that_goes_on_is_left_alone() -> None:
    def program() -> None:
        lock = threading.Lock()
        for _ in range(5):
            rest(0.1)
            lock.acquire()
            lock.release()

    result = explore(program, strategy=Random(1), max_silence=0.4, max_seconds=1e-6)
    assert (result.verdict, result.reason) == (Verdict.SAMPLED, "")


def test_what_inspects_a_failure_may_take_its_time() -> None:
    def program() -> None:
        raise ValueError

    inspected = []

    def inspect(execution: object) -> None:
        rest(3 * SILENCE)
        inspected.append(execution)

    schedule = explore(program).schedule
    result = explore(program, strategy=Replay(schedule), max_silence=SILENCE, inspect=inspect)
    assert (result.verdict, len(inspected)) == (Verdict.VIOLATION, 1)


def test_a_failure_that_blocks_the_next_time_is_no_pass_and_no_counterexample() -> None:
    runs = []

    def program() -> None:
        runs.append(1)
        if len(runs) > 1:
            rest()
        raise ValueError

    reason = bitten(program, strategy=Replay("s2:3.11:h0:sync:0")).reason
    assert reason.startswith("an execution ended in EXC:ValueError, but did not do so again: main is stuck at ")


def test_what_was_out_of_control_before_the_search_is_no_pass_if_the_search_does_not_meet_it() -> None:
    runs = []

    def program() -> None:
        runs.append(1)
        if len(runs) == 1:
            rest()

    assert bitten(program).reason.startswith("main is stuck at ")


def test_nothing_is_left_of_it_afterwards() -> None:
    def handler(number: int, frame: object) -> None:
        """Do nothing."""

    before = signal.signal(signal.SIGURG, handler)
    try:
        for program, silence in ((rest, SILENCE), (lambda: None, LIMIT)):
            explore(program, strategy=Random(1), max_silence=silence)
            assert signal.getsignal(signal.SIGURG) is handler
    finally:
        signal.signal(signal.SIGURG, before)
    assert threading.Lock().acquire(timeout=1)


def test_the_process_goes_on_after_a_bite() -> None:
    bitten(loop)
    assert explore(lambda: 7, strategy="dfs").counts() == {"7": 1}
    elsewhere(loop)
    rest(2 * SILENCE)  # nobody bites any more


def started(program: str) -> subprocess.Popen[str]:
    """Explore in a process of its own; what it prints on stderr comes first, then the reason on stdout."""
    code = f"import os, threading\nfrom pcverify.explore import explore\n{program}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )


def test_a_blocking_call_in_another_thread_is_told_on_stderr_and_ends_when_it_returns() -> None:
    program = (
        f"look = lambda: print(explore(wait, strategy='dfs', max_silence={SILENCE}).reason)\n"
        "def wait():\n    os.readv(0, [bytearray(1)])\n"
        "thread = threading.Thread(target=look)\nthread.start()\nthread.join()\n"
    )
    with started(program) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            output, errors = process.communicate("x", timeout=LIMIT)
        finally:
            process.kill()
    assert said.startswith("pcverify: main is stuck at <string>:5 in wait: no operation for 0.1 s, and it cannot be")
    assert errors == ""
    assert output == "main is stuck at <string>:5 in wait: no operation for 0.1 s\n"


def test_what_swallows_everything_without_an_operation_is_at_least_told() -> None:
    program = (
        "def spin():\n    while True: pass\n"
        "def stubborn():\n    while True:\n        try: spin()\n        except BaseException: pass\n"
        f"explore(stubborn, strategy='dfs', max_silence={SILENCE})\n"
    )
    with started(program) as process:
        try:
            assert process.stderr is not None
            assert "main is stuck at" in process.stderr.readline()
        finally:
            process.kill()


def test_the_interpreter_looks_for_nothing_more_after_a_bite_in_another_thread() -> None:
    """It used to, for ever; on 3.11 a trace function then hung the process at its first call."""
    program = (
        "def spin():\n    while True: pass\n"
        f"look = lambda: explore(spin, strategy='dfs', max_silence={SILENCE})\n"
        "thread = threading.Thread(target=look)\nthread.start()\nthread.join()\n"
        "import sys\nsys.settrace(lambda *event: None)\n\n"
        "def called(): pass\ncalled()\nprint('over')\n"
    )
    with started(program) as process:
        try:
            output, errors = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    assert (output, errors) == ("over\n", "")
