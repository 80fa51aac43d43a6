"""The counting abstractions are what the models do, both ways; and wrong ones, of which there are many, are not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from pcverify.conformance.counted import LOOKS, alike, see_condition_queue
from pcverify.conformance.counting import ABSTRACTIONS, STUTTERS, SeenGraph, compare, see
from pcverify.conformance.gate import ALL, SMALL, WITH_INTERRUPTS, WITH_SHUTDOWN
from pcverify.conformance.programs import QueueConfig
from pcverify.evidence import UsageError
from pcverify.smt.condition_queue import SWALLOWED
from pcverify.smt.counting import replaced, steps_of
from pcverify.smt.places import SIDES
from pcverify.tla.graph import StateGraph, graph_of
from tests.conformance.counting_mutants import equivalent, mutants, noticed_by

CHECKED = (
    QueueConfig(consumers=2, timed=("consumers",), retry=True),
    QueueConfig(puts_each=2, impatient=ALL),
    QueueConfig(producers=2, puts_each=2, timed=ALL),
    QueueConfig(producers=2, timed=ALL, interruptible=ALL, shutdown="immediately"),
    QueueConfig(consumers=2, timed=ALL, interruptible=ALL, shutdown="gently"),
)
"""Together they take every transition."""

MIXED = (
    QueueConfig(producers=2, impatient=("producer-0",)),
    QueueConfig(consumers=2, impatient=("consumer-0",)),
)
"""On one side somebody waits and somebody does not: nothing that the abstraction has for only one of them is enough."""

MORE = (
    *SMALL,
    *WITH_SHUTDOWN,
    *WITH_INTERRUPTS,
    QueueConfig(producers=2, timed=ALL, shutdown="gently"),
    QueueConfig(consumers=2, puts_each=2, timed=ALL, interruptible=("producers",)),
    QueueConfig(producers=2, puts_each=2, interruptible=ALL),
    QueueConfig(consumers=2, timed=ALL, interruptible=ALL),
    QueueConfig(producers=2, timed=ALL, interruptible=ALL),
    QueueConfig(consumers=3, interruptible=("consumers",)),
    QueueConfig(producers=2, consumers=2, puts_each=2, gets_each=2, shutdown="gently"),
    QueueConfig(producers=2, puts_each=2, gets_each=2, timed=ALL, interruptible=ALL),
    QueueConfig(producers=3, puts_each=2, timed=("producer-2",), interruptible=("producer-1",)),
)
LATE = {
    # Three putters wait while two places are free: 158,773 states, for the two wrong ones that show at nothing smaller.
    "ConditionQueue": (
        QueueConfig(
            producers=3,
            capacity=2,
            puts_each=2,
            gets_each=2,
            timed=("producer-2",),
            interruptible=("consumer-0", "producer-1"),
        ),
    ),
    "HandoffQueue": (),
}
STATES = {
    "ConditionQueue": (135, 17, 1382, 1868, 2303),
    "HandoffQueue": (95, 17, 788, 1415, 1727),
}
BOTH = pytest.mark.parametrize("model", ABSTRACTIONS)


@cache
def graph(model: str, config: QueueConfig) -> StateGraph:
    return graph_of(model, constants=config.constants(), deadlock=False, max_seconds=600)


@cache
def seen(model: str, config: QueueConfig) -> SeenGraph:
    return see(model, config, graph(model, config))


@BOTH
@pytest.mark.parametrize("number", range(len(CHECKED)))
def test_abstraction_and_model_agree_both_ways(model, number):
    config = CHECKED[number]
    differences = compare(ABSTRACTIONS[model], seen(model, config))
    assert differences.agree, differences
    assert differences.abstraction_only == ()
    assert len(graph(model, config).states) == STATES[model][number]


@BOTH
@pytest.mark.nightly
@pytest.mark.parametrize("config", MORE, ids=lambda config: config.name)
def test_abstraction_and_model_agree_at_larger_configs(model, config):
    differences = compare(ABSTRACTIONS[model], seen(model, config))
    assert differences.agree, differences
    assert (differences.abstraction_only is None) is not alike(config)


@BOTH
@pytest.mark.parametrize("config", MIXED, ids=lambda config: config.name)
def test_some_of_a_side_may_wait_and_others_not(model, config):
    reached = seen(model, config)
    (side,) = [side for side in SIDES if reached.constants[f"{side} impatient"]]
    assert compare(ABSTRACTIONS[model], reached).agree
    for some in (False, True):  # none of them waits, or all do
        all_alike = {f"{side} impatient": some, f"{side} all impatient": some}
        other = replace(reached, constants={**reached.constants, **all_alike}, known={})
        assert compare(ABSTRACTIONS[model], other).model_only


@BOTH
def test_every_transition_is_taken_and_every_stutter_happens(model):
    found = [compare(ABSTRACTIONS[model], seen(model, config)) for config in CHECKED]
    everything = {each.name for each in ABSTRACTIONS[model].transitions}
    assert frozenset().union(*(each.taken for each in found)) == everything
    assert frozenset().union(*(each.stutters for each in found)) == set(STUTTERS[model])


@BOTH
def test_each_transition_that_is_left_out_is_missed(model):
    graphs = [seen(model, config) for config in CHECKED]
    for name in [each.name for each in ABSTRACTIONS[model].transitions]:
        wrong = replaced(ABSTRACTIONS[model], name)
        assert any(compare(wrong, graph).model_only for graph in graphs), name


@BOTH
@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_each_wrong_abstraction_is_noticed_or_proved_to_be_no_other(model):
    graphs = [seen(model, config) for config in (*MORE, *CHECKED, *LATE[model])]
    fates = {
        (name, what): noticed_by(ABSTRACTIONS[model], name, instead, graphs)
        or ("the same" if equivalent(ABSTRACTIONS[model], name, instead) else "")
        for what, name, instead in mutants(ABSTRACTIONS[model])
    }
    assert {each for each, fate in fates.items() if not fate} == set()
    assert (len(fates), list(fates.values()).count("the same")) == WRONG[model]


WRONG = {"ConditionQueue": (654, 13), "HandoffQueue": (656, 130)}
"""How many wrong abstractions there are, and how many of them z3 proves to be the same under the invariant."""


def test_a_transition_that_no_model_has_is_missed_backward():
    config = CHECKED[4]
    wrong = replace(
        ABSTRACTIONS["ConditionQueue"], transitions=(*ABSTRACTIONS["ConditionQueue"].transitions, *SWALLOWED)
    )
    differences = compare(wrong, seen("ConditionQueue", config))
    assert not differences.model_only
    assert all("tells nobody" in words for words in differences.abstraction_only or ())
    assert differences.abstraction_only


def test_what_the_standard_library_does_breaks_the_lemma_in_a_state_that_is_reached():
    """The refutation is no matter of states that never come about."""
    abstraction, config = ABSTRACTIONS["ConditionQueue"], CHECKED[4]
    (lemma,) = [each for each in abstraction.lemmas if each.name == "a getter for each item"]
    reached = seen("ConditionQueue", config)
    after = [state for each in reached.states.values() for state in steps_of(SWALLOWED[0], reached.constants, each)]
    assert all(lemma.holds({**reached.constants, **state}) for state in reached.states.values())
    assert not all(lemma.holds({**reached.constants, **state}) for state in after)


@BOTH
def test_the_invariant_and_the_properties_hold_in_every_state_that_is_seen(model):
    for config in CHECKED:
        reached = seen(model, config)
        for each in (*ABSTRACTIONS[model].lemmas, *ABSTRACTIONS[model].properties):
            assert all(each.holds({**reached.constants, **state}) for state in reached.states.values()), each.name


def test_states_that_are_seen_wrongly_are_noticed():
    """A getter that has timed out is seen as parked."""
    config = CHECKED[0]

    def wrong(config, state):
        seen = dict(see_condition_queue(config, state))
        return seen | {"getters parked": seen["getters parked"] + seen["getters late"], "getters late": 0}

    differences = compare(
        ABSTRACTIONS["ConditionQueue"], see("ConditionQueue", config, graph("ConditionQueue", config), look=wrong)
    )
    assert any(words.startswith("Timeout: ") for words in differences.model_only)


def test_a_wrong_beginning_is_noticed():
    wrong = replace(ABSTRACTIONS["ConditionQueue"], initial=lambda at: {"items": 1})
    assert compare(wrong, seen("ConditionQueue", CHECKED[0])).model_only["begins elsewhere"] == 1


def test_a_model_whose_states_nobody_counts_is_refused():
    with pytest.raises(UsageError, match="'Pipeline' are not counted; those of ConditionQueue, HandoffQueue are"):
        see("Pipeline", CHECKED[0], StateGraph((), (), ()))


def test_a_task_that_is_where_nothing_is_counted_is_refused():
    state = dict(graph("ConditionQueue", CHECKED[0]).states[0])
    state["held"] = {"consumer-0": ("producer-0", 1), "consumer-1": ()}
    state["pc"] = {**state["pc"], "consumer-0": "recover"}
    assert LOOKS["ConditionQueue"](CHECKED[0], state)["getters interrupted, holding"] == 1
    state["pc"] = {**state["pc"], "consumer-0": "underflow"}
    with pytest.raises(UsageError, match="underflow"):
        LOOKS["ConditionQueue"](CHECKED[0], state)


@pytest.mark.parametrize(
    ("config", "like"),
    [(QueueConfig(), True), (QueueConfig(producers=2, timed=("producer-0",)), False), (QueueConfig(timed=ALL), True)],
)
def test_tasks_are_alike_if_all_of_a_side_or_none_are_named(config, like):
    assert alike(config) is like
