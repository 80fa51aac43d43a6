"""The command `pcverify validate`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify.conformance.encoding import MODELS
from pcverify.conformance.validating import validate
from pcverify.evidence import Verdict, seconds

if TYPE_CHECKING:
    import argparse

    from pcverify.conformance.validating import Validation

NOT_SHOWN = (
    "What this does not show: other runs; that get returns the item that it takes out, or any call what it should;",
    "whether a thread that was taken off a wait list was in fact woken; task_done and join; that a wait without a time",
    "limit does not end by itself.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to the parser of the command line."""
    parser.add_argument("trace", metavar="TRACE", type=Path, help="the file that `record(queue, file)` has written")
    parser.add_argument(
        "--model",
        choices=sorted(set(MODELS.values())),
        help="the model to compare with; default: the one for the class that was recorded",
    )
    parser.add_argument("--max-seconds", type=seconds, default=600.0, help="wall time for TLC (default 600)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Validate, print, and return the exit code: 0 it is allowed, 1 it is refused, 3 it could not be found out."""
    result = validate(options.trace, model=options.model, max_seconds=options.max_seconds)
    if options.json:
        print(json.dumps({**asdict(result), "verdict": result.verdict.name}))
    else:
        print(in_text(result, options.trace))
        print("\n".join(NOT_SHOWN))
    return result.verdict.exit_code


def in_text(result: Validation, path: Path) -> str:
    """Return what came out, for people."""
    said = {Verdict.OK: "allowed", Verdict.VIOLATION: "REFUSED", Verdict.UNKNOWN: "UNKNOWN"}[result.verdict]
    counts = f"{result.allowed:,} of {result.events:,} events"
    lines = [f"{said:<9}{counts}  {result.seconds:.1f} s  {path.name}, of a {result.subject}, with {result.model}"]
    if result.reason:
        lines.append(f"{result.reason[0].upper()}{result.reason[1:]}.")
    if result.refused:
        refused = result.refused
        lines += ["", *(f"  {line}" for line in refused.before)]
        lines += [f"> line {refused.line}: {refused.event}", ""]
        lines += ["Before it, in the model:", *(f"  {line}" for line in refused.stands)]
        lines += [f"The model would have allowed: {refused.allows}.", ""]
    return "\n".join(lines)
