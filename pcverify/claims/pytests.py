"""Answers the claims about code: runs pytest, and sums the tests up by claim.

The tests run in processes of their own. Coverage is measured from the first line of one, because a plugin may import
the package before pytest is ready. The report is pytest's own (junit XML), so what is counted here is what
pytest says happened. A test that was skipped ran nothing: it leaves its claim unanswered. So does a test file of which
no test ran, and a run that was cut short: what failed, failed, but what else would have is not known.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fnmatch import fnmatchcase
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
FINISHED = (0, 1, NO_TESTS)
STOPS_EARLY = re.compile(r"-\w*x|--exitfirst|--maxfail")
# Of Python's own tests: where they are missing, `tests/conftest.py` leaves these out, and says so.
NEED_OWN_TESTS = ("tests/explore/test_cpython_tests.py", "tests/pipeline/test_standard_tests.py")
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
        failed, unfinished = False, ""
        for number, prefix in enumerate((OTHERS, MEASURED)):
            report = Path(folder, f"junit-{number}.xml")
            command = [sys.executable, "-m", *prefix, "-q", "--numprocesses=auto", f"--maxfail={MAX_FAILURES}"]
            command += [f"--junitxml={report}", *arguments]
            code = run_in_session(command, folder=project, environment=environment)
            if not report.is_file():
                raise UsageError(f"pytest ended with exit code {code} and no report; what it printed says why")
            own = read_report(report)
            cases += own
            unfinished = cut_short(code, own, arguments)
            failed = code not in {0, NO_TESTS}
            if failed:
                break  # what comes later would fail for the same reason
        results = [answer(claim, cases, files=wanted(claim, project), unfinished=unfinished) for claim in TEST_CLAIMS]
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
    missing = [file for file in QUEUE_TESTS if not (project / file).is_file()]
    if missing:
        raise UsageError(f"there is no {missing[0]} in {project}: call this from a checkout of the project")
    files = [str(project / file) for file in QUEUE_TESTS]
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


def cut_short(code: int, cases: Sequence[TestCase], arguments: Sequence[str] = ()) -> str:
    """Return why pytest did not run all tests that it had; empty if it did.

    Args:
        code: its exit code; without workers that is 1 also if it stopped after some failures.
        cases: what it reported.
        arguments: what it was told besides; if that may make it stop earlier, each failure may have.
    """
    failures = sum(case.outcome == "failed" for case in cases)
    stops_after = 1 if any(STOPS_EARLY.match(each) for each in arguments) else MAX_FAILURES
    if failures >= stops_after:
        return f"pytest stopped after {failures} failure{'s' if failures > 1 else ''}, before all had run"
    return "" if code in FINISHED else f"pytest ended with exit code {code}, before all had run"


def wanted(claim: TestClaim, project: Path) -> tuple[str, ...]:
    """Return of which files a test must have run: those that there are, and those that are named and are not there."""
    files = [path.relative_to(project).as_posix() for path in sorted((project / "tests").rglob("test_*.py"))]
    missing = [pattern for pattern in claim.files if not any(fnmatchcase(file, pattern) for file in files)]
    own_tests = importlib.util.find_spec("test") and importlib.util.find_spec("test.test_queue")
    left_out = () if own_tests or os.environ.get("CI") else NEED_OWN_TESTS
    return tuple(file for file in (*filter(claim.covers, files), *missing) if file not in left_out)


def answer(claim: TestClaim, cases: Iterable[TestCase], *, files: Sequence[str] = (), unfinished: str = "") -> Result:
    """Sum up the tests that answer `claim`.

    Args:
        claim: what is asked.
        cases: the tests that were reported.
        files: names, or patterns for them, of each of which a test must have run; if empty, those of the claim.
        unfinished: why other tests did not run; empty if all did.
    """
    own = [case for case in cases if claim.covers(case.file)]
    failed = [case.name for case in own if case.outcome == "failed"]
    skipped = [case.name for case in own if case.outcome == "skipped"]
    silent = [each for each in files or claim.files if not any(fnmatchcase(case.file, each) for case in own)]
    if failed:
        verdict, reason = Verdict.VIOLATION, f"failed: {_some(failed)}"
    elif unfinished:
        verdict, reason = Verdict.UNKNOWN, unfinished
    elif skipped:
        verdict, reason = Verdict.UNKNOWN, f"skipped: {_some(skipped)}"
    elif silent:
        verdict, reason = Verdict.UNKNOWN, f"no test ran of {_some(silent)}"
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
