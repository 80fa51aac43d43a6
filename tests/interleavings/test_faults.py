"""The state machines catch faults in real queue code, and tell each as a short story.

Every fault is made in the source of both classes, so the checks are shown to fail on the very code that passes.
"""

from __future__ import annotations

import pytest

from pcverify import ThreadSafeQueue
from pcverify.regress import faults
from tests.interleavings.machine import TURNS, AllCalls, PutsAndGets
from tests.interleavings.operations import CHECKS
from tests.interleavings.running import EXAMPLES, find
from tests.support.queues import faulty

MORE = {"swallow-wakeup": 2000}  # needs a timeout between a notify and its target's turn
LONGEST_SCRIPT = 12  # rules, after the one that makes the queue
CAUGHT = [  # fault, machine, the check that must notice it
    ("one-condition", PutsAndGets, "no_lost_wakeup"),
    ("if-for-while-in-put", PutsAndGets, "bounded_size"),
    ("if-for-while-in-get", PutsAndGets, "no_crash"),
    ("drop-notify-in-put", PutsAndGets, "no_lost_wakeup"),
    ("drop-notify-in-get", PutsAndGets, "no_lost_wakeup"),
    ("check-outside-lock-in-put", PutsAndGets, "bounded_size"),
    ("check-outside-lock-in-get", PutsAndGets, "no_crash"),
    ("swallow-wakeup", PutsAndGets, "no_lost_wakeup"),
    ("lifo", PutsAndGets, "fifo"),
    ("drop-item", PutsAndGets, "nothing_lost"),
    ("double-item", PutsAndGets, "nothing_doubled"),
    ("nowait-waits", PutsAndGets, "liveness"),
    ("capacity-off-by-one", PutsAndGets, "bounded_size"),
    ("task-done-never-complains", AllCalls, "task_done"),
    ("unfinished-not-counted", AllCalls, "join"),
    ("drop-notify-in-task-done", AllCalls, "no_lost_wakeup"),
    ("drop-notify-getters-in-shutdown", AllCalls, "no_lost_wakeup"),
    ("drop-notify-putters-in-shutdown", AllCalls, "no_lost_wakeup"),
    ("drop-notify-joiners-in-shutdown", AllCalls, "no_lost_wakeup"),
]
TOLD = [
    "one-condition",
    "if-for-while-in-get",
    "drop-notify-in-put",
    "drop-notify-in-get",
    "check-outside-lock-in-put",
    "swallow-wakeup",
]


@pytest.mark.parametrize(("name", "machine", "check", "queue_class"), faulty(CAUGHT))
def test_a_fault_is_caught(name, machine, check, queue_class, record_property):
    broken, _, scripts = find(machine, faults.apply(faults.named(name), queue_class), examples=MORE.get(name, EXAMPLES))
    assert broken is not None, f"{scripts} scripts, and none showed it"
    assert broken.check == check, str(broken)
    record_property("scripts_to_failure", scripts)


def test_each_check_is_shown_to_fail():
    assert {check for _, _, check in CAUGHT} == CHECKS


@pytest.mark.timeout(110)
@pytest.mark.parametrize("name", TOLD)
def test_a_fault_is_told_as_a_short_story(name):
    subject = faults.apply(faults.named(name), ThreadSafeQueue)
    broken, story, _ = find(PutsAndGets, subject, examples=MORE.get(name, EXAMPLES), shrink=True)
    calls_and_turns = [*story[1:], TURNS].index(TURNS)  # the first line is the queue
    assert calls_and_turns <= LONGEST_SCRIPT, str(broken)
    assert "0x" not in str(broken), "names, not addresses"
    assert "What led to it:" in str(broken)
    if broken.check == "no_lost_wakeup":
        assert "should have woken it" in str(broken)
        assert " parks on not_" in str(broken)
