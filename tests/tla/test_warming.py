"""TLC with a cache of its classes does what it does without; and nothing depends on one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import find_models, run_tlc
from pcverify.tla.run import java
from pcverify.tla.toolchain import Toolchain
from pcverify.tla.warming import CONFIG, MODEL, main, warm
from tests.tla.test_toolchain import fake_java


@pytest.fixture
def own(toolchain: Toolchain, tmp_path: Path) -> Toolchain:
    """The same Java, with a copy of the jar beside which nothing lies."""
    jar = Path(shutil.copy(toolchain.jar.path, tmp_path / "tla2tools.jar"))
    return replace(toolchain, jar=replace(toolchain.jar, path=jar))


def distinct(toolchain: Toolchain) -> int:
    models = find_models()
    result = run_tlc(models / MODEL, models / CONFIG, library=(models,), toolchain=toolchain, max_seconds=60)
    assert result.verdict is Verdict.OK
    return result.distinct


def test_a_run_is_the_same_with_and_without(own: Toolchain, tmp_path: Path) -> None:
    before = distinct(own)
    assert not [option for option in java(own, tmp_path) if "AOT" in option]
    made = warm(own)
    assert made == own.start_cache.is_file()
    assert made or own.java.version.split(".")[0] < "25"
    assert bool([option for option in java(own, tmp_path) if "AOT" in option]) == made
    assert distinct(own) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"tla2tools.jar", own.start_cache.name}


def test_a_cache_that_does_not_fit_is_passed_over(own: Toolchain) -> None:
    own.start_cache.write_bytes(b"not a cache")
    assert distinct(own) == 66


def test_a_java_that_cannot_make_one_is_no_failure(own: Toolchain, tmp_path: Path) -> None:
    home = tmp_path / "home"
    fake_java(home, "exit 1")
    older = replace(own, java=replace(own.java, path=home / "bin" / "java", version="17"))
    assert not warm(older)
    assert not older.start_cache.is_file()


def test_without_a_tool_chain_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TLA2TOOLS_JAR", "/nowhere")
    assert main() == 0
    assert "TLA2TOOLS_JAR is '/nowhere'" in capsys.readouterr().out
