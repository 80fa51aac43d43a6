"""Pools of the standard library under control: they come to every outcome that they can have, and end."""

import concurrent.futures.thread as futures
import multiprocessing.pool
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, as_completed, wait
from multiprocessing.pool import ThreadPool

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import explore
from tests.explore.outcomes import outcomes, refused

FEW = 150


def in_all_ways(program: Callable[[], object]) -> set[str]:
    """Return the outcomes also of schedules that hold one task up for long."""
    return outcomes(program, FEW) | outcomes(program, 400, "pct")


def test_two_workers_do_things_in_any_order() -> None:
    def program() -> list[int]:
        done: list[int] = []
        with ThreadPoolExecutor(2) as pool:
            for number in range(2):
                pool.submit(done.append, number)
        return done

    assert in_all_ways(program) == {"[0, 1]", "[1, 0]"}


def test_one_worker_keeps_the_order() -> None:
    def program() -> list[int]:
        with ThreadPoolExecutor(1) as pool:
            return list(pool.map(abs, [-1, -2]))

    assert outcomes(program, FEW) == {"[1, 2]"}


def test_as_completed_and_wait() -> None:
    def program() -> tuple[list[int], int]:
        with ThreadPoolExecutor(2) as pool:
            first = [pool.submit(abs, number) for number in (1, 2)]
            order = [future.result() for future in as_completed(first)]
            done, _ = wait([pool.submit(abs, number) for number in (3, 4)], return_when=FIRST_COMPLETED)
            return order, len(done)

    # as_completed yields what is done already in the order of a set, so either order may come; wait returns with one
    # or, if the other one is done by then, with both.
    assert outcomes(program, FEW) <= {f"({order}, {number})" for order in ([1, 2], [2, 1]) for number in (1, 2)}
    assert {outcome[-2] for outcome in outcomes(program, FEW)} == {"1", "2"}


def test_an_exception_of_a_job_is_raised_by_its_future() -> None:
    def program() -> None:
        with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
            pool.submit(lambda: 1 // 0).result()

    assert outcomes(program, FEW) == {"None"}


def test_an_initializer_that_fails_breaks_the_pool() -> None:
    def program() -> str:
        pool = ThreadPoolExecutor(1, initializer=lambda: 1 // 0)
        try:
            pool.submit(abs, 1).result()
        except futures.BrokenThreadPool:
            return "broken"
        return "fine"

    assert outcomes(program, FEW) == {"'broken'"}


@pytest.mark.parametrize("waiting", [True, False])
def test_shutdown_waits_if_it_is_asked_to(waiting: bool) -> None:
    def program() -> bool:
        done: list[int] = []
        pool = ThreadPoolExecutor(1)
        pool.submit(done.append, 1)
        pool.shutdown(wait=waiting)
        return bool(done)

    assert outcomes(program, FEW) == ({"True"} if waiting else {"True", "False"})


def test_shutdown_may_cancel_what_has_not_begun() -> None:
    def program() -> list[bool]:
        pool = ThreadPoolExecutor(1)
        jobs = [pool.submit(abs, 1) for _ in range(2)]
        pool.shutdown(cancel_futures=True)
        return [job.cancelled() for job in jobs]

    # The first alone, too: the worker may take the second one while the first one, drained already, is cancelled.
    assert in_all_ways(program) == {f"[{first}, {second}]" for first in (False, True) for second in (False, True)}


KEPT: list[ThreadPoolExecutor] = []


def test_a_pool_that_nobody_shuts_down_ends_with_the_program() -> None:
    def program() -> int:
        KEPT[:] = [ThreadPoolExecutor(2)]
        return KEPT[0].submit(abs, -1).result()

    before = (futures._shutdown, dict(futures._threads_queues), list(threading._threading_atexits))  # type: ignore[attr-defined]
    assert outcomes(program, FEW) == {"1"}
    assert (futures._shutdown, dict(futures._threads_queues), list(threading._threading_atexits)) == before  # type: ignore[attr-defined]
    KEPT.clear()


def test_a_pool_that_is_dropped_ends_its_workers() -> None:
    def program() -> int:
        return ThreadPoolExecutor(1).submit(abs, -1).result()

    assert outcomes(program, FEW) == {"1"}


def test_a_real_pool_beside_goes_on() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(abs, -1).result() == 1

        def program() -> int:
            with ThreadPoolExecutor(1) as inner:
                return inner.submit(abs, -2).result()

        assert outcomes(program, FEW) == {"2"}
        assert pool.submit(abs, -3).result() == 3
        assert len(futures._threads_queues) >= 1


def test_a_pool_is_not_kept_from_one_execution_to_the_next() -> None:
    kept: list[ThreadPoolExecutor] = []

    def program() -> int:
        if not kept:
            kept.append(ThreadPoolExecutor(1))
        return kept[0].submit(abs, -1).result()

    reason = refused(program)
    assert "was started in an earlier execution: the program keeps threads between executions" in reason


def test_what_a_task_registers_is_called_when_the_program_returns_last_first() -> None:
    calls: list[int] = []

    def program() -> None:
        calls.clear()
        for number in range(2):
            threading._register_atexit(calls.append, number)  # type: ignore[attr-defined]

    before = list(threading._threading_atexits)  # type: ignore[attr-defined]
    outcomes(program)
    assert calls == [1, 0]
    assert list(threading._threading_atexits) == before  # type: ignore[attr-defined]


def test_an_exit_callback_that_fails_is_a_failure() -> None:
    def program() -> None:
        threading._register_atexit(lambda: 1 // 0)  # type: ignore[attr-defined]

    result = explore(program, strategy="dfs")
    assert (result.verdict, [each.outcome for each in result.outcomes]) == (
        Verdict.VIOLATION,
        ["EXC:ZeroDivisionError"],
    )


def test_an_exit_callback_cannot_register_another_one() -> None:
    def program() -> None:
        def late() -> None:
            with pytest.raises(RuntimeError, match="after shutdown"):
                threading._register_atexit(print)  # type: ignore[attr-defined]

        threading._register_atexit(late)  # type: ignore[attr-defined]

    assert outcomes(program) == {"None"}


def test_a_thread_pool_maps() -> None:
    def program() -> list[int]:
        with ThreadPool(2) as pool:
            return pool.map(abs, [-1, -2])

    assert outcomes(program, FEW) == {"[1, 2]"}


def test_a_thread_pool_applies_in_any_order_closes_and_is_joined() -> None:
    def program() -> list[int]:
        def work(number: int) -> None:
            with lock:  # else nobody could come between taking a job and doing it
                pass
            done.append(number)

        done: list[int] = []
        lock = threading.Lock()
        pool = ThreadPool(2)
        for number in range(2):
            pool.apply_async(work, (number,))
        pool.close()
        pool.join()
        return done

    assert in_all_ways(program) == {"[0, 1]", "[1, 0]"}


def test_a_thread_pool_yields_results() -> None:
    def program() -> tuple[list[int], int]:
        with ThreadPool(2) as pool:
            return list(pool.imap(abs, [-1, -2])), sum(pool.imap_unordered(abs, [-1, -2]))

    assert outcomes(program, FEW) == {"([1, 2], 3)"}


def test_a_thread_pool_is_terminated() -> None:
    def program() -> str:
        pool = ThreadPool(1)
        pool.terminate()
        pool.join()
        return repr(pool).split()[1]

    assert outcomes(program, FEW) == {"'state=TERMINATE'"}


def test_a_program_that_imports_its_pools_itself() -> None:
    code = """if True:
        import sys, threading
        from pcverify.explore import explore
        assert "concurrent.futures.thread" not in sys.modules and "multiprocessing.pool" not in sys.modules

        def program():
            from concurrent.futures import ThreadPoolExecutor
            from multiprocessing.pool import ThreadPool
            with ThreadPool(1) as pool:
                return pool.map(abs, [-1]), ThreadPoolExecutor(1).submit(abs, -1).result()

        result = explore(program, strategy="random", max_executions=20)
        print(result.verdict.name, result.reason, [each.outcome for each in result.outcomes])
        import concurrent.futures, multiprocessing.pool, importlib.machinery
        print(concurrent.futures.ThreadPoolExecutor(1).submit(abs, -2).result())
        print(multiprocessing.pool.ThreadPool(1).map(abs, [-3]))
        print(type(multiprocessing.pool.__spec__.loader).__name__)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout.splitlines() == ["SAMPLED  ['([1], 1)']", "2", "[3]", "SourceFileLoader"], done.stderr
    assert multiprocessing.pool.ThreadPool is ThreadPool
