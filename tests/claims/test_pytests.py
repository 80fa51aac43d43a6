"""Test reports are summed up by claim, and what did not run is never a pass."""

from __future__ import annotations

import importlib.util
import textwrap
from pathlib import Path

import pytest

from pcverify.claims import TestClaim, check_queue, check_test_claims, pytests
from pcverify.claims.pytests import NEED_OWN_TESTS, TestCase, answer, cut_short, read_report, wanted
from pcverify.evidence import Claim, Result, UsageError, Verdict

ROOT = Path(__file__).resolve().parents[2]
REPORT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase classname="tests.a.test_one" name="test_good" time="0.5"/>
<testcase classname="tests.a.test_one.TestClass" name="test_in_class" time="0.25"/>
<testcase classname="tests.a.test_two" name="test_bad" time="1"><failure message="no"/></testcase>
<testcase classname="tests.a.test_three" name="test_left_out" time="0"><skipped/></testcase>
<testcase classname="tests.a.test_four" name="test_setup" time="0"><error message="no"/></testcase>
</testsuite></testsuites>"""


def claim(*files):
    return TestClaim(Claim("code", "Right?", "pytest", "some", Verdict.SAMPLED, "more"), files)


@pytest.fixture
def cases(tmp_path):
    (tmp_path / "junit.xml").write_text(REPORT)
    return read_report(tmp_path / "junit.xml")


def test_a_report_names_the_file_of_each_test(cases):
    assert [case.file for case in cases] == [
        "tests/a/test_one.py",
        "tests/a/test_one.py",
        "tests/a/test_two.py",
        "tests/a/test_three.py",
        "tests/a/test_four.py",
    ]


def test_a_claim_whose_tests_all_pass_is_met_as_sampled(cases):
    result = answer(claim("tests/a/test_one.py"), cases)
    assert (result.verdict, result.cases, result.seconds, result.met) == (Verdict.SAMPLED, 2, 0.75, True)


@pytest.mark.parametrize(
    ("file", "verdict", "reason"),
    [
        ("tests/a/test_two.py", Verdict.VIOLATION, "failed: test_bad"),
        ("tests/a/test_three.py", Verdict.UNKNOWN, "skipped: test_left_out"),
        ("tests/a/test_four.py", Verdict.VIOLATION, "failed: test_setup"),
        ("tests/a/test_nine.py", Verdict.UNKNOWN, "no test ran of tests/a/test_nine.py"),
        ("tests/b/*.py", Verdict.UNKNOWN, "no test ran of tests/b/*.py"),
    ],
)
def test_a_test_that_failed_was_skipped_or_is_missing_leaves_the_claim_unmet(cases, file, verdict, reason):
    result = answer(claim("tests/a/test_one.py", file), cases)
    assert (result.verdict, result.reason, result.met) == (verdict, reason, False)


def test_each_file_that_a_pattern_means_needs_a_test_that_ran(tmp_path, cases):
    (tmp_path / "tests" / "a" / "deep").mkdir(parents=True)
    for name in ("a/test_one.py", "a/samples.py", "a/deep/test_empty.py", "test_other.py"):
        (tmp_path / "tests" / name).touch()
    of_all = claim("tests/a/*.py", "tests/b/test_deleted.py")
    files = wanted(of_all, tmp_path)
    assert files == ("tests/a/deep/test_empty.py", "tests/a/test_one.py", "tests/b/test_deleted.py")
    result = answer(of_all, cases[:2], files=files)
    assert result.verdict is Verdict.UNKNOWN
    assert result.reason == "no test ran of tests/a/deep/test_empty.py, tests/b/test_deleted.py"


@pytest.mark.parametrize(("ci", "count"), [("", 1), ("true", 2)])
def test_only_elsewhere_than_on_a_build_server_the_tests_of_python_itself_may_be_missing(ci, count, monkeypatch):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    file = "tests/pipeline/test_standard_tests.py"
    assert len(wanted(claim(file, "tests/pipeline/test_batches.py"), ROOT)) == count
    assert file in NEED_OWN_TESTS
    for each in NEED_OWN_TESTS:
        assert f'"{each.removeprefix("tests/")}"' in (ROOT / "tests" / "conftest.py").read_text()


def test_a_claim_is_not_met_by_what_happened_to_run_before_the_end(cases):
    why = "pytest ended with exit code 2, before all had run"
    result = answer(claim("tests/a/test_one.py"), cases, unfinished=why)
    assert (result.verdict, result.reason, result.cases) == (Verdict.UNKNOWN, why, 2)
    assert answer(claim("tests/a/test_two.py"), cases, unfinished=why).verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("code", "failures", "arguments", "reason"),
    [
        (0, 0, (), ""),
        (1, 4, (), ""),
        (5, 0, ("-k", "nothing"), ""),
        (1, 5, (), "pytest stopped after 5 failures, before all had run"),  # without workers
        (2, 7, (), "pytest stopped after 7 failures, before all had run"),  # with workers
        (2, 0, (), "pytest ended with exit code 2, before all had run"),  # interrupted
        (3, 1, (), "pytest ended with exit code 3, before all had run"),
        (0, 0, ("-x",), ""),
        (1, 1, ("-vx",), "pytest stopped after 1 failure, before all had run"),
        (1, 1, ("--maxfail=1",), "pytest stopped after 1 failure, before all had run"),
        (1, 1, ("--maxfail", "9"), "pytest stopped after 1 failure, before all had run"),  # it may have
    ],
)
def test_a_run_that_was_cut_short_says_why(code, failures, arguments, reason):
    failed = [TestCase("tests/a/test_one.py", "test_bad", "failed", 0.0)] * failures
    assert cut_short(code, failed, arguments) == reason


def project(folder, test, arguments=()):
    """A project with a pipeline of one function and two test files that answer a claim."""
    (folder / "pcverify" / "pipeline").mkdir(parents=True)
    (folder / "tests" / "pipeline").mkdir(parents=True, exist_ok=True)
    (folder / "pcverify" / "__init__.py").touch()
    (folder / "pcverify" / "pipeline" / "__init__.py").write_text(
        textwrap.dedent("""
            def sign(number):
                if number < 0:
                    return -1
                return 1
        """)
    )
    (folder / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\npythonpath = ['.']\n"
        "[tool.coverage.run]\nbranch = true\nsource = ['pcverify']\nparallel = true\npatch = ['subprocess']\n"
    )
    (folder / "tests" / "pipeline" / "test_producer.py").write_text(
        f"from pcverify.pipeline import sign\n\ndef test_sign():\n    {test}\n"
    )
    (folder / "tests" / "pipeline" / "test_consumer.py").write_text("def test_nothing(): pass\n")
    arguments = ["--rootdir", str(folder), *arguments]
    return {result.claim.id: result for result in check_test_claims(folder, arguments=arguments)}


def test_a_project_whose_tests_pass_and_reach_every_branch_meets_its_claims(tmp_path, capfd):
    results = project(tmp_path, "assert (sign(-3), sign(3)) == (-1, 1)")
    assert (results["code-workers"].verdict, results["code-workers"].cases) == (Verdict.SAMPLED, 2)
    assert (results["coverage"].verdict, results["coverage"].cases) == (Verdict.OK, 2)
    assert "100.0 %" in capfd.readouterr().out
    assert not list(tmp_path.glob(".coverage*")), "the tree stays clean"


def test_a_branch_that_no_test_reaches_is_named(tmp_path, capfd):
    results = project(tmp_path, "assert sign(3) == 1")
    assert results["code-workers"].met
    assert (results["coverage"].verdict, results["coverage"].reason) == (Verdict.VIOLATION, "50.0 % of 2 branches")
    assert "pcverify/pipeline/__init__.py" in capfd.readouterr().out


def test_a_failing_test_is_a_violation(tmp_path, capfd):
    results = project(tmp_path, "assert sign(3) == 2")
    assert results["code-workers"].verdict is Verdict.VIOLATION
    assert results["coverage"].verdict is Verdict.UNKNOWN
    assert "1 failed" in capfd.readouterr().out


def test_tests_that_stop_at_a_failure_leave_the_other_claims_unknown(tmp_path, capfd):
    (tmp_path / "tests" / "pipeline").mkdir(parents=True)
    for name in ("configs", "protocol"):  # before and after the test that fails
        (tmp_path / "tests" / "pipeline" / f"test_{name}.py").write_text("def test_good(): pass\n")
    results = project(tmp_path, "assert sign(3) == 2", ["-x", "--numprocesses=0"])
    assert results["code-workers"].verdict is Verdict.VIOLATION
    rest, reason = results["code-rest"], "pytest stopped after 1 failure, before all had run"
    assert (rest.verdict, rest.cases, rest.reason) == (Verdict.UNKNOWN, 1, reason)


def test_a_file_without_a_test_leaves_its_claim_unknown(tmp_path, capfd):
    (tmp_path / "tests" / "pipeline").mkdir(parents=True)
    (tmp_path / "tests" / "pipeline" / "test_abort.py").write_text("def test_good(): pass\n")
    results = project(tmp_path, "assert (sign(-3), sign(3)) == (-1, 1)", ["--numprocesses=0"])
    reason = "no test ran of tests/pipeline/test_endings.py"
    assert (results["code-endings"].verdict, results["code-endings"].reason) == (Verdict.UNKNOWN, reason)


def test_a_failing_test_that_belongs_to_no_claim_is_not_passed_over(tmp_path, monkeypatch):
    met = Result(claim().claim, Verdict.SAMPLED, 0.0)
    monkeypatch.setattr(pytests, "TEST_CLAIMS", ())
    monkeypatch.setattr(pytests, "UNMEASURED", met)
    (tmp_path / "tests" / "pipeline").mkdir(parents=True)
    (tmp_path / "tests" / "test_other.py").write_text("def test_no():\n    assert False\n")
    with pytest.raises(UsageError, match="no test of a claim failed"):
        check_test_claims(tmp_path, arguments=["--rootdir", str(tmp_path)])


def test_outside_a_checkout_there_is_nothing_to_test(tmp_path):
    with pytest.raises(UsageError, match="checkout"):
        check_test_claims(tmp_path)


def test_a_queue_of_somebody_else_must_be_importable(tmp_path):
    with pytest.raises(UsageError, match="name it package"):
        check_queue(tmp_path, "no_such_module:Queue")
    with pytest.raises(UsageError, match="is no class"):
        check_queue(tmp_path, "queue:__name__")
    with pytest.raises(UsageError, match="checkout"):
        check_queue(tmp_path, "queue:Queue")
