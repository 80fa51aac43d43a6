"""Each check of the sequential machine fails on a fault of its own.

Faults that only overlapping calls can show are in `ONLY_WHEN_CALLS_OVERLAP`: no sequence of calls by one thread
tells such a class from a sound one, so they are for the tests over interleavings.
"""

from __future__ import annotations

import pytest
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

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
ONLY_WHEN_CALLS_OVERLAP = {
    "one-condition",
    "drop-notify-in-put",
    "drop-notify-in-get",
    "check-outside-lock-in-put",
    "check-outside-lock-in-get",
    "swallow-wakeup",
    "drop-notify-in-task-done",
    "drop-notify-getters-in-shutdown",
    "drop-notify-putters-in-shutdown",
    "drop-notify-joiners-in-shutdown",
}
FAULT_AND_CHECK = sorted((fault, check) for fault, checks in FOUND_BY.items() for check in checks)


@pytest.mark.parametrize(("fault", "check", "queue_class"), faulty(FAULT_AND_CHECK))
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


def test_each_fault_is_found_here_or_needs_calls_that_overlap():
    assert sorted([*FOUND_BY, *ONLY_WHEN_CALLS_OVERLAP]) == sorted(fault.name for fault in faults.FAULTS)
