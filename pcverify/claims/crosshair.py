"""Answers the claim about proofs: runs `crosshair check`, and says for each contract how far it got.

The words are strict: `confirmed` needs the line "Confirmed over all paths." for every postcondition of a function;
`refuted` needs a call that breaks it; everything else, silence included, is `unknown`. The limits for each contract are
CPU seconds, so a busy machine makes a run slower, not weaker; one of wall time for all of them ends a run that hangs.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pcverify.claims.catalogue import PROOF_CLAIM
from pcverify.evidence import Result, UsageError, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

Proof = Literal["confirmed", "refuted", "unknown"]
MESSAGE = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<kind>\w+): (?P<text>.*)")
CONFIRMED = "Confirmed over all paths."
CONTRACTS = Path("tests", "proofs", "contracts.py")
SECONDS = 2.0  # CPU, for each contract; one that is confirmed takes a tenth of that
MAX_SECONDS = 900.0  # wall time for all; they take some seconds


def contracts_in(source: str) -> tuple[ast.FunctionDef, ...]:
    """Return the functions with a contract: those that say what holds of what they return."""
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return tuple(node for node in functions if "post:" in (ast.get_docstring(node) or ""))


def check_proof_claim(project: Path) -> Result:
    """Let CrossHair look for a counterexample to each contract of the project in that folder.

    OK needs every contract to be confirmed over all paths; one that was not finished leaves the claim UNKNOWN.

    Raises:
        UsageError: there are no contracts, or CrossHair cannot be run.
    """
    if not (project / CONTRACTS).is_file():
        raise UsageError(f"there is no {CONTRACTS} in {project}: call this from a checkout of the project")
    began = time.monotonic()
    try:
        proofs = run_crosshair(project / CONTRACTS, per_condition_timeout=SECONDS, max_seconds=MAX_SECONDS)
    except RuntimeError as error:
        return Result(PROOF_CLAIM, Verdict.UNKNOWN, time.monotonic() - began, None, "cases", str(error))
    open_ones = [f"{name}: {proof}" for name, proof in proofs.items() if proof != "confirmed"]
    verdict = Verdict.OK if proofs and not open_ones else Verdict.UNKNOWN
    if "refuted" in proofs.values():
        verdict = Verdict.VIOLATION
    for name, proof in proofs.items():
        print(f"{proof:<10} {name.replace('_', ' ')}")
    return Result(PROOF_CLAIM, verdict, time.monotonic() - began, len(proofs), "cases", "; ".join(open_ones))


def run_crosshair(*paths: Path, per_condition_timeout: float, max_seconds: float = MAX_SECONDS) -> dict[str, Proof]:
    """Check every function with a contract in the files `paths`, whose names must be distinct.

    Args:
        paths: Python files; each is imported, with its folder on the path.
        per_condition_timeout: CPU seconds for each postcondition.
        max_seconds: wall time after which CrossHair is ended.

    Raises:
        RuntimeError: CrossHair could not do its work, or not in time; the message is what it said, or says so.
    """
    folders = os.pathsep.join(dict.fromkeys(str(path.parent) for path in paths))
    command = [*(sys.executable, "-m", "crosshair", "check", "--analysis_kind=PEP316", "--report_all")]
    command += [f"--per_condition_timeout={per_condition_timeout}", *map(str, paths)]
    path = os.pathsep.join(filter(None, [folders, os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=max_seconds)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"crosshair was not done within {max_seconds:g} s") from None
    if run.returncode not in (0, 1):
        raise RuntimeError(f"crosshair ended with {run.returncode}:\n{run.stdout}{run.stderr}")
    return {
        name: verdict
        for path in paths
        for name, verdict in judge(path.read_text(encoding="utf-8"), _messages_about(path, run.stdout)).items()
    }


def judge(source: str, messages: Sequence[tuple[int, str, str]]) -> dict[str, Proof]:
    """Return the verdict on each function with a contract in `source`; a message is (line, kind, text).

    Raises:
        RuntimeError: a message is an error but no counterexample, such as an import that failed.
    """
    broken = [text for _, kind, text in messages if kind == "error" and "when calling" not in text]
    if broken:
        raise RuntimeError("\n".join(broken))
    verdicts: dict[str, Proof] = {}
    for node in contracts_in(source):
        posts = (ast.get_docstring(node) or "").count("post:")
        end = node.end_lineno or node.lineno
        own = [(line, kind, text) for line, kind, text in messages if node.lineno <= line <= end]
        confirmed = {line for line, kind, text in own if (kind, text) == ("info", CONFIRMED)}
        if any(kind == "error" for _, kind, _ in own):
            verdicts[node.name] = "refuted"
        elif len(confirmed) == len(own) == posts:
            verdicts[node.name] = "confirmed"
        else:
            verdicts[node.name] = "unknown"
    return verdicts


def _messages_about(path: Path, output: str) -> list[tuple[int, str, str]]:
    found = [match for line in output.splitlines() if (match := MESSAGE.fullmatch(line.strip()))]
    resolved = str(path.resolve())
    return [
        (int(match["line"]), match["kind"], match["text"])
        for match in found
        if os.path.realpath(match["file"]) == resolved
    ]
