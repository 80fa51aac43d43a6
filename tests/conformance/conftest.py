"""Several tests, in several processes, need the same state graphs: TLC is asked for each once in a session."""

from __future__ import annotations

import hashlib
import os
import pickle
from functools import cache
from pathlib import Path

import pytest

from pcverify.conformance import conforming
from pcverify.tla import StateGraph, find_models, graph_of


@cache
def _texts() -> bytes:
    return b"".join(path.read_bytes() for path in sorted(find_models().glob("*.tla")))


@pytest.fixture(scope="session")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of a session share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "graphs"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def _each_graph_is_asked_for_once(graphs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kept(module: str, **asked: object) -> StateGraph:
        if asked["models"] is not None:
            return graph_of(module, **asked)  # type: ignore[arg-type]  # of a model that was edited
        words = repr((module, sorted(asked["constants"].items())))  # type: ignore[attr-defined]
        path = graphs / hashlib.sha256(_texts() + words.encode()).hexdigest()
        if not path.exists():
            beside = path.with_suffix(f".{os.getpid()}")
            beside.write_bytes(pickle.dumps(graph_of(module, **asked)))  # type: ignore[arg-type]
            beside.replace(path)
        graph: StateGraph = pickle.loads(path.read_bytes())  # our own
        return graph

    monkeypatch.setattr(conforming, "graph_of", kept)
