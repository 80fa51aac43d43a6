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


def test_a_config_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read the config"):
        read_config(tmp_path / "Absent.cfg")
