"""Answers the claim about any number of threads: every obligation of every proof, by z3, comes out as it must."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from pcverify.claims.catalogue import UNBOUNDED_CLAIM
from pcverify.evidence import Result, Verdict
from pcverify.smt.every_proof import PROOFS
from pcverify.smt.obligations import discharge

LONGEST_FIRST = ("handing", "rest", "turns")


class Outcome(NamedTuple):
    """What came of a proof: how many obligations, and which did not come out as they must, by their names."""

    owed: int
    otherwise: tuple[str, ...]
    unknown: tuple[str, ...]


def check_unbounded_claim() -> Result:
    """Let z3 answer each obligation, several proofs at a time, and print a line for each proof.

    OK needs every obligation to come out as it must, and each proof to have some; one without an answer leaves the
    claim UNKNOWN.

    Raises:
        SolverMissing: the package z3-solver is not installed.
    """
    began = time.monotonic()
    outcomes = answers(tuple(PROOFS))
    for name, outcome in outcomes.items():
        good = not outcome.otherwise and not outcome.unknown
        print(f"{'as it must' if good else 'OTHERWISE':<10} {name}: {outcome.owed} obligations")
    otherwise = [name for outcome in outcomes.values() for name in outcome.otherwise]
    unknown = [name for outcome in outcomes.values() for name in outcome.unknown]
    verdict = Verdict.VIOLATION if otherwise else Verdict.UNKNOWN if unknown else Verdict.OK
    count = sum(outcome.owed for outcome in outcomes.values())
    reason = "; ".join((otherwise or unknown)[:3])
    return Result(UNBOUNDED_CLAIM, verdict, time.monotonic() - began, count, "cases", reason)


def answers(names: tuple[str, ...]) -> dict[str, Outcome]:
    """Return what comes of each of these proofs, in their order."""
    jobs = min(os.cpu_count() or 1, len(names))
    if jobs == 1:
        return {name: answer(name) for name in names}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        order = sorted(names, key=lambda name: name not in LONGEST_FIRST)
        futures = {name: pool.submit(answer, name) for name in order}
        return {name: futures[name].result() for name in names}


def answer(name: str) -> Outcome:
    """Let z3 answer each obligation of one proof."""
    proof = PROOFS[name]
    owed = proof.obligations()
    found = [discharge(each) for each in owed]
    unknown = [each.obligation.name for each in found if each.verdict is Verdict.UNKNOWN]
    wrong = [each for each in found if not proof.met_by(each) and each.verdict is not Verdict.UNKNOWN]
    otherwise = [f"{each.obligation.name}: {each.words}" if each.vacuous else each.obligation.name for each in wrong]
    lack = proof.lacks(owed)
    return Outcome(len(found), (*([lack] if lack else []), *otherwise), tuple(unknown))
