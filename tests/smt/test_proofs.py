"""Both queues, for any number of threads: every obligation holds, every lemma is needed, and wrong ones are refuted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
import z3

from pcverify.evidence import Verdict
from pcverify.smt import confirm, discharge, smtlib
from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.counting import Abstraction, Statement, Transition, obligations, replaced, steps_of
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.proofs import COUNTED, failing_without, proof_of

BOTH = pytest.mark.parametrize("abstraction", [CONDITION_QUEUE, HANDOFF_QUEUE], ids=lambda each: each.name)
SWALLOWED = "InterruptSwallowsWakeup: a getter that was notified is interrupted, and tells nobody"


@pytest.mark.parametrize(("name", "count"), [("ConditionQueue", 52), ("HandoffQueue", 64)])
def test_every_obligation_is_proved(name, count):
    owed = COUNTED[name].obligations()
    assert len({each.name for each in owed}) == len(owed) == count
    assert {each.name: discharge(each).words for each in owed} == dict.fromkeys((each.name for each in owed), "")


NEEDED = {
    "ConditionQueue": {
        "counts": "a getter that calls takes an item",
        "everybody is somewhere": "a putter that calls puts an item",
        "bound": "bounded",
        "nothing comes back": "an interrupted getter recovers, its item back",
        "exact bound": "bounded",
        "a getter for each item": "no deadlock",
        "a putter for each free place": "no deadlock",
        "nobody is parked after a shutdown": "a putter that was notified gives up",
    },
    "HandoffQueue": {
        "counts": "a putter that calls hands its item to a getter",
        "everybody is somewhere": "a putter that calls hands its item to a getter",
        "bound": "bounded",
        "nothing comes back": "an interrupted getter recovers, its item back",
        "exact bound": "bounded",
        "getters wait for items": "a putter that calls hands its item to a getter",
        "putters wait for room": "no deadlock",
        "nobody is listed after a shutdown": "no deadlock",
    },
}


@pytest.mark.nightly  # test_documents.py asks the same, and holds it beside the document
@BOTH
def test_each_lemma_is_needed(abstraction):
    proof = proof_of(abstraction)
    answers = {lemma.name: failing_without(lemma) for lemma in proof.lemmas}
    failing = {name: answer.obligation.name for name, answer in answers.items()}
    assert failing == {name: f"{abstraction.name}: {where}" for name, where in NEEDED[abstraction.name].items()}
    assert all(answer.verdict is Verdict.VIOLATION for answer in answers.values())
    assert all("capacity: 1" in answer.words for answer in answers.values())


def test_a_lemma_that_is_not_needed_is_told():
    spare = Statement("spare", "There is some capacity.", lambda at: at["capacity"] > 0)
    proof = proof_of(replace(CONDITION_QUEUE, lemmas=(*CONDITION_QUEUE.lemmas, spare)))
    assert failing_without(proof.lemmas[-1]) is None


def test_what_the_standard_library_does_is_refuted_in_words():
    owed = {each.name: each for each in COUNTED["InterruptSwallowsWakeup"].obligations()}
    answers = {name: discharge(each) for name, each in owed.items()}
    refuted = {name for name, answer in answers.items() if answer.verdict is Verdict.VIOLATION}
    assert refuted == COUNTED["InterruptSwallowsWakeup"].refuted
    assert "items in the queue: 1; " in answers[SWALLOWED].words
    assert answers[SWALLOWED].words.endswith("getters parked: 1; getters notified: 1 → 0")


Edit = Callable[[Transition], Transition]


def _deaf(condition: str) -> Edit:
    """Return what makes a step not ask one of its conditions."""

    def edit(step: Transition) -> Transition:
        return replace(
            step, conditions=lambda at: {name: term for name, term in step.conditions(at).items() if name != condition}
        )

    return edit


def _lazy(*counters: str) -> Edit:
    """Return what makes a step not change some counters."""

    def edit(step: Transition) -> Transition:
        return replace(
            step, changes=lambda at: {name: by for name, by in step.changes(at).items() if name not in counters}
        )

    return edit


WRONG = [
    (CONDITION_QUEUE, "a putter that calls puts an item", _lazy("getters parked", "getters woken")),
    (CONDITION_QUEUE, "a getter that calls takes an item", _lazy("putters parked", "putters woken")),
    (CONDITION_QUEUE, "a getter that has timed out takes an item", _deaf("it may go")),
    (CONDITION_QUEUE, "the queue is shut down", _lazy("getters parked", "getters woken")),
    (HANDOFF_QUEUE, "a getter that calls takes an item", _deaf("no putter is let in")),
    (HANDOFF_QUEUE, "a putter that calls puts an item", _deaf("no getter waits")),
    (HANDOFF_QUEUE, "the queue is shut down", _lazy("putters parked")),
]


@pytest.mark.parametrize(("of", "name", "edit"), WRONG, ids=lambda each: each if isinstance(each, str) else None)
def test_a_wrong_step_is_refuted_and_no_other(of: Abstraction, name: str, edit: Edit):
    (step,) = [each for each in of.transitions if each.name == name]
    owed = obligations(replaced(of, name, edit(step)))
    refuted = [each.name for each in owed if discharge(each).verdict is not Verdict.OK]
    assert refuted == [f"{of.name}: {name}"]


def test_a_bound_that_is_too_small_is_refuted():
    small = Statement("small", "No more than fit.", lambda at: at["items"] <= at["capacity"])
    owed = obligations(replace(CONDITION_QUEUE, properties=(small,)))[-1]
    answer = discharge(owed)
    assert answer.verdict is Verdict.VIOLATION
    assert "getters may be interrupted: yes; items in the queue: 2" in answer.words


def test_an_abstraction_that_begins_wrongly_is_refuted():
    owed = obligations(replace(HANDOFF_QUEUE, initial=lambda at: {"items": 1, "getters parked": at["consumers"]}))[0]
    assert discharge(owed).verdict is Verdict.VIOLATION


def test_a_transition_that_can_never_happen_is_reported():
    never = Transition("never", (), lambda at: {"few": at["items"] < 0}, lambda at: {})
    owed = obligations(replace(CONDITION_QUEUE, transitions=(never,)))[1]
    assert discharge(owed).words.startswith("the hypotheses contradict one another: constants, counts, ")


@BOTH
def test_a_transition_is_the_same_in_python_as_in_z3(abstraction):
    """At numbers drawn by chance: the steps that Python takes are those that satisfy the formulas."""
    chance = Random(1)
    names = {**dict.fromkeys((*abstraction.constants, *abstraction.counters), z3.Int)}
    for each in abstraction.transitions:
        symbols = {name: z3.Int(name) for name in (*names, *(choice.name for choice in each.choices))}
        symbols |= {name: z3.Bool(name) for name in abstraction.switches}
        formula = z3.And(*each.conditions(symbols).values())
        changes = each.changes(symbols)
        for _ in range(3):
            at = {name: chance.choice((0, 0, 1, 2)) for name in abstraction.counters} | {"shut": chance.randint(0, 1)}
            constants = {name: chance.randint(1, 3) for name in abstraction.constants}
            constants |= {name: chance.random() < 0.5 for name in abstraction.switches}
            known = [(symbols[name], z3.IntVal(value)) for name, value in at.items()]
            known += [
                (symbols[name], z3.BoolVal(v) if isinstance(v, bool) else z3.IntVal(v)) for name, v in constants.items()
            ]
            limits = [
                z3.And(symbols[choice.name] >= 0, symbols[choice.name] <= choice.up_to(symbols))
                for choice in each.choices
            ]
            taken = {tuple(state.values()) for state in steps_of(each, constants, at)}
            after = [at[name] + z3.substitute(z3.IntVal(0) + changes.get(name, 0), *known) for name in at]
            solver = z3.Solver()
            solver.add(z3.substitute(z3.And(formula, *limits), *known))
            found = set()
            while solver.check() == z3.sat:
                model = solver.model()
                values = tuple(model.eval(term, model_completion=True).as_long() for term in after)
                found.add(values)
                solver.add(z3.Or(*(term != value for term, value in zip(after, values, strict=True))))
            assert found == taken, each.name


def test_cvc5_answers_the_same_of_what_must_be_refuted():
    owed = {each.name: each for each in COUNTED["InterruptSwallowsWakeup"].obligations()}
    assert confirm(smtlib(owed[SWALLOWED])) is Verdict.VIOLATION


@pytest.mark.nightly
@pytest.mark.parametrize("name", COUNTED)
def test_cvc5_answers_the_same_of_every_obligation(name):
    proof = COUNTED[name]
    for each in proof.obligations():
        assert confirm(smtlib(each)) is proof.expects(each), each.name
