"""Add `mode` and `seconds` to the runs of models/manifest.json that lack them, by running TLC on each.

    .venv/bin/python .ci/complete_manifest.py

`mode` is what TLC says it looked at: liveness if it looked at whole behaviours, else safety. `seconds` is the wall
time of this run. Runs that have both are left as they are: write a new entry without them, then complete it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pcverify.tla import Simulation, find_toolchain, run_tlc

MODELS = Path(__file__).resolve().parents[1] / "models"
_EXPECT = re.compile(r'^      "expect": (\{.*\})$', re.MULTILINE)


def measured(run: dict) -> tuple[str, float]:
    """Run TLC as the entry says, and return the two."""
    module = MODELS / f"{run['module']}.tla"
    expect = run["expect"]
    sample = Simulation(expect["traces"], expect["depth"], expect["seed"]) if expect["verdict"] == "SAMPLED" else None
    result = run_tlc(
        module,
        module.parent / f"{run['config']}.cfg",
        library=(MODELS,),
        toolchain=find_toolchain(),
        deadlock=run["deadlock"],
        max_seconds=3600,
        simulation=sample,
    )
    mode = "simulation" if sample else "liveness" if result.temporal else "safety"
    return mode, round(result.seconds, 1)


def main() -> None:
    """Complete the manifest in its place, keeping its layout."""
    path = MODELS / "manifest.json"
    text = path.read_text(encoding="utf-8")
    parts = _EXPECT.split(text)  # what is between, an expectation, what is between, ...
    pieces = [parts[0]]
    for run, expect, after in zip(json.loads(text)["runs"], parts[1::2], parts[2::2], strict=True):
        pieces.append(f'      "expect": {expect}')
        if "mode" not in run:
            mode, seconds = measured(run)
            print(f"{run['config']}: {mode}, {seconds} s", flush=True)
            pieces.append(f',\n      "mode": "{mode}", "seconds": {seconds}')
        pieces.append(after)
    path.write_text("".join(pieces), encoding="utf-8")


if __name__ == "__main__":
    main()
