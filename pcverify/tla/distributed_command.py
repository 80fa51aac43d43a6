"""The command `pcverify models check NAME --distributed`: one large run, shared between several processes of TLC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import NoVerdict, UsageError, Verdict, worst
from pcverify.tla.distributed import run_distributed
from pcverify.tla.manifest import ExpectOk, ExpectViolation
from pcverify.tla.toolchain import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.tla.manifest import ModelRun
    from pcverify.tla.result import TlcResult

EXIT_CODES = {"ok": 0, "UNKNOWN": 3, "FAILED": 1}


def check_distributed(runs: Sequence[ModelRun], *, workers: Sequence[str], max_seconds: float) -> int:
    """Run each of these with several processes of TLC; return the exit code.

    Raises:
        UsageError: there is none, or one is not for safety.
    """
    if not runs:
        raise UsageError("--distributed needs the NAME of a config: it is for one large run")
    for run in runs:
        if run.mode != "safety":
            raise UsageError(f"{run.config} is a run for {run.mode}; distributed TLC does only safety")
    toolchain, marks = find_toolchain(), set()
    for run in runs:
        try:
            result = run_distributed(
                run.module_path,
                run.config_path,
                library=(run.folder,),
                toolchain=toolchain,
                deadlock=run.deadlock,
                max_seconds=max_seconds,
                workers=workers,
                say=lambda line: print(f"    {line}", flush=True),
            )
        except NoVerdict as error:
            mark, text = "UNKNOWN", str(error)
        else:
            mark, text = judgement(run, result)
        marks.add(mark)
        print(f"{mark:<7} {run.config}  {text}", flush=True)
    return worst(EXIT_CODES[mark] for mark in marks)


def judgement(run: ModelRun, result: TlcResult) -> tuple[str, str]:
    """Return what to make of a result, as one of `EXIT_CODES`, and why, in words.

    Of several that a config checks TLC does not say which is violated: then it may be another than must be.
    """
    took = f"{result.seconds:.1f} s  "
    expect = run.expect
    wanted = f"{expect.distinct:,} states" if isinstance(expect, ExpectOk) else ""
    if isinstance(expect, ExpectViolation):
        wanted = f"a violation of {expect.property_name}"
    if result.verdict is Verdict.OK:
        good = isinstance(expect, ExpectOk) and result.distinct == expect.distinct
        return "ok" if good else "FAILED", f"{took}{result.distinct:,} states, expected {wanted}"
    alone = f"Run it alone to see the whole behaviour:\n    pcverify models check {run.config}"
    found = f"{took}violated: {result.property_name}"
    if not isinstance(expect, ExpectViolation):
        return "FAILED", f"{found}, expected {wanted}. {alone}"
    if result.violated == (expect.property_name,):
        return "ok", f"{found}. {alone}"
    return "UNKNOWN", f"{found}; distributed, TLC does not say which, and {wanted} is expected. {alone}"
