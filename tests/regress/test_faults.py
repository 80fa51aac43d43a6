"""Faults are made in the real source, and only there where the source has the place for them."""

from __future__ import annotations

import inspect
import linecache
import queue
import traceback

import pytest

from pcverify import ThreadSafeQueue
from pcverify.evidence import InternalError, UsageError
from pcverify.regress import faults
from pcverify.regress.faults import Fault, FaultDoesNotApply
from tests.support.queues import faulty

CASES = [(faults.named(name), queue_class) for name, queue_class in faulty(fault.name for fault in faults.FAULTS)]
IDS = [f"{fault.name}-{queue_class.__name__}" for fault, queue_class in CASES]


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


@pytest.mark.parametrize("queue_class", [ThreadSafeQueue, queue.Queue])
def test_the_original_class_is_not_touched(queue_class):
    before = {name: vars(queue_class)[name] for name in vars(queue_class)}
    module = dict(vars(inspect.getmodule(queue_class)))
    faults.apply(faults.named("lifo"), queue_class)
    assert {name: vars(queue_class)[name] for name in vars(queue_class)} == before
    assert dict(vars(inspect.getmodule(queue_class))) == module


@pytest.mark.parametrize("queue_class", [ThreadSafeQueue, queue.Queue])
def test_the_mutated_class_raises_the_exceptions_of_the_original(queue_class):
    with pytest.raises(queue.Empty):
        faults.apply(faults.named("lifo"), queue_class)().get(block=False)


def test_functions_that_the_class_calls_are_mutated_with_it():
    assert "if not condition.wait(remaining):" in faults.mutated_source(faults.named("swallow-wakeup"), ThreadSafeQueue)


@pytest.mark.parametrize("queue_class", [ThreadSafeQueue, queue.Queue])
def test_a_mutated_method_shows_its_own_source(queue_class):
    broken = faults.apply(faults.named("lifo"), queue_class)
    assert "self.queue.pop()" in inspect.getsource(broken._get)
    linecache.checkcache()
    assert "self.queue.pop()" in inspect.getsource(broken._get)


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
