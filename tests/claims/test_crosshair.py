"""The claim about proofs is met only if every contract is confirmed."""

from __future__ import annotations

import pytest

from pcverify.claims import check_proof_claim, crosshair
from pcverify.evidence import UsageError, Verdict
from tests.support.processes import command_lines


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
    monkeypatch.setattr(crosshair, "run_crosshair", lambda path, **limits: proofs)
    result = check_proof_claim(tmp_path)
    assert (result.verdict, result.cases, result.reason) == (verdict, len(proofs), reason)
    assert result.met == (verdict is Verdict.OK)


def test_a_run_that_does_not_end_is_ended_and_leaves_the_claim_unknown(tmp_path, monkeypatch):
    (tmp_path / "tests" / "proofs").mkdir(parents=True)
    (tmp_path / "tests" / "proofs" / "contracts.py").write_text("import time\ntime.sleep(50)\n")
    monkeypatch.setattr(crosshair, "MAX_SECONDS", 0.5)
    result = check_proof_claim(tmp_path)
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "crosshair was not done within 0.5 s")
    assert result.seconds < 20
    assert not [line for line in command_lines().values() if str(tmp_path) in line]


def test_outside_a_checkout_there_is_nothing_to_prove(tmp_path):
    with pytest.raises(UsageError, match="checkout"):
        check_proof_claim(tmp_path)
