"""Tables of claims: one line each, and never a pass that was not earned."""

from __future__ import annotations

import pytest

from pcverify.claims import all_met, format_results, write_readme_table
from pcverify.claims.table import BEGIN, END
from pcverify.evidence import Claim, Result, UsageError, Verdict
from pcverify.tla import load_manifest

OK = Claim("fine", "Fine?", "TLC", "up to 3", Verdict.OK, "more")
CAUGHT = Claim("caught", "Caught?", "TLC", "by P", Verdict.VIOLATION, "more")


def test_one_line_per_claim_shows_what_was_needed_and_what_came_out():
    table = format_results([Result(OK, Verdict.OK, 1.25, 1234, "states"), Result(CAUGHT, Verdict.VIOLATION, 0.5)])
    lines = table.splitlines()
    assert lines[0].split() == ["claim", "tool", "bounds", "needs", "got", "counted", "seconds"]
    assert lines[2].split() == ["ok", "Fine?", "TLC", "up", "to", "3", "OK", "OK", "1,234", "states", "1.2"]
    assert lines[3].split() == ["ok", "Caught?", "TLC", "by", "P", "VIOLATION", "VIOLATION", "0.5"]
    assert "2 of 2 claims are met" in lines[-1]


def test_a_claim_that_is_not_met_says_what_it_lacks():
    unmet = Result(OK, Verdict.UNKNOWN, 9.0, reason="Java was killed")
    table = format_results([Result(CAUGHT, Verdict.VIOLATION, 0.5), unmet])
    assert "NO  Fine?" in table
    assert "NOT MET: fine: needs OK, got UNKNOWN. Java was killed" in table
    assert "1 of 2 claims are met." in table
    assert not all_met([unmet])


@pytest.mark.parametrize("got", [Verdict.SAMPLED, Verdict.VIOLATION, Verdict.UNKNOWN])
def test_only_the_verdict_that_is_needed_will_do(got):
    assert not all_met([Result(OK, got, 1.0)])


def test_the_readme_gets_its_table_between_the_marks(tmp_path, small_models):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    manifest = load_manifest(small_models.folder)
    assert write_readme_table(readme, manifest) is True
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| question | tool |")
    assert text.endswith(f"{END}\nafter\n")
    assert "\nold\n" not in text
    assert write_readme_table(readme, manifest) is False


def test_a_readme_without_marks_is_refused(tmp_path, small_models):
    readme = tmp_path / "README.md"
    readme.write_text("no marks\n")
    with pytest.raises(UsageError, match="put them where"):
        write_readme_table(readme, load_manifest(small_models.folder))
    assert readme.read_text() == "no marks\n"
