"""What the documents show works as written: code blocks, and the wheel that `pip install` makes."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = [
    pytest.param(block, id=f"{path.name}-{number}")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for number, block in enumerate(re.findall(r"^```python\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL), 1)
]


@pytest.mark.parametrize("block", BLOCKS)
def test_each_python_block_runs_by_itself(block, tmp_path):
    (tmp_path / "block.py").write_text(block)
    run = subprocess.run(
        [sys.executable, "-W", "error", "block.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, str(folder), str(ROOT)], check=True, timeout=55)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_has_no_dependency_of_its_own(wheel):
    (metadata,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    required = re.findall(r"^Requires-Dist: (.*)$", wheel.read(metadata).decode(), re.MULTILINE)
    assert required
    assert all("extra ==" in requirement for requirement in required)


def test_the_wheel_carries_types_and_models(wheel):
    names = set(wheel.namelist())
    assert "pcverify/py.typed" in names
    models = {f"pcverify/_models/{path.relative_to(ROOT / 'models')}" for path in (ROOT / "models").rglob("*.*")}
    assert "pcverify/_models/manifest.json" in models <= names
    assert not any(name.startswith("tests/") for name in names)
