"""The command `pcverify models conjuncts`: does each conjunct of each invariant say something of its own?"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from pcverify.evidence import UsageError
from pcverify.tla.conjuncts import Asked, asked, listed
from pcverify.tla.manifest import find_models
from pcverify.tla.toolchain import find_toolchain

MAX_SECONDS = 300.0


def show_conjuncts(options: argparse.Namespace) -> int:
    """Print what tells each conjunct from all others; return the exit code."""
    models: Path = find_models(options.models)
    known = listed(models)
    if unknown := [name for name in options.names if name not in known]:
        raise UsageError(f"conjuncts.json lists nothing for {', '.join(unknown)}, only for {', '.join(known)}")
    toolchain = find_toolchain()
    answers: list[Asked] = []
    for name in options.names or known:
        print(f"{name}", flush=True)
        found = asked(name, models=models, toolchain=toolchain, max_seconds=MAX_SECONDS)
        print("\n".join(line for each in found for line in lines_about(each, options.width)), flush=True)
        answers += found
    print(summary(answers))
    return 0 if all(each.holds for each in answers) else 1


def lines_about(each: Asked, width: int) -> Sequence[str]:
    """Return what was asked of a conjunct, and what came out."""
    name = f"{each.conjunct.name}, line {each.conjunct.line}"
    says = textwrap.shorten(each.conjunct.says, max(width - len(name) - 9, 20), placeholder=" …")
    lines = [f"  {'ok' if each.holds else 'NO':<4}{name}: {says}"]
    if each.told is None:
        text = "nothing listed tells it from the others; add an edit, a write or an argument to conjuncts.json"
    elif each.told.implied:
        text = f"implied: {each.told.implied}"
    else:
        kind = "edit" if each.told.is_edit else "write"
        fails = "" if each.holds else ", which does not break it, or not alone"
        text = f"{kind} {each.told.by} ({each.told.run}){fails}"
    return [*lines, *textwrap.wrap(text, width, initial_indent=" " * 8, subsequent_indent=" " * 10)]


def summary(answers: Sequence[Asked]) -> str:
    """Return how many there are of each kind."""
    told = [each.told for each in answers if each.told is not None and each.holds]
    implied = sum(bool(each.implied) for each in told)
    edits = sum(each.is_edit for each in told)
    failing = [each.conjunct.name for each in answers if not each.holds]
    text = (
        f"{len(answers)} conjuncts: {edits} told apart by an edit, {len(told) - edits - implied} by a write, "
        f"{implied} implied by others."
    )
    return text + (f"\nNot told apart: {', '.join(failing)}." if failing else "")
