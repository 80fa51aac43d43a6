"""Contracts of the pure parts, confirmed by CrossHair over all paths, and each refuted on a wrong twin."""

from __future__ import annotations

import pytest

from pcverify.claims.crosshair import CONFIRMED, judge, run_crosshair
from tests.proofs.wrong_twins import CONTRACTS, TWINS, write_twin

SECONDS = 2.0  # CPU, for each contract; one that is confirmed takes a tenth of that
EXPECTED = dict.fromkeys(TWINS, "confirmed")


def test_every_contract_is_confirmed_over_all_paths():
    assert run_crosshair(CONTRACTS, per_condition_timeout=SECONDS) == EXPECTED


def test_every_contract_is_refuted_on_its_wrong_twin(tmp_path):
    twins = [write_twin(contract, tmp_path) for contract in TWINS]
    assert run_crosshair(*twins, per_condition_timeout=SECONDS) == dict.fromkeys(TWINS, "refuted")


def test_every_contract_is_confirmed_on_a_copy_without_the_change(tmp_path):
    """Else a twin might be refuted by how it was made."""
    twins = [write_twin(contract, tmp_path, changed=False) for contract in TWINS]
    assert run_crosshair(*twins, per_condition_timeout=SECONDS) == EXPECTED


UNFINISHED = '''
def no_cube_is_the_sum_of_two(a: int, b: int, c: int) -> bool:
    """
    pre: a > 0 and b > 0 and c > 0
    post: _
    """
    return a**3 + b**3 != c**3
'''


def test_a_contract_that_was_not_finished_is_unknown(tmp_path):
    path = tmp_path / "unfinished.py"
    path.write_text(UNFINISHED, encoding="utf-8")
    assert run_crosshair(path, per_condition_timeout=0.5) == {"no_cube_is_the_sum_of_two": "unknown"}


def test_a_file_that_cannot_be_imported_is_no_counterexample(tmp_path):
    path = tmp_path / "unimportable.py"
    path.write_text("import there_is_no_such_module\n" + UNFINISHED, encoding="utf-8")
    with pytest.raises(RuntimeError, match="there_is_no_such_module"):
        run_crosshair(path, per_condition_timeout=0.5)


@pytest.mark.parametrize(
    ("messages", "verdict"),
    [
        ([], "unknown"),
        ([(5, "info", CONFIRMED)], "confirmed"),
        ([(5, "info", "Not confirmed.")], "unknown"),
        ([(5, "info", "Unable to meet precondition")], "unknown"),
        ([(5, "error", "false when calling f(1)")], "refuted"),
        ([(99, "info", CONFIRMED)], "unknown"),
        ([(5, "info", CONFIRMED), (5, "info", "Not confirmed.")], "unknown"),
    ],
)
def test_only_a_confirmation_confirms(messages, verdict):
    assert judge(UNFINISHED, messages) == {"no_cube_is_the_sum_of_two": verdict}


def test_each_postcondition_needs_a_confirmation_of_its_own():
    source = UNFINISHED.replace("post: _\n", "post: _\n    post: True\n")
    assert set(judge(source, [(5, "info", CONFIRMED)]).values()) == {"unknown"}
    assert set(judge(source, [(5, "info", CONFIRMED), (6, "info", CONFIRMED)]).values()) == {"confirmed"}
