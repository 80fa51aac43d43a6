"""Answers the claims about models: runs TLC as the manifest says, and sums the runs up by claim."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from pcverify.claims.catalogue import MODEL_CLAIMS
from pcverify.claims.kinds import ModelClaim
from pcverify.evidence import Result, Verdict
from pcverify.tla import (
    RunAdvanced,
    RunFinished,
    check_models,
    format_counterexample,
    load_manifest,
    untaken_actions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path
    from typing import TextIO

    from pcverify.tla import Event, ModelRun, RunOutcome, Tier, TlcResult

MAX_SECONDS = {"check": 120.0, "nightly": 1800.0}  # for one run; far above what it takes
QUIET_SECONDS = 20.0  # a log, unlike a terminal, hears of a long run only so often


def run_models(
    models: Path,
    *,
    tiers: Collection[Tier],
    jobs: int | None = None,
    select: Callable[[ModelRun], bool] | None = None,
    output: TextIO | None = None,
) -> tuple[RunOutcome, ...]:
    """Run the manifest's configs of these tiers that are selected, with a line for each as it ends.

    Raises:
        ManifestError, ToolMissing, ToolUnusable: nothing could be run.
    """
    wanted = [run for run in load_manifest(models).runs if run.tier in tiers and (not select or select(run))]
    progress = _Progress(len(wanted), output or sys.stdout)
    limit = max(MAX_SECONDS[tier] for tier in tiers)
    return check_models(models, tiers=tiers, max_seconds=limit, jobs=jobs, select=select, on_event=progress)


def check_model_claims(models: Path, *, tiers: Collection[Tier], output: TextIO | None = None) -> list[Result]:
    """Answer every claim about models of these tiers.

    Raises:
        ManifestError, ToolMissing, ToolUnusable: nothing could be run.
    """
    outcomes = run_models(models, tiers=tiers, output=output)
    claims = [claim for claim in MODEL_CLAIMS if claim.tier in tiers]
    return [_answer(claim, outcomes) for claim in claims]


def _answer(claim: ModelClaim, outcomes: Sequence[RunOutcome]) -> Result:
    if claim.every_action:
        return _answer_for_actions(claim, outcomes)
    own = [outcome for outcome in outcomes if claim.covers(outcome.run.config, outcome.run.tier)]
    problems = [f"{outcome.run.config}: {outcome.problem}" for outcome in own if outcome.problem]
    verdicts = {outcome.verdict for outcome in own}
    if len(verdicts) != 1:
        verdict = Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts or not own else Verdict.VIOLATION
        if verdicts == {Verdict.OK, Verdict.SAMPLED}:
            verdict = Verdict.SAMPLED
        elif claim.claim.needs is Verdict.VIOLATION and Verdict.OK in verdicts:
            verdict = Verdict.OK  # one that must be caught was not
    else:
        (verdict,) = verdicts
    if problems and verdict is claim.claim.needs:
        verdict = Verdict.UNKNOWN  # what was checked is not what is claimed
    states = sum(outcome.result.distinct or outcome.result.generated for outcome in own if outcome.result)
    seconds = sum(outcome.seconds for outcome in own)
    reason = "; ".join(problems) if own else "no run of the manifest answers it"
    return Result(claim.claim, verdict, seconds, states, "states", reason)


def _answer_for_actions(claim: ModelClaim, outcomes: Sequence[RunOutcome]) -> Result:
    own = [outcome for outcome in outcomes if outcome.run.tier == claim.tier and _counts_actions(outcome.run)]
    without = [outcome.run.config for outcome in own if outcome.result is None or not outcome.result.coverage]
    untaken = untaken_actions(own)
    counted = {
        (outcome.run.module, action)
        for outcome in own
        if outcome.result is not None
        for action in outcome.result.coverage or {}
    }
    if without or not counted:
        return Result(claim.claim, Verdict.UNKNOWN, 0.0, None, "cases", f"no coverage from {', '.join(without)}")
    reason = "; ".join(f"{module} never takes {', '.join(actions)}" for module, actions in untaken.items())
    return Result(claim.claim, Verdict.VIOLATION if untaken else Verdict.OK, 0.0, len(counted), "cases", reason)


def _counts_actions(run: ModelRun) -> bool:
    """Whether the run says how often each action was taken: a simulation does not, a broken variant need not."""
    return not run.broken and run.mode != "simulation"


class _Progress:
    """Prints a line when a run ends, and on a terminal one that moves while it goes on."""

    def __init__(self, total: int, output: TextIO) -> None:
        self._total = total
        self._output = output
        self._ended = 0
        self._live = output.isatty()
        self._said_at = time.monotonic()
        self._shown: set[tuple[str, str]] = set()  # module and property of the counterexamples that were printed

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunFinished):
            self._ended += 1
            self._say(self._line(event.outcome))
        elif isinstance(event, RunAdvanced):
            text = f"{event.run.config}: {event.progress.distinct:,} states, {event.progress.left:,} to look at"
            if self._live:
                self._output.write(f"\r\033[K          {text}")
                self._output.flush()
            elif time.monotonic() - self._said_at > QUIET_SECONDS:
                self._say(f"          {text}")

    def _say(self, text: str) -> None:
        self._said_at = time.monotonic()
        self._output.write(f"\r\033[K{text}\n" if self._live else f"{text}\n")
        self._output.flush()

    def _line(self, outcome: RunOutcome) -> str:
        width = len(str(self._total))
        mark = "FAILED" if outcome.problem else "ok"
        line = f"[{self._ended:{width}}/{self._total}] {mark:<6} {outcome.run.config:<65} {outcome.seconds:5.1f} s  "
        result = outcome.result
        if result is None:
            line += "UNKNOWN"
        elif result.verdict is Verdict.OK:
            line += f"{result.distinct:,} states"
        elif result.verdict is Verdict.SAMPLED:
            line += f"SAMPLED: {result.generated:,} states"
        else:
            line += f"{result.property_name} violated, {len(result.states)} states"
        if outcome.run.reduction:
            line += f", with {' and '.join(outcome.run.reduction)}"
        if outcome.problem:
            line += "\n" + _indent(outcome.problem)
            if result is not None and result.verdict is Verdict.VIOLATION:
                line += self._counterexample(outcome.run.module, result)
        return line

    def _counterexample(self, module: str, result: TlcResult) -> str:
        kind = (module, result.property_name)
        if kind in self._shown:
            return f"\n    (a counterexample of {module} to {result.property_name} is shown above)"
        self._shown.add(kind)
        return f"\n\n{_indent(format_counterexample(result))}\n"


def _indent(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines())
