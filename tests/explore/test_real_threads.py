"""Whatever real threads do, `dfs` has found.

Only programs of which each outcome can be told from the order of operations are run: no plain reads beside operations,
no two threads with deadlines; and no deadlock or exception, after which a real program might not end.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

import pytest

from pcverify.explore import Dfs, explore
from tests.explore.enumerator.counted import COUNTED
from tests.explore.enumerator.generator import generate
from tests.explore.enumerator.interpreter import Meaning
from tests.explore.enumerator.outcomes import outcome_names
from tests.subjects import programs

RUNS = 200
GENERATED = [seed for seed in COUNTED if generate(seed).can_be_measured]
EXPECTED = json.loads((Path(programs.__file__).parent / "expected.json").read_text())
RACY = {
    "event_polling",  # a plain read of the flag beside a sleep
    "recursion",  # both threads append to a list beside their operations
}
if sys.version_info < (3, 11):  # a trace function, here what disturbs, writes back what a `nonlocal` was before it
    RACY |= {"augmented_operand", "late_closure"}


def ends(outcomes: set[str]) -> bool:
    return not any(outcome == "DEADLOCK" or outcome.startswith("EXC:") for outcome in outcomes)


SUBJECTS = sorted(name for name, known in EXPECTED.items() if ends(set(known["outcomes"])) and name not in RACY)


def explored(seed: int) -> set[str]:
    meaning = Meaning(generate(seed))
    result = explore(lambda: meaning(threading, queue, time), strategy=Dfs(), keep_going=True)
    assert not result.reason or "nothing to interleave" in result.reason, result.reason
    return set(outcome_names(result.outcomes))


@cache
def possible() -> dict[str, set[str]]:
    """The outcomes that `dfs` finds, of each program that can be run on real threads."""
    found = {str(seed): explored(seed) for seed in GENERATED}
    found |= {name: set(EXPECTED[name]["outcomes"]) for name in SUBJECTS}
    return {name: outcomes for name, outcomes in found.items() if ends(outcomes)}


@cache
def observed() -> dict[str, list[str]]:
    """What real threads did, in a process of their own."""
    command = [sys.executable, "-m", "tests.explore.enumerator.real_threads", str(RUNS), *possible()]
    root = Path(__file__).parents[2]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=50, check=True)
    seen: dict[str, list[str]] = json.loads(process.stdout)
    return seen


def test_real_threads_do_nothing_that_was_not_found() -> None:
    unexpected = {name: set(seen) - possible()[name] for name, seen in observed().items()}
    assert {name: outcomes for name, outcomes in unexpected.items() if outcomes} == {}


def test_enough_programs_are_run_and_several_show_more_than_one_outcome() -> None:
    assert len(observed()) >= 30
    assert sum(len(seen) > 1 for seen in observed().values()) >= 5


def test_an_outcome_that_cannot_be_is_noticed() -> None:
    wrong = {name: set(sorted(outcomes)[1:]) for name, outcomes in possible().items() if len(outcomes) == 2}
    assert any(set(observed()[name]) - outcomes for name, outcomes in wrong.items())


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_subjects_are_among_them(name: str) -> None:
    assert name in observed()
