"""Each primitive of the standard library behaves under control as it does over real threads."""

import queue
import sys
import threading
import time
from collections.abc import Callable
from time import monotonic as bound_early
from time import sleep as sleep_bound_early

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import explore

MADE_BEFORE = threading.Lock()
CONDITION_BEFORE = threading.Condition()
RLOCK_BEFORE = threading.RLock()


def outcomes(program: Callable[[], object]) -> set[str]:
    """Return what every schedule of a program can give."""
    result = explore(program, max_delay=None, keep_going=True, strategy="dfs")
    assert result.verdict is not Verdict.UNKNOWN or "nothing to interleave" in result.reason, result.reason
    return set(result.counts())


def beside(target: Callable[[], object], own: Callable[[], object]) -> object:
    """Run one function in a thread, the other in the caller's; return what the latter does."""
    thread = threading.Thread(target=target)
    thread.start()
    result = own()
    thread.join()
    return result


def test_a_lock_excludes() -> None:
    inside = []

    def program() -> int:
        lock = threading.Lock()
        inside.clear()

        def enter() -> None:
            with lock:
                inside.append(1)
                assert len(inside) == 1
                lock.locked()  # a point at which others could come in
                inside.pop()

        beside(enter, enter)
        return len(inside)

    assert outcomes(program) == {"0"}


def test_without_the_lock_the_same_program_fails() -> None:
    def program() -> None:
        lock, inside = threading.Lock(), []

        def enter() -> None:
            inside.append(1)
            assert len(inside) == 1
            lock.locked()
            inside.pop()

        beside(enter, enter)

    assert "EXC:AssertionError" in outcomes(program)


def test_a_lock_taken_twice_by_one_thread_is_a_deadlock() -> None:
    def program() -> None:
        lock = threading.Lock()
        with lock, lock:
            pass

    assert outcomes(program) == {"DEADLOCK"}


def test_a_lock_may_be_released_by_another_thread() -> None:
    def program() -> str:
        lock = threading.Lock()
        lock.acquire()
        beside(lock.release, lock.acquire)
        return "done"

    assert outcomes(program) == {"'done'"}


def test_releasing_a_free_lock_raises_as_usual() -> None:
    assert outcomes(lambda: threading.Lock().release()) == {"EXC:RuntimeError"}
    assert outcomes(lambda: threading.RLock().release()) == {"EXC:RuntimeError"}


def test_a_wrong_call_of_acquire_raises_as_usual() -> None:
    assert outcomes(lambda: threading.Lock().acquire(False, 1)) == {"EXC:ValueError"}
    assert outcomes(lambda: threading.Lock().acquire(True, -2)) == {"EXC:ValueError"}
    assert outcomes(lambda: threading.Lock().acquire(True, 1e30)) == {"EXC:OverflowError"}
    assert outcomes(lambda: threading.RLock().acquire(False, 1)) == {"EXC:ValueError"}


def test_a_timed_acquire_gives_up_after_its_time_and_not_before() -> None:
    def program() -> tuple[bool, float]:
        lock = threading.Lock()
        lock.acquire()
        begin = time.monotonic()
        return lock.acquire(timeout=2.5), time.monotonic() - begin

    assert outcomes(program) == {"(False, 2.5)"}


@pytest.mark.parametrize("make", [threading.RLock, threading._PyRLock])  # type: ignore[attr-defined]
def test_an_rlock_belongs_to_one_thread(make: Callable[[], threading.RLock]) -> None:
    def program() -> object:
        lock = make()
        with lock, lock:
            taken = []
            beside(lambda: taken.append(lock.acquire(blocking=False)), lambda: None)
        beside(lambda: taken.append(lock.acquire(timeout=1)), lambda: None)
        return tuple(taken)

    assert outcomes(program) == {"(False, True)"}


def test_an_rlock_of_another_thread_cannot_be_released() -> None:
    def program() -> None:
        lock = threading.RLock()
        with lock:
            beside(lock.release, lambda: None)

    assert outcomes(program) == {"EXC:RuntimeError"}


def test_a_condition_over_an_rlock_lets_go_of_all_its_holds() -> None:
    def program() -> tuple[bool, bool]:
        condition, ready = threading.Condition(), []

        def tell() -> None:
            with condition:
                ready.append(True)
                condition.notify()

        def wait() -> bool:
            with condition, condition:
                told = condition.wait_for(lambda: ready)
                owned = condition._is_owned()  # type: ignore[attr-defined]
            return bool(told), owned

        return beside(tell, wait)  # type: ignore[return-value]

    assert outcomes(program) == {"(True, True)"}


def test_waiting_without_the_lock_raises_as_usual() -> None:
    assert outcomes(lambda: threading.Condition().wait()) == {"EXC:RuntimeError"}
    assert outcomes(lambda: threading.Condition(threading.Lock()).notify()) == {"EXC:RuntimeError"}


def test_an_event_wakes_all_who_wait() -> None:
    def program() -> tuple[bool, ...]:
        event, seen = threading.Event(), []
        threads = [threading.Thread(target=lambda: seen.append(event.wait())) for _ in range(2)]
        for thread in threads:
            thread.start()
        event.set()
        for thread in threads:
            thread.join()
        return tuple(seen)

    result = explore(program, max_executions=3_000, keep_going=True, strategy="dfs")
    assert set(result.counts()) == {"(True, True)"}


def test_a_semaphore_lets_so_many_in() -> None:
    def program() -> int:
        semaphore, inside, most = threading.Semaphore(1), [], []

        def enter() -> None:
            with semaphore:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

        beside(enter, enter)
        return max(most)

    assert outcomes(program) == {"1"}


def test_a_sleep_takes_virtual_time_only() -> None:
    def program() -> tuple[float, int, float]:
        begin, wall = time.monotonic(), time.time()
        time.sleep(3600)
        sleep_bound_early(0.5)
        return bound_early() - begin, time.monotonic_ns(), time.time() - wall

    assert outcomes(program) == {"(3600.5, 3600500000000, 3600.5)"}


def test_deadlines_pass_in_the_order_of_their_times() -> None:
    def program() -> str:
        order = []

        def sleeper(seconds: float) -> None:
            time.sleep(seconds)
            order.append(seconds)

        beside(lambda: sleeper(seconds), lambda: sleeper(2))
        return str(order)

    seconds = 3
    assert outcomes(program) == {"'[2, 3]'"}
    seconds = 1  # the sleep of 2 s may be over before the thread begins its own
    assert outcomes(program) == {"'[1, 2]'", "'[2, 1]'"}


def test_a_loop_that_only_reads_the_clock_ends() -> None:
    def program() -> str:
        end = time.monotonic() + 0.001
        while time.monotonic() < end:
            pass
        return "done"

    assert outcomes(program) == {"'done'"}


def test_a_negative_sleep_raises_as_usual() -> None:
    assert outcomes(lambda: time.sleep(-1)) == {"EXC:ValueError"}


def test_threads_know_who_they_are() -> None:
    def program() -> object:
        seen = {}

        def look() -> None:
            me = threading.current_thread()
            seen.update(name=me.name, known=me.ident == threading.get_ident(), alive=me.is_alive())

        thread = threading.Thread(target=look)
        before = thread.is_alive()
        thread.start()
        thread.join()
        return seen["name"], seen["known"], seen["alive"], before, thread.is_alive(), threading.active_count()

    found = {f"('Thread-1 (look)', True, True, False, False, {threading.active_count()})"}
    assert outcomes(program) == found


def test_the_main_task_is_the_thread_that_explores() -> None:
    assert outcomes(lambda: threading.current_thread() is threading.main_thread()) == {"True"}


def test_a_subclass_of_thread_runs_its_run() -> None:
    class Worker(threading.Thread):
        def run(self) -> None:
            self.ran = True

    def program() -> bool:
        worker = Worker()
        worker.start()
        worker.join()
        worker.join()
        return worker.ran

    assert outcomes(program) == {"True"}


def test_misuse_of_threads_raises_as_usual() -> None:
    def start_twice() -> None:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.start()

    assert outcomes(start_twice) == {"EXC:RuntimeError"}
    assert outcomes(lambda: threading.Thread().join()) == {"EXC:RuntimeError"}
    assert outcomes(lambda: threading.current_thread().join()) == {"EXC:RuntimeError"}


def test_a_daemon_that_waits_for_ever_is_no_deadlock() -> None:
    def program() -> str:
        lock = threading.Lock()
        lock.acquire()
        threading.Thread(target=lock.acquire, daemon=True).start()
        return "done"

    assert outcomes(program) == {"'done'"}


def test_a_thread_that_nobody_joins_is_still_run_to_its_end() -> None:
    def program() -> None:
        threading.Thread(target=lambda: 1 / 0).start()

    assert outcomes(program) == {"EXC:ZeroDivisionError"}


def test_an_exit_of_a_thread_is_no_failure() -> None:
    def leave() -> None:
        raise SystemExit

    assert outcomes(lambda: beside(leave, lambda: "done")) == {"'done'"}


def test_a_hook_that_the_program_sets_hears_of_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    def program() -> None:
        monkeypatch.setattr(threading, "excepthook", lambda arguments: heard.append(arguments.exc_type))
        try:
            beside(lambda: 1 / 0, lambda: None)
        finally:
            monkeypatch.undo()

    assert outcomes(program) == {"EXC:ZeroDivisionError"}
    assert set(heard) == {ZeroDivisionError}


def test_objects_made_before_the_run_are_under_control() -> None:
    def program() -> object:
        def take() -> None:
            with MADE_BEFORE, RLOCK_BEFORE:
                pass
            CONDITION_BEFORE.acquire()  # a C method that the condition bound when it was made
            CONDITION_BEFORE.notify()
            CONDITION_BEFORE.release()

        def wait() -> bool:
            free = MADE_BEFORE.acquire(blocking=False)
            if free:
                MADE_BEFORE.release()
            with CONDITION_BEFORE:
                CONDITION_BEFORE.wait(1)
            return free

        return beside(take, wait)

    assert outcomes(program) == {"True", "False"}
    assert not MADE_BEFORE.locked()
    assert CONDITION_BEFORE.acquire(blocking=False)
    CONDITION_BEFORE.release()


def test_the_other_queues_of_the_standard_library_run_too() -> None:
    def program() -> object:
        shared: queue.PriorityQueue[int] = queue.PriorityQueue()
        beside(lambda: shared.put(2), lambda: shared.put(1))
        return shared.get(), shared.get()

    assert outcomes(program) == {"(1, 2)"}


START, JOIN, ALIVE = threading.Thread.start, threading.Thread.join, threading.Thread.is_alive


def test_methods_of_thread_that_were_bound_before_are_under_control() -> None:
    def program() -> tuple[bool, bool]:
        thread = threading.Thread(target=lambda: None)
        START(thread)
        before = ALIVE(thread)
        JOIN(thread, timeout=None)
        return before, ALIVE(thread)

    assert outcomes(program) == {"(True, False)", "(False, False)"}


def test_what_a_tracer_does_with_its_locks_is_no_operation() -> None:
    def program() -> str:
        namespace = {"__name__": "coverage.collector", "lock": threading.Lock()}
        exec("def trace():\n    with lock: pass\n", namespace)
        thread = threading.Thread(target=namespace["trace"])
        thread.start()
        thread.join()
        return "done"

    sys.settrace(lambda *_: None)
    try:
        traced = explore(program, strategy="dfs")
    finally:
        sys.settrace(None)
    steps = explore(lambda: beside(lambda: None, lambda: "done"), strategy="dfs")
    assert (traced.executions, traced.steps) == (steps.executions, steps.steps)


def test_joining_again_is_an_operation_too() -> None:
    def joining(times: int) -> Callable[[], None]:
        def program() -> None:
            thread = threading.Thread(target=lambda: None)
            thread.start()
            for _ in range(times):
                thread.join()

        return program

    once, thrice = (explore(joining(times), strategy="random", max_executions=1) for times in (1, 3))
    assert thrice.steps == once.steps + 2
