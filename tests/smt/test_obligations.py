"""Obligations: proved, refuted in words, vacuous, undecided; what each hypothesis is good for; the second opinion."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import z3

from pcverify.evidence import Verdict
from pcverify.smt import Obligation, Told, UnreadableProof, confirm, discharge, needed, smtlib, without
from pcverify.smt.terms import all_of, any_of, choose, implies, none_of, smaller

ITEMS, CAPACITY, AFTER = z3.Ints("items capacity items_after")
PUT = Obligation(
    "put keeps the bound",
    "A put leaves no more items than fit.",
    {"bound": ITEMS <= CAPACITY, "room": ITEMS < CAPACITY, "step": AFTER == ITEMS + 1},
    AFTER <= CAPACITY,
    (Told(CAPACITY, "capacity"), Told(ITEMS, "items", AFTER)),
)


def test_what_holds_is_proved():
    answer = discharge(PUT)
    assert (answer.verdict, answer.told) == (Verdict.OK, ())


def test_what_does_not_hold_is_refuted_in_words_and_small_numbers():
    answer = discharge(without(PUT, "room"))
    assert answer.verdict is Verdict.VIOLATION
    assert answer.values["items"] == (answer.values["capacity"], answer.values["capacity"] + 1)
    assert abs(answer.values["capacity"]) <= 1
    assert answer.words.startswith(f"capacity: {answer.values['capacity']}; items: ")
    assert " → " in answer.words


def test_each_hypothesis_is_needed_or_not():
    answers = needed(PUT)
    assert {name: answer.verdict for name, answer in answers.items()} == {
        "bound": Verdict.OK,
        "room": Verdict.VIOLATION,
        "step": Verdict.VIOLATION,
    }
    assert list(needed(PUT, ["room"])) == ["room"]


def test_hypotheses_that_contradict_one_another_prove_nothing():
    answer = discharge(replace(PUT, hypotheses={**PUT.hypotheses, "empty": ITEMS > CAPACITY}))
    assert answer.verdict is Verdict.VIOLATION
    assert answer.words == "the hypotheses contradict one another: bound, room, step, empty"
    assert answer.vacuous
    assert not discharge(without(PUT, "room")).vacuous


def test_an_example_that_the_hypotheses_do_not_allow_is_reported():
    answer = discharge(replace(PUT, example=AFTER == ITEMS))
    assert answer.words == "the hypotheses allow no such example: bound, room, step"
    assert answer.vacuous


def test_what_takes_too_long_is_unknown():
    x, y, w = z3.Ints("x y w")
    cubes = Obligation(
        "cubes",
        "No cube is the sum of two.",
        {"positive": z3.And(x > 0, y > 0, w > 0)},
        x * x * x + y * y * y != w * w * w,
    )
    answer = discharge(cubes, max_seconds=0.2)
    assert answer.verdict is Verdict.UNKNOWN
    assert answer.words.startswith("z3 gave no answer: ")
    assert confirm(smtlib(cubes), max_seconds=0.2) is Verdict.UNKNOWN


def test_cvc5_confirms_what_is_proved_and_nothing_else():
    assert confirm(smtlib(PUT)) is Verdict.OK
    assert confirm(smtlib(without(PUT, "room"))) is Verdict.VIOLATION


def test_a_script_says_in_comments_what_it_is():
    text = smtlib(PUT)
    assert text.startswith("; put keeps the bound\n; A put leaves no more items than fit.\n; Proved if")
    assert "; hypothesis: room\n(assert (< items capacity))\n" in text
    assert text.endswith("(check-sat)\n")


@pytest.mark.parametrize(
    ("script", "words"),
    [("(assert", "cannot read"), ("(set-logic ALL)", "asks nothing"), ("(check-sat)(check-sat)", "no verdict")],
)
def test_a_script_without_one_question_is_refused(script, words):
    with pytest.raises(UnreadableProof, match=words):
        confirm(script)


@pytest.mark.parametrize(
    ("package", "use", "extra"),
    [("z3", "discharge(Obligation('', '', {}, True))", "smt"), ("cvc5", "confirm('')", "cvc5")],
)
def test_a_missing_solver_gives_one_line_that_names_the_extra(package, use, extra):
    program = f"import sys; sys.modules[{package!r}] = None\nfrom pcverify.smt import *\n{use}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1].endswith(f"which is missing: pip install 'pcverify[{extra}]'")


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("right", [False, True])
def test_terms_mean_the_same_in_python_and_in_z3(left, right):
    def both(p, q):
        return [
            all_of(p, q),
            any_of(p, q),
            none_of(p, q),
            implies(p, q),
            choose(p, 1, 2) == choose(q, 1, 2),
            smaller(choose(p, 1, 2), choose(q, 1, 2)) == 1,
        ]

    p, q = z3.Bools("p q")
    values = [(p, z3.BoolVal(left)), (q, z3.BoolVal(right))]
    formulas = [z3.simplify(z3.substitute(formula, *values)) for formula in both(p, q)]
    assert [z3.is_true(formula) for formula in formulas] == both(left, right)
    assert all(isinstance(value, bool) for value in both(left, right))
    assert (all_of(), any_of(), none_of()) == (True, False, True)
