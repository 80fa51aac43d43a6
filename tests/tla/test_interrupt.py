"""Ctrl-C ends every Java at once and leaves no temporary folder, in one run and in many."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pcverify.tla import RunAdvanced, check_models
from tests.tla.samples import COUNTER_RUN, MODULES, SMALL_RUN, CleanRoom

PROLOGUE = """
import signal, sys, tempfile
from pathlib import Path
from pcverify.tla import RunAdvanced, check_models, find_toolchain, run_tlc

# A parent that runs in the background hands down an ignored SIGINT.
signal.signal(signal.SIGINT, signal.default_int_handler)
tempfile.tempdir = sys.argv[1]
folder = Path(sys.argv[2])
"""
ONE_RUN = """
run_tlc(folder / "Endless.tla", folder / "Endless.cfg", library=(), toolchain=find_toolchain(), max_seconds=50,
        on_progress=lambda progress: print("running", flush=True))
"""
MANY_RUNS = """
def show(event):
    if isinstance(event, RunAdvanced):
        advanced.add(event.run)
        if len(advanced) == 2:
            print("running", flush=True)

advanced = set()
check_models(folder, tiers={"check"}, jobs=2, max_seconds=50, on_event=show)
"""


def interrupt(program: str, room: CleanRoom, folder: Path, java: int) -> None:
    """Start the program, wait until it says that TLC runs, press Ctrl-C, and look at what is left."""
    child = subprocess.Popen(
        [sys.executable, "-c", PROLOGUE + program, str(room.folder), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "running\n"
        assert len(room.processes()) == java
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=20)
    finally:
        child.kill()
        child.wait()
    assert "KeyboardInterrupt" in errors
    assert child.returncode == -signal.SIGINT
    assert room.is_clean()


def test_ctrl_c_ends_a_run(room: CleanRoom) -> None:
    interrupt(ONE_RUN, room, MODULES, java=1)


def test_ctrl_c_ends_all_runs_side_by_side(room: CleanRoom, models: Callable[..., Path]) -> None:
    expect = {"verdict": "OK", "distinct": 1, "depth": None}
    run = {**COUNTER_RUN, "module": "Endless", "config": "Endless", "properties": ["Natural"], "expect": expect}
    folder = models(run, {**run, "config": "Again"}, {**run, "config": "Waiting"})
    for name in ("Again", "Waiting"):
        (folder / f"{name}.cfg").write_text((MODULES / "Endless.cfg").read_text())
    interrupt(MANY_RUNS, room, folder, java=2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_the_callers_own_function_ends_all_runs(
    room: CleanRoom, models: Callable[..., Path], jobs: int
) -> None:
    class Mine(Exception):
        pass

    def fail(event: object) -> None:
        if isinstance(event, RunAdvanced):
            raise Mine

    with pytest.raises(Mine):
        check_models(models(SMALL_RUN), tiers={"check"}, jobs=jobs, max_seconds=50, on_event=fail)
    assert room.is_clean()
