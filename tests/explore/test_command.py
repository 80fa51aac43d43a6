"""`pcverify explore` and `pcverify replay`, as processes of their own."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pcverify.evidence import UsageError
from pcverify.explore.locating import locate

ROOT = Path(__file__).parents[2]
PROGRAMS = """
import asyncio
import threading
import unittest
from pcverify.explore import interleavings

def two(target):
    threads = [threading.Thread(target=target, name=name) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def sound():
    lock, value = threading.Lock(), []
    def add():
        with lock:
            value.append(1)
    two(add)
    return len(value)

def racy():
    lock, value = threading.Lock(), 0
    def add():
        nonlocal value
        with lock:
            mine = value
        with lock:
            value = mine + 1
    two(add)
    assert value == 2

def stuck():
    one, two = threading.Lock(), threading.Lock()
    def forwards():
        with one, two:
            pass
    thread = threading.Thread(target=forwards, name="forwards")
    thread.start()
    with two, one:
        pass
    thread.join()

def hashes():
    return sound(), hash("a")

def endless():
    threads = [threading.Thread(target=threading.Lock().locked) for _ in range(9)]
    for thread in threads:
        thread.start()

async def coroutine():
    await asyncio.sleep(0)

def needs(tmp_path):
    pass

@interleavings(strategy="dfs")
def decorated():
    sound()

class Plain:
    def method(self):
        assert sound() == 2

class Case(unittest.TestCase):
    def setUp(self):
        self.expected = 3
    def test_it(self):
        self.assertEqual(sound(), self.expected)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "programs.py").write_text(PROGRAMS)
    return tmp_path


def pcverify(
    folder: Path, *arguments: str, code: int = 0, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command, and check how it ends."""
    known = {name: value for name, value in os.environ.items() if name not in {"PYTHONHASHSEED", "COLUMNS"}}
    done = subprocess.run(
        [sys.executable, "-m", "pcverify", *arguments],
        cwd=folder,
        env=known | {"PYTHONPATH": str(ROOT)} | environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_a_sound_program_exits_with_0(folder: Path) -> None:
    done = pcverify(folder, "explore", "programs.py::sound", "--strategy", "dfs")
    assert done.stdout.startswith("OK: ")
    assert done.stderr == ""
    assert not (folder / ".pcverify").exists()


def test_a_failing_one_exits_with_1_and_is_replayed_by_the_command_it_prints(folder: Path) -> None:
    found = pcverify(folder, "explore", "programs.py::racy", code=1).stdout
    assert "main fails with AssertionError\n  at programs.py:31 racy: assert value == 2\n" in found
    assert "\x1b" not in found
    command = found.splitlines()[-1].removeprefix("Replay: pcverify ").split()
    again = pcverify(folder, *command, code=1).stdout
    assert found.partition("\n")[2] == again.partition("\n")[2]


def test_a_schedule_can_be_given_as_text(folder: Path) -> None:
    data = json.loads(pcverify(folder, "explore", "programs.py::stuck", "--json", code=1).stdout)
    assert data["error"] == "Deadlock: nobody can go on."
    assert data["schedule"].split(":")[2] == "h0"
    again = pcverify(folder, "replay", data["schedule"], "programs.py::stuck", code=1).stdout
    assert again.splitlines()[-1] == f"Replay: pcverify replay {data['schedule']} programs.py::stuck"
    seven = data["schedule"].replace(":h0:", ":h7:")
    assert "Note" not in pcverify(folder, "replay", seven, "programs.py::stuck", code=1).stdout


def test_a_replay_that_departs_is_a_usage_error_that_says_where(folder: Path) -> None:
    schedule = json.loads(pcverify(folder, "explore", "programs.py::stuck", "--json", code=1).stdout)["schedule"]
    assert (
        "does not fit this program: at step"
        in pcverify(folder, "replay", schedule, "programs.py::sound", code=2).stderr
    )


def test_what_is_mended_passes_and_is_forgotten(folder: Path) -> None:
    pcverify(folder, "explore", "programs.py::racy", code=1)
    assert "was tried first" in pcverify(folder, "explore", "programs.py::racy", code=1).stdout
    (folder / "programs.py").write_text(PROGRAMS.replace("value = mine + 1", "value = value + 1"))
    assert "is over" in pcverify(folder, "explore", "programs.py::racy").stdout
    assert "Note" not in pcverify(folder, "explore", "programs.py::racy").stdout


def test_outcomes_are_listed_with_their_schedules(folder: Path) -> None:
    arguments = ["explore", "programs.py::stuck", "--strategy", "dfs", "--keep-going"]
    text = pcverify(folder, *arguments, "--outcomes", code=1).stdout
    data = json.loads(pcverify(folder, *arguments, "--json", code=1).stdout)
    assert {outcome["outcome"] for outcome in data["outcomes"]} == {"None", "DEADLOCK"}
    for outcome in data["outcomes"]:
        assert f"{outcome['count']:,}  {outcome['outcome']}" in text


def test_all_options_reach_the_exploration(folder: Path) -> None:
    options = (
        "--strategy random --max-executions 7 --max-seconds 50 --max-steps 900 --max-delay inf --max-idle 9 --seed 3"
    )
    data = json.loads(pcverify(folder, "explore", "programs.py::sound", "--json", *options.split()).stdout)
    assert (data["verdict"], data["executions"], data["strategy"]) == ("SAMPLED", 7, "random")
    bounds = {name: data["bounds"][name] for name in ("max_executions", "max_seconds", "max_steps")}
    assert bounds == {"max_executions": 7, "max_seconds": 50.0, "max_steps": 900}
    assert (data["bounds"]["max_delay"], data["bounds"]["max_idle"]) == (None, 9.0)


def test_a_search_cut_short_exits_with_3(folder: Path) -> None:
    arguments = ["explore", "programs.py::endless", "--strategy", "dfs", "--max-executions", "5"]
    assert "max_executions=5 came before the end of dfs" in pcverify(folder, *arguments, code=3).stdout


def test_ctrl_c_exits_with_3_and_the_schedule_so_far(folder: Path) -> None:
    command = [sys.executable, "-m", "pcverify", "explore", "programs.py::endless", "--strategy", "dfs"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()  # the first report of progress
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=30)
        finally:
            process.kill()
    assert " executions in " in line
    assert process.returncode == 3
    assert output.startswith("UNKNOWN: ")
    assert "KeyboardInterrupt after" in output


def test_hashes_are_the_same_each_time_unless_asked_for(folder: Path) -> None:
    arguments = ["explore", "programs.py::hashes", "--strategy", "dfs", "--json"]

    def outcome(**environment: str) -> str:
        data = json.loads(pcverify(folder, *arguments, **environment).stdout)
        return str(data["outcomes"][0]["outcome"])

    assert outcome() == outcome() == outcome(PYTHONHASHSEED="0") != outcome(PYTHONHASHSEED="5")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        *(("programs:sound", 0), ("programs.py::decorated", 0), ("programs.py::Plain::method", 0)),
        *(("programs:Plain.method", 0), ("programs.py::Case::test_it", 1)),
    ],
)
def test_programs_are_found_by_file_and_by_module(folder: Path, target: str, code: int) -> None:
    pcverify(folder, "explore", target, "--max-seconds", "30", "--max-executions", "5000", code=code)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("programs.py::sond", "did you mean sound?"),
        ("programs.py", "give FILE.py::FUNCTION"),
        ("nowhere.py::x", "there is no file nowhere.py"),
        ("nowhere:x", "cannot be imported"),
        ("programs.py::needs", "run pytest"),
        ("programs.py::coroutine", "async function"),
        ("programs.py::Plain", "is a class"),
        ("broken.py::x", "ZeroDivisionError"),
        ("exits.py::x", "SystemExit"),
    ],
)
def test_what_cannot_be_run_is_a_usage_error_that_says_why(folder: Path, target: str, said: str) -> None:
    (folder / "broken.py").write_text("1 / 0")
    (folder / "exits.py").write_text("raise SystemExit(0)")
    assert said in pcverify(folder, "explore", target, code=2).stderr


def test_a_file_with_the_name_of_a_module_that_is_imported_is_refused(tmp_path: Path) -> None:
    (tmp_path / "queue.py").write_text("x = print")
    with pytest.raises(UsageError, match=r"its name, queue, is taken by"):
        locate(f"{tmp_path}/queue.py::x")


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["explore"],
            ["explore", "programs.py::sound", "--strategy", "magic"],
            ["replay", "s2:0"],
            ["replay", "x.json"],
        ),
        *(["explore", "programs.py::sound", "--granularity", "fine"], ["replay", "s2:3.11:h0:sync:0"]),
        ["explore", "programs.py::sound", "--max-executions", "0"],
    ],
)
def test_a_call_that_cannot_be_meant_exits_with_2(folder: Path, arguments: list[str]) -> None:
    assert pcverify(folder, *arguments, code=2).stderr


def test_the_debugger_stops_where_it_fails(folder: Path) -> None:
    pcverify(folder, "explore", "programs.py::racy", code=1)
    pcverify(folder, "explore", "programs.py::stuck", code=1)
    for name, line in (("racy", "-> assert value == 2"), ("stuck", "-> with two, one:")):
        (file,) = (folder / ".pcverify").glob(f"*{name}*")
        output = pcverify(folder, "replay", str(file), "--pdb", given="p sorted(locals())\nq\n", code=1).stdout
        assert output.index(line) < output.index("VIOLATION")
        assert "'one'" in output or "'value'" in output


def test_help_needs_no_greenlet(folder: Path) -> None:
    program = "import sys; sys.modules['greenlet'] = None; from pcverify import cli; cli.main(['explore', '--help'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "PYTHONHASHSEED" in done.stdout


def test_colour_in_a_terminal_and_none_if_asked(folder: Path) -> None:
    for environment, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "pcverify", "explore", "programs.py::stuck"],
            cwd=folder,
            env={**{n: v for n, v in os.environ.items() if n != "NO_COLOR"}, "PYTHONPATH": str(ROOT), **environment},
            stdout=theirs,
            stderr=subprocess.DEVNULL,
        ) as process:
            os.close(theirs)
            output, began = b"", time.monotonic()
            while time.monotonic() - began < 60:
                try:
                    part = os.read(ours, 65_536)
                except OSError:  # Linux says so when the other side is closed
                    break
                if not part:
                    break
                output += part
            process.wait(30)
        os.close(ours)
        assert b"Deadlock" in output
        assert (b"\x1b[" in output) == coloured
