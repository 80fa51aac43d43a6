"""Of what a program has started nothing goes on, whoever interrupts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pcverify.claims.session import run_in_session
from tests.support.processes import command_lines

ROOT = Path(__file__).resolve().parents[2]
FOR_EVER = "import time; time.sleep(1000)"

# As a test of TLC: a worker, a folder, and a process in a session of its own, that ends when the worker is interrupted.
ENDLESS = f"""
import os, signal, subprocess, sys, tempfile
from pathlib import Path

def test_endless():
    FIRST
    with tempfile.TemporaryDirectory(prefix="pcverify-tlc-"):
        child = subprocess.Popen([sys.executable, "-c", {FOR_EVER!r}, "FOLDER"], start_new_session=True)
        Path("FOLDER", "new").write_text(f"{{os.getpid()}} {{child.pid}}")
        Path("FOLDER", "new").rename(Path("FOLDER", "numbers"))
        try:
            child.wait()
        finally:
            child.kill()
            child.wait()
"""


@pytest.mark.parametrize(
    ("first", "number"),
    [
        pytest.param("pass", signal.SIGTERM, id="hears"),
        pytest.param("pass", signal.SIGHUP, id="hears of its terminal's end"),
        pytest.param(
            *("signal.signal(signal.SIGINT, signal.SIG_IGN)", signal.SIGINT),
            id="ignores",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
        ),
    ],
)
def test_tests_that_are_interrupted_leave_no_worker_no_process_and_no_folder(first, number, tmp_path):
    (tmp_path / "tests" / "tla").mkdir(parents=True)
    (tmp_path / "temporary").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n")
    program = ENDLESS.replace("FIRST", first).replace("FOLDER", str(tmp_path))
    (tmp_path / "tests" / "tla" / "test_run.py").write_text(program)
    with (
        (tmp_path / "errors").open("w") as errors,  # no pipe: a worker that goes on would hold it open
        subprocess.Popen(
            [sys.executable, "-m", "pcverify", "claims", "test", "--", "--numprocesses=1", f"--rootdir={tmp_path}"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        ) as process,
    ):
        try:
            while not (tmp_path / "numbers").exists() and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
            assert process.wait(timeout=30) == 130
        finally:
            process.kill()
    assert "interrupted; nothing of it goes on" in (tmp_path / "errors").read_text()
    worker, child = map(int, (tmp_path / "numbers").read_text().split())
    assert is_gone(worker)
    assert is_gone(child)
    assert not [line for line in command_lines().values() if str(tmp_path) in line]
    assert not list((tmp_path / "temporary").glob("pcverify-*"))


def is_gone(number: int) -> bool:
    """Whether there is no such process, or it has ended and nobody has asked how: then it has no command line."""
    return not command_lines().get(number)


def test_a_program_gives_its_exit_code_and_works_in_the_given_folder(tmp_path):
    program = "import os; open('here', 'w'); raise SystemExit(int(os.environ['CODE']))"
    command = [sys.executable, "-c", program]
    assert run_in_session(command, folder=tmp_path, environment={**os.environ, "CODE": "7"}) == 7
    assert (tmp_path / "here").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_what_a_program_leaves_behind_is_ended(tmp_path):
    program = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {FOR_EVER!r}, sys.argv[1]]).pid)"
    command = [sys.executable, "-c", program, str(tmp_path)]
    assert run_in_session(command, folder=tmp_path, environment=os.environ) == 0
    assert not [line for line in command_lines().values() if str(tmp_path) in line]
