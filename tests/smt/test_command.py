"""`pcverify prove`: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import z3

from pcverify import cli
from pcverify.claims import check_unbounded_claim
from pcverify.claims import smt as claims_smt
from pcverify.evidence import Verdict
from pcverify.smt import Obligation, command, confirm, discharge
from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.every_proof import FURTHER, PROOFS
from pcverify.smt.proofs import COUNTED, Lemma, Proof


def numbers(*, holds: bool = True, refuted: bool = False, spare: bool = False) -> Proof:
    """A tiny proof."""
    n = z3.Int("n")

    def owed() -> tuple[Obligation, ...]:
        return (Obligation("Numbers: grow", "It grows.", {"some": n > 0}, n + 1 > (0 if holds else 2)),)

    def without() -> tuple[Obligation, ...]:
        return owed() if spare else (Obligation("Numbers: grow", "It grows.", {}, n > 0),)

    return Proof(
        "Numbers",
        "Of numbers.",
        owed,
        (Lemma("some", "There is one.", without),),
        frozenset({"Numbers: grow"} if refuted else ()),
    )


@pytest.fixture
def known(monkeypatch):
    def put(proof: Proof) -> None:
        for module in (command, claims_smt):
            monkeypatch.setattr(module, "PROOFS", {proof.name: proof})

    return put


def test_each_obligation_is_listed_with_verdict_and_seconds(capsys):
    assert cli.main(["prove", "ConditionQueue"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"ConditionQueue: {CONDITION_QUEUE.about}"
    assert len([line for line in lines if line.startswith("  OK ") and " s  " in line]) == 52
    assert lines[-2].startswith("All 52 obligations came out as they must (z3, ")


def test_a_counterexample_that_must_be_found_is_told_in_words(capsys):
    assert cli.main(["prove", "InterruptSwallowsWakeup", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "a getter that was notified is interrupted, and tells nobody\n      capacity: 1; " in out
    assert "All 54 obligations came out as they must, 2 of them refuted (z3, " in out


@pytest.mark.parametrize(
    ("proof", "code", "words"),
    [
        ({}, 0, "All 1 obligations came out as they must (z3, "),
        ({"holds": False}, 1, "1 of 1 obligations came out otherwise, 0 had no answer"),
        ({"refuted": True}, 1, "1 of 1 obligations came out otherwise, 0 had no answer"),
        ({"holds": False, "refuted": True}, 0, "All 1 obligations came out as they must, 1 of them refuted"),
    ],
)
def test_the_exit_code_says_whether_all_came_out_as_it_must(proof, code, words, known, capsys):
    known(numbers(**proof))
    assert cli.main(["prove", "--second"]) == code
    out = capsys.readouterr().out
    assert words.replace("z3, ", "z3 and cvc5 agree, ") in out
    assert ("VIOLATION!" in out) == (proof == {"holds": False})
    assert ("OK! " in out) == (proof == {"refuted": True})


def contradictory() -> Proof:
    """A proof that must refute something, of which the hypotheses exclude one another."""
    n = z3.Int("n")
    never = Obligation("Numbers: grow", "It grows.", {"some": n > 0, "never": n < 0}, n + 1 > 2)
    return replace(numbers(refuted=True), obligations=lambda: (never,))


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (contradictory(), "the hypotheses contradict one another: some, never"),
        (replace(numbers(), obligations=lambda: ()), "Numbers has no obligations, so it proves nothing"),
        (
            replace(numbers(), refuted=frozenset({"Numbers: shrink"})),
            "Numbers must refute what is no obligation of it: Numbers: shrink",
        ),
    ],
    ids=["contradictory", "empty", "absent"],
)
def test_what_says_nothing_is_neither_proved_nor_refuted(proof, words, known, capsys):
    known(proof)
    assert cli.main(["prove"]) == 1
    out = capsys.readouterr().out
    assert words in out
    assert "came out as they must" not in out
    result = check_unbounded_claim()
    assert (result.met, result.verdict) == (False, Verdict.VIOLATION)
    assert words in result.reason


def test_a_second_solver_that_disagrees_is_shown(known, monkeypatch, capsys):
    known(numbers())
    monkeypatch.setattr(command, "confirm", lambda *_, **__: Verdict.VIOLATION)
    assert cli.main(["prove", "--second"]) == 1
    assert "OK! cvc5: VIOLATION" in capsys.readouterr().out


def test_no_answer_is_neither_right_nor_wrong(known, monkeypatch, capsys):
    known(numbers())
    monkeypatch.setattr(command, "confirm", lambda *_, **__: Verdict.UNKNOWN)
    assert cli.main(["prove", "--second"]) == 3
    assert "0 of 1 obligations came out otherwise, 1 had no answer" in capsys.readouterr().out


def test_lemmas_show_what_fails_without_each(known, capsys):
    known(numbers())
    assert cli.main(["prove", "--lemmas"]) == 0
    out = capsys.readouterr().out
    assert "  some: There is one.\n      Without it, this does not hold: grow\n" in out


def test_a_lemma_that_is_not_needed_fails_the_command(known, capsys):
    known(numbers(spare=True))
    assert cli.main(["prove", "--lemmas"]) == 1
    assert "NOT NEEDED: everything else holds without it." in capsys.readouterr().out


def test_a_lemma_of_which_z3_finds_nothing_out_is_not_told_to_be_spare(known, capsys):
    x, y, w = z3.Ints("x y w")
    positive = {"positive": z3.And(x > 0, y > 0, w > 0)}
    cubes = Obligation("Numbers: cubes", "No cube is the sum of two.", positive, x * x * x + y * y * y != w * w * w)
    known(replace(numbers(), lemmas=(Lemma("some", "There is one.", lambda: (cubes,)),)))
    assert cli.main(["prove", "--lemmas", "--max-seconds", "0.2"]) == 3
    out = capsys.readouterr().out
    assert "UNKNOWN: z3 did not find out in 0.2 s whether this holds without it: cubes\n" in out
    assert "Give it more time: --max-seconds.\n" in out
    assert "NOT NEEDED" not in out
    known(replace(numbers(), lemmas=(*numbers(spare=True).lemmas, *command.PROOFS["Numbers"].lemmas)))
    assert cli.main(["prove", "--lemmas", "--max-seconds", "0.2"]) == 1, "what is wrong counts more"


def test_each_obligation_is_written_and_means_the_same_to_cvc5(tmp_path, capsys):
    assert cli.main(["prove", "InterruptSwallowsWakeup", "--quiet", "--smtlib", str(tmp_path / "new")]) == 0
    assert "54 obligations were written to " in capsys.readouterr().out
    files = sorted((tmp_path / "new").iterdir())
    assert len(files) == 54
    expected = {file.name: "sat" if "(set-info :status sat)" in file.read_text() else "unsat" for file in files}
    assert list(expected.values()).count("sat") == 2
    words = {Verdict.OK: "unsat", Verdict.VIOLATION: "sat"}
    for file in (files[0], *(file for file in files if "tells-nobody" in file.name)):
        assert words[confirm(file.read_text())] == expected[file.name]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Conditionqueue"], "no proof 'Conditionqueue'; did you mean ConditionQueue? There are: ConditionQueue, Hand"),
        (["zzz"], "no proof 'zzz'. There are: "),
        (["--smtlib", "/dev/null/x"], "cannot write to /dev/null/x: "),
    ],
)
def test_a_wrong_call_says_what_to_change(arguments, words, capsys):
    assert cli.main(["prove", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_claim_is_met_by_two_proofs_in_two_processes(monkeypatch, capsys):
    monkeypatch.setattr(claims_smt, "PROOFS", {name: PROOFS[name] for name in ("HandoffQueue", "fifo")})
    result = check_unbounded_claim()
    assert (result.met, result.cases) == (True, 64 + 96)
    out = capsys.readouterr().out
    assert "as it must HandoffQueue: 64 obligations" in out
    assert "as it must fifo: 96 obligations" in out


def test_the_claim_is_not_met_if_one_obligation_comes_out_otherwise(known):
    known(numbers(holds=False))
    result = check_unbounded_claim()
    assert (result.met, result.verdict, result.reason) == (False, Verdict.VIOLATION, "Numbers: grow")


def test_the_claim_is_unknown_if_one_obligation_has_no_answer(known, monkeypatch):
    known(numbers())
    answer = discharge(numbers().obligations()[0])
    monkeypatch.setattr(claims_smt, "discharge", lambda each: type(answer)(each, Verdict.UNKNOWN, 0.0))
    assert check_unbounded_claim().verdict is Verdict.UNKNOWN


def test_proofs_have_names_of_their_own():
    assert list(COUNTED) == ["ConditionQueue", "HandoffQueue", "InterruptSwallowsWakeup"]
    assert list(PROOFS) == [*COUNTED, *(proof.name for proof in FURTHER)]
