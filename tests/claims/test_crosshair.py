"""The claim about proofs is met only if every contract is confirmed."""

from __future__ import annotations

import pytest

from pcverify.claims import check_proof_claim, crosshair
from pcverify.evidence import UsageError, Verdict


@pytest.mark.parametrize(
    ("proofs", "verdict", "reason"),
    [
        ({"a": "confirmed", "b": "confirmed"}, Verdict.OK, ""),
        ({"a": "confirmed", "b": "unknown"}, Verdict.UNKNOWN, "b: unknown"),
        ({"a": "refuted", "b": "unknown"}, Verdict.VIOLATION, "a: refuted; b: unknown"),
        ({}, Verdict.UNKNOWN, ""),
    ],
)
def test_one_contract_that_is_not_confirmed_leaves_the_claim_unmet(proofs, verdict, reason, tmp_path, monkeypatch):
    (tmp_path / "tests" / "proofs").mkdir(parents=True)
    (tmp_path / "tests" / "proofs" / "contracts.py").touch()
    monkeypatch.setattr(crosshair, "run_crosshair", lambda path, per_condition_timeout: proofs)
    result = check_proof_claim(tmp_path)
    assert (result.verdict, result.cases, result.reason) == (verdict, len(proofs), reason)
    assert result.met == (verdict is Verdict.OK)


def test_outside_a_checkout_there_is_nothing_to_prove(tmp_path):
    with pytest.raises(UsageError, match="checkout"):
        check_proof_claim(tmp_path)
