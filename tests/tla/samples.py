"""What the tests of TLC share: the small modules beside this file, runs of them, and a clean room."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pcverify.tla import Toolchain
from tests.support.processes import command_lines

MODULES = Path(__file__).parent / "modules"

Said = list[tuple[int, int, str]]
"""What TLC says, as code, severity and text."""

COUNTER_RUN: dict[str, Any] = {
    "module": "Counter",
    "config": "CounterMax3",
    "tier": "check",
    "purpose": "counts to three",
    "deadlock": True,
    "properties": ["TypeOK"],
    "expect": {"verdict": "OK", "distinct": 4, "depth": 4},
    "mode": "safety",
    "seconds": 1.0,
}
SMALL_RUN: dict[str, Any] = {
    **COUNTER_RUN,
    "config": "CounterSmall",
    "properties": ["TypeOK", "Small"],
    "expect": {"verdict": "VIOLATION", "property": "Small", "states": 4},
}
STUCK_RUN: dict[str, Any] = {
    **COUNTER_RUN,
    "module": "Stuck",
    "config": "Stuck",
    "properties": ["TypeOK", "Deadlock"],
    "expect": {"verdict": "VIOLATION", "property": "Deadlock", "states": 3},
}

SAMPLE_RUN: dict[str, Any] = {
    **COUNTER_RUN,
    "expect": {"verdict": "SAMPLED", "traces": 50, "depth": 20, "seed": 1, "generated": 1001},
    "mode": "simulation",
}


class CleanRoom:
    """A folder for temporary files, to see whether a run leaves a file or a process behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        return list(self.folder.iterdir())

    def processes(self) -> list[int]:
        """Return the processes that work in the folder: it stands in the arguments of each Java."""
        return [
            number
            for number, arguments in command_lines().items()
            if "-Djava.io.tmpdir=" in arguments and str(self.folder) in arguments
        ]

    def is_clean(self) -> bool:
        return self.files() == [] and self.processes() == []


def java_that(toolchain: Toolchain, folder: Path, script: str) -> Toolchain:
    """Return the tool chain with a Java that changes how TLC is called."""
    java = folder / "java"
    java.write_text(f"#!/bin/sh\nreal='{toolchain.java.path}'\n{script}\n")
    java.chmod(0o755)
    return replace(toolchain, java=replace(toolchain.java, path=java))
