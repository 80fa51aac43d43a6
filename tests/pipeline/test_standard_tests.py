"""CPython's own tests of `queue.Queue`, of the interpreter that runs this, on our queues and their variants."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIMIT = 60.0
"""Seconds for CPython's own tests; a wrong queue hangs."""

STANDARD_TESTS = """
import queue, sys, types, unittest
from test import test_queue
import pcverify
design, name = sys.argv[1:]
kinds = {"Queue": "Queue", "LifoQueue": "LifoQueue", "PriorityQueue": "PriorityQueue"}
ours = {kind: type(kind, (getattr(pcverify, design + kind),), {}) for kind in kinds}
class Test(getattr(test_queue, name), unittest.TestCase):
    queue = types.SimpleNamespace(**ours, Empty=queue.Empty, Full=queue.Full, ShutDown=pcverify.ShutDown)
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Test)
result = unittest.TextTestRunner(verbosity=0).run(suite)
print(result.testsRun, len(result.failures), len(result.errors), len(result.skipped))
"""


@pytest.mark.timeout(2 * LIMIT)
@pytest.mark.parametrize("design", ["ThreadSafe", "Handoff"])
@pytest.mark.parametrize(
    ("name", "at_least"), [("QueueTest", 6), ("LifoQueueTest", 6), ("PriorityQueueTest", 6), ("FailingQueueTest", 1)]
)
def test_the_standard_library_s_own_tests_pass(design: str, name: str, at_least: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STANDARD_TESTS, design, name],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    run, *bad = map(int, ran.stdout.split())
    assert (run >= at_least, bad) == (True, [0, 0, 0]), ran.stderr
