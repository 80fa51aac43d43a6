"""What goes wrong around points unless somebody takes care: unwinding, finalisers, tracers, the engine's own code."""

import _thread
import itertools
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Execution, Random, explore
from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.granularity import Ownership, instrumentation_for
from pcverify.explore.granularity.monitoring import MONITORING
from tests.subjects import local_races

FINE = ["line", "opcode"]
LINES_OF_OTHER = 5  # two in a function, and acquire, release and the end of a task


@pytest.mark.parametrize("granularity", FINE)
def test_finally_clauses_run_to_their_end_in_tasks_that_are_ended(granularity: str) -> None:
    cleaned: list[str] = []

    def program() -> None:
        lock = threading.Lock()
        lock.acquire()
        try:
            lock.acquire()
        finally:
            cleaned.append("first")
            cleaned.append("second")

    result = explore(program, granularity=granularity, strategy="random")
    assert set(result.counts()) == {"DEADLOCK"}
    assert cleaned
    assert cleaned.count("first") == cleaned.count("second")


def test_a_task_that_goes_on_after_every_exception_is_ended_all_the_same() -> None:
    def program() -> None:
        goes_on = True

        def spin() -> None:
            while goes_on:
                try:
                    sorted([])
                except BaseException:
                    continue

        threading.Thread(target=spin, daemon=True).start()
        raise ValueError

    result = explore(program, granularity="line", strategy="random", max_steps=300)
    assert set(result.counts()) == {"EXC:ValueError"}


def test_finalisers_have_no_points() -> None:
    class Dies:
        def __del__(self) -> None:
            local_races.GLOBAL += 1
            local_races.GLOBAL += 1

    class Stays:
        pass

    def steps(kind: Callable[[], object]) -> int:
        def program() -> None:
            def work() -> None:
                [kind()].clear()

            local_races.both(work)

        return explore(program, granularity="line", strategy="random", max_executions=1).steps

    assert steps(Dies) == steps(Stays)


def test_variables_that_others_change_are_not_changed_back() -> None:
    """3.10 writes the variables of a frame back after its trace function, 3.11 if somebody looked at them."""

    def program() -> None:
        lock, count = threading.Lock(), 0

        def add() -> None:
            nonlocal count
            with lock:
                count += 1
            with lock:
                count += 1

        local_races.both(add)
        assert count == 3, count

    for seed in range(5):
        result = explore(program, granularity="line", strategy="random", seed=seed)
        assert result.counterexample is not None
        assert str(result.counterexample.error).startswith("4")


@pytest.mark.parametrize("tracer", [None, lambda frame, event, argument: None])
def test_a_program_that_calls_settrace_is_explored_or_refused(tracer: Any) -> None:
    def program() -> int:
        sys.settrace(tracer)
        return local_races.in_two_lines()

    try:
        result = explore(program, granularity="line", strategy="random", keep_going=True)
    finally:
        sys.settrace(None)
    if MONITORING is None:
        assert result.verdict is Verdict.UNKNOWN
        assert "sys.settrace was called meanwhile" in result.reason
    else:
        assert set(result.counts()) == {"1", "2"}


def use_pool() -> None:
    with ThreadPool(1) as pool:
        pool.map(abs, [1])


OPERATIONS: dict[str, Callable[[], object]] = {
    "lock": lambda: threading.Lock().acquire(),
    "rlock": lambda: threading.RLock().acquire(),
    "condition": lambda: threading.Condition().acquire(),
    "queue": lambda: queue.Queue().put(1),
    "simple queue": lambda: queue.SimpleQueue().put(1),
    "sleep": lambda: time.sleep(1),
    "clock": lambda: list(itertools.starmap(time.monotonic, [()] * 1_100)),
    "threads": threading.active_count,
    "thread": lambda: threading.Thread(target=int).start(),
    "raw thread": lambda: _thread.start_new_thread(int, ()),
    "pool": use_pool,
    "executor": lambda: ThreadPoolExecutor(1).submit(abs, 1).result(),
}


@pytest.mark.parametrize("granularity", FINE)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_there_are_points_after_every_operation(operation: Callable[[], object], granularity: str) -> None:
    """On 3.10 and 3.11 tracing is off in most operations, and at each switch; afterwards it must be on again."""

    def program() -> None:
        box = local_races.Box()

        def add() -> None:
            operation()
            value = box.value
            box.value = value + 1

        local_races.both(add)
        assert box.value == 2

    assert explore(program, granularity=granularity, max_executions=400).verdict is Verdict.VIOLATION


def test_the_refusal_names_the_tracer() -> None:
    class Tracer:
        __module__ = "coverage.somewhere"

        def __call__(self, *arguments: object) -> None: ...

    sys.settrace(Tracer())
    try:
        if MONITORING is None:
            with pytest.raises(Exception, match=r"coverage\.somewhere"):
                explore(local_races.in_two_lines, granularity="line")
        else:
            explore(local_races.in_two_lines, granularity="line")
    finally:
        sys.settrace(None)


@pytest.mark.parametrize("granularity", FINE)
def test_a_strategy_of_the_same_file_has_no_points(granularity: str) -> None:
    class Mine(Random):
        def choose(self, choices: Any, running: Any) -> int:
            index = super().choose(choices, running)
            return index

    own, given = (
        explore(local_races.attribute, granularity=granularity, strategy=strategy(100), keep_going=True)
        for strategy in (Mine, Random)
    )
    assert (own.counts(), own.steps) == (given.counts(), given.steps)


def test_a_point_that_raised_ends_no_points_of_others() -> None:
    """On 3.10 and 3.11 a trace function that raises is removed; other Pythons need not be told."""
    points: list[str] = []

    def interrupted() -> None:
        for _ in range(9):
            points.append("before")

    def other(lock: threading.Lock) -> None:
        with lock:
            pass
        others()

    def others() -> None:
        points.append("after")
        points.append("after")

    instrumentation = instrumentation_for("line", Ownership(interrupted, ()))
    redirection = redirect_everything(instrumentation)
    try:
        instrumentation.begin()
        with Execution(redirection=redirection, instrumentation=instrumentation, record=False) as execution:
            lock = threading.Lock()
            second = execution.spawn(lambda: other(lock), "second")
            while second.kind != "acquire":
                execution.take(second)
            first = execution.spawn(interrupted, "first")
            while not points:
                execution.take(first)
            assert first.kind == "line"
            execution.interrupt(first, ValueError())
            while not first.ended:
                execution.take(first)
            before = execution.steps
            while not second.ended:
                execution.take(second)
            steps = execution.steps - before
    finally:
        instrumentation.end()
        redirection.end()
    assert steps >= LINES_OF_OTHER


@pytest.mark.parametrize("granularity", FINE)
def test_what_is_called_unseen_has_no_points(granularity: str) -> None:
    def work() -> int:
        one = local_races.Box()
        one.value += 1
        return one.value

    def steps(hide: bool) -> int:
        instrumentation = instrumentation_for(granularity, Ownership(work, ()))
        redirection = redirect_everything()
        try:
            instrumentation.begin()
            program = instrumentation.unseen(work) if hide else work
            with Execution(redirection=redirection, instrumentation=instrumentation) as execution:
                main = execution.spawn(program, "main")
                while main in execution.enabled:
                    execution.step(main)
                assert main.result == 1
                return execution.steps
        finally:
            instrumentation.end()
            redirection.end()

    assert steps(True) == 2
    assert steps(False) > 2


@pytest.mark.parametrize("granularity", FINE)
def test_values_of_a_thread_stay_its_own(granularity: str) -> None:
    own = threading.local()

    def program() -> list[int]:
        wrong: list[int] = []

        def work(number: int) -> None:
            own.number = number
            own.again = number
            if own.number != number or own.again != number:
                wrong.append(number)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return wrong

    result = explore(program, granularity=granularity, strategy="random", max_executions=100, keep_going=True)
    assert result.counts() == {"[]": 100}


@pytest.mark.parametrize("name", ["queue", "threading", "concurrent.futures", "os", "posixpath"])
def test_modules_of_the_standard_library_can_be_looked_into(name: str) -> None:
    import concurrent.futures
    import posixpath
    import queue

    used: dict[str, Callable[[], object]] = {
        "queue": lambda: queue.Queue().qsize(),
        "threading": lambda: threading.Event().is_set(),
        "concurrent.futures": lambda: concurrent.futures.Future().done(),  # type: ignore[var-annotated]
        "os": lambda: os.fsencode("name"),
        "posixpath": lambda: posixpath.join("a", "b"),
    }

    def program() -> None:
        local_races.both(used[name])

    alone, added = (
        explore(program, strategy="random", max_executions=1, granularity="line", instrument=names).steps
        for names in ([], [name])
    )
    assert added > alone


@pytest.mark.parametrize("granularity", FINE)
def test_what_failed_leaves_nothing_behind(granularity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Raises(Random):
        def choose(self, choices: Any, running: Any) -> int:
            raise ZeroDivisionError

    def refuse() -> None:
        raise ZeroDivisionError

    def left() -> object:
        tools = MONITORING and [MONITORING.get_tool(tool) for tool in range(6)]
        events = MONITORING and [
            MONITORING.get_local_events(4, each.__code__) if MONITORING.get_tool(4) else 0
            for each in (local_races.both, local_races.in_two_lines)
        ]
        return sys.gettrace(), tools, events

    before = left()
    with pytest.raises(ZeroDivisionError):
        explore(local_races.in_two_lines, granularity=granularity, strategy=Raises(5))
    assert left() == before
    monkeypatch.setattr("pcverify.explore.granularity.points.tracing_word", refuse)
    with pytest.raises(ZeroDivisionError):
        explore(local_races.in_two_lines, granularity=granularity)
    assert left() == before


def test_no_events_of_code_stay_on() -> None:
    explore(local_races.in_two_lines, granularity="line")
    if MONITORING is None:
        assert sys.gettrace() is None
        return
    MONITORING.use_tool_id(4, "test")
    try:
        assert MONITORING.get_events(4) == 0
        assert MONITORING.get_local_events(4, local_races.both.__code__) == 0
    finally:
        MONITORING.free_tool_id(4)
