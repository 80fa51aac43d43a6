"""`pcverify explore` and `pcverify replay`, as processes of their own."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from pcverify import cli
from pcverify.evidence import Verdict
from pcverify.explore import command
from pcverify.explore.result import Exploration
from tests.explore.commanding import PROGRAMS, ROOT, pcverify


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
    assert "Note" not in pcverify(folder, "replay", seven, "programs.py::stuck", code=1, hash_seed="").stdout


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
    program = (
        "import sys; from pcverify import cli; from pcverify.report import progress; progress.ELSEWHERE = 0.1\n"
        "sys.exit(cli.main(['explore', 'programs.py::endless', '--strategy', 'dfs']))"
    )
    command = [sys.executable, "-c", program]
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

    def outcome(hash_seed: str) -> str:
        data = json.loads(pcverify(folder, *arguments, hash_seed=hash_seed).stdout)
        return str(data["outcomes"][0]["outcome"])

    assert outcome("") == outcome("") == outcome("0") != outcome("5")


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
        output = pcverify(folder, "replay", str(file), "--pdb", given="bt\np sorted(locals())\nq\n", code=1).stdout
        assert output.count(f"){name}()\n{line}") == 2  # it stops there, and it is where the stack ends
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


KEYS = [
    *("verdict", "reason", "executions", "steps", "seconds", "strategy", "granularity", "bounds", "exhausted"),
    *("schedule", "error", "outcomes"),
]
LATE = """
import threading
from pcverify.explore import interleavings

def late():
    event, lock = threading.Event(), threading.Lock()
    def work():
        with lock:
            event.set()
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    assert event.wait(10)

@interleavings(max_delay=None)
def decorated():
    late()
"""


def test_json_is_one_object_whatever_else_is_printed_and_asked_for(folder: Path) -> None:
    (folder / "programs.py").write_text(f"print('imported')\n{PROGRAMS}")
    done = pcverify(folder, "explore", "programs.py::racy", "--json", "--outcomes", code=1)
    assert list(json.loads(done.stdout)) == KEYS
    assert done.stderr == "imported\n"
    (file,) = (folder / ".pcverify").glob("*.json")
    again = pcverify(folder, "replay", str(file), "--json", "--pdb", given="q\n", code=1)
    assert list(json.loads(again.stdout)) == KEYS


def test_a_seed_makes_a_search_reproducible(folder: Path) -> None:
    def run(seed: int) -> dict[str, Any]:
        arguments = ["--strategy", "random", "--max-executions", "40", "--keep-going", "--json", "--seed", str(seed)]
        data = json.loads(pcverify(folder, "explore", "programs.py::stuck", *arguments, code=1).stdout)
        return {name: value for name, value in data.items() if name != "seconds"}

    assert run(5) == run(5) != run(6)


def test_a_replay_survives_an_edit_of_other_lines_and_departs_after_one_of_the_locks(folder: Path) -> None:
    found = pcverify(folder, "explore", "programs.py::racy", code=1).stdout
    replay = found.splitlines()[-1].removeprefix("Replay: pcverify ").split()
    renamed = PROGRAMS.replace("mine", "seen").replace("def racy", "NEW = 1\n\ndef racy")
    (folder / "programs.py").write_text(renamed)
    assert "at programs.py:33 racy: assert value == 2" in pcverify(folder, *replay, code=1).stdout
    (folder / "programs.py").write_text(
        renamed.replace("value = seen + 1", "value = seen + 1\n        with lock: pass")
    )
    said = pcverify(folder, *replay, code=2).stderr
    assert said.startswith("pcverify: the schedule does not fit this program: at step ")
    assert ", found " in said


def test_a_replay_by_text_needs_the_bounds_and_its_command_has_them(folder: Path) -> None:
    (folder / "late.py").write_text(LATE)
    (folder / ".pcverify").write_text("a file, where the folder would be")
    arguments = ["explore", "late.py::late", "--max-delay", "inf", "--max-steps", "5000"]
    command = pcverify(folder, *arguments, code=1).stdout.splitlines()[-1].removeprefix("Replay: pcverify ").split()
    assert command[2:] == ["late.py::late", "--max-steps", "5000", "--max-delay", "inf"]
    assert pcverify(folder, *command, code=1).stdout.splitlines()[-1].split()[3:] == command[1:]
    assert "the deadline of main to pass" in pcverify(folder, *command[:3], code=2).stderr
    pcverify(folder, "replay", command[1], "late.py::decorated", code=1)  # the decorator has the bound


def test_what_an_encoding_lacks_is_escaped(folder: Path) -> None:
    done = pcverify(folder, "explore", "programs.py::racy", code=1, PYTHONIOENCODING="ascii")
    assert "\\u2502" in done.stdout


def test_a_reader_who_has_enough_is_no_defect(folder: Path) -> None:
    program = "import sys; from pcverify.cli import main; sys.exit(main(['explore', 'programs.py::racy']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_defect_of_ours_exits_with_70(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(target: str) -> None:
        raise ZeroDivisionError(target)

    monkeypatch.setattr(command, "locate", broken)
    assert cli.main(["explore", "x.py::y"]) == 70
    assert "ZeroDivisionError: x.py::y" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["explore", "replay"])
def test_help_fits_80_columns(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_help_explains_each_option() -> None:
    parsers = ArgumentParser(), ArgumentParser()
    command.add_arguments(*parsers)
    for parser in parsers:
        assert [action.dest for action in parser._actions if not action.help] == []


def test_the_outcomes_stand_most_frequent_first(capsys: pytest.CaptureFixture[str]) -> None:
    from pcverify.explore import Outcome

    outcomes = (Outcome("'rare'", 1, "s2:a"), Outcome("'frequent'", 2_000, "s2:b"))
    command._print_outcomes(Exploration(verdict=Verdict.OK, outcomes=outcomes))
    assert capsys.readouterr().out.splitlines()[1:] == [
        *("      2,000  'frequent'", "             s2:b"),
        *("          1  'rare'", "             s2:a"),
    ]


def test_the_debugger_stops_in_a_livelock(folder: Path) -> None:
    (folder / "lively.py").write_text(
        "import threading\n\ndef spins():\n    lock = threading.Lock()\n    lock.acquire()\n"
        "    while not lock.acquire(blocking=False):\n        pass\n"
    )
    arguments = ["replay", "s2:3.11:h0:sync:0x40", "lively.py::spins", "--max-steps", "20", "--pdb"]
    output = pcverify(folder, *arguments, given="p lock.locked()\nq\n", code=1).stdout
    assert output.startswith("main can go on\n> ")
    assert "spins()\n-> while not lock.acquire(blocking=False):\n(Pdb) True\n" in output
