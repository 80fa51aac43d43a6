"""After a run everything is as it was, whatever happened; and during it nobody else notices."""

import _queue
import _thread
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import pytest

from pcverify import ThreadSafeQueue
from pcverify.evidence import Verdict
from pcverify.explore import Execution, Random, explore
from pcverify.explore.control.redirect import Redirection
from tests.subjects.queues import produce_and_consume

C_TYPES = [type(_thread.allocate_lock()), _thread.RLock, _queue.SimpleQueue]
FUNCTIONS = [time.sleep, time.monotonic, time.perf_counter, time.time, time.time_ns, _thread.get_ident]


def everything() -> object:
    """What a run changes, as it is now."""
    return (
        [dict(cls.__dict__) for cls in C_TYPES],
        [(type(function), repr(function), hash(function)) for function in FUNCTIONS],
        {
            name: vars(threading)[name]
            for name in ("_counter", "_active_limbo_lock", "_allocate_lock", "_dangling", "excepthook")
        },
        dict(threading.Thread.__dict__),
        dict(threading.Condition.__dict__),
        threading._active.copy(),  # type: ignore[attr-defined]
        Redirection.in_force,
    )


def interrupted() -> None:
    thread = threading.Thread(target=lambda: time.sleep(1))
    thread.start()
    raise KeyboardInterrupt


def test_an_exploration_leaves_nothing_behind() -> None:
    before = everything()
    assert explore(produce_and_consume(lambda: ThreadSafeQueue(1)), strategy="dfs").verdict is Verdict.OK
    assert everything() == before


def test_things_are_different_during_a_run() -> None:
    before = everything()
    with Execution():
        assert everything() != before
    assert everything() == before


def test_a_failing_program_leaves_nothing_behind() -> None:
    before = everything()
    assert explore(lambda: 1 / 0, strategy="dfs").verdict is Verdict.VIOLATION
    assert everything() == before


def test_a_keyboard_interrupt_ends_the_exploration_and_leaves_nothing_behind() -> None:
    before = everything()
    result = explore(interrupted, strategy="dfs")
    assert (result.verdict, type(result.interrupted_by)) == (Verdict.UNKNOWN, KeyboardInterrupt)
    assert result.reason == "KeyboardInterrupt after 0 executions"
    assert result.schedule
    assert everything() == before


def test_an_interrupt_of_a_task_ends_the_execution_when_it_comes_to_its_top() -> None:
    def program() -> None:
        lock = threading.Lock()
        thread = threading.Thread(target=lambda: None)
        thread.start()
        with lock:
            raise KeyboardInterrupt

    before = everything()
    with Execution() as execution:
        task = execution.spawn(program, "main")
        for _ in range(3):
            execution.step(task)
        with pytest.raises(KeyboardInterrupt):
            execution.step(task)
    assert everything() == before


SIGNALS = """
import random, signal, sys
from pcverify import ThreadSafeQueue
from pcverify.explore import explore
from tests.explore.test_restoring import everything
from tests.subjects.queues import produce_and_consume

several = produce_and_consume(lambda: ThreadSafeQueue(1), producers=3, items=3)
draw = random.Random(0).uniform


def program():
    if not armed:  # before that it is not ours, and coverage's tracer can drop it
        armed.append(signal.setitimer(signal.ITIMER_REAL, draw(0.0005, 0.03)))
    several()


signal.signal(signal.SIGALRM, signal.default_int_handler)
before = everything()
for _ in range(int(sys.argv[1])):
    armed = []
    try:
        if explore(program, max_executions=5_000, strategy="dfs").interrupted_by is None:
            sys.exit("a signal was lost")
    except KeyboardInterrupt:  # at the very end
        pass
    assert everything() == before, "something was left behind"
"""


@pytest.mark.parametrize(
    "tool",
    [[], ["-m", "coverage", "run", "--data-file=coverage", "--concurrency=thread,greenlet"]],
    ids=["alone", "under coverage"],
)
def test_a_signal_at_any_moment_ends_the_exploration_and_leaves_nothing_behind(tool, tmp_path) -> None:
    script = tmp_path / "signals.py"
    script.write_text(SIGNALS)
    command = [sys.executable, *tool, str(script), "150"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_signal_that_the_program_swallows_ends_the_exploration_all_the_same() -> None:
    def program() -> None:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGALRM)

    before = everything()
    handler = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        assert isinstance(explore(program, strategy="dfs").interrupted_by, KeyboardInterrupt)
        assert signal.getsignal(signal.SIGALRM) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGALRM, handler)
    assert everything() == before


def test_an_exception_in_the_driver_leaves_nothing_behind() -> None:
    def drive() -> None:
        with Execution() as execution:
            execution.step(execution.spawn(threading.Lock().acquire, "task"))
            raise ZeroDivisionError

    before = everything()
    with pytest.raises(ZeroDivisionError):
        drive()
    assert everything() == before


def test_an_exception_while_redirecting_undoes_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    before = everything()
    monkeypatch.setattr(Redirection, "bound_methods", fail)
    with pytest.raises(MemoryError), Execution():
        pass
    assert everything() == before


def test_unfinished_tasks_run_their_finally_clauses() -> None:
    cleaned = []

    def work() -> None:
        try:
            lock.acquire()
        finally:
            cleaned.append("first")
            with lock:
                cleaned.append("never")

    with Execution() as execution:
        lock = threading.Lock()
        lock.acquire()
        task = execution.spawn(work, "worker")
        execution.step(task)
        execution.spawn(work, "never begun")
    assert cleaned == ["first"]
    assert task.ended


def test_locks_that_tasks_still_hold_are_released_and_others_taken_back() -> None:
    held, free, again = threading.Lock(), threading.Lock(), threading.RLock()
    held.acquire()

    def work() -> None:
        held.release()
        free.acquire()
        again.acquire()
        time.sleep(1)

    with Execution() as execution:
        task = execution.spawn(work, "worker")
        while task in execution.enabled:
            execution.step(task)
        assert (held.locked(), free.locked()) == (False, True)
    assert (held.locked(), free.locked()) == (True, False)
    assert not again._is_owned()  # type: ignore[attr-defined]


def test_a_thread_of_a_run_looks_ended_afterwards() -> None:
    threads: list[threading.Thread] = []

    def program() -> None:
        threads.append(threading.Thread(target=lambda: None))
        threads[-1].start()

    explore(program, max_executions=1, strategy="dfs")
    assert not threads[0].is_alive()
    threads[0].join()


def test_other_threads_of_the_process_are_not_disturbed() -> None:
    here, there, stop = threading.Lock(), threading.Lock(), threading.Event()
    clock: list[float] = []

    def play(mine: threading.Lock, theirs: threading.Lock) -> None:
        while not stop.is_set():
            if mine.acquire(timeout=0.05):
                clock.append(time.monotonic())
                theirs.release()

    there.acquire()
    threads = [threading.Thread(target=play, args=pair) for pair in ((here, there), (there, here))]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    result = explore(produce_and_consume(lambda: ThreadSafeQueue(1)), strategy=Random(2_000))
    played = len(clock)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert result.verdict is Verdict.SAMPLED
    assert played > 0
    assert here.locked() or there.locked()  # one ball, as at the beginning
    assert clock == sorted(clock)  # the real clock, throughout
    assert begin <= clock[0] <= clock[-1] <= time.monotonic()


def test_what_is_over_is_forgotten() -> None:
    def tasks() -> int:
        gc.collect()
        return sum(type(thing).__name__ == "Task" and hasattr(thing, "execution") for thing in gc.get_objects())

    before = tasks()
    explore(produce_and_consume(lambda: ThreadSafeQueue(1)), strategy=Random(100))
    assert tasks() <= before + 4


def test_the_driver_sees_real_things() -> None:
    with Execution() as execution:
        begin = time.monotonic()
        execution.step(execution.spawn(lambda: time.sleep(100), "sleeper"))
        execution.advance_clock()
        lock: Any = threading.Lock()
        assert lock.acquire(timeout=0.001)
        assert not lock.acquire(timeout=0.001)
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        assert not thread.is_alive()
        assert time.monotonic() - begin < 50


def test_weak_references_to_what_is_redirected_stay_good() -> None:
    before = weakref.ref(time.monotonic)
    with Execution():
        during = weakref.ref(time.monotonic_ns)
        assert before() is time.monotonic
    assert (before(), during()) == (time.monotonic, time.monotonic_ns)
    assert {before, during} <= {*weakref.getweakrefs(time.monotonic), *weakref.getweakrefs(time.monotonic_ns)}


def test_another_thread_may_join_the_one_that_explores() -> None:
    verdicts: list[Verdict] = []

    def exploring() -> None:
        verdicts.append(explore(produce_and_consume(lambda: ThreadSafeQueue(1)), strategy="random").verdict)

    for _ in range(5):
        thread = threading.Thread(target=exploring)
        thread.start()
        assert thread.is_alive() or verdicts
        thread.join()
    assert verdicts == [Verdict.SAMPLED] * 5
