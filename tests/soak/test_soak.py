"""The soak: right queues come through, wrong ones do not, and it says which and why."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.soak.plans import QUEUES, plan_of, shapes_of
from tests.soak.records import Record, first_of

LIMIT = 50.0
SOUND = Record(
    put=[range(1, 7), range(first_of(1), first_of(1) + 2)],
    doubtful=[range(3, 5), range(6, 7)],
    got=[[1, first_of(1), 3], [2, 5]],
    left=[first_of(1) + 1],
    maxsize=2,
    unfinished=4,
    finished=2,
)
"""3 of 3 and 4 has come in, and 6 has not."""

pytestmark = pytest.mark.timeout(90)


def soak(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.soak", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)


def test_the_right_queues_come_through() -> None:
    ran = soak("--seconds", "3")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("Nothing is wrong.\n")
    (figures,) = re.findall(r"^\| all +\|(.*)\|$", ran.stdout, re.MULTILINE)
    rounds, items, interrupts, inside = (int(cell.replace(",", "")) for cell in figures.split("|")[:4])
    assert rounds >= 1
    assert items >= 100
    assert interrupts >= inside >= 10


def test_it_can_go_on_until_so_many_items_went_through() -> None:
    ran = soak("--items", "30000")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (items,) = re.findall(r"^\| all +\|[^|]*\| *([\d,]+) \|", ran.stdout, re.MULTILINE)
    assert int(items.replace(",", "")) >= 30_000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LosesItems", "items are (lost|missing)|are counted as unfinished"),  # after an immediate shutdown
        ("DoublesItems", "items came out twice"),
        ("ChangesPlaces", "items changed places"),
        ("HoldsTooMany", "items are in it, and only 0 came back"),
        ("Miscounts", "are counted as unfinished"),
        ("Swallows", "an exception from outside did not arrive"),
        ("WakesNobody", "nothing has moved for 2 s"),
    ],
)
def test_a_wrong_queue_is_found_with_the_round_that_shows_it(name: str, words: str) -> None:
    wrong = f"tests.soak.wrong_queues:{name}"
    ran = soak("--queue", wrong, "--seconds", "40", "--seed", "3", "--patience", "2")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert re.search(words, ran.stdout)
    (number,) = re.findall(rf"WRONG in round (\d+), seed 3: {name}, ", ran.stdout)
    assert f"python -m tests.soak --queue {wrong} --seed 3 --round {number}" in ran.stdout


def test_who_hangs_is_shown_with_the_stacks_of_all_threads() -> None:
    ran = soak("--queue", "tests.soak.wrong_queues:WakesNobody", "--seconds", "40", "--patience", "2", "--round", "7")
    assert ran.returncode == 1
    assert "most recent call first" in ran.stderr
    assert "thread_safe_queue.py" in ran.stderr
    assert "WRONG in round 7, seed 0" in ran.stdout


def test_ctrl_c_ends_it_with_the_summary_so_far_and_a_terminal_sees_one_line_rewritten() -> None:
    terminal, side = pty.openpty()
    command = [sys.executable, "-m", "tests.soak", "--seconds", "600"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=side, text=True)
    os.close(side)
    try:
        shown = _read_until(terminal, r"\r.*[1-9][\d,]* rounds, \d+ s left")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=LIMIT)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    assert process.returncode == 130, out
    assert "\n" not in shown
    assert "Checked in each round" in out
    assert out.endswith("Stopped by Ctrl-C: nothing is wrong so far.\n")


def test_a_second_ctrl_c_does_not_wait_for_a_round_that_hangs() -> None:
    terminal, side = pty.openpty()
    command = [sys.executable, "-m", "tests.soak", "--queue", "tests.soak.wrong_queues:WakesNobody", "--round", "7"]
    process = subprocess.Popen([*command, "--patience", "600"], stdout=subprocess.DEVNULL, stderr=side)
    os.close(side)
    try:
        _read_until(terminal, r"\b[1-9][\d,]* items")
        until = time.monotonic() + LIMIT
        while process.poll() is None:  # signals that are not taken yet count as one
            assert time.monotonic() < until
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    assert process.returncode == 130


def _read_until(terminal: int, pattern: str) -> str:
    shown, until = "", time.monotonic() + LIMIT
    while not re.search(pattern, shown):
        assert time.monotonic() < until, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode()
    return shown


@pytest.mark.parametrize(
    "options",
    [("--seconds", "1", "--items", "1"), ("--queue", "nothing:Nothing"), ("--seconds", "0")],
    ids=["both", "no such queue", "no time"],
)
def test_wrong_usage_is_refused(options: Sequence[str]) -> None:
    ran = soak(*options)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "error:" in ran.stderr


def test_each_shape_comes_once_in_as_many_rounds_as_there_are() -> None:
    shapes = shapes_of(QUEUES)
    for first in (0, len(shapes)):
        plans = [plan_of(number, 5, QUEUES) for number in range(first, first + len(shapes))]
        assert {plan.shape for plan in plans} == set(shapes)
        assert [plan.shape.design for plan in plans[: len(QUEUES)]] == list(QUEUES)


def test_a_round_is_the_same_when_it_is_run_again() -> None:
    assert plan_of(17, 5, QUEUES) == plan_of(17, 5, QUEUES)
    assert plan_of(17, 5, QUEUES) != plan_of(17, 6, QUEUES)


def test_a_sound_record_is_not_wrong() -> None:
    assert SOUND.wrong() == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(SOUND, left=[]), "1 items are lost: 1000000002"),
        (replace(SOUND, left=[1, *SOUND.left]), "1 items came out twice"),
        (replace(SOUND, left=[9, *SOUND.left]), "1 items came out that nobody put: 9"),
        (replace(SOUND, left=[6, *SOUND.left], got=[[1, first_of(1), 4], [2, 5]]), "but not an earlier one"),
        (replace(SOUND, got=[[3, first_of(1), 1], [2, 5]]), "items changed places 1 times, but only 0"),
        (replace(SOUND, unfinished=5), "5 are counted as unfinished, not 4 to 4"),
        (replace(SOUND, discards=True, got=[[1, first_of(1), 3], [5]]), "1 items are lost, later ones were got: 2"),
        (replace(SOUND, discards=True, got=[[1]], in_order=False), "3 items are missing, more than there were"),
    ],
)
def test_what_is_wrong_in_a_record_is_noted(wrong: Record, words: str) -> None:
    assert any(words in problem for problem in wrong.wrong()), wrong.wrong()


@pytest.mark.parametrize(
    "sound",
    [
        replace(SOUND, got=[[3, first_of(1), 1], [2, 5]], given_back=1),
        replace(SOUND, got=[[3, first_of(1), 1], [2, 5]], in_order=False),
        replace(SOUND, discards=True, left=[], got=[[1, first_of(1), 3], [2]], unfinished=2),
        replace(SOUND, discards=True, left=[], got=[[1], [2]], overfull=1, unfinished=0),
        replace(SOUND, left=[], kept_by_callers=1),
        replace(SOUND, unfinished=3, finished_perhaps=1),
    ],
)
def test_what_an_interrupt_or_a_shutdown_explains_is_not(sound: Record) -> None:
    assert sound.wrong() == []
