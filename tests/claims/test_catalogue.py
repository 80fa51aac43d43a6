"""The list of claims covers everything that is run, each thing once."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from pcverify.claims import MODEL_CLAIMS, TEST_CLAIMS, ledger, readme_table, write_ledger
from pcverify.claims.catalogue import COVERAGE_CLAIM, PROOF_CLAIM, UNBOUNDED_CLAIM
from pcverify.claims.ledger import ARGUED
from pcverify.claims.table import BEGIN, END
from pcverify.tla import find_models, load_manifest

ROOT = Path(__file__).resolve().parents[2]
RUNS = load_manifest(find_models(ROOT / "models")).runs
TEST_FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.config)
def test_each_run_of_the_manifest_answers_exactly_one_claim_that_needs_its_verdict(run):
    (claim,) = [claim for claim in MODEL_CLAIMS if claim.covers(run.config, run.tier)]
    assert claim.claim.needs is run.expected


@pytest.mark.parametrize("claim", MODEL_CLAIMS, ids=lambda claim: claim.claim.id)
def test_each_claim_about_models_is_answered_by_some_run(claim):
    assert claim.every_action or any(claim.covers(run.config, run.tier) for run in RUNS)


@pytest.mark.parametrize("file", TEST_FILES)
def test_each_test_file_answers_exactly_one_claim(file):
    assert len([claim for claim in TEST_CLAIMS if claim.covers(file)]) == 1


@pytest.mark.parametrize("claim", TEST_CLAIMS, ids=lambda claim: claim.claim.id)
def test_each_file_that_a_claim_names_is_there(claim):
    assert [each for each in claim.files if not any(fnmatchcase(file, each) for file in TEST_FILES)] == []


def test_claims_have_names_of_their_own():
    names = [claim.claim.id for claim in (*MODEL_CLAIMS, *TEST_CLAIMS)]
    names += [claim.id for claim in (PROOF_CLAIM, UNBOUNDED_CLAIM, COVERAGE_CLAIM)]
    assert len(set(names)) == len(names)


def test_the_bounds_name_only_configs_that_are_run():
    """A bound such as `up to p2c2k1i2` must be the size of a run that answers the claim."""
    for claim in MODEL_CLAIMS:
        configs = " ".join(run.config for run in RUNS if claim.covers(run.config, run.tier))
        for word in claim.claim.bounds.replace(",", " ").split():
            if word[0] == "p" and word[1:2].isdigit():
                assert word in configs, f"{claim.claim.id} claims {word}"


def test_as_many_mistakes_and_properties_as_are_named_are_run():
    counted = 0
    for claim in MODEL_CLAIMS:
        own = [run for run in RUNS if run.broken and claim.covers(run.config, run.tier)]
        for words, those in (
            (r"each of (\d+) ", {run.module for run in own}),
            (r"by (\d+) properties", {run.expect.property_name for run in own}),
        ):
            if found := re.search(words, f"{claim.claim.question} {claim.claim.bounds}"):
                assert int(found[1]) == len(those), f"{claim.claim.id}: {found[0]}"
                counted += 1
    assert counted == 7


def test_the_table_in_the_readme_is_up_to_date():
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == readme_table(load_manifest(ROOT / "models")), "run `make claims` and commit README.md"


def test_the_ledger_is_up_to_date():
    shown = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert shown == ledger(load_manifest(ROOT / "models"), ROOT), "run `make claims` and commit docs/claims.md"


def test_the_ledger_has_each_claim_with_who_checks_it():
    rows = ledger(load_manifest(ROOT / "models"), ROOT).splitlines()
    claims = [each.claim for each in (*MODEL_CLAIMS, *TEST_CLAIMS)]
    for claim in (*claims, PROOF_CLAIM, UNBOUNDED_CLAIM, COVERAGE_CLAIM):
        (row,) = [row for row in rows if row.startswith(f"| {claim.id}: {claim.question} |")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 7
        assert cells[6] == claim.does_not_show
        assert cells[1].split(",")[0] in {
            "TLC", "SMT", "CrossHair", "explored code", "conformance", "tested", "measured",
        }  # fmt: skip
        assert cells[5].strip("`")


def test_what_is_only_argued_is_argued_somewhere():
    assert len(ARGUED) > 5
    for each in ARGUED:
        assert (ROOT / "docs" / each.where).is_file()


def test_a_ledger_that_is_up_to_date_is_left_alone(tmp_path):
    path, manifest = tmp_path / "claims.md", load_manifest(ROOT / "models")
    assert write_ledger(path, manifest, ROOT)
    assert not write_ledger(path, manifest, ROOT)
    path.write_text(path.read_text(encoding="utf-8").replace("SAMPLED", "OK"), encoding="utf-8")
    assert write_ledger(path, manifest, ROOT)
