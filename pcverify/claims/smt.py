"""Answers the claim about counting: every obligation of every proof by z3 comes out as it must."""

from __future__ import annotations

import time

from pcverify.claims.catalogue import COUNTING_CLAIM
from pcverify.evidence import Result, Verdict
from pcverify.smt.obligations import discharge
from pcverify.smt.proofs import PROOFS


def check_counting_claim() -> Result:
    """Let z3 answer each obligation, and print a line for each proof.

    OK needs every obligation to come out as it must; one without an answer leaves the claim UNKNOWN.

    Raises:
        SolverMissing: the package z3-solver is not installed.
    """
    began = time.monotonic()
    count, otherwise, unknown = 0, [], []
    for proof in PROOFS.values():
        owed = proof.obligations()
        answers = [discharge(each) for each in owed]
        count += len(owed)
        unknown += [each.obligation.name for each in answers if each.verdict is Verdict.UNKNOWN]
        wrong = [each for each in answers if each.verdict is not proof.expects(each.obligation)]
        otherwise += [each.obligation.name for each in wrong if each.verdict is not Verdict.UNKNOWN]
        print(f"{'as it must' if not wrong else 'OTHERWISE':<10} {proof.name}: {len(owed)} obligations")
    verdict = Verdict.VIOLATION if otherwise else Verdict.UNKNOWN if unknown else Verdict.OK
    reason = "; ".join((otherwise or unknown)[:3])
    return Result(COUNTING_CLAIM, verdict, time.monotonic() - began, count, "cases", reason)
