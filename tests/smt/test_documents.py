"""docs/proofs/counting.md: its tables are those that the abstractions and z3 give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.smt.tables import ABSTRACTIONS, lemma_table, transition_table

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "proofs" / "counting.md"


@pytest.mark.parametrize("of", ABSTRACTIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("table", [transition_table, lemma_table])
def test_the_tables_are_up_to_date(table, of):
    assert table(of) in DOCUMENT.read_text("utf-8"), "put what `python -m tests.smt.tables` prints into the document"
