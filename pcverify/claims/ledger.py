"""The ledger: every claim, who checks it, by which command, what it counts, and what even that does not show.

It is written without what a run measures, so that it changes only when a claim does. What nobody checks is in it, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pcverify.claims.catalogue import COVERAGE_CLAIM, MODEL_CLAIMS, PROOF_CLAIM, TEST_CLAIMS, UNBOUNDED_CLAIM
from pcverify.claims.crosshair import CONTRACTS, contracts_in
from pcverify.claims.kinds import ModelClaim
from pcverify.claims.table import needed
from pcverify.evidence import Verdict
from pcverify.smt.every_proof import PROOFS
from pcverify.tla import ExpectOk, ExpectSampled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pcverify.evidence import Claim
    from pcverify.tla import Manifest, ModelRun


@dataclass(frozen=True, slots=True)
class Argued:
    """A statement that the rest stands on and that nothing checks.

    Attributes:
        statement: what is taken to be so.
        where: the document that argues it, relative to `docs`.
        checked_in_part: what of it is checked, and how.
    """

    statement: str
    where: str
    checked_in_part: str


ARGUED: tuple[Argued, ...] = (
    Argued(
        "What a task does between two operations on locks is one step: no other task sees it half done.",
        "conformance.md",
        "lists change only under the lock (`WaitListsChangeUnderLock`); small programs, at each instruction",
    ),
    Argued(
        "Code and models agree beyond the bounds at which they were compared.",
        "conformance.md",
        "edge by edge within these bounds; samples of the real code beyond them",
    ),
    Argued(
        "The transitions that the proofs count are those of the models, for any number of threads.",
        "proofs/counting.md",
        "edge by edge at 64 configs; none of them looks at how many threads there are",
    ),
    Argued(
        "The steps of the proofs about order and about the pipeline are the actions of the models that they name.",
        "proofs/fifo.md",
        "by reading; each guard and lemma left out makes a proof fail, or is listed as not needed",
    ),
    Argued(
        "What holds of the pipeline on the atomic queue holds on both real queues.",
        "proofs/pipeline.md",
        "at bounds: each queue refines the atomic one; `PipelineOverConditionQueue`; the code, over both queues",
    ),
    Argued(
        "If a step can always be taken and each step lowers a rank, it all comes to an end.",
        "proofs/liveness.md",
        "each obligation of the rank by z3; the same properties by TLC at bounds",
    ),
    Argued(
        "The machine is as fair as is assumed: a thread that can go on does, a lock starves nobody for ever.",
        "proofs/liveness.md",
        "each promise is needed: without it TLC finds who waits for ever",
    ),
    Argued(
        "Memory is sequentially consistent, and an operation on a lock or a deque is one step.",
        "limitations.md",
        "real threads, tested; the global interpreter lock gives it, free-threaded builds are not supported",
    ),
    Argued(
        "TLC, z3, CrossHair and Python do what they say.",
        "limitations.md",
        "cvc5 confirms z3; programs in Python count states of TLC again; every way in which TLC can end is tested",
    ),
)


_HEAD = """\
# What is claimed, who checks it, and what it does not show

Written by `make claims`; a test compares it with what is checked. A claim is met only by the verdict that it needs.
**OK**: everything within the bounds was covered. **SAMPLED**: the cases ran and none failed. **caught**: a
counterexample must be found, to the property that is named. `p2c1k3i4` is 2 producers, 1 consumer, capacity 3 and
4 items each. Commands are those of `pcverify`; in a checkout, write `.venv/bin/python -m pcverify`.
"""
_TAIL = """\
`make nightly` also runs the tests that are marked so: larger configs of code and models, edits of models and of the
counting abstraction, what each lemma and each conjunct is needed for.

## Argued only

What all of this stands on, and nothing checks as a whole.

| statement | argued in | what of it is checked |
|---|---|---|"""


def ledger(manifest: Manifest, project: Path) -> str:
    """Return the ledger as a document in Markdown.

    Args:
        manifest: the runs of TLC.
        project: the folder of the project, in which the contracts are.
    """
    contracts = len(contracts_in((project / CONTRACTS).read_text(encoding="utf-8")))
    checked = [_row(claim.claim, *_of_model(claim, manifest.runs)) for claim in MODEL_CLAIMS if claim.tier == "check"]
    nightly = [_row(claim.claim, *_of_model(claim, manifest.runs)) for claim in MODEL_CLAIMS if claim.tier == "nightly"]
    checked.append(_row(UNBOUNDED_CLAIM, "SMT, unbounded", "prove", _obligations()))
    checked.append(_row(PROOF_CLAIM, "CrossHair, every path", "make check", f"{contracts} contracts"))
    checked += [_row(each.claim, each.checker, _tests(each.files), "") for each in TEST_CLAIMS]
    checked.append(_row(COVERAGE_CLAIM, "measured", "make test", ""))
    argued = [f"| {each.statement} | [{each.where}]({each.where}) | {each.checked_in_part} |" for each in ARGUED]
    return "\n".join(
        [
            _HEAD,
            "## By `make check`",
            "",
            *_table(checked),
            "",
            "## By `make nightly`",
            "",
            *_table(nightly),
            "",
            _TAIL,
            *argued,
            "",
        ]
    )


def write_ledger(path: Path, manifest: Manifest, project: Path) -> bool:
    """Write it, and return whether that changed anything."""
    text = ledger(manifest, project)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


@cache
def _obligations() -> str:
    """Return how many obligations there are; making them takes seconds."""
    sound = sum(len(proof.obligations()) for proof in PROOFS.values() if not proof.refuted)
    wrong = [len(proof.obligations()) for proof in PROOFS.values() if proof.refuted]
    return f"{sound:,} obligations; {sum(wrong)} of {len(wrong)} wrong proofs, which must be refuted"


def _of_model(claim: ModelClaim, runs: Sequence[ModelRun]) -> tuple[str, str, str]:
    covered = [run for run in runs if claim.covers(run.config, run.tier)]
    states = sum(run.expect.distinct for run in covered if isinstance(run.expect, ExpectOk))
    sampled = sum(run.expect.generated for run in covered if isinstance(run.expect, ExpectSampled))
    caught = sum(run.expected is Verdict.VIOLATION for run in covered)
    modules = list(dict.fromkeys(run.module.removeprefix("broken/") for run in covered))
    named = f" {' '.join(modules)}" if modules else ""
    command = f"models check{' --nightly' if claim.tier == 'nightly' else ''}{named}"
    counted = {
        f"{states:,} states": states,
        f"{sampled:,} states sampled": sampled,
        f"{caught} counterexamples": caught,
    }
    figures = next((words for words, count in counted.items() if count), "")
    checker = "TLC, samples" if sampled else "TLC, at bounds"
    return checker, command, figures


def _tests(files: Sequence[str]) -> str:
    return f"pytest {' '.join(files)}"


def _table(rows: Sequence[str]) -> list[str]:
    return [
        "| claim | who checks it | bounds | needs | figures | command | does not show |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]


def _row(claim: Claim, checker: str, command: str, figures: str) -> str:
    asked = f"{claim.id}: {claim.question}"
    cells = (asked, checker, claim.bounds, needed(claim), figures, f"`{command}`", claim.does_not_show)
    return f"| {' | '.join(cells)} |"
