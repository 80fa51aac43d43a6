"""What cannot be controlled ends an exploration with UNKNOWN and the reason, an execution with an error."""

import queue
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import Execution, OutOfControl, UnknownBuild, explore
from pcverify.explore.control import redirect
from tests.explore.outside import outside

HELD = threading.Lock()
HELD_RLOCK = threading.RLock()


def refused(program: Callable[[], object]) -> str:
    """Return why a program shows nothing."""
    result = explore(program, strategy="dfs")
    assert (result.verdict, result.counterexample) == (Verdict.UNKNOWN, None)
    return result.reason


def test_a_lock_that_is_held_from_outside() -> None:
    HELD.acquire()
    try:
        reason = refused(HELD.acquire)
    finally:
        HELD.release()
    assert reason.startswith("main waits for a lock, held by no task (held from outside)")


def test_an_rlock_that_is_held_from_outside() -> None:
    with HELD_RLOCK:
        assert refused(HELD_RLOCK.acquire).startswith("main waits for an RLock, held by no task (held from outside)")


def test_an_rlock_that_another_os_thread_holds() -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with HELD_RLOCK:
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        assert "held from outside" in refused(HELD_RLOCK.acquire)
    finally:
        done.set()
        thread.join(10)


def test_a_refusal_cannot_be_swallowed() -> None:
    with outside() as thread:

        def program() -> None:
            try:
                thread.join()
            except BaseException:
                return

        assert refused(program) == "main joins outside, a thread that runs outside"


def test_joining_a_thread_that_runs_outside() -> None:
    with outside() as thread:
        assert refused(thread.join) == "main joins outside, a thread that runs outside"
    assert explore(thread.join, strategy="dfs").verdict is Verdict.OK  # it has ended


def test_an_execution_raises() -> None:
    with outside() as thread, Execution() as execution:
        task = execution.spawn(thread.join, "joiner")
        with pytest.raises(OutOfControl, match=r"joiner joins outside"):
            execution.step(task)


def test_simple_queues_of_others_work_during_a_run() -> None:
    shared: queue.SimpleQueue[int] = queue.SimpleQueue()
    with Execution():
        shared.put(1)
        assert shared.get() == 1


def test_a_task_that_cannot_be_ended() -> None:
    def stubborn() -> None:
        while True:
            try:
                lock.acquire()
            except BaseException:
                continue

    lock = threading.Lock()
    lock.acquire()
    with pytest.raises(UsageError, match="stubborn cannot be ended"), Execution() as execution:
        execution.step(execution.spawn(stubborn, "stubborn"))


@pytest.mark.parametrize(("name", "value"), [("KNOWN", ((2, 7), (2, 7))), ("CFUNCTION_WORDS", 6)])
def test_a_python_that_is_not_known(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    monkeypatch.setattr(redirect, name, value)
    with pytest.raises(UnknownBuild), Execution():
        pass
    monkeypatch.undo()
    with Execution():
        pass


def test_without_greenlet_one_line_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['greenlet'] = None\n"
        "from pcverify.explore import MissingGreenlet, explore\n"
        "try: explore(print)\n"
        "except MissingGreenlet as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ("controlled execution needs greenlet, which is missing: pip install 'pcverify[explore]'\n")
