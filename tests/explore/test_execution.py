"""An execution driven by hand: nothing happens but what the driver asks for, and everything can be looked at."""

import threading
import time
from typing import Any

import pytest

from pcverify import ThreadSafeQueue
from pcverify.evidence import UsageError
from pcverify.explore import AlreadyRunning, Execution, Task, TooManySteps


def run(execution: Execution, task: Task) -> None:
    """Step a task until it cannot go on."""
    while task in execution.enabled:
        execution.step(task)


def test_a_task_does_nothing_until_it_is_stepped() -> None:
    done: list[int] = []
    with Execution() as execution:
        task = execution.spawn(lambda: done.append(1), "worker-0")
        assert (execution.tasks, execution.enabled, done) == ((task,), (task,), [])
        execution.step(task)
        assert (done, task.ended) == ([1], False)
        execution.step(task)
        assert (task.ended, execution.enabled) == (True, ())


def test_a_step_says_what_it_did_and_where() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue(1)
        task = execution.spawn(lambda: shared.put("a"), "producer-0")
        steps = [execution.step(task) for _ in range(4)]
    told = [(step.kind, step.object, step.location.partition(":")[0]) for step in steps if step is not None]
    place = "thread_safe_queue.py"
    assert told[0] == ("start", "", "test_execution.py")
    assert told[1:] == [("acquire", "mutex", place), ("release", "mutex", place), ("end", "", "")]


def test_the_result_or_the_error_of_a_task_can_be_read() -> None:
    with Execution() as execution:
        fine = execution.spawn(lambda: 42, "fine")
        bad = execution.spawn(lambda: {}["key"], "bad")
        run(execution, fine)
        run(execution, bad)
    assert (fine.result, fine.error) == (42, None)
    assert (bad.result, type(bad.error)) == (None, KeyError)
    assert execution.failure == (bad, bad.error)


def test_a_parked_task_says_on_which_condition() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue(1)
        shared.put("before")  # by the driver, who is no task
        producer = execution.spawn(lambda: shared.put("a"), "producer-0")
        run(execution, producer)
        blocked = execution.blocked_on(producer)
        assert blocked is not None
        assert blocked.condition is shared.not_full
        assert str(blocked) == "parked on not_full"
        assert shared.get() == "before"  # the driver's notify counts, too
        assert execution.blocked_on(producer) is None
        run(execution, producer)
        assert producer.ended
        assert list(shared.queue) == ["a"]


def test_a_task_that_waits_for_a_lock_says_who_holds_it() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue(1)
        tasks = [execution.spawn(shared.qsize, f"reader-{number}") for number in range(2)]
        for task in tasks:
            execution.step(task)
        execution.step(tasks[0])
        blocked = execution.blocked_on(tasks[1])
        assert blocked is not None
        assert (str(blocked), blocked.holder) == ("waits for mutex, held by reader-0", tasks[0])
        assert blocked.condition is None
        assert execution.enabled == (tasks[0],)


def test_a_woken_task_that_waits_for_the_lock_is_parked_no_more() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue()
        getter = execution.spawn(shared.get, "getter")
        run(execution, getter)
        putter = execution.spawn(lambda: shared.put(1), "putter")
        steps = [execution.step(putter) for _ in range(3)]
        assert steps[-1] is not None
        assert (steps[-1].action, steps[-1].effect) == ("notifies not_empty", "wakes getter")
        execution.step(getter)
        blocked = execution.blocked_on(getter)
        assert blocked is not None
        assert (blocked.kind, blocked.condition, blocked.holder) == ("reacquire", None, putter)


def test_the_clock_moves_when_the_driver_lets_it() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue()
        slow = execution.spawn(lambda: shared.get(timeout=7), "slow")
        quick = execution.spawn(lambda: shared.get(timeout=5), "quick")
        run(execution, slow)
        run(execution, quick)
        assert execution.pending_deadlines == ((5, quick), (7, slow))
        assert (execution.next_deadline, execution.enabled) == (5, ())
        assert str(execution.blocked_on(quick)) == "parked on not_empty until 5 s"
        execution.advance_clock()
        assert (execution.next_deadline, execution.enabled) == (7, (quick,))
        run(execution, quick)
        assert type(quick.error).__name__ == "Empty"
        assert execution.schedule.endswith(":sync:0x3.1x3.c.1x4")


def test_deadlines_at_the_same_time_pass_together() -> None:
    with Execution() as execution:
        tasks = tuple(execution.spawn(lambda: time.sleep(1), f"sleeper-{number}") for number in range(2))
        for task in tasks:
            run(execution, task)
        execution.advance_clock()
        assert execution.enabled == tasks
        with pytest.raises(UsageError, match="no deadline is pending"):
            execution.advance_clock()


def test_a_step_of_a_task_with_the_earliest_deadline_lets_it_pass() -> None:
    with Execution() as execution:
        task = execution.spawn(lambda: time.sleep(1), "sleeper")
        run(execution, task)
        execution.step(task)
        execution.step(task)
        assert task.ended
        assert execution.schedule.endswith(":sync:0.t0.0")


def test_a_task_that_cannot_go_on_cannot_be_stepped() -> None:
    with Execution() as execution:
        lock = threading.Lock()
        lock.acquire()
        task = execution.spawn(lock.acquire, "waiter")
        run(execution, task)
        with pytest.raises(UsageError, match=r"waits for .*, held by no task \(held from outside\)"):
            execution.step(task)
        lock.release()
        assert task in execution.enabled


def test_the_driver_is_told_before_it_waits_for_ever() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue()
        task = execution.spawn(shared.qsize, "reader")
        execution.step(task)
        execution.step(task)
        with pytest.raises(UsageError, match="a lock that reader holds"):
            shared.qsize()
        thread = threading.Thread(target=shared.qsize)
        starter = execution.spawn(thread.start, "starter")
        run(execution, starter)
        with pytest.raises(UsageError, match="would wait for ever"):
            thread.join()


def test_names_are_unique() -> None:
    with Execution() as execution:
        execution.spawn(lambda: None, "worker")
        with pytest.raises(UsageError, match="'worker' already"):
            execution.spawn(lambda: None, "worker")


def test_threads_of_the_same_name_are_told_apart() -> None:
    def start_two() -> None:
        for _ in range(2):
            threading.Thread(target=lambda: None, name="worker").start()

    with Execution() as execution:
        run(execution, execution.spawn(start_two, "main"))
        assert [task.name for task in execution.tasks] == ["main", "worker", "worker#2"]


def test_only_the_driver_drives() -> None:
    with Execution() as execution:
        task = execution.spawn(lambda: execution.spawn(lambda: None, "other"), "task")
        run(execution, task)
        assert isinstance(task.error, UsageError)
    with pytest.raises(UsageError, match="belongs inside"):
        execution.step(task)


def test_there_is_one_execution_at_a_time() -> None:
    with Execution() as execution:
        with pytest.raises(AlreadyRunning, match="another controlled execution"), Execution():
            pass
        task = execution.spawn(lambda: 1, "task")
        run(execution, task)
        assert task.result == 1
    with Execution():
        pass
    with pytest.raises(AlreadyRunning, match="once"), execution:
        pass


def test_another_thread_cannot_begin_one_meanwhile() -> None:
    said: list[str] = []

    def begin() -> None:
        try:
            with Execution():
                said.append("began")
        except AlreadyRunning as error:
            said.append(str(error))

    for _ in range(2):
        with Execution():
            thread = threading.Thread(target=begin)
            thread.start()
            thread.join()
    begin()
    assert said == ["another controlled execution is under way in this process: end it first"] * 2 + ["began"]


def test_too_many_steps_are_an_error() -> None:
    def spin() -> None:
        while True:
            lock.locked()

    with Execution(max_steps=50) as execution:
        lock = threading.Lock()
        task = execution.spawn(spin, "spinner")
        with pytest.raises(TooManySteps, match="more than 50 steps"):
            run(execution, task)
        assert execution.steps == 50


def test_the_trace_holds_all_steps() -> None:
    with Execution() as execution:
        shared: Any = ThreadSafeQueue()
        run(execution, execution.spawn(shared.get, "getter"))
        trace = execution.trace
    assert [step.action for step in trace.steps] == ["begins", "acquires mutex", "parks on not_empty"]
    assert trace.violates == "Deadlock"
    assert {step.task for step in trace.steps} == {"getter"}


def test_nothing_is_recorded_where_nobody_asks() -> None:
    with Execution(record=False) as execution:
        task = execution.spawn(lambda: None, "task")
        assert execution.step(task) is None
        assert execution.trace.steps == ()
        assert execution.schedule.endswith(":sync:0")


def test_an_interrupted_task_raises_where_it_is_parked_and_has_nothing() -> None:
    with Execution() as execution:
        lock = threading.Lock()
        holder = execution.spawn(lock.acquire, "holder")
        waiter = execution.spawn(lock.acquire, "waiter")
        run(execution, holder)
        execution.step(waiter)
        assert execution.blocked == (waiter,)
        execution.interrupt(waiter, ZeroDivisionError("now"))
        assert execution.enabled == (waiter,)
        execution.step(waiter)
        assert (repr(waiter.error), execution.holders[lock]) == ("ZeroDivisionError('now')", holder)


def test_an_interrupt_comes_before_an_operation_but_after_a_release() -> None:
    def interrupted(steps: int) -> tuple[str, bool]:
        lock = threading.Lock()

        def locking() -> None:
            with lock:
                pass

        with Execution() as execution:
            task = execution.spawn(locking, "task")
            for _ in range(steps):
                execution.step(task)
            execution.interrupt(task, ZeroDivisionError())
            execution.step(task)
            return repr(task.error), lock.locked()

    assert [interrupted(steps) for steps in range(3)] == [("ZeroDivisionError()", False)] * 3


def test_a_task_that_has_ended_cannot_be_interrupted() -> None:
    with Execution() as execution:
        task = execution.spawn(lambda: None, "task")
        run(execution, task)
        with pytest.raises(UsageError, match="task has ended"):
            execution.interrupt(task, KeyboardInterrupt())
