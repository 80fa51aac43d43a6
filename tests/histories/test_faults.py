"""Each check of the sequential machine fails on a fault of its own.

Faults that no sequence of calls by one thread tells from a sound class are in `NOT_BY_CALLS_OF_ONE_THREAD`: they are
for the tests over interleavings and for `tests/regress`. Who stays listed when its wait was cut off is one of them in
`ThreadSafeQueue`, which wakes it in vain; `HandoffQueue` hands it an item, which is lost.
"""

from __future__ import annotations

import pytest
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from pcverify import HandoffQueue
from pcverify.regress import faults
from tests.histories.machine import ALL_CHECKS, CheckFailed, machine_for
from tests.support.hypothesis_settings import SAME_EACH_TIME
from tests.support.queues import faulty

FOUND_BY = {
    "capacity-off-by-one": {"bounded_size", "matches_specification"},
    "lifo": {"fifo", "matches_specification"},
    "drop-item": {"conservation", "matches_specification"},
    "double-item": {"conservation", "bounded_size", "matches_specification"},
    "task-done-never-complains": {"unfinished_tasks_are_not_negative", "matches_specification"},
    "unfinished-not-counted": {"unfinished_tasks_are_counted", "matches_specification"},
    "nowait-waits": {"matches_specification"},
    "accept-negative-timeout": {"matches_specification"},
    "shutdown-forgets-puts": {"puts_are_refused_after_shutdown", "matches_specification"},
    "immediate-shutdown-keeps-items": {"conservation", "unfinished_tasks_are_counted", "matches_specification"},
    "if-for-while-in-put": {"bounded_size", "matches_specification"},
    "if-for-while-in-get": {"matches_specification"},
}
FOUND_IN_HANDOFF_BY = {
    "timed-out-waiter-stays-listed": {"conservation", "matches_specification"},
    "interrupted-waiter-stays-listed": {"conservation", "matches_specification"},
}
NOT_BY_CALLS_OF_ONE_THREAD = {
    "one-condition",
    "drop-notify-in-put",
    "drop-notify-in-get",
    "check-outside-lock-in-put",
    "check-outside-lock-in-get",
    "enlist-outside-lock-in-put",
    "enlist-outside-lock-in-get",
    "swallow-wakeup",
    "woken-waiter-stays-listed",
    "last-come-first-served",
    "drop-notify-in-task-done",
    "drop-notify-getters-in-shutdown",
    "drop-notify-putters-in-shutdown",
    "drop-notify-joiners-in-shutdown",
    "serve-wakes-nobody",
    "interrupted-get-gives-nothing-back",
    "interrupted-get-keeps-what-it-was-handed",
    "interrupted-shutdown-wakes-some",
}


def rows(found_by):
    """Return each fault with each check that finds it and each class that has the place for it."""
    return faulty(sorted((fault, check) for fault, checks in found_by.items() for check in checks))


HANDOFF_ROWS = [row for row in rows(FOUND_IN_HANDOFF_BY) if row[-1] is HandoffQueue]


@pytest.mark.parametrize(("fault", "check", "queue_class"), rows(FOUND_BY) + HANDOFF_ROWS)
def test_a_check_alone_finds_the_fault_that_breaks_it(fault, check, queue_class, record_property):
    machine = machine_for(faults.apply(faults.named(fault), queue_class), {check})
    # `Flaky` when a deadline had passed before the wait began: Hypothesis runs a failing sequence once more.
    with pytest.raises((CheckFailed, Flaky)):
        run_state_machine_as_test(machine, settings=SAME_EACH_TIME)
    assert machine.failed == check
    assert machine.examples <= SAME_EACH_TIME.max_examples
    record_property("examples", machine.examples)


def test_each_check_is_shown_to_fail():
    assert set().union(*FOUND_BY.values()) == ALL_CHECKS


def test_each_fault_is_found_here_or_by_no_calls_of_one_thread():
    assert sorted([*FOUND_BY, *FOUND_IN_HANDOFF_BY, *NOT_BY_CALLS_OF_ONE_THREAD]) == sorted(
        fault.name for fault in faults.FAULTS
    )
