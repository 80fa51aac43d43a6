"""`Execution.interrupt` at `opcode`: exceptions from outside, where this interpreter raises them and nowhere else."""

from __future__ import annotations

import gc
import queue
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pcverify.evidence import UsageError
from pcverify.explore import Execution
from tests.explore import delivered
from tests.explore.delivered import Arrived
from tests.support.interrupting import interrupting

if TYPE_CHECKING:
    pass


LONGEST = 30.0
"""Seconds that real signals may take; they need about one."""

AFTER = {
    (3, 10): {"BEGIN", "YIELD_VALUE", "CALL_FUNCTION", "CALL_FUNCTION_EX", "CALL_FUNCTION_KW", "CALL_METHOD"}
    | {"JUMP_ABSOLUTE", "POP_JUMP_IF_TRUE", "FORMAT_VALUE"},
    (3, 11): {"RESUME", "CALL", "CALL_FUNCTION_EX", "JUMP_BACKWARD", "POP_JUMP_BACKWARD_IF_TRUE", "FORMAT_VALUE"},
    (3, 12): {"RESUME", "CALL", "CALL_FUNCTION_EX", "JUMP_BACKWARD", "FORMAT_VALUE"},
    (3, 13): {"RESUME", "CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD", "FORMAT_WITH_SPEC"},
}
"""After which instructions each Python looks for signals, as docs/exploration.md has it; BEGIN: where it begins."""


def test_exceptions_arrive_exactly_where_real_signals_do() -> None:
    with interrupting(delivered.subject) as engine:
        controlled = {delivered.place_of(error) for error in engine.every(delivered.run)} - {None}
    assert len(controlled) > 15
    command = [sys.executable, "-m", "tests.explore.delivered", str(LONGEST), *sorted(map(str, controlled))]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=2 * LONGEST, check=True)
    assert set(ran.stdout.split()) == controlled


def test_they_arrive_after_the_instructions_that_are_listed() -> None:
    with interrupting(delivered.subject) as engine:
        places = {delivered.place_of(error) for error in engine.every(delivered.run)} - {None}
    assert {delivered.opcode_at(str(place)) for place in places} == AFTER[sys.version_info[:2]]


def test_a_with_statement_never_leaves_a_lock_locked() -> None:
    def work(lock: Any) -> None:
        with lock:
            len("inside")

    with interrupting(work) as engine:
        left = engine.seen(threading.Lock, work, lambda lock: lock.locked())
    assert left == [False] * 4  # as the function begins, after `len`, after the lock's `__exit__`, after the function


def test_acquire_and_then_try_does() -> None:
    def work(lock: Any) -> None:
        lock.acquire()
        try:
            len("inside")
        finally:
            lock.release()

    with interrupting(work) as engine:
        left = engine.seen(threading.Lock, work, lambda lock: lock.locked())
    assert left.count(True) == 1  # after `acquire`, and before `try`


def test_what_was_got_from_a_simple_queue_is_lost_if_the_exception_comes_right_after() -> None:
    def one_item() -> Any:
        source: Any = queue.SimpleQueue()
        source.put("item")
        return source

    def work(source: Any) -> None:
        source.get()

    with interrupting(work) as engine:
        assert engine.seen(one_item, work, lambda source: source.qsize()) == [1, 0, 0]


def test_a_task_that_is_parked_raises_there() -> None:
    def work(lock: Any) -> None:
        lock.acquire()

    with interrupting(work) as engine, engine.execution() as execution:
        lock = threading.Lock()
        lock.acquire()
        task = execution.spawn(lambda: work(lock), "task")
        while not task.blocked:
            execution.take(task)
        execution.interrupt(task, Arrived())
        execution.take(task)
        assert (type(task.error), lock.locked()) == (Arrived, True)


def test_others_go_on_undisturbed() -> None:
    done: list[str] = []

    def work(name: str) -> None:
        for _ in range(3):
            done.append(name)

    with interrupting(work) as engine, engine.execution() as execution:
        tasks = [execution.spawn(lambda name=name: work(name), name) for name in ("first", "second")]  # type: ignore[misc]
        for task in tasks:
            execution.take(task)
        execution.interrupt(tasks[0], Arrived(), skip=3)
        while execution.enabled:
            for task in execution.enabled:
                execution.take(task)
        assert [type(task.error) for task in tasks] == [Arrived, type(None)]
    assert done.count("second") == 3
    assert done.count("first") < 3


def test_an_exception_that_comes_too_late_is_not_raised() -> None:
    with interrupting(delivered.subject) as engine:
        assert engine.raised(delivered.run, skip=10_000)[0] is None


def test_places_can_be_passed_over_at_opcode_alone() -> None:
    with Execution() as execution:
        task = execution.spawn(int, "task")
        with pytest.raises(UsageError, match="granularity opcode"):
            execution.interrupt(task, Arrived(), skip=1)


def test_another_thread_than_the_main_one_is_told_so() -> None:
    said: list[str] = []

    def elsewhere() -> None:
        with interrupting(delivered.subject) as engine, pytest.raises(UsageError) as error:
            engine.raised(delivered.run, 0)
        said.append(str(error.value))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert said == ["interrupt: at granularity opcode the execution must run in the main thread"]


def test_the_signal_is_given_back() -> None:
    before = [signal.getsignal(number) for number in signal.valid_signals()]
    with interrupting(delivered.subject) as engine:
        engine.raised(delivered.run, 0)
        during = [signal.getsignal(number) for number in signal.valid_signals()]
    assert sum(now != then for now, then in zip(during, before, strict=True)) >= 1
    assert [signal.getsignal(number) for number in signal.valid_signals()] == before


def test_none_is_lost_in_what_the_collector_calls() -> None:
    """Exceptions are dropped in there."""
    collected: list[str] = []

    def work(lock: Any) -> None:
        with lock:
            gc.collect()

    def callback(phase: str, info: object) -> None:
        collected.append(phase)
        len(phase)

    gc.callbacks.append(callback)
    try:
        with interrupting(work) as engine:
            assert engine.seen(threading.Lock, work, lambda lock: lock.locked()) == [False] * 4
    finally:
        gc.callbacks.remove(callback)
    assert {"start", "stop"} <= set(collected)
