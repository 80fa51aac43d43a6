"""Each fault is reported, at the smallest config that shows it; but one, which no model can show."""

from __future__ import annotations

import pytest

from pcverify import HandoffQueue, ThreadSafeQueue
from pcverify.conformance.conforming import conform, subject_for
from pcverify.conformance.explaining import explained
from pcverify.conformance.programs import QueueConfig, UnfinishedConfig
from pcverify.evidence import Verdict
from pcverify.regress import faults

ONE = QueueConfig()
TWO_PUTTERS = QueueConfig(producers=2)
TWO_GETTERS = QueueConfig(consumers=2)
TWO_PLACES = QueueConfig(capacity=2, puts_each=2, gets_each=2)
TIMED = QueueConfig(timed=("all",))
GENTLY = QueueConfig(shutdown="gently")
INTERRUPTED = QueueConfig(interruptible=("all",))
SHOWN = {
    "capacity-off-by-one": TWO_PUTTERS,
    "lifo": TWO_PLACES,
    "drop-item": ONE,
    "double-item": ONE,
    "nowait-waits": QueueConfig(impatient=("all",)),
    "shutdown-forgets-puts": GENTLY,
    "immediate-shutdown-keeps-items": QueueConfig(shutdown="immediately"),
    "one-condition": ONE,
    "if-for-while-in-put": QueueConfig(producers=2, puts_each=2, gets_each=4),
    "if-for-while-in-get": TWO_GETTERS,
    "drop-notify-in-put": ONE,
    "drop-notify-in-get": TWO_PUTTERS,
    "check-outside-lock-in-put": ONE,
    "check-outside-lock-in-get": ONE,
    "enlist-outside-lock-in-put": TWO_PUTTERS,
    "enlist-outside-lock-in-get": ONE,
    "swallow-wakeup": TIMED,
    "timed-out-waiter-stays-listed": TIMED,
    "woken-waiter-stays-listed": ONE,
    "last-come-first-served": TWO_GETTERS,
    "drop-notify-getters-in-shutdown": GENTLY,
    "drop-notify-putters-in-shutdown": QueueConfig(puts_each=2, shutdown="gently"),
    "serve-wakes-nobody": QueueConfig(consumers=2, interruptible=("consumers",)),
    "interrupted-get-gives-nothing-back": INTERRUPTED,
    "interrupted-get-keeps-what-it-was-handed": INTERRUPTED,
    "interrupted-waiter-stays-listed": INTERRUPTED,
}
SHOWN_BY_JOINS = {
    "task-done-never-complains": {},
    "unfinished-not-counted": {},
    "drop-notify-in-task-done": {},
    "drop-notify-joiners-in-shutdown": {"shutdown": "immediately"},
    "interrupted-shutdown-wakes-some": {"joiners": 2, "interruptible": ("all",), "shutdown": "immediately"},
}
NOT_SHOWN = {"accept-negative-timeout"}  # no program here makes such a call: the graphs are the same
CASES = [
    pytest.param(model, make, name, id=f"{make.__name__}-{name}")
    for model, make in (("ConditionQueue", ThreadSafeQueue), ("HandoffQueue", HandoffQueue))
    for name in SHOWN
]


@pytest.mark.parametrize(("model", "make", "name"), CASES)
def test_a_fault_is_reported_with_its_step_and_line(model, make, name):
    config = SHOWN[name]
    try:
        broken = faults.apply(faults.named(name), make)
    except faults.FaultDoesNotApply:
        assert (make, name) in {
            (ThreadSafeQueue, "last-come-first-served"),
            (ThreadSafeQueue, "interrupted-get-keeps-what-it-was-handed"),
            (HandoffQueue, "one-condition"),
            (HandoffQueue, "if-for-while-in-put"),
            (HandoffQueue, "if-for-while-in-get"),
        }
        return
    is_reported(model, broken, config, name)


@pytest.mark.parametrize("make", [ThreadSafeQueue, HandoffQueue])
@pytest.mark.parametrize("name", SHOWN_BY_JOINS)
def test_a_fault_of_task_done_and_join_is_reported_with_its_step_and_line(make, name):
    config = UnfinishedConfig(**SHOWN_BY_JOINS[name], hands_over=make is HandoffQueue)
    broken = faults.apply(faults.named(name), make)
    is_reported("UnfinishedTasks", broken, config, name)


def test_no_fault_is_left_out():
    assert sorted([*SHOWN, *SHOWN_BY_JOINS, *NOT_SHOWN]) == sorted(fault.name for fault in faults.FAULTS)


def is_reported(model, broken, config, name):
    result = conform(model, broken, config)
    assert result.verdict is Verdict.VIOLATION
    shown = explained(result, subject_for(model, broken, config))
    assert result.comparison.difference.side == "code"
    assert shown.action
    assert ".py" in shown.location or name in shown.location
    assert "The model allows there" in shown.text
