"""CPython's own tests of `queue.Queue`, those of the interpreter that runs this, on our queues."""

from __future__ import annotations

import subprocess
import sys

LIMIT = 50.0
"""Seconds for CPython's own tests; a wrong queue hangs."""

STANDARD_TESTS = """
import queue, sys, types, unittest
from test import test_queue
from pcverify import HandoffQueue, ShutDown
class Queue(HandoffQueue): pass
module = types.SimpleNamespace(Queue=Queue, Empty=queue.Empty, Full=queue.Full, ShutDown=ShutDown)
class Test(test_queue.QueueTest, unittest.TestCase):
    queue = module
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Test)
result = unittest.TextTestRunner(verbosity=0).run(suite)
print(result.testsRun, len(result.failures), len(result.errors), len(result.skipped))
"""


def test_the_standard_library_s_own_tests_pass() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STANDARD_TESTS], capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert ran.returncode == 0, ran.stderr
    run, *bad = map(int, ran.stdout.split())
    assert (run >= 6, bad) == (True, [0, 0, 0]), ran.stderr
