"""What came out of a comparison, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import Verdict

if TYPE_CHECKING:
    from pcverify.conformance.conforming import Conformance

NOT_SHOWN = (
    "What this does not show: other programs or bounds; a switch within the local code between two operations on",
    "locks; weaker memory than Python's under the interpreter lock.",
)

COARSE = (
    "The model's steps are larger than the code's: whether every state of the code takes every edge was not asked.",
)


def line(result: Conformance) -> str:
    """Return one line: what was compared, how much of it, and whether it agrees."""
    compared = result.comparison
    said = {Verdict.OK: "agree", Verdict.VIOLATION: "DIFFER", Verdict.UNKNOWN: "UNKNOWN"}[result.verdict]
    size = f"{compared.model_states:>7,} states {compared.model_edges:>8,} edges"
    return f"{said:<8}{size}  {result.seconds:6.1f} s  {result.subject} with {result.model} {result.config.name}"


def table(result: Conformance) -> str:
    """Return the counts in full."""
    compared = result.comparison
    rows = [
        ("states of the model", compared.model_states, compared.covered_states),
        ("edges of the model", compared.model_edges, compared.covered_edges),
        *((f"  {action}", there, taken) for action, (there, taken) in compared.actions.items()),
    ]
    lines = [f"{'':<24}{'there are':>10}{'in the code':>13}"]
    lines += [f"{name:<24}{there:>10,}{taken:>13,}" for name, there, taken in rows]
    lines += [
        "",
        f"The code: {compared.code_states:,} states and {compared.code_edges:,} steps, found in "
        f"{result.code.executions:,} executions.",
        f"Steps of the code that the model lacks: {compared.foreign:,}.",
    ]
    if not result.coarse:
        lines.append(f"Edges of the model that some state of the code does not take: {compared.refused:,}.")
    if result.code.unkeyed:
        lines.append(
            f"States that could not be told apart from others, and so were not merged: {result.code.unkeyed:,}."
        )
    if result.code.cut_short:
        lines.append(f"The walk was cut short: {result.code.cut_short}. So it is not known whether they agree.")
    return "\n".join(lines)
