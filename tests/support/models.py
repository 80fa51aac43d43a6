"""A folder with one tiny model, whose expectation a test can set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """---- MODULE Counter ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x < 3 /\\ x' = x + 1
Spec == Init /\\ [][Next]_x
Small == {invariant}
====
"""


class SmallModels:
    """A counter from 0 to 3, so 4 states."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def expect(self, *, distinct: int, invariant: str = "x <= 3") -> None:
        """Write the model with that invariant, expected to hold in so many states."""
        (self.folder / "Counter.tla").write_text(MODULE.format(invariant=invariant))
        (self.folder / "Counter.cfg").write_text("SPECIFICATION Spec\nINVARIANT Small\n")
        run = {
            "module": "Counter",
            "config": "Counter",
            "tier": "check",
            "purpose": "a counter counts",
            "deadlock": False,
            "properties": ["Small"],
            "expect": {"verdict": "OK", "distinct": distinct, "depth": 4},
            "mode": "safety",
            "seconds": 1.0,
        }
        (self.folder / "manifest.json").write_text(json.dumps({"tlc": "2.15", "runs": [run]}))
