"""Real exceptions from outside, in real threads: ours lose nothing by them, and `queue.Queue` does."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

QUEUES = [
    "pcverify:HandoffQueue",
    "pcverify:ThreadSafeQueue",
    "pcverify.pipeline.variants:HandoffLifoQueue",
    "pcverify.pipeline.variants:HandoffPriorityQueue",
    "pcverify.pipeline.variants:ThreadSafeLifoQueue",
    "pcverify.pipeline.variants:ThreadSafePriorityQueue",
]


def injected(tested: str, injections: int, *options: str) -> dict[str, Any]:
    """Return what came of so many exceptions into those who use this class of queues."""
    command = [sys.executable, "-m", "tests.interleavings.injecting", tested, "--injections", str(injections), *options]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


@pytest.mark.timeout(180)
@pytest.mark.parametrize("injections", [2_000, pytest.param(25_000, marks=pytest.mark.nightly)], ids=["short", "long"])
@pytest.mark.parametrize("tested", QUEUES, ids=lambda name: name.partition(":")[2])
def test_interrupted_calls_lose_nothing_and_leave_nobody_behind(tested: str, injections: int) -> None:
    result = injected(tested, injections, "--seconds", "120")
    assert result["wrong"] == []
    assert result["in the queue"] >= injections
    assert sys.version_info < (3, 11) or result["lost by the caller"] == 0


def test_the_queue_of_the_standard_library_is_found_to_be_wrong() -> None:
    result = injected("queue:Queue", 10_000, "--seconds", "30", "--still", "3")
    found = ("left locked", "never ended", "are lost", "release unlocked lock")
    assert any(word in problem for problem in result["wrong"] for word in found), result
