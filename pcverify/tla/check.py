"""Runs what a manifest asks for, side by side on the cores, and compares with what it expects.

Many small runs of TLC are cheaper side by side, one worker each, than one after the other with
several workers. The longest go first, so that none of them is left to run alone at the end.

A run meets its expectation only if everything agrees: the verdict, and for OK the number of distinct
states and the depth, for SAMPLED the number of states in the sample, for VIOLATION the property and
the length of the counterexample. Whether TLC looked at whole behaviours must agree with the mode: else
a liveness property was never examined. A broken variant that fails for another reason than the named
one has not been caught.

What a pass does not show: that the properties say what they should. Part of that is answered by
`untaken_actions`: an action that no run ever takes makes properties hold for the wrong reason.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeAlias

from pcverify.evidence import PcverifyError, Verdict
from pcverify.tla.errors import ManifestError
from pcverify.tla.manifest import (
    MANIFEST,
    ExpectOk,
    ExpectSampled,
    ExpectViolation,
    Manifest,
    ModelRun,
    Tier,
    load_manifest,
)
from pcverify.tla.process import Stop
from pcverify.tla.result import TlcResult
from pcverify.tla.run import TlcProgress, run_tlc
from pcverify.tla.toolchain import Toolchain, find_toolchain


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came out of one run of the manifest."""

    run: ModelRun
    result: TlcResult | None
    """What TLC found; None if it gave no verdict."""
    error: PcverifyError | None
    """Why there is no result; None if there is one."""
    problem: str | None
    """What differs from the expectation, in words; None if nothing does."""
    seconds: float
    """Wall time."""

    @property
    def verdict(self) -> Verdict:
        """The verdict of TLC, or UNKNOWN if it gave none."""
        return self.result.verdict if self.result else Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run has begun."""

    run: ModelRun


@dataclass(frozen=True, slots=True)
class RunAdvanced:
    """A run says how far it has come."""

    run: ModelRun
    progress: TlcProgress


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run is over."""

    outcome: RunOutcome


Event: TypeAlias = RunStarted | RunAdvanced | RunFinished


def check_models(
    models: Path,
    *,
    tiers: Collection[Tier],
    max_seconds: float,
    jobs: int | None = None,
    toolchain: Toolchain | None = None,
    select: Callable[[ModelRun], bool] | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> tuple[RunOutcome, ...]:
    """Run the manifest of a folder of models.

    Args:
        models: the folder, such as `find_models()` returns.
        tiers: which runs of the manifest: `check`, `nightly` or both.
        max_seconds: wall time after which a single run is ended.
        jobs: runs at a time; the number of cores if None.
        toolchain: the Java and the jar; found by `find_toolchain` if None.
        select: which of these runs; all if None.
        on_event: is told when a run begins, advances and ends, always in the calling thread.

    Returns:
        The outcomes in the order of the manifest. An error of a single run is part of its outcome.

    Raises:
        ManifestError: the manifest is wrong, or there is no such run in it: nothing would be checked.
        ToolMissing, ToolUnusable: Java or TLC is not there, or not what it must be.

    Whatever is raised, also by `on_event` or by Ctrl-C: every Java is ended first, and every
    temporary folder removed.
    """
    manifest = load_manifest(models)
    runs = [run for run in manifest.runs if run.tier in tiers and (select is None or select(run))]
    if not runs:
        chosen = " that were chosen" if select else ""
        raise ManifestError(f"{models / MANIFEST} has no run of tier {' or '.join(sorted(tiers))}{chosen}")
    toolchain = toolchain or find_toolchain()
    # Workers report through this queue, so that the caller's thread alone calls `on_event` and
    # collects, and no lock is needed.
    reports: SimpleQueue[Event | BaseException] = SimpleQueue()
    outcomes: dict[ModelRun, RunOutcome] = {}
    with Stop() as stop, ThreadPoolExecutor(jobs or available_cores()) as pool:
        try:
            for run in sorted(runs, key=lambda run: run.seconds, reverse=True):
                pool.submit(_work, run, manifest, toolchain, max_seconds, stop, reports.put)
            while len(outcomes) < len(runs):
                report = reports.get()
                if isinstance(report, BaseException):
                    raise report
                if isinstance(report, RunFinished):
                    outcomes[report.outcome.run] = report.outcome
                if on_event:
                    on_event(report)
        except BaseException:
            stop.request()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return tuple(outcomes[run] for run in runs)


def untaken_actions(outcomes: Iterable[RunOutcome]) -> dict[str, tuple[str, ...]]:
    """Return, by module, the actions that none of its runs has ever taken. Empty if there are none.

    Broken variants are left out: some of their actions are cut off on purpose. Runs without a
    result, or without coverage, count as having taken nothing.
    """
    totals: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        if outcome.run.broken or outcome.result is None:
            continue
        module = totals.setdefault(outcome.run.module, {})
        for action, count in (outcome.result.coverage or {}).items():
            module[action] = module.get(action, 0) + count.total
    untaken = {
        module: tuple(name for name, total in actions.items() if not total) for module, actions in totals.items()
    }
    return {module: actions for module, actions in untaken.items() if actions}


def difference(run: ModelRun, result: TlcResult) -> str | None:
    """Return how a result differs from what the manifest expects, in words; None if it does not."""
    if result.temporal and run.mode == "safety":
        return "`mode` is safety, but a property speaks of whole behaviours: write liveness"
    if run.mode == "liveness" and not result.temporal:
        return "`mode` is liveness, but TLC looked at no property of whole behaviours: none was examined"
    match run.expect:
        case ExpectOk():
            return _difference_from_ok(run.expect, result)
        case ExpectSampled():
            return _difference_from_sampled(run.expect, result)
        case ExpectViolation():
            return _difference_from_violation(run.expect, result)


def _difference_from_ok(expect: ExpectOk, result: TlcResult) -> str | None:
    if result.verdict is not Verdict.OK:
        return f"expected no violation, TLC found {_violation(result)}"
    if result.distinct != expect.distinct:
        return f"expected {expect.distinct:,} distinct states, TLC found {result.distinct:,}"
    if expect.depth not in {None, result.depth}:
        return f"expected a depth of {expect.depth}, TLC found {result.depth}"
    return None


def _difference_from_sampled(expect: ExpectSampled, result: TlcResult) -> str | None:
    if result.verdict is Verdict.VIOLATION:
        return f"expected no violation, TLC found {_violation(result)}"
    if result.verdict is not Verdict.SAMPLED:
        return f"expected a sample, TLC says {result.verdict}"
    if result.generated != expect.generated:
        return f"expected a sample of {expect.generated:,} states, TLC looked at {result.generated:,}"
    return None


def _difference_from_violation(expect: ExpectViolation, result: TlcResult) -> str | None:
    wanted = expect.property_name
    if result.verdict is not Verdict.VIOLATION:
        return f"expected a violation of {wanted}, TLC found none in {result.distinct:,} distinct states"
    if len(result.violated) > 1 and wanted in result.violated:
        return (
            f"expected a violation of {wanted}, but TLC does not say which of {result.property_name} "
            f"is violated; give {wanted} a config of its own"
        )
    if result.violated != (wanted,):
        return f"expected a violation of {wanted}, TLC found {_violation(result)}"
    if len(result.states) != expect.states:
        return f"expected a counterexample of {expect.states} states, TLC found one of {len(result.states)}"
    return None


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _work(
    run: ModelRun,
    manifest: Manifest,
    toolchain: Toolchain,
    max_seconds: float,
    stop: Stop,
    report: "Callable[[Event | BaseException], None]",
) -> None:
    begin = time.monotonic()
    try:
        report(RunStarted(run))
        try:
            result = run_tlc(
                run.module_path,
                run.config_path,
                library=(run.folder,),
                toolchain=toolchain,
                deadlock=run.deadlock,
                max_seconds=max_seconds,
                simulation=run.simulation,
                on_progress=lambda progress: report(RunAdvanced(run, progress)),
                stop=stop,
            )
        except PcverifyError as error:
            seconds = time.monotonic() - begin
            report(RunFinished(RunOutcome(run, None, error, f"TLC gave no verdict. {error}", seconds)))
        else:
            problem = difference(run, result)
            if problem and result.tlc != manifest.tlc:
                problem += f" (this is TLC {result.tlc}; the expectation was measured with {manifest.tlc})"
            report(RunFinished(RunOutcome(run, result, None, problem, result.seconds)))
    except BaseException as error:
        # Raised again in the caller's thread: what is lost here would leave it waiting for ever.
        report(error)


def _violation(result: TlcResult) -> str:
    return f"{result.property_name} violated after {len(result.states)} states"
