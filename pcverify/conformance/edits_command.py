"""The command `pcverify conform MODEL --edits`: is every mistake in the model noticed?"""

from __future__ import annotations

import json
import time
from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pcverify.conformance.conforming import subject_for
from pcverify.conformance.edited import FATES, answers, edits_for, walked
from pcverify.conformance.explaining import explained
from pcverify.evidence import UsageError
from pcverify.report.terminal import width_of_terminal
from pcverify.tla.manifest import find_models

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from pcverify.conformance.edited import EditOutcome, Late
    from pcverify.conformance.programs import Config

Subject = tuple["Callable[[int], Any]", "Config"]

WHAT = {
    "code": "the code does",
    "model": "the model does",
    "start": "they begin differently",
    "stuck": "the code comes to no end",
}
"""What the sides of a difference are called."""


def survivors(models: Path | None = None) -> dict[str, dict[str, str]]:
    """Return, by model, the edits that change nothing that the code can do, each with the argument."""
    listed: dict[str, dict[str, str]] = json.loads(((models or find_models()) / "survivors.json").read_text("utf-8"))
    return listed


def run_edits(
    model: str, subjects: Sequence[Subject], patterns: Sequence[str], *, late: Sequence[Late] = (), max_seconds: float
) -> int:
    """Try every edit of a model, or those with these names, and print what becomes of each.

    Returns:
        0 if each makes a difference or is listed with an argument why it makes none, 1 if another survives, 3 if TLC
        did not come to an end with one.

    Raises:
        UsageError: no edit has such a name.
    """
    edits = [
        edit
        for edit in edits_for(model)
        if not patterns or any(fnmatchcase(edit.name, pattern) for pattern in patterns)
    ]
    if not edits:
        raise UsageError(
            f"no edit of {model} is called {' or '.join(patterns)}; --edits alone lists all, while it runs"
        )
    began = time.monotonic()
    code = walked(model, subjects, max_seconds=max_seconds)
    print(
        f"{len(edits)} edits of {model}, at {len(code)} configs ({time.monotonic() - began:.0f} s for the code)",
        flush=True,
    )
    argued = survivors().get(model, {})
    outcomes: list[EditOutcome] = []
    for outcome in answers(edits, code, late=late, max_seconds=max_seconds):
        outcomes.append(outcome)
        print(line(outcome, argued), flush=True)
    if len(edits) == 1 and outcomes[0].result is not None:
        everywhere = [*subjects, *((make, config) for make, config, _ in late)]
        make = next(make for make, config in everywhere if config == outcomes[0].config)
        shown = explained(
            outcomes[0].result, subject_for(model, make, outcomes[0].result.config), width=width_of_terminal()
        )
        print(f"\n{shown.text}")
    print(f"\n{summary(outcomes, argued)}\n{time.monotonic() - began:.0f} s.")
    fates = {outcome.fate for outcome in outcomes if outcome.edit.name not in argued or outcome.fate != "same"}
    return 1 if "same" in fates else 3 if "too large" in fates else 0


def line(outcome: EditOutcome, argued: Mapping[str, str]) -> str:
    """Return what became of one edit, in a line or two."""
    edit = outcome.edit
    where = outcome.config.name if outcome.config else ""
    text = f"{outcome.fate:<9} {edit.module}.{edit.name}, line {edit.line}: {edit.before} → {edit.after}"
    if outcome.result is not None and (difference := outcome.result.comparison.difference):
        where += f" of {outcome.result.subject}"
        return f"{text}\n{'':<10}at {where}: {WHAT[difference.side]} {difference.action}".rstrip()
    if outcome.fate == "same":
        return f"{text}\n{'':<10}{argued.get(edit.name, 'NO ARGUMENT why it makes no difference')}"
    words = next((each for each in outcome.words.splitlines() if each.strip()), "")
    return f"{text}\n{'':<10}{f'at {where}: ' * bool(where)}{words}"


def summary(outcomes: Sequence[EditOutcome], argued: Mapping[str, str]) -> str:
    """Return how many edits came to what, and at which config those that were reported."""
    counts = Counter(outcome.fate for outcome in outcomes)
    lines = [f"{counts[fate]:>5}  {fate}" for fate in FATES]
    unargued = [each.edit.name for each in outcomes if each.fate == "same" and each.edit.name not in argued]
    lines[FATES.index("same")] += f", {len(unargued)} of them without an argument"
    places = Counter(outcome.config.name for outcome in outcomes if outcome.fate == "reported" and outcome.config)
    lines += ["Reported at:", *(f"{count:>5}  {name}" for name, count in places.items())]
    return "\n".join(lines)
