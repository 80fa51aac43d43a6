"""The properties that a config names, as TLC would read them."""

from pathlib import Path

import pytest

from pcverify.tla import ModelError
from pcverify.tla.config import read_config

CONFIG = r"""
SPECIFICATION Spec \* INVARIANT Commented
(* PROPERTY
   AlsoCommented *)
CONSTANTS
    p1 = p1
    Max <- MaxDefined
INVARIANTS TypeOK
    NoLostWakeup
CONSTRAINT Short
INVARIANT Fifo PROPERTY Ends
PROPERTIES EveryItemArrives
SYMMETRY Symmetry
"""


def test_invariants_and_properties_are_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "Queue.cfg"
    path.write_text(CONFIG)
    config = read_config(path)
    assert config.invariants == ("TypeOK", "NoLostWakeup", "Fifo")
    assert config.properties == ("Ends", "EveryItemArrives")
    assert config.statements == {"SPECIFICATION", "CONSTANT", "INVARIANT", "CONSTRAINT", "PROPERTY", "SYMMETRY"}
    assert config.reductions == ("CONSTRAINT", "SYMMETRY")


def test_values_and_substitutions_are_read_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "Queue.cfg"
    path.write_text(
        'CONSTANTS Max = 3 Names = {"a", "(* b",\n {c}} \\* Max = 4\n'
        "Low = -1 Shift(1, 2) = [Inner] two CONSTANT Next <- [Inner] Other Item <- AnItem\nINVARIANT Small"
    )
    config = read_config(path)
    assert config.values == {"Max": "3", "Names": '{"a","(* b",{c}}', "Low": "-1", "Shift(1,2)": "[Inner]two"}
    assert config.substitutions == {"Next": "[Inner] Other", "Item": "AnItem"}
    assert config.invariants == ("Small",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "\n(* (* nested *)\nINVARIANT Small CONSTANT *)",
            "line 2: a comment that is not closed, or has another in it",
        ),
        ("INVARIANT TypeOK (* Small", "line 1: a comment that is not closed"),
        ('CONSTANT Name = "a', "line 1: a string that is not closed"),
        ("CONSTANT Max = 3\nMax = 4", "line 2: Max stands there twice"),
        ("CONSTANT Max = 3\nMax <- Four", "line 2: Max stands there twice"),
        ("CONSTANT Max 3", "line 1: neither = nor <- stands behind Max"),
        ("CONSTANT Max =", "line 1: it ends where a value should stand"),
        ("CONSTANT Max = {1, 2", "line 1: it ends where } should stand"),
        ("SPECIFICATION Spec\nCHECK_DEADLOCK FALSE", "line 2: CHECK_DEADLOCK begins no statement"),
        ("CONSTRAINT Short\nCHECK_DEADLOCK FALSE", "line 2: CHECK_DEADLOCK begins no statement"),
        ("CONSTANT Max = 3\nCHECK_DEADLOCK FALSE", "line 2: CHECK_DEADLOCK begins no statement"),
    ],
)
def test_what_tlc_would_not_take_or_a_reader_would_misread_is_refused(
    text: str, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "Queue.cfg"
    path.write_text(text)
    with pytest.raises(ModelError, match=complaint):
        read_config(path)


def test_a_config_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the config"):
        read_config(tmp_path / "Absent.cfg")
