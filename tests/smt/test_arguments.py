"""Order, no loss, no overtaking, the pipeline: obligations hold, lemmas and guards are needed, wrong twins fail.

What fails is looked for among small states, in which every lemma but the one left out holds for all indices.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.smt import Obligation, confirm, discharge, fifo, handing, items, pipeline, rest, smtlib, turns, without
from pcverify.smt.argument import Argument, Move, State, Step
from pcverify.smt.every_proof import FURTHER, without_lemma
from pcverify.smt.proofs import failing_without
from pcverify.smt.ranking import excluded
from pcverify.smt.terms import load_z3

ARGUMENTS = {"fifo": fifo.ARGUMENT, "handing": handing.ARGUMENT, "pipeline": pipeline.ARGUMENT}

OBLIGATIONS = {
    "fifo": 96,
    "handing": 476,
    "rest": 288,
    "turns": 76,
    "pipeline": 95,
    "OneSentinelTooFew": 86,
    "OneSentinelTooMany": 95,
    "EarlySentinels": 95,
}
NOT_NEEDED = {
    # These hold of the code, and no obligation here rests on them.
    "fifo": set(),
    "handing": {
        "closed: it is inside",
        "discard: nobody inside",
        "end for getter: it is inside",
        "end for putter: it is inside",
        "get lets in: not empty",
        "get lets in: room once it has taken",
        "get waits: nobody inside",
        "put hands: not shut down",
        "put waits: nobody inside",
        "serve getter: it is inside",
        "serve putter: room",
        "shut: nobody inside",
    },
    "pipeline": {"producer ends: counted", "producer ends: not ended", "put: counted", "put: not ended"},
}


def named(argument: Argument, name: str) -> Any:
    (found,) = argument.in_small(f"{argument.name}: {name}".__eq__)
    return found


def fails(argument: Argument, name: str) -> str:
    """Return the counterexample to an obligation, in a small state."""
    answer = discharge(named(argument, name))
    assert answer.verdict is Verdict.VIOLATION
    assert "contradict" not in answer.words
    return answer.words


@pytest.mark.parametrize("proof", FURTHER, ids=lambda proof: proof.name)
@pytest.mark.timeout(300)
def test_every_obligation_comes_out_as_it_must(proof):
    owed = proof.obligations()
    names = {each.name for each in owed}
    assert len(names) == len(owed) == OBLIGATIONS[proof.name]
    assert proof.refuted <= names
    for each in owed:
        answer = discharge(each)
        assert answer.verdict is proof.expects(each), f"{each.name}: {answer.words}"
        assert "contradict" not in answer.words, each.name


@pytest.mark.nightly
@pytest.mark.parametrize("proof", FURTHER, ids=lambda proof: proof.name)
@pytest.mark.timeout(600)
def test_cvc5_comes_to_the_same(proof):
    for each in proof.obligations():
        assert confirm(smtlib(each)) is proof.expects(each), each.name


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["fifo", "pipeline", "handing"])
@pytest.mark.timeout(900)
def test_each_lemma_is_needed(name):
    for lemma in ARGUMENTS[name].lemmas:
        answers = map(discharge, without_lemma(ARGUMENTS[name], lemma.name))
        failing = next((answer for answer in answers if answer.verdict is Verdict.VIOLATION), None)
        assert failing is not None, lemma.name
        assert "contradict" not in failing.words


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_each_lemma_of_rest_and_turns_is_needed():
    (proof,) = (proof for proof in FURTHER if proof.name == "rest")
    assert len(proof.lemmas) == 6 + 7
    answers = {lemma.name: failing_without(lemma) for lemma in proof.lemmas}
    refuted = [name for name, answer in answers.items() if answer and answer.verdict is Verdict.VIOLATION]
    assert refuted == list(answers)


def test_without_the_exact_bound_a_step_is_possible_after_which_nobody_is_nearer(monkeypatch):
    lemmas = tuple(lemma for lemma in turns.HANDING.lemmas if lemma.name != "exact bound")
    monkeypatch.setattr(turns, "HANDING", replace(turns.HANDING, lemmas=lemmas))
    refuted = [each.name for each in turns.obligations() if discharge(each).verdict is Verdict.VIOLATION]
    assert refuted == ["starves: putter: a getter that calls takes an item"]


@pytest.mark.parametrize(
    ("lemma", "failing"),
    [
        ("nobody-waits-in-vain", "put hands: the oldest"),
        ("nothing-in-hand", "put hands keeps held-is-in-a-hand"),
        ("getters-in-line", "put hands: in line"),
        ("putters-in-line", "get lets in: in line"),
        ("nobody-waits-after-the-end", "recovery ends keeps nobody-waits-in-vain"),
        ("getters-are-seated", "get waits keeps getters-in-line"),
    ],
)
def test_without_a_lemma_about_those_who_wait_handing_over_is_not_proved(lemma, failing):
    answer = discharge(without(named(handing.ARGUMENT, failing), lemma))
    assert answer.verdict is Verdict.VIOLATION
    assert "contradict" not in answer.words


@pytest.mark.nightly
@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.timeout(1200)
def test_each_guard_is_needed_or_listed_as_not(name):
    argument = ARGUMENTS[name]
    for step in argument.steps:
        own = argument.in_small(
            lambda each, step=step: (
                f": {step.name} keeps" in each or f": {step.name}:" in each or each.endswith(f": rank: {step.name}")
            )
        )
        own += argument.in_small("fifo: get takes the oldest".__eq__) if step.name == "get" else ()
        guards = {guard for each in own for guard in each.hypotheses if guard.startswith(f"{step.name}: ")}
        for guard in guards:
            verdicts = (discharge(without(each, guard)).verdict for each in own if guard in each.hypotheses)
            assert (Verdict.VIOLATION in verdicts) is (guard not in NOT_NEEDED[name]), guard


# Wrong twins.


def test_a_queue_that_takes_the_newest_is_not_first_in_first_out():
    def from_the_end(s: State, getter: Any) -> Move:
        right = fifo.ARGUMENT.steps[1].move(s, getter)
        item = s.cells[s.tail - 1]
        changes = {**items.hold(s, item, getter), "tail": s.tail - 1, "passed": s.passed + 1}
        return Move(right.guards, changes, {**right.looks_at, "item": [item], "cell": [s.tail - 1]})

    twin = fifo.ARGUMENT.but(Step("get", "get takes the newest", ("getter",), from_the_end))
    told = re.search(r"takes: (\d+) → (\d+)", fails(twin, "get keeps takes-in-order"))
    assert told is not None  # which of many counterexamples z3 tells is its own affair
    assert int(told[2]) == int(told[1]) + 1
    fails(twin, "get keeps the-newest-last")


def test_an_interrupted_get_that_keeps_its_item_loses_it():
    def keeps(s: State, getter: Any) -> Move:
        changes = {"hand": load_z3().Store(s.hand, getter, items.NOTHING)}
        return Move({"something in hand": s.hand[getter] != items.NOTHING}, changes, {"task": [getter]})

    twin = fifo.ARGUMENT.but(Step("give back", "an interrupted get gives nothing back", ("getter",), keeps))
    fails(twin, "give back keeps held-is-in-a-hand")


def test_an_item_given_back_at_the_end_is_behind_newer_ones():
    def at_the_end(s: State, getter: Any) -> Move:
        item = s.hand[getter]
        back = items.give_back(s, getter)
        changes = {**back, **items.append(s, item), "head": s.head}
        looks = {"task": [getter], "item": [item], "cell": [s.tail]}
        return Move({"something in hand": item != items.NOTHING}, changes, looks)

    twin = fifo.ARGUMENT.but(Step("give back", "an interrupted get appends its item", ("getter",), at_the_end))
    fails(twin, "give back keeps the-newest-last")


def test_a_put_that_hands_over_its_item_beside_a_full_queue_overtakes():
    def without_a_look(s: State, putter: Any) -> Move:
        right = step_of(handing.ARGUMENT, "get waits").move(s, putter)
        return replace(right, guards={name: term for name, term in right.guards.items() if name != "empty"})

    twin = handing.ARGUMENT.but(Step("get waits", "get waits although there is an item", ("getter",), without_a_look))
    fails(twin, "get waits keeps nobody-waits-in-vain")


def test_a_get_that_lets_nobody_in_leaves_a_putter_beside_a_free_place():
    def lets_nobody_in(s: State, getter: Any) -> Move:
        right = step_of(handing.ARGUMENT, "get takes").move(s, getter)
        return replace(right, guards={name: term for name, term in right.guards.items() if "let in" not in name})

    twin = handing.ARGUMENT.but(Step("get takes", "get takes, and lets nobody in", ("getter",), lets_nobody_in))
    fails(twin, "get takes keeps nobody-waits-in-vain")


def test_with_one_sentinel_too_few_a_consumer_asks_for_ever():
    words = fails(pipeline.TOO_FEW, pipeline.MOVES)
    assert "asking: 1" in words
    assert f"boss: {pipeline.WAITS_FOR_CONSUMERS}" in words


def test_with_one_sentinel_too_many_the_queue_is_not_empty_at_the_end():
    fails(pipeline.TOO_MANY, pipeline.ENDS)


def test_sentinels_before_the_producers_have_ended_go_before_items():
    fails(pipeline.EARLY, "begin to send keeps in-turn")
    answer = discharge(without(named(pipeline.ARGUMENT, pipeline.ENDS), "in-turn"))
    assert answer.verdict is Verdict.VIOLATION


def step_of(argument: Argument, name: str) -> Step:
    (found,) = (each for each in argument.steps if each.name == name)
    return found


# What happens in the end.


def refuted(owed) -> list[str]:
    return [each.name for each in owed if discharge(each).verdict is not Verdict.OK]


def test_calls_that_are_tried_again_for_ever_lower_no_rank():
    for of in (rest.CONDITIONS, rest.HANDING):
        names = refuted(rest.comes_to_rest(of, retries=True))
        assert names
        assert all("gives up at the end" in name for name in names)


@pytest.mark.parametrize("place", ["outside", "parked", "woken", "returning"])
def test_a_rank_that_does_not_see_a_place_is_refused(monkeypatch, place):
    name = rest.CONDITIONS.name
    monkeypatch.setitem(rest.WEIGHTS, name, {**rest.WEIGHTS[name], place: 0})
    assert any("rank:" in each for each in refuted(rest.comes_to_rest(rest.CONDITIONS)))


def test_a_step_of_which_z3_finds_nothing_out_is_not_left_out_and_is_unknown():
    x, y, w = load_z3().Ints("x y w")
    can = {"positive": x > 0, "and these": y > 0, "these too": w > 0, "cubes": x * x * x + y * y * y == w * w * w}
    began = time.monotonic()
    assert not excluded(can, max_seconds=0.2)
    assert time.monotonic() - began < 20
    owed = Obligation("step", "It can be taken, perhaps.", can, x > 0)
    assert discharge(owed, max_seconds=0.2).verdict is Verdict.UNKNOWN
    assert excluded({"positive": x > 0, "negative": x < 0})


def promised(name: str):
    (found,) = (each for each in turns.obligations() if each.name == name)
    return found


@pytest.mark.parametrize("promise", ["SomebodyMoves", "WokenTasksRun", "TheLockIsFair", "a getter for each item"])
def test_without_a_promise_or_the_lemma_a_getter_may_wait_for_ever(promise):
    answer = discharge(without(promised("through: getter: the promises bring a call to its end"), promise))
    assert answer.verdict is Verdict.VIOLATION
    assert "contradict" not in answer.words


@pytest.mark.parametrize("promise", ["SomebodyMoves", "WokenTasksRun"])
@pytest.mark.parametrize("side", ["getter", "putter"])
def test_without_a_promise_one_that_was_served_may_stand_still(side, promise):
    answer = discharge(without(promised(f"starves: {side}: one that was served goes on"), promise))
    assert answer.verdict is Verdict.VIOLATION


def test_without_a_thread_on_the_other_side_nobody_need_be_served():
    owed = promised("starves: getter: somebody can move")
    assert discharge(without(owed, "one on the other side")).verdict is Verdict.VIOLATION


def test_a_lemma_is_left_out_where_others_use_it_alone():
    owed = list(without_lemma(fifo.ARGUMENT, "counts"))
    assert owed
    assert all("counts" not in each.hypotheses for each in owed)
    assert not any(each.name.startswith("fifo: put keeps counts") for each in owed)
