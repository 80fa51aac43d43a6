"""The state machines catch faults in real queue code, and tell each as a short story.

Every fault is made in the source of all classes that have the place for it, so the checks are shown to fail on the
very code that passes. What only an exception from outside shows, or a long story, is for `tests/regress`.
"""

from __future__ import annotations

import pytest

from pcverify import ThreadSafeQueue
from pcverify.regress import faults
from tests.interleavings.machine import AllCalls, PutsAndGets
from tests.interleavings.operations import CHECKS
from tests.interleavings.running import LONGEST_SCRIPT, find
from tests.support.queues import faulty

EXAMPLES = 2000  # scripts at most: few of the faults need more than some hundreds
CAUGHT = [  # fault, machine, the check that must notice it
    ("one-condition", PutsAndGets, "no_lost_wakeup"),
    ("if-for-while-in-put", PutsAndGets, "bounded_size"),
    ("if-for-while-in-get", PutsAndGets, "no_crash"),
    ("drop-notify-in-put", PutsAndGets, "no_lost_wakeup"),
    ("drop-notify-in-get", PutsAndGets, "no_lost_wakeup"),
    ("check-outside-lock-in-put", PutsAndGets, "bounded_size"),
    ("check-outside-lock-in-get", PutsAndGets, "no_crash"),
    ("enlist-outside-lock-in-put", PutsAndGets, "no_lost_wakeup"),
    ("enlist-outside-lock-in-get", PutsAndGets, "no_lost_wakeup"),
    ("woken-waiter-stays-listed", PutsAndGets, "no_lost_wakeup"),
    ("swallow-wakeup", PutsAndGets, "no_lost_wakeup"),
    ("lifo", PutsAndGets, "fifo"),
    ("drop-item", PutsAndGets, "nothing_lost"),
    ("double-item", PutsAndGets, "nothing_doubled"),
    ("nowait-waits", PutsAndGets, "liveness"),
    ("capacity-off-by-one", PutsAndGets, "bounded_size"),
    ("task-done-never-complains", AllCalls, "task_done"),
    ("unfinished-not-counted", AllCalls, "join"),
    ("shutdown-forgets-puts", AllCalls, "no_lost_wakeup"),
    ("drop-notify-in-task-done", AllCalls, "no_lost_wakeup"),
    ("drop-notify-getters-in-shutdown", AllCalls, "no_lost_wakeup"),
    ("drop-notify-putters-in-shutdown", AllCalls, "no_lost_wakeup"),
    ("drop-notify-joiners-in-shutdown", AllCalls, "no_lost_wakeup"),
]
OTHERWISE = {  # the checks that notice it in another class
    "unfinished-not-counted": {"no_crash"},  # task_done complains that it was called too often
    "lifo": {"nothing_lost"},  # a put that waits is let in at the same step
    "swallow-wakeup": {"nothing_lost"},  # what was handed over
    "woken-waiter-stays-listed": {"nothing_lost"},  # an item is handed to one who has another
}
ELSEWHERE = [row for row in faulty(CAUGHT) if row[-1] is not ThreadSafeQueue]


@pytest.mark.parametrize(("name", "machine", "check"), CAUGHT)
def test_a_fault_is_caught_and_told_as_a_short_story(name, machine, check, record_property):
    found = find(machine, faults.apply(faults.named(name), ThreadSafeQueue), examples=EXAMPLES, shrink=True)
    told = str(found.broken)
    assert found.broken is not None, f"{found.scripts} scripts, and none showed it"
    assert found.broken.check == check, told
    assert found.broken.rules <= LONGEST_SCRIPT, told
    assert "What led to it:" in told
    assert "0x" not in told, "names, not addresses"
    if check == "no_lost_wakeup":
        assert "should have woken it" in told
        assert " parks on " in told
    record_property("scripts_to_failure", found.scripts)
    record_property("rules", found.broken.rules)


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "machine", "check", "queue_class"), ELSEWHERE)
def test_a_fault_of_another_queue_is_caught(name, machine, check, queue_class, record_property):
    broken = faults.apply(faults.named(name), queue_class)
    found = find(machine, broken, examples=EXAMPLES)
    assert found.broken is not None, f"{found.scripts} scripts, and none showed it"
    assert found.broken.check in {check, *OTHERWISE.get(name, ())}, str(found.broken)
    record_property("scripts_to_failure", found.scripts)


def test_each_check_is_shown_to_fail():
    assert {check for _, _, check in CAUGHT} == CHECKS
