"""`@interleavings` under pytest, under unittest, and on what is just called."""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import UsageError
from pcverify.explore import Dfs, InconclusiveExploration, InterleavingFailure, Random, interleavings
from tests.explore.test_exploration import kept_update, lost_update, opposite_order

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def beside(target: Any) -> None:
    """Do the same in a thread and in this one."""
    thread = threading.Thread(target=target, name="beside")
    thread.start()
    target()
    thread.join()


def test_a_sound_program_passes() -> None:
    assert interleavings(kept_update)() is None
    interleavings(strategy="dfs", require="OK")(kept_update)()


def test_a_failure_is_an_assertion_error_with_the_counterexample_and_its_cause() -> None:
    with pytest.raises(InterleavingFailure) as caught:
        interleavings(lost_update)()
    error = caught.value
    assert isinstance(error, AssertionError)
    assert isinstance(error.__cause__, AssertionError)
    message = str(error)
    assert message.startswith("VIOLATION: ")
    for part in ("main fails with AssertionError: an update was lost: 1", "acquires lock", "At the end:", "Replay: "):
        assert part in message


def test_a_deadlock_has_no_cause() -> None:
    with pytest.raises(InterleavingFailure, match="Deadlock: nobody can go on") as caught:
        interleavings(opposite_order)()
    assert caught.value.__cause__ is None


def test_sampling_is_not_enough_if_ok_is_required() -> None:
    with pytest.raises(InconclusiveExploration, match=r"SAMPLED: .* OK is required"):
        interleavings(strategy="random", max_executions=5, require="OK")(kept_update)()


def test_a_search_that_is_cut_short_is_inconclusive() -> None:
    with pytest.raises(InconclusiveExploration, match="max_executions=3 came before the end of dfs"):
        interleavings(strategy="dfs", max_executions=3)(kept_update)()


def test_a_strategy_is_made_for_each_call() -> None:
    test = interleavings(strategy=lambda: Random(5))(kept_update)
    test()
    test()
    interleavings(strategy=Dfs)(kept_update)()


async def coroutine() -> None:
    """Not for this."""


def generator() -> Any:
    """Not for this either."""
    yield


@pytest.mark.parametrize(
    "wrong",
    [
        *(lambda: interleavings(coroutine), lambda: interleavings(generator), lambda: interleavings(Dfs)),
        *(lambda: interleavings(require="VIOLATION"), lambda: interleavings(executions=3)),  # type: ignore[call-overload]
        *(lambda: interleavings(strategy=Random(5)), lambda: interleavings(strategy=5)),  # type: ignore[call-overload]
    ],
)
def test_what_cannot_be_meant_is_refused_when_decorating(wrong: Any) -> None:
    with pytest.raises(UsageError):
        wrong()


def test_signature_and_name_are_kept() -> None:
    @interleavings(strategy="dfs")
    def test_it(tmp_path: Path, *, number: int = 3) -> None:
        """Say what it is."""

    assert list(inspect.signature(test_it).parameters) == ["tmp_path", "number"]
    assert (test_it.__name__, test_it.__doc__) == ("test_it", "Say what it is.")


def test_ctrl_c_goes_on_to_the_caller(capsys: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        threading.Lock().acquire()
        with contextlib.suppress(Exception):
            signal.raise_signal(signal.SIGALRM)

    handler = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interleavings(strategy="dfs")(program)()
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert "UNKNOWN: 0 executions, 0 steps by dfs; KeyboardInterrupt after 0 executions" in capsys.readouterr().out


@interleavings(strategy="dfs")
@pytest.mark.parametrize("number", [1, 2])
def test_it_works_with_fixtures_and_parameters(tmp_path: Path, number: int) -> None:
    lock, got = threading.Lock(), []

    def add() -> None:
        with lock:
            got.append(number)

    beside(add)
    assert got == [number] * 2
    assert tmp_path.is_dir()


class TestMethods:
    """Methods of a class that pytest collects."""

    @interleavings(strategy="dfs")
    def test_a_method(self) -> None:
        beside(threading.Lock().acquire if False else threading.Lock().locked)

    @interleavings(strategy="dfs")
    @staticmethod
    def test_a_static_method() -> None:
        beside(threading.Lock().locked)

    @pytest.mark.parametrize("skip", [pytest.skip.Exception("no"), unittest.SkipTest("no")])
    def test_a_skip_is_one(self, skip: BaseException) -> None:
        @interleavings
        def skipping() -> None:
            raise skip

        with pytest.raises(type(skip)):
            skipping()


class TestUnittest(unittest.TestCase):
    """Methods of a class of unittest."""

    def setUp(self) -> None:
        self.expected = 2

    @interleavings(strategy="dfs", require="OK")
    def test_it_sees_what_set_up_made(self) -> None:
        self.assertEqual(kept_update(), self.expected)  # noqa: PT009


FAILING = """
import threading
import pytest
from pcverify.explore import interleavings

def two(target):
    thread = threading.Thread(target=target, name="beside")
    thread.start()
    target()
    thread.join()

class TestCounter:
    @interleavings
    @pytest.mark.parametrize("number", [1, 2])
    def test_it_counts(self, number):
        lock, value = threading.Lock(), 0
        def add():
            nonlocal value
            with lock:
                mine = value
            with lock:
                value = mine + 1
        two(add)
        assert number == 1 or value == 2

@interleavings
def test_it_raises():
    with pytest.raises(ValueError):
        two(threading.Lock().locked)
"""


def run_pytest(folder: Path, *arguments: str) -> str:
    (folder / "test_failing.py").write_text(FAILING)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments, "test_failing.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_pytest_shows_the_counterexample_and_nothing_of_ours(tmp_path: Path) -> None:
    output = run_pytest(tmp_path)
    assert "2 failed, 1 passed" in output
    assert "main fails with AssertionError" in output
    assert "beside │" in output or "│ beside" in output
    assert "Replay: pytest 'test_failing.py::TestCounter::test_it_counts[2]'" in output
    assert "AssertionError: DID NOT RAISE" in output
    shown = [line for line in output.splitlines() if ".py:" in line and "site-packages" not in line]
    assert not [line for line in shown if "explore/" in line], output
    again = run_pytest(tmp_path, "-k", "it_counts")
    assert "was tried first" in again
    assert "1 executions" in again
