"""Fixtures for the tests of TLC: the tool chain, runs of the small modules beside this file, clean rooms."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcverify.tla import TlcResult, Toolchain, find_toolchain, run_tlc
from pcverify.tla.output import Output
from tests.tla.samples import MODULES, CleanRoom, Said


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return find_toolchain()


@pytest.fixture(scope="session")
def checked(toolchain: Toolchain) -> Callable[..., TlcResult]:
    """Run one of the small modules, each module and config once a session: Java takes a second to start."""
    results: dict[tuple[str, str], TlcResult] = {}

    def run(module: str, config: str) -> TlcResult:
        if (module, config) not in results:
            results[module, config] = run_tlc(
                MODULES / f"{module}.tla", MODULES / f"{config}.cfg", library=(), toolchain=toolchain, max_seconds=50
            )
        return results[module, config]

    return run


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CleanRoom:
    folder = (tmp_path / "temporary").resolve()
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return CleanRoom(folder)


@pytest.fixture
def passing() -> Said:
    """What TLC says in a run that passes, as code, severity and text."""
    return [
        (2262, 0, "TLC2 Version 2.15 of Day Month 20?? (rev: d5b5a7f)"),
        (2190, 0, "Finished computing initial states: 1 distinct state generated at 2020-01-01 00:00:00."),
        (2193, 0, "Model checking completed. No error has been found."),
        (2199, 0, "1056 states generated, 567 distinct states found, 0 states left on queue."),
        (2194, 0, "The depth of the complete state graph search is 41."),
        (2186, 0, "Finished in 287ms at (2020-01-01 00:00:00)"),
    ]


@pytest.fixture
def heard() -> Callable[[Said], Output]:
    """Feed messages to the parser as TLC would print them."""

    def feed(said: Said) -> Output:
        output = Output()
        for code, severity, text in said:
            for line in (f"@!@!@STARTMSG {code}:{severity} @!@!@", *text.split("\n"), f"@!@!@ENDMSG {code} @!@!@"):
                output.feed(line)
        return output

    return feed


@pytest.fixture
def models(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder of models: a manifest of the given runs, and copies of the files that they name."""

    def make(*runs: dict[str, Any], **top: Any) -> Path:
        folder = tmp_path / "models"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for run in runs:
            for name in (f"{run.get('module')}.tla", f"{run.get('config')}.cfg"):
                if (MODULES / name).is_file():
                    shutil.copy(MODULES / name, folder)
        (folder / "manifest.json").write_text(json.dumps({"tlc": "2.15", "runs": list(runs), **top}))
        return folder

    return make
