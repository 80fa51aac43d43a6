"""`dfs` does exactly what an enumeration of every schedule over real threads does, on programs made at random.

The enumeration shares nothing with the explorer; what it is, and the definition that both follow, is said in
`tests/explore/enumerator`. It is held against known programs here too, and shown to notice what is wrong.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pcverify.explore import Dfs, explore
from tests.explore.enumerator import Found, Program, Rules, enumerate_schedules
from tests.explore.enumerator.counted import COUNTED, SIMPLE_QUEUES
from tests.explore.enumerator.generator import ANYWHERE, KINDS, Generated, Operation, generate
from tests.explore.enumerator.interpreter import Meaning
from tests.explore.enumerator.library import execute_again
from tests.explore.enumerator.outcomes import outcome_names
from tests.subjects import programs

EXPECTED = json.loads((Path(programs.__file__).parent / "expected.json").read_text())
NOTIFY = threading.Condition.notify
FEW = [seed for seed, executions in COUNTED.items() if executions <= 100]


class Unhurried(Dfs):
    """A wrong twin of `Dfs`: whoever runs goes on until it cannot."""

    def choose(self, choices: Sequence[Any], running: Any) -> int:
        tried = [running] if running in choices else list(choices)
        return list(choices).index(tried[super().choose(tried, running)])


def explored(program: Program, strategy: Dfs | None = None) -> Found:
    """What the explorer finds."""
    result = explore(lambda: program(threading, queue, time), strategy=strategy or Dfs(), keep_going=True)
    assert not result.reason or "nothing to interleave" in result.reason, result.reason
    return Found(outcome_names(result.outcomes), result.executions)


@cache
def enumerated(seed: int) -> Found:
    return enumerate_schedules(Meaning(generate(seed)))


def row_of_waiters(threading: Any, queue: Any, time: Any) -> Any:
    """Two threads wait for one condition, in a known order, and a third wakes one."""
    condition = threading.Condition(threading.Lock())
    woken = []

    def first() -> None:
        with condition:
            second_thread.start()
            condition.wait()
            woken.append("first")
            condition.notify()

    def second() -> None:
        with condition:
            third_thread.start()
            condition.wait()
            woken.append("second")

    def third() -> None:
        with condition:
            condition.notify()
            woken.append("third")

    second_thread, third_thread = threading.Thread(target=second), threading.Thread(target=third)
    first()
    second_thread.join()
    return tuple(woken)


def caught(twin: Callable[[int], Found], seeds: Sequence[int] = FEW) -> list[Found]:
    """Return what the twin finds wrongly: other outcomes, or the same in another number of executions."""
    return [found for seed in seeds if (found := twin(seed)) != enumerated(seed)]


def asked_again(threading: Any, queue: Any, time: Any) -> bool:
    """Between the release and the plain read there is nothing but a second question after an ended thread."""
    lock, event = threading.Lock(), threading.Event()
    lock.acquire()

    def other() -> None:
        lock.acquire()
        event.set()

    ended, waiting = threading.Thread(target=str), threading.Thread(target=other)
    ended.start()
    waiting.start()
    ended.join()
    lock.release()
    ended.is_alive()
    return bool(event.is_set())


def subject(name: str) -> Callable[[Any, Any, Any], Any]:
    """Return a program of `tests.subjects`, to be run with other modules than it imports."""
    namespaces: list[Any] = []

    def program(threading: Any, queue: Any, time: Any) -> Any:
        if not namespaces:
            namespaces.append(execute_again(programs, {"threading": threading, "queue": queue, "time": time}))
        return getattr(namespaces[0], name)()

    return program


@pytest.mark.parametrize("seed", COUNTED)
def test_the_explorer_finds_the_same_outcomes_in_as_many_executions(seed: int) -> None:
    program = generate(seed)
    assert explored(Meaning(program)) == enumerated(seed), str(program)


@pytest.mark.parametrize("seed", SIMPLE_QUEUES)
def test_the_explorer_finds_the_same_on_the_queue_that_is_written_in_c(seed: int) -> None:
    assert explored(Meaning(generate(seed))) == enumerated(seed), str(generate(seed))


def test_the_explorer_finds_the_same_on_a_row_of_waiters() -> None:
    assert explored(row_of_waiters) == enumerate_schedules(row_of_waiters)


def test_every_program_has_its_number_of_schedules_on_every_version_of_python() -> None:
    counts = COUNTED | SIMPLE_QUEUES
    assert {seed: enumerated(seed).executions for seed in counts} == counts


def test_every_kind_of_operation_occurs() -> None:
    occurring = {kind for seed in COUNTED | SIMPLE_QUEUES for kind in generate(seed).kinds()}
    assert occurring == {"start", "join", "cancel", *ANYWHERE, *(kind for kinds in KINDS.values() for kind in kinds)}


@pytest.mark.parametrize(
    "name",
    sorted(name for name, known in EXPECTED.items() if known["granularity"] == "sync" and known["executions"] < 1000),
)
def test_the_enumeration_finds_what_is_known(name: str) -> None:
    found = enumerate_schedules(subject(name))
    assert (sorted(found.outcomes), found.executions) == (EXPECTED[name]["outcomes"], EXPECTED[name]["executions"])


def test_the_enumeration_does_without_the_explorer() -> None:
    script = (
        "import sys; before = set(sys.modules)\n"
        "from tests.explore.enumerator import enumerate_schedules\n"
        "from tests.explore.enumerator.generator import generate\n"
        "from tests.explore.enumerator.interpreter import Meaning\n"
        f"enumerate_schedules(Meaning(generate({FEW[0]})))\n"
        "print([name for name in set(sys.modules) - before if name.split('.')[0] in ('pcverify', 'greenlet')])"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=50, check=True)
    assert process.stdout.strip() == "[]"


def test_a_strategy_that_never_preempts_is_caught() -> None:
    few = FEW[:10]
    assert len(caught(lambda seed: explored(Meaning(generate(seed)), Unhurried()), few)) == len(few)


def notify_newest(self: Any, n: int = 1) -> None:
    self._waiters.reverse()
    NOTIFY(self, n)
    self._waiters.reverse()


def notify_one_more(self: Any, n: int = 1) -> None:
    NOTIFY(self, n + 1)


@pytest.mark.parametrize("notify", [notify_newest, notify_one_more])
def test_a_notify_that_wakes_others_is_caught(notify: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Condition, "notify", notify)
    found = explored(row_of_waiters)
    assert found.outcomes != enumerate_schedules(row_of_waiters).outcomes


@pytest.mark.parametrize(
    ("rules", "at_least"), [(Rules(early=False), 40), (Rules(fair=True), 40), (Rules(in_order=False), 8)], ids=str
)
def test_wrong_rules_are_caught(rules: Rules, at_least: int) -> None:
    assert len(caught(lambda seed: enumerate_schedules(Meaning(generate(seed)), rules=rules))) >= at_least


@pytest.mark.parametrize("rules", [Rules(early=False), Rules(fair=True)], ids=str)
def test_some_wrong_rules_are_caught_by_the_outcomes_alone(rules: Rules) -> None:
    found = [
        enumerate_schedules(Meaning(generate(seed)), rules=rules).outcomes < enumerated(seed).outcomes for seed in FEW
    ]
    assert sum(found) >= 10


def test_each_is_alive_is_an_operation() -> None:
    assert explored(asked_again) == enumerate_schedules(asked_again)


def test_each_join_is_an_operation() -> None:
    main = (Operation("start", "T1"), Operation("start", "T2"), Operation("join", "T1"), Operation("join", "T1"))
    program = Meaning(Generated(0, (main, (), ())))
    assert explored(program) == enumerate_schedules(program)
