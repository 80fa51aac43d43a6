"""Each part of a state counts: programs made to fool the key, each with two states that differ in that part alone.

Each does fool it as soon as the key leaves that part out.

What a pass does not show: that nothing is left out of which nobody has thought here.
"""

from __future__ import annotations

import collections
import contextvars
import itertools
import random
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest

from pcverify.explore import Stateful, explore
from pcverify.explore.control.locals import Storage
from pcverify.explore.control.locks import LOCK, RLOCK
from pcverify.explore.control.simple_queues import SIMPLE_QUEUE
from pcverify.explore.engine import scheduler
from pcverify.explore.states import classes, keys
from pcverify.explore.states import objects as writing
from pcverify.explore.states.graph import BY_KIND, Graph
from pcverify.explore.states.keys import StateKeys
from pcverify.explore.states.objects import WRITERS
from pcverify.explore.states.process import Process
from tests.explore import hidden_elsewhere as elsewhere
from tests.explore import hidden_objects as objects
from tests.explore.hiding import undecided

Blind = Callable[[pytest.MonkeyPatch], Any]
"""Keeps the key from seeing a part."""


def nothing(graph: Graph, value: Any) -> None:
    """Write nothing of an object."""


def without(*kinds: Any) -> Blind:
    """Leave out what is in objects of these types."""

    def blind(monkeypatch: pytest.MonkeyPatch) -> None:
        for kind in kinds:
            monkeypatch.setitem(WRITERS, kind, nothing)

    return blind


def replaced(place: Any, name: str, by: Any) -> Blind:
    return lambda monkeypatch: monkeypatch.setattr(place, name, by)


def both(*blinds: Blind) -> Blind:
    return lambda monkeypatch: [blind(monkeypatch) for blind in blinds]


def by_value(kind: type) -> Blind:
    """Write objects of a type for what they hold, whichever they are."""
    return lambda monkeypatch: monkeypatch.setitem(
        BY_KIND, kind, lambda graph, value: (kind.__name__, *value) if _is_flat(value) else None
    )


def _is_flat(value: Any) -> bool:
    return all(type(part) is int for part in value)


def of_frames(part: Callable[[list[Any], int], list[Any]]) -> Blind:
    """See only a part of what is in frames, of which so many first ones are variables."""
    original = keys.values_of

    def values_of(frame: Any, callee: Any, code: Any, *more: Any) -> Any:
        place, values = original(frame, callee, code, *more)
        return place, part(values, code.variables)

    return replaced(keys, "values_of", values_of)


def sorted_dict(graph: Graph, value: Any) -> None:
    graph.text += ("dict", len(value))
    graph.write(part for key in sorted(value, key=str) for part in (key, value[key]))


def known_by_its_names(graph: Graph, own: dict[str, Any]) -> bool:
    graph.text.append(graph.constants.shape(tuple(own)))
    return True


OPERANDS = of_frames(lambda values, variables: values[:variables])
SET = both(replaced(writing, "FILL", 4), replaced(writing, "FINGER", 4))
DEQUE = both(replaced(writing, "CHANGES", 1), replaced(writing, "SEEN", 1))
LOCALS = both(replaced(Storage, "is_used", lambda self: False), without(threading.local))
UNSEEN: dict[Callable[[], Any], Blind] = {
    objects.items: without(list),
    objects.order_of_a_dict: lambda monkeypatch: monkeypatch.setitem(WRITERS, dict, sorted_dict),
    objects.order_of_an_ordered_dict: without(collections.OrderedDict),
    objects.place_of_pop_in_a_set: SET,
    objects.cell: without(types.CellType),
    objects.generator: without(types.FrameType),
    objects.coroutine: without(types.FrameType),
    objects.lock: without(LOCK),
    objects.depth_of_a_lock: without(RLOCK),
    objects.slot: replaced(classes, "_part", lambda field, value: None),
    objects.slot_of_a_thread: replaced(classes, "_part", lambda field, value: None),
    objects.attribute: without(objects.Plain),
    objects.attribute_of_a_class: without(type),
    objects.attribute_of_a_class_that_is_made: without(type),
    objects.method_of_a_class_that_is_made: without(type),
    objects.descriptor_in_a_class: without(type),
    objects.attribute_of_a_metaclass: without(type),
    elsewhere.variable_of_the_module: replaced(Graph, "_write_globals", lambda self: False),
    elsewhere.module_that_is_imported_later: replaced(Graph, "_write_imports", lambda self, space: False),
    objects.deque: without(collections.deque),
    objects.iterator_over_a_deque: DEQUE,
    objects.iterator_over_a_dict: without(type(iter({}))),
    objects.iterator_over_a_dict_that_changes: without(type(iter({}))),
    objects.iterator_over_a_list: without(type(iter([]))),
    objects.simple_queue: without(SIMPLE_QUEUE),
    objects.default_argument: without(types.FunctionType),
    objects.attribute_of_a_function: without(types.FunctionType),
    objects.bound_method: without(types.MethodType),
    objects.arguments_of_a_partial: without(partial),
    objects.counter: without(itertools.count),
    objects.chance: without(random.Random),
    elsewhere.hidden_chance: without(random.Random),
    objects.weak_reference: without(weakref.ref),
    elsewhere.value_of_a_thread: LOCALS,
    elsewhere.context_variable: without(contextvars.Context),
    elsewhere.precision: without(contextvars.Context),
    elsewhere.token: without(contextvars.Token),
    elsewhere.filters_of_warnings: replaced(Process, "write", lambda self, graph: None),
    elsewhere.environment: replaced(Process, "write", lambda self, graph: None),
    objects.arguments_of_an_exception: without(BaseException),
    objects.one_list_or_two: by_value(list),
    objects.one_tuple_or_two: by_value(tuple),
    objects.sentinel_of_a_library: lambda monkeypatch: monkeypatch.delitem(BY_KIND, object),
    objects.names_of_an_instance_or_a_copy: replaced(classes, "_is_first_met", known_by_its_names),
    elsewhere.time_elapsed: replaced(StateKeys, "_write_clock", lambda self, graph, execution: None),
    elsewhere.local: of_frames(lambda values, variables: values[variables:]),
    elsewhere.operand: OPERANDS,
    elsewhere.exception_being_handled: both(OPERANDS, replaced(scheduler, "exc_info", lambda: (None, None, None))),
    elsewhere.owner: without(RLOCK),
    elsewhere.order_of_waiters: without(collections.deque),
    elsewhere.deadline: both(OPERANDS, replaced(StateKeys, "_write_times", lambda self, graph, task: None)),
}
REFUSED = {elsewhere.value_of_a_thread, objects.iterator_over_a_dict_that_changes}
"""Those whose states have no key at all."""


@pytest.fixture(autouse=True)
def _left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "imported_late", types.ModuleType("imported_late"))
    monkeypatch.setenv(elsewhere.CALLED_BY_NAME, "")
    with warnings.catch_warnings():
        yield


@cache
def outcomes(part: Any) -> set[str]:
    return found(part, "dfs")


def found(part: Any, strategy: Any) -> set[str]:
    program = part if part in elsewhere.PROGRAMS else undecided(part)
    result = explore(program, strategy=strategy, keep_going=True, max_delay=None)
    assert result.exhausted, result
    return set(result.counts())


@pytest.mark.parametrize("part", UNSEEN, ids=lambda part: part.__name__)
def test_states_that_differ_in_it_are_told_apart(part: Any) -> None:
    strategy = Stateful()
    assert found(part, strategy) == outcomes(part)
    assert len(outcomes(part)) > 1
    assert (strategy.unkeyed > 0) is (part in REFUSED), strategy.notes
    assert strategy.merged > 0


@pytest.mark.parametrize("part", UNSEEN, ids=lambda part: part.__name__)
def test_without_it_an_outcome_is_lost(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = outcomes(part)
    UNSEEN[part](monkeypatch)
    assert found(part, Stateful()) < everything
