"""The layout of the project, its lock, and the notices that documents give."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tracked() -> list[str]:
    """Return the project's files: what git tracks, or all where there is no git."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True, check=True)
        return listed.stdout.splitlines()
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]


TARGETS = [
    "check",
    "test",
    "test-all",
    "test-version",
    "test-others",
    "models",
    "nightly",
    "lint",
    "claims",
    "demo",
    "bench-explore",
    "bench-queue",
    "soak",
    "lock",
    "clean",
    "help",
]


def test_the_top_level_holds_what_the_design_says():
    top = {path.split("/")[0] for path in tracked() if not path.startswith(".")}
    assert top == {
        "pcverify",
        "models",
        "tests",
        "docs",
        "Makefile",
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "requirements.lock",
    }


def test_the_lock_pins_every_package_by_version_and_hash_and_names_no_index():
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip())
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+( ; [^\\]+)? \\\n", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry
    assert "://" not in lock
    assert "index-url" not in lock


def test_make_without_a_target_lists_all_of_them():
    listed = subprocess.run(["make", "-s", "-C", str(ROOT)], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^make (\S+)", listed, re.MULTILINE) == TARGETS
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert rules == set(TARGETS)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_links_in_documents_lead_somewhere():
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize(
    ("module", "heading", "number"), [("ConditionQueue", "action", 13), ("Pipeline", "step of", 22)]
)
def test_every_action_is_in_the_table_of_models_md(module, heading, number):
    text = (ROOT / "models" / f"{module}.tla").read_text()
    (following,) = re.findall(r"^(?:Steps|Next) ==\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    actions = set(re.findall(r"\b([A-Z]\w+)(?=\(\w\)| \\/|$)", following, re.MULTILINE)) - {"Terminated", "Steps"}
    document = (ROOT / "docs" / "models.md").read_text()
    (table,) = re.findall(rf"^\| {heading}[^\n]*\n((?:\|.*\n)+)", document, re.MULTILINE)
    named = [name for row in table.splitlines()[1:] for name in row.split("|")[1].strip().split(", ")]
    assert len(actions) == number
    assert sorted(named) == sorted(actions)
