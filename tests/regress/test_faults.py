"""Faults are made in the real source, and only there where the source has the place for them."""

from __future__ import annotations

import inspect
import linecache
import queue
import traceback

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue
from pcverify.evidence import InternalError, UsageError
from pcverify.pipeline import handoff_queue
from pcverify.regress import faults
from pcverify.regress.faults import Fault, FaultDoesNotApply
from tests.support.queues import faulty

QUEUES = [ThreadSafeQueue, queue.Queue, HandoffQueue]
CASES = [(faults.named(name), queue_class) for name, queue_class in faulty(fault.name for fault in faults.FAULTS)]
IDS = [f"{fault.name}-{queue_class.__name__}" for fault, queue_class in CASES]
NO_PLACE_IN = {
    "one-condition": {HandoffQueue},  # it has none
    "if-for-while-in-put": {HandoffQueue},  # there is nothing to look for again
    "if-for-while-in-get": {HandoffQueue},
    "timed-out-waiter-stays-listed": {queue.Queue},  # the list is Condition's affair
    "woken-waiter-stays-listed": {queue.Queue},
    "last-come-first-served": {queue.Queue, ThreadSafeQueue},  # they promise no order
    "serve-wakes-nobody": {queue.Queue},  # it has no recovery
    "interrupted-get-gives-nothing-back": {queue.Queue},
    "interrupted-get-keeps-what-it-was-handed": {queue.Queue, ThreadSafeQueue},  # nothing is handed over
    "interrupted-waiter-stays-listed": {queue.Queue},
    "interrupted-shutdown-wakes-some": {queue.Queue},
}


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_each_fault_applies_to_each_class_but_those_that_are_known(fault):
    without = {queue_class for queue_class in QUEUES if (fault, queue_class) not in CASES}
    never_shut_down = {queue.Queue} if "shutdown" in fault.name and not hasattr(queue.Queue, "shutdown") else set()
    assert without == NO_PLACE_IN.get(fault.name, set()) | never_shut_down


@pytest.mark.parametrize(("fault", "queue_class"), CASES, ids=IDS)
def test_each_fault_changes_the_source_of_each_class(fault, queue_class):
    assert faults.mutated_source(fault, queue_class) != faults.original_source(queue_class)


@pytest.mark.parametrize(("fault", "queue_class"), CASES, ids=IDS)
def test_each_mutated_class_can_still_be_made_and_asked(fault, queue_class):
    broken = faults.apply(fault, queue_class)
    assert broken.__name__ == f"{queue_class.__name__}[{fault.name}]"
    assert broken is not queue_class
    assert (broken(3).qsize(), broken(3).maxsize) == (0, 3)


class BuiltDifferently:
    """A queue with nothing in it that a fault could be made in."""

    def put(self, item):
        """Forget `item`."""


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.name)
def test_no_fault_applies_to_a_class_that_is_built_differently(fault):
    with pytest.raises(FaultDoesNotApply, match=f"^{fault.name} does not apply to .*BuiltDifferently: "):
        faults.apply(fault, BuiltDifferently)


def test_a_fault_that_changes_nothing_is_a_defect_of_ours():
    with pytest.raises(InternalError, match=r"left queue\.Queue as it was"):
        faults.apply(Fault("nothing", "no change", lambda tree: None), queue.Queue)


@pytest.mark.parametrize("queue_class", QUEUES)
def test_the_original_class_is_not_touched(queue_class):
    before = {name: vars(queue_class)[name] for name in vars(queue_class)}
    module = dict(vars(inspect.getmodule(queue_class)))
    faults.apply(faults.named("lifo"), queue_class)
    assert {name: vars(queue_class)[name] for name in vars(queue_class)} == before
    assert dict(vars(inspect.getmodule(queue_class))) == module


@pytest.mark.parametrize("queue_class", QUEUES)
def test_the_mutated_class_raises_the_exceptions_of_the_original(queue_class):
    with pytest.raises(queue.Empty):
        faults.apply(faults.named("lifo"), queue_class)().get(block=False)
    if hasattr(queue_class, "shutdown"):
        ended = faults.apply(faults.named("lifo"), queue_class)()
        ended.shutdown()
        with pytest.raises(ShutDown):
            ended.get()


@pytest.mark.parametrize("queue_class", [ThreadSafeQueue, HandoffQueue])
def test_the_mutated_class_calls_nothing_of_the_original(queue_class):
    broken = faults.apply(faults.named("lifo"), queue_class)
    assert [base for base in broken.__mro__ if base.__module__ == queue_class.__module__] == [broken]
    assert {
        name for name in ("put", "get", "_wait", "_serve") if getattr(broken, name) is getattr(queue_class, name)
    } == set()


@pytest.mark.parametrize("queue_class", [ThreadSafeQueue, HandoffQueue])
def test_a_mutated_queue_that_detects_reentry_is_mutated_still(queue_class):
    shared = faults.apply(faults.named("lifo"), queue_class)(detect_reentry=True)
    shared.put(1)
    shared.put(2)
    assert shared.get() == 2


def test_functions_that_the_class_calls_are_mutated_with_it():
    broken = faults.apply(faults.named("drop-notify-in-put"), HandoffQueue)
    assert broken._close.__globals__["_open_all"] is not handoff_queue._open_all


def test_classes_that_the_class_uses_are_mutated_with_it():
    source = faults.mutated_source(faults.named("woken-waiter-stays-listed"), ThreadSafeQueue)
    assert "del waiters[0]" in faults.original_source(ThreadSafeQueue)
    assert "del waiters[0]" not in source


@pytest.mark.parametrize(("queue_class", "line"), [(queue.Queue, "queue.pop()"), (ThreadSafeQueue, "self.queue[-1]")])
def test_a_mutated_method_shows_its_own_source(queue_class, line):
    broken = faults.apply(faults.named("lifo"), queue_class)
    method = broken._get if queue_class is queue.Queue else broken.get
    assert line in inspect.getsource(method)
    linecache.checkcache()
    assert line in inspect.getsource(method)


def test_a_traceback_shows_the_mutated_lines():
    broken = faults.apply(faults.named("if-for-while-in-get"), queue.Queue)()
    try:
        broken.get(timeout=1e-3)
    except IndexError as error:
        text = "".join(traceback.format_exception(error))
    assert 'File "<queue.Queue[if-for-while-in-get]>"' in text
    assert "item = self._get()" in text


def test_a_class_within_a_function_is_refused():
    class Local(ThreadSafeQueue):
        pass

    with pytest.raises(UsageError, match="is not at the top of its module"):
        faults.apply(faults.named("lifo"), Local)


def test_a_class_without_source_is_refused():
    with pytest.raises(UsageError, match=r"the source of _queue\.SimpleQueue is not to be had"):
        faults.apply(faults.named("lifo"), queue.SimpleQueue)


def test_names_are_distinct_and_found():
    assert [faults.named(fault.name) for fault in faults.FAULTS] == list(faults.FAULTS)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(UsageError, match="no fault is called 'none'; there are: capacity-off-by-one, lifo"):
        faults.named("none")
