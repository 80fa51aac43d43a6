"""The table of claims: with what a run measured for the terminal, without it for the README."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pcverify.claims.catalogue import COVERAGE_CLAIM, MODEL_CLAIMS, PROOF_CLAIM, TEST_CLAIMS, UNBOUNDED_CLAIM
from pcverify.evidence import UsageError, Verdict
from pcverify.tla import ExpectOk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pcverify.evidence import Claim, Result
    from pcverify.tla import Manifest

BEGIN = "<!-- claims: written by `make claims` -->"
END = "<!-- end of claims -->"
WIDTH = 118
FIRST_NUMBER = 6  # columns from here on are set to the right
CONFIG_NAMES = "p2c1k3i4: 2 producers, 1 consumer, capacity 3, 4 items each. Seconds are summed over runs side by side."


def all_met(results: Iterable[Result]) -> bool:
    """Return whether every claim got exactly the verdict it needs."""
    return all(result.met for result in results)


def format_results(results: Sequence[Result]) -> str:
    """Return one line per claim, then what those that are not met lack, then the sum."""
    rows: list[tuple[str, ...]] = [("", "claim", "tool", "bounds", "needs", "got", "counted", "seconds")]
    for result in results:
        counted = "" if result.cases is None else f"{result.cases:,} {result.unit}"
        needs, got = str(result.claim.needs), str(result.verdict)
        asked = (result.claim.question, result.claim.tool, result.claim.bounds)
        rows.append(("ok" if result.met else "NO", *asked, needs, got, counted, f"{result.seconds:.1f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column >= FIRST_NUMBER else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells))
    lines.insert(1, "-" * len(lines[0]))
    lines.append(CONFIG_NAMES)
    missed = [result for result in results if not result.met]
    for result in missed:
        text = f"NOT MET: {result.claim.id}: needs {result.claim.needs}, got {result.verdict}. {result.reason}"
        lines += ["", *textwrap.wrap(text, WIDTH, subsequent_indent="    ")]
    met = len(results) - len(missed)
    lines += [
        "",
        f"{met} of {len(results)} claims are met." + ("" if missed else " docs/limitations.md: what that leaves open."),
    ]
    return "\n".join(lines)


def readme_table(manifest: Manifest) -> str:
    """Return the claims of `make check` as a table in Markdown, with the states that the models must have."""
    rows = ["| question | tool | bounds | needs | states |", "|---|---|---|---|---:|"]
    for model in MODEL_CLAIMS:
        if model.tier == "check":
            states = sum(
                run.expect.distinct
                for run in manifest.runs
                if model.covers(run.config, run.tier) and isinstance(run.expect, ExpectOk)
            )
            rows.append(_row(model.claim, f"{states:,}" if states else ""))
    others = (PROOF_CLAIM, UNBOUNDED_CLAIM, *(tests.claim for tests in TEST_CLAIMS), COVERAGE_CLAIM)
    rows += [_row(claim, "") for claim in others]
    return "\n".join(rows)


def write_readme_table(readme: Path, manifest: Manifest) -> bool:
    """Put the table between its marks in `readme`, and return whether that changed anything.

    Raises:
        UsageError: the marks are not there.
    """
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"{readme} has no lines {BEGIN} and {END}: put them where the table belongs")
    changed = f"{before}{BEGIN}\n{readme_table(manifest)}\n{END}{after}"
    if changed == text:
        return False
    readme.write_text(changed, encoding="utf-8")
    return True


def needed(claim: Claim) -> str:
    """Return the verdict that a claim needs, in the words of the documents."""
    return "caught" if claim.needs is Verdict.VIOLATION else str(claim.needs)


def _row(claim: Claim, states: str) -> str:
    return f"| {claim.question} | {claim.tool} | {claim.bounds} | {needed(claim)} | {states} |"
