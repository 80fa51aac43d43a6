"""What several files here need."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.explore.commanding import PROGRAMS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that holds the programs of `commanding`."""
    (tmp_path / "programs.py").write_text(PROGRAMS)
    return tmp_path
