"""`@interleavings` in a test file: what pytest and unittest make of it, and a failure from found to passing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import UsageError
from pcverify.explore import InconclusiveExploration, InterleavingFailure, interleavings
from pcverify.explore.saved import load
from tests.explore.outside import outside
from tests.explore.test_exploration import kept_update, lost_update

ROOT = Path(__file__).parents[2]
SUBJECTS = """
import signal
import threading
import unittest
import pytest
from pcverify.explore import interleavings

def count(under_one_lock=UNDER_ONE_LOCK):
    lock, value = threading.Lock(), 0
    def add():
        nonlocal value
        if under_one_lock:
            with lock:
                value += 1
            return
        with lock:
            mine = value
        with lock:
            value = mine + 1
    thread = threading.Thread(target=add, name="beside")
    thread.start()
    add()
    thread.join()
    return value

@pytest.fixture
def expected():
    return 2

@interleavings
def test_bare():
    assert count() == 2

@interleavings(strategy="dfs", require="OK")
def test_with_options():
    assert count() == 2

@interleavings
def test_fixture(expected, tmp_path):
    assert count() == expected

@interleavings
@pytest.mark.parametrize("number", [2, 3], ids=["two", "three"])
def test_parameters(number):
    assert count() + (number == 3) == number

class TestMethods:
    @interleavings
    def test_method(self, expected):
        assert count() == expected

class Case(unittest.TestCase):
    def setUp(self):
        self.expected = 2
    @interleavings
    def test_case(self):
        self.assertEqual(count(), self.expected)

@interleavings
def test_fails_by_pytest():
    if count() != 2:
        pytest.fail("an update was lost")

@interleavings
def interrupted():
    threading.Lock().locked()
    signal.raise_signal(signal.SIGINT)
"""
LOUD = {"CI", "BUILD_NUMBER"}  # with these pytest tells each failure a second time, in full
NAMES = [
    *("test_bare", "test_with_options", "test_fixture", "test_parameters[two]", "test_parameters[three]"),
    *("TestMethods::test_method", "Case::test_case", "test_fails_by_pytest"),
]


def python(folder: Path, *arguments: str, sound: bool) -> subprocess.CompletedProcess[str]:
    """Run a module of Python on the subjects."""
    (folder / "test_subjects.py").write_text(SUBJECTS.replace("UNDER_ONE_LOCK", str(sound)))
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_") and name not in LOUD}
    environment = known | {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_pytest(folder: Path, *arguments: str, sound: bool) -> str:
    done = python(folder, "pytest", "-p", "no:cacheprovider", "--color=no", "-rA", *arguments, sound=sound)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def summary(output: str, word: str) -> list[str]:
    """Return the tests of which pytest's summary says so."""
    found = [line.split(" - ")[0] for line in output.splitlines() if line.startswith(f"{word} test_")]
    return sorted(line.removeprefix(f"{word} test_subjects.py::") for line in found)


def saved(folder: Path) -> list[tuple[str, str]]:
    """Return the programs and arguments of the failures that are saved."""
    failures = map(load, sorted((folder / ".pcverify").glob("*.json")))
    return sorted((failure.program.removeprefix("test_subjects.py::"), failure.arguments) for failure in failures)


def test_a_failure_is_tried_first_until_it_passes_and_then_it_is_gone(tmp_path: Path) -> None:
    first = run_pytest(tmp_path, sound=False)
    assert (summary(first, "FAILED"), summary(first, "PASSED")) == (sorted(NAMES), [])
    assert "was tried first" not in first
    assert len(saved(tmp_path)) == len(NAMES)

    again = run_pytest(tmp_path, sound=False)
    assert summary(again, "FAILED") == sorted(NAMES)
    assert again.count("was tried first.") == len(NAMES)

    mended = run_pytest(tmp_path, sound=True)
    assert (summary(mended, "FAILED"), summary(mended, "PASSED")) == ([], sorted(NAMES))
    assert mended.count("Note: the failure ") == len(NAMES)
    assert saved(tmp_path) == []
    assert list((tmp_path / ".pcverify").iterdir()) == [tmp_path / ".pcverify" / ".gitignore"]


def test_each_case_of_a_parametrized_test_has_a_failure_of_its_own(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, "-k", "parameters", sound=False)
    assert saved(tmp_path) == [("test_parameters", "number=2"), ("test_parameters", "number=3")]
    assert "Replay: pytest 'test_subjects.py::test_parameters[two]'" in output


def test_the_command_that_pytest_shows_replays_it(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, "-k", "bare or method or case", sound=False)
    commands = [line.partition("Replay: ")[2] for line in output.splitlines() if "Replay: " in line]
    replays = [command.removeprefix("pcverify ").split() for command in commands if command.startswith("pcverify ")]
    assert len(commands) == 3
    assert [len(command) for command in replays] == [2, 2]
    for command in replays:
        done = python(tmp_path, "pcverify", *command, sound=False)
        assert (done.returncode, "beside" in done.stdout) == (1, True)
        assert "main fails with AssertionError" in done.stdout


def test_what_pytest_fails_is_a_failure(tmp_path: Path) -> None:
    output = run_pytest(tmp_path, "-k", "by_pytest", sound=False)
    assert "main fails with AssertionError: an update was lost" in output


def test_unittest_runs_it(tmp_path: Path) -> None:
    failed = python(tmp_path, "unittest", "test_subjects", sound=False)
    assert "FAILED (failures=1)" in failed.stderr
    assert "main fails with AssertionError: 1 != 2" in failed.stderr
    passed = python(tmp_path, "unittest", "test_subjects", sound=True)
    assert "OK" in passed.stderr.splitlines()
    assert "Note: the failure " in passed.stdout


def test_ctrl_c_ends_the_test_run(tmp_path: Path) -> None:
    done = python(
        tmp_path, "pytest", "-p", "no:cacheprovider", "-o", "python_functions=interrupted test_bare", "-k",
        "interrupted or bare", "-v", "test_subjects.py::interrupted", "test_subjects.py::test_bare", sound=True,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert "KeyboardInterrupt" in done.stdout
    assert "PASSED" not in done.stdout


@pytest.fixture
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_in_a_folder")
def test_each_execution_gets_the_arguments_of_the_call() -> None:
    got = []

    @interleavings(strategy="random", max_executions=3)
    def program(first: object, *, second: object) -> None:
        got.append((first, second))

    one, two = object(), object()
    assert program(one, second=two) is None
    assert set(got) == {(one, two)}


@pytest.mark.usefixtures("_in_a_folder")
def test_ctrl_c_is_raised_again_as_the_same_exception() -> None:
    raised = KeyboardInterrupt("this one")

    def handler(number: int, frame: object) -> None:
        raise raised

    def program() -> None:
        threading.Lock().locked()
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            interleavings(program)()
    finally:
        signal.signal(signal.SIGINT, before)
    assert caught.value is raised


@pytest.mark.usefixtures("_in_a_folder")
def test_the_cause_ends_in_the_programs_own_lines() -> None:
    with pytest.raises(InterleavingFailure) as caught:
        interleavings(lost_update)()
    cause = caught.value.__cause__
    assert cause is not None
    assert cause.__traceback__ is not None
    assert cause.__traceback__.tb_frame.f_code.co_name == "lost_update"
    assert caught.value.trace.steps


@pytest.mark.usefixtures("_in_a_folder")
def test_what_is_out_of_control_is_inconclusive_and_no_assertion() -> None:
    with outside() as thread, pytest.raises(InconclusiveExploration, match=r"UNKNOWN: .*main joins outside") as caught:
        interleavings(thread.join)()
    assert not isinstance(caught.value, AssertionError)


@pytest.mark.usefixtures("_in_a_folder")
def test_what_passes_leaves_no_folder_behind() -> None:
    interleavings(kept_update)()
    assert not Path(".pcverify").exists()


async def asynchronous() -> None:
    """Not for this."""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: interleavings(asynchronous), "asynchronous is an async function: this explores threads"),
        (lambda: interleavings(strategy="dfs")(Path), "Path is a class: name, or decorate, its methods"),
        (lambda: interleavings(5), "5 is no function"),  # type: ignore[call-overload]
        (lambda: interleavings(exections=3), "interleavings has no exections: give max_executions, "),  # type: ignore[call-overload]
        (lambda: interleavings(require="ok"), "require='ok': give 'SAMPLED' or 'OK'"),  # type: ignore[call-overload]
    ],
)
def test_a_refusal_says_what_to_do(wrong: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        wrong()
    assert str(caught.value).startswith(said)
