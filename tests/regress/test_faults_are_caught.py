"""Each fault that one thread alone does not show is caught: by a small program, or by a story with an exception in it.

The programs are explored, and a sound class passes under the same bounds. The stories are told one step at a time: who
waits parks in the order told, and what is raised from outside comes at the step told.
"""

from __future__ import annotations

import queue
from contextlib import suppress
from functools import partial

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue
from pcverify.evidence import Verdict
from pcverify.explore import Execution, explore
from pcverify.regress import faults
from tests.subjects.threads import run_together
from tests.support.queues import faulty

EXECUTIONS = 300
CLASSES = [ThreadSafeQueue, queue.Queue, HandoffQueue]

# Programs, each of a class of queues.


def two_puts_and_two_gets(make):
    shared, got = make(1), []

    def put(item):
        shared.put(item)
        assert shared.qsize() <= 1

    run_together(partial(put, 0), partial(put, 1), *[lambda: got.append(shared.get())] * 2)
    assert sorted(got) == [0, 1]


def two_gets_of_what_is_there(make):
    shared, got = make(1), []
    shared.put(0)
    run_together(*[lambda: got.append(shared.get())] * 2, partial(shared.put, 1))
    assert sorted(got) == [0, 1]


def two_puts_into_a_full_queue_and_two_gets(make):
    shared = make(1)
    shared.put(0)

    def put():
        shared.put(1)
        assert shared.qsize() <= 1

    run_together(put, put, shared.get, shared.get)
    assert shared.qsize() == 1


def a_hasty_get_beside_a_patient_one(make):
    shared, got = make(1), []

    def hasty():
        try:
            shared.get(timeout=0.5)
        except queue.Empty:
            return
        shared.put(1)

    run_together(hasty, lambda: got.append(shared.get()), partial(shared.put, 0))
    assert len(got) == 1


def a_hasty_put_beside_a_patient_one(make):
    shared = make(1)
    shared.put(0)

    def hasty():
        try:
            shared.put(2, timeout=0.5)
        except queue.Full:
            return
        shared.get()

    run_together(hasty, partial(shared.put, 1), shared.get)
    assert shared.qsize() == 1


def a_join_beside_a_worker(make):
    shared, done = make(), []

    def work():
        done.append(shared.get())
        shared.task_done()

    def join():
        shared.put("item")
        shared.join()
        assert done == ["item"]

    run_together(work, join)


def gets_and_the_end(make):
    shared = make(1)

    def get():
        with suppress(ShutDown):
            shared.get()

    run_together(get, get, shared.shutdown)


def puts_and_the_end(make):
    shared = make(1)
    shared.put(0)

    def put():
        with suppress(ShutDown):
            shared.put(1)

    run_together(put, put, shared.shutdown)


def a_join_and_the_end(make):
    shared = make(1)
    shared.put(0)
    run_together(shared.join, partial(shared.shutdown, immediate=True))


def many_for_two_gets(make):
    shared = make(2)
    run_together(shared.get, shared.get, partial(shared.put_many, [0, 1]))


def room_for_two_puts(make):
    shared = make(2)
    shared.put_many([0, 1])
    run_together(partial(shared.put, 2), partial(shared.put, 3), partial(shared.get_many, 2))


CAUGHT = [
    ("one-condition", two_puts_and_two_gets),
    ("if-for-while-in-put", two_puts_into_a_full_queue_and_two_gets),
    ("if-for-while-in-get", two_puts_and_two_gets),
    ("drop-notify-in-put", two_puts_and_two_gets),
    ("drop-notify-in-get", two_puts_and_two_gets),
    ("check-outside-lock-in-put", two_puts_and_two_gets),
    ("check-outside-lock-in-get", two_gets_of_what_is_there),
    ("enlist-outside-lock-in-put", two_puts_and_two_gets),
    ("enlist-outside-lock-in-get", two_puts_and_two_gets),
    ("swallow-wakeup", a_hasty_get_beside_a_patient_one),
    ("swallow-wakeup", a_hasty_put_beside_a_patient_one),
    ("timed-out-waiter-stays-listed", a_hasty_get_beside_a_patient_one),
    ("timed-out-waiter-stays-listed", a_hasty_put_beside_a_patient_one),
    ("woken-waiter-stays-listed", two_puts_and_two_gets),
    ("drop-notify-in-task-done", a_join_beside_a_worker),
    ("unfinished-not-counted", a_join_beside_a_worker),
    ("drop-notify-getters-in-shutdown", gets_and_the_end),
    ("drop-notify-putters-in-shutdown", puts_and_the_end),
    ("drop-notify-joiners-in-shutdown", a_join_and_the_end),
    ("serve-wakes-nobody", many_for_two_gets),
    ("serve-wakes-nobody", room_for_two_puts),
]
SHOWN_BY_ONE_THREAD = {  # in `tests/histories`
    "capacity-off-by-one",
    "lifo",
    "drop-item",
    "double-item",
    "task-done-never-complains",
    "nowait-waits",
    "accept-negative-timeout",
    "shutdown-forgets-puts",
    "immediate-shutdown-keeps-items",
}
PROGRAMS = list(dict.fromkeys(program for _, program in CAUGHT))


def has_all(program, queue_class):
    """Return whether a class offers what a program calls."""
    return all(hasattr(queue_class, name) for name in ("shutdown", "put_many") if name in program.__code__.co_names)


@pytest.mark.parametrize(("name", "program", "queue_class"), faulty(CAUGHT))
def test_a_program_shows_the_fault(name, program, queue_class, record_property):
    broken = faults.apply(faults.named(name), queue_class)
    result = explore(partial(program, broken), max_executions=EXECUTIONS)
    assert result.verdict is Verdict.VIOLATION, str(result)
    record_property("executions", result.executions)


@pytest.mark.parametrize(("program", "queue_class"), [(p, c) for p in PROGRAMS for c in CLASSES if has_all(p, c)])
def test_a_sound_class_passes_the_program(program, queue_class):
    result = explore(partial(program, queue_class), max_executions=EXECUTIONS)
    assert result.verdict in {Verdict.OK, Verdict.SAMPLED}, str(result)


# Stories, each of a stage with a queue for one item.


class Interrupted(Exception):
    """Comes from outside."""


class Stage:
    """Tasks that call a queue, one step at a time."""

    def __init__(self, execution, shared):
        self.execution = execution
        self.shared = shared
        self.tasks = []
        self.sent = []
        self.got = []

    def call(self, method, *arguments, **keywords):
        """Let a task call the queue until it has ended, or is parked."""
        task = self.begin(method, *arguments, **keywords)
        self.go_on(task)
        return task

    def begin(self, method, *arguments, **keywords):
        """Make a task that will call the queue."""

        def run():
            result = getattr(self.shared, method)(*arguments, **keywords)
            if method == "put":
                self.sent.append(arguments[0])
            if method == "get":
                self.got.append(result)

        task = self.execution.spawn(run, f"{method}-{len(self.tasks)}")
        self.tasks.append(task)
        return task

    def go_on(self, *tasks):
        """Let some of the tasks go on, until they cannot."""
        while ready := [task for task in tasks if task in self.execution.enabled]:
            self.execution.take(ready[0])

    def interrupt(self, task):
        """Raise an exception in a task that is parked, or has been woken."""
        self.execution.interrupt(task, Interrupted())
        self.go_on(task)

    def interrupt_as_it_wakes(self, task):
        """Let a task go on until it wakes another one, and raise an exception there."""
        while not (task.kind == "release" and task.object is not self.shared.mutex):
            self.execution.take(task)
        self.interrupt(task)

    def wrong(self):
        """Return what is wrong when nobody can go on any more."""
        self.go_on(*self.tasks)
        there, ended = list(self.shared.queue), self.shared.is_shutdown
        getters, putters, joiners = map(len, self.shared._waiting())
        parked = [task.name.partition("-")[0] for task in self.tasks if not task.ended]
        errors = [task.error for task in self.tasks if not isinstance(task.error, (Interrupted, ShutDown, type(None)))]
        problems = {
            f"fails: {errors}": errors,
            "lost or doubled": sorted(self.sent) != sorted([*self.got, *there]),
            "out of order": sorted(self.got) != self.got,
            "a get waits for nothing": "get" in parked and (there or ended),
            "a put waits for nothing": "put" in parked and (len(there) < 1 or ended),
            "a join waits for nothing": "join" in parked and not self.shared.unfinished_tasks,
            "listed are others than wait": getters + putters + joiners != len(parked),
        }
        return [problem for problem, found in problems.items() if found]


def puts_wait_and_are_let_in(stage):
    for item in "abc":
        stage.call("put", item)
    for _ in "abc":
        stage.call("get")


def gets_wait_and_are_served(stage):
    first, second = stage.call("get"), stage.call("get")
    stage.call("put", "a")
    stage.call("put", "b")
    stage.go_on(first)
    stage.go_on(second)


def a_get_is_interrupted_as_it_lets_a_put_in(stage):
    stage.call("put", "a")
    stage.call("put", "b")
    stage.interrupt_as_it_wakes(stage.begin("get"))


def a_get_that_waits_is_interrupted(stage):
    first = stage.call("get")
    stage.call("get")
    stage.interrupt(first)
    stage.call("put", "a")


def a_put_that_waits_is_interrupted(stage):
    stage.call("put", "a")
    first = stage.call("put", "b")
    stage.call("put", "c")
    stage.interrupt(first)
    stage.call("get")


def a_join_that_waits_is_interrupted(stage):
    stage.call("put", "a")
    stage.interrupt(stage.call("join"))


def a_woken_get_is_interrupted_beside_another(stage):
    woken = stage.call("get")
    stage.call("get")
    stage.call("put", "a")
    stage.interrupt(woken)


def a_woken_put_is_interrupted_beside_another(stage):
    stage.call("put", "a")
    woken = stage.call("put", "b")
    stage.call("put", "c")
    stage.call("get")
    stage.interrupt(woken)
    stage.sent += [item for item in stage.shared.queue if item == "b"]  # it may be in already


def a_woken_get_is_interrupted(stage):
    woken = stage.call("get")
    stage.call("put", "a")
    stage.interrupt(woken)


def a_shutdown_is_interrupted_as_it_wakes(stage):
    stage.call("get")
    stage.call("get")
    stage.interrupt_as_it_wakes(stage.begin("shutdown"))


def a_task_done_is_interrupted_as_it_wakes(stage):
    stage.call("put", "a")
    stage.call("join")
    stage.call("join")
    stage.interrupt_as_it_wakes(stage.begin("task_done"))


TOLD = [
    ("last-come-first-served", puts_wait_and_are_let_in),
    ("last-come-first-served", gets_wait_and_are_served),
    ("woken-waiter-stays-listed", gets_wait_and_are_served),
    ("interrupted-get-gives-nothing-back", a_get_is_interrupted_as_it_lets_a_put_in),
    ("interrupted-get-keeps-what-it-was-handed", a_woken_get_is_interrupted),
    ("interrupted-waiter-stays-listed", a_get_that_waits_is_interrupted),
    ("interrupted-waiter-stays-listed", a_put_that_waits_is_interrupted),
    ("interrupted-waiter-stays-listed", a_join_that_waits_is_interrupted),
    ("serve-wakes-nobody", a_woken_get_is_interrupted_beside_another),
    ("interrupted-shutdown-wakes-some", a_shutdown_is_interrupted_as_it_wakes),
    ("interrupted-shutdown-wakes-some", a_task_done_is_interrupted_as_it_wakes),
]
STORIES = list(dict.fromkeys([*(story for _, story in TOLD), a_woken_put_is_interrupted_beside_another]))


def wrong_with(story, queue_class):
    with Execution() as execution:
        stage = Stage(execution, queue_class(1))
        story(stage)
        return stage.wrong()


@pytest.mark.parametrize(("name", "story", "queue_class"), faulty(TOLD))
def test_a_story_shows_the_fault(name, story, queue_class):
    assert wrong_with(story, faults.apply(faults.named(name), queue_class))


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("queue_class", [ThreadSafeQueue, HandoffQueue])
def test_a_sound_class_passes_the_story(story, queue_class):
    assert wrong_with(story, queue_class) == []


def test_each_fault_that_one_thread_alone_does_not_show_is_caught():
    caught = {name for name, _ in CAUGHT + TOLD}
    assert {fault.name for fault in faults.FAULTS} - caught == SHOWN_BY_ONE_THREAD
