"""docs/proofs: tables are those that the abstractions and z3 give; obligations that are quoted are obligations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from pcverify.smt.every_proof import PROOFS
from tests.smt.tables import ABSTRACTIONS, lemma_table, transition_table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "proofs" / "counting.md"


@pytest.mark.parametrize("of", ABSTRACTIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("table", [transition_table, lemma_table])
def test_the_tables_are_up_to_date(table, of):
    assert table(of) in DOCUMENT.read_text("utf-8"), "put what `python -m tests.smt.tables` prints into the document"


@cache
def all_names() -> list[str]:
    """The names of all obligations, with and without that of their proof."""
    names = [each.name for proof in PROOFS.values() for each in proof.obligations()]
    return names + [name.partition(": ")[2] for name in names]


@pytest.mark.parametrize("name", ["fifo", "liveness", "pipeline"])
def test_each_obligation_that_a_proof_quotes_is_one(name):
    owed = all_names()
    text = (ROOT / "docs" / "proofs" / f"{name}.md").read_text(encoding="utf-8")
    quoted = [
        words
        for checked in re.findall(r"\*Checked:\*((?:[^`.]*`[^`]*`)+)", text)
        for words in re.findall(r"`([^`]*)`", checked)
        if not words.startswith("pcverify ")
    ]
    assert len(quoted) > 4
    patterns = {words: re.escape(" ".join(words.split())).replace("…", ".*") for words in quoted}
    assert [words for words, pattern in patterns.items() if not any(re.fullmatch(pattern, each) for each in owed)] == []
