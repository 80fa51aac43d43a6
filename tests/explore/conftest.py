"""What several files here need."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.explore.commanding import PROGRAMS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that holds the programs of `commanding`."""
    (tmp_path / "programs.py").write_text(PROGRAMS)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_thread_outlives_its_test() -> Iterator[None]:
    """One that ends later changes what tests of restoring compare."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) - before == set(), "join what you start"
