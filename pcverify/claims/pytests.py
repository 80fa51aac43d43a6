"""Answers the claims about code: runs pytest, and sums the tests up by claim.

The tests run in processes of their own. Coverage is measured from the first line of one, because a plugin may import
the package before pytest is ready. The report is pytest's own (junit XML), so what is counted here is what
pytest says happened. A test that was skipped ran nothing: it leaves its claim unanswered.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from pcverify.claims.catalogue import COVERAGE_CLAIM, COVERAGE_NEEDED, TEST_CLAIMS
from pcverify.claims.kinds import TestClaim
from pcverify.claims.session import run_in_session
from pcverify.evidence import Result, UsageError, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PIPELINE = "pcverify/pipeline/*"
# The tests of the pipeline run under coverage; all others without, which halves the time that they take. The others
# come first: the state machines tell best what is wrong with a queue, and tell it at once.
MEASURED = ("coverage", "run", "--source=pcverify/pipeline", "-m", "pytest", "tests/pipeline")
OTHERS = ("pytest", "--ignore=tests/pipeline")
NO_TESTS = 5  # pytest's exit code when it found none
QUEUE_TESTS = (  # what a queue of somebody else's is put through
    "tests/histories/test_queues.py",
    "tests/interleavings/test_queues.py",
    "tests/pipeline/test_coordinator.py",
    "tests/pipeline/test_abort.py",
    "tests/pipeline/test_endings.py",
    "tests/pipeline/test_properties.py",
)
MAX_FAILURES = 5  # when wakeups are lost, most tests wait for their limits: five say enough
UNMEASURED = Result(COVERAGE_CLAIM, Verdict.UNKNOWN, 0.0, reason="the tests failed, or were cut short")


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test as pytest reports it.

    Attributes:
        file: relative to the project's folder.
        name: of the test, with its parameters.
        outcome: `passed`, `failed` or `skipped`.
        seconds: wall time.
    """

    __test__ = False

    file: str
    name: str
    outcome: str
    seconds: float


def check_test_claims(project: Path, *, arguments: Sequence[str] = ()) -> list[Result]:
    """Run the tests of the project in that folder, and answer every claim about code.

    Args:
        project: the checkout; the tests are not part of an installed package.
        arguments: more arguments for pytest.

    Raises:
        UsageError: there are no tests, or pytest could not run them.
    """
    if not (project / "tests").is_dir():
        raise UsageError(f"there are no tests in {project}: call this from a checkout of the project")
    with _temporary_folder() as folder:
        environment = {**_environment(folder), "COVERAGE_FILE": str(Path(folder, "coverage"))}
        cases: list[TestCase] = []
        failed = False
        for number, prefix in enumerate((OTHERS, MEASURED)):
            report = Path(folder, f"junit-{number}.xml")
            command = [sys.executable, "-m", *prefix, "-q", "--numprocesses=auto", f"--maxfail={MAX_FAILURES}"]
            command += [f"--junitxml={report}", *arguments]
            code = run_in_session(command, folder=project, environment=environment)
            if not report.is_file():
                raise UsageError(f"pytest ended with exit code {code} and no report; what it printed says why")
            cases += read_report(report)
            failed = code not in {0, NO_TESTS}
            if failed:
                break  # what comes later would fail for the same reason
        results = [answer(claim, cases) for claim in TEST_CLAIMS]
        results.append(UNMEASURED if failed else _coverage(project, environment))
    if failed and all(result.met for result in results):
        raise UsageError(f"pytest ended with exit code {code}, but no test of a claim failed; what it printed says why")
    return results


def check_queue(project: Path, queue: str) -> bool:
    """Run both state machines and the integration tests on the class `package.module:Class`.

    Returns:
        Whether all tests passed. There is no coverage gate: it is not our code.

    Raises:
        UsageError: there is no such class, or no tests.
    """
    module, _, attribute = queue.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"cannot import {queue}: {error}; name it package.module:Class, on PYTHONPATH") from error
    if not callable(found):
        raise UsageError(f"{queue} is no class")
    files = [str(path) for pattern in QUEUE_TESTS for path in sorted(project.glob(pattern))]
    if not files:
        raise UsageError(f"there are no tests in {project}: call this from a checkout of the project")
    path = os.pathsep.join([str(Path.cwd()), *filter(None, [os.environ.get("PYTHONPATH")])])
    own = {"PCVERIFY_QUEUE": queue, "PYTHONPATH": path}
    command = [sys.executable, "-m", "pytest", "-q", "--numprocesses=auto", f"--maxfail={MAX_FAILURES}", *files]
    with _temporary_folder() as folder:
        return run_in_session(command, folder=project, environment={**_environment(folder), **own}) == 0


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="pcverify-tests-", ignore_cleanup_errors=True)


def _environment(folder: str) -> dict[str, str]:
    """Return ours, with all temporary files in that folder: of a worker that is killed, too, nothing stays behind."""
    temporary = Path(folder, "tmp")
    temporary.mkdir()
    # What pytest keeps of the last runs, to be looked at, stays where it was.
    return {"PYTEST_DEBUG_TEMPROOT": tempfile.gettempdir(), **os.environ, "TMPDIR": str(temporary)}


def read_report(report: Path) -> list[TestCase]:
    """Return the tests in a junit report that pytest wrote."""
    cases = []
    for element in ElementTree.parse(report).iter("testcase"):
        failed = element.find("failure") is not None or element.find("error") is not None
        skipped = element.find("skipped") is not None
        cases.append(
            TestCase(
                file=_file(element.get("classname", "")),
                name=element.get("name", ""),
                outcome="failed" if failed else "skipped" if skipped else "passed",
                seconds=float(element.get("time", "0")),
            )
        )
    return cases


def answer(claim: TestClaim, cases: Iterable[TestCase]) -> Result:
    """Sum up the tests that answer `claim`."""
    own = [case for case in cases if claim.covers(case.file)]
    failed = [case.name for case in own if case.outcome == "failed"]
    skipped = [case.name for case in own if case.outcome == "skipped"]
    if failed:
        verdict, reason = Verdict.VIOLATION, f"failed: {_some(failed)}"
    elif skipped:
        verdict, reason = Verdict.UNKNOWN, f"skipped: {_some(skipped)}"
    elif not own:
        verdict, reason = Verdict.UNKNOWN, "no test ran"
    else:
        verdict, reason = Verdict.SAMPLED, ""
    return Result(claim.claim, verdict, sum(case.seconds for case in own), len(own), "cases", reason)


def _coverage(project: Path, environment: dict[str, str]) -> Result:
    def coverage(*arguments: str) -> str:
        command = [sys.executable, "-m", "coverage", *arguments]
        ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise UsageError(f"{' '.join(command[1:])} failed: {ran.stdout}{ran.stderr}")
        return ran.stdout

    coverage("combine", "--quiet")
    totals = json.loads(coverage("json", f"--include={PIPELINE}", "-o", "-", "--quiet"))["totals"]
    branches = totals["num_branches"]
    covered = 100.0 * totals["covered_branches"] / branches if branches else 0.0
    verdict = Verdict.OK if covered >= COVERAGE_NEEDED else Verdict.VIOLATION
    missing = "" if verdict is Verdict.OK else coverage("report", f"--include={PIPELINE}", "--show-missing")
    print(f"Branch coverage of pcverify/pipeline: {covered:.1f} % (needed: {COVERAGE_NEEDED:.0f} %)\n{missing}", end="")
    reason = "" if verdict is Verdict.OK else f"{covered:.1f} % of {branches} branches"
    return Result(COVERAGE_CLAIM, verdict, 0.0, totals["covered_branches"], "cases", reason)


def _file(classname: str) -> str:
    """Return the file of a test's `classname`: `tests.tla.test_run` or, with a class, `tests.tla.test_run.TestX`."""
    parts = classname.split(".")
    while len(parts) > 1 and not parts[-1].startswith("test_"):
        parts.pop()
    return "/".join(parts) + ".py"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
