"""Programs to give to the commands, and the commands as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = """
import asyncio
import threading
import unittest
from pcverify.explore import interleavings

def two(target):
    threads = [threading.Thread(target=target, name=name) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def sound():
    lock, value = threading.Lock(), []
    def add():
        with lock:
            value.append(1)
    two(add)
    return len(value)

def racy():
    lock, value = threading.Lock(), 0
    def add():
        nonlocal value
        with lock:
            mine = value
        with lock:
            value = mine + 1
    two(add)
    assert value == 2

def stuck():
    one, two = threading.Lock(), threading.Lock()
    def forwards():
        with one, two:
            pass
    thread = threading.Thread(target=forwards, name="forwards")
    thread.start()
    with two, one:
        pass
    thread.join()

def hashes():
    return sound(), hash("a")

def endless():
    threads = [threading.Thread(target=threading.Lock().locked) for _ in range(9)]
    for thread in threads:
        thread.start()

async def coroutine():
    await asyncio.sleep(0)

def needs(tmp_path):
    pass

@interleavings(strategy="dfs")
def decorated():
    sound()

class Plain:
    def method(self):
        assert sound() == 2

class Case(unittest.TestCase):
    def setUp(self):
        self.expected = 3
    def test_it(self):
        self.assertEqual(sound(), self.expected)
"""


def pcverify(
    folder: Path, *arguments: str, code: int = 0, given: str = "", hash_seed: str = "0", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command, and check how it ends. Without a seed of the hashes it has to begin anew, which takes longer."""
    known = {name: value for name, value in os.environ.items() if name not in {"PYTHONHASHSEED", "COLUMNS"}}
    known |= {"PYTHONHASHSEED": hash_seed} if hash_seed else {}
    done = subprocess.run(
        [sys.executable, "-m", "pcverify", *arguments],
        cwd=folder,
        env=known | {"PYTHONPATH": str(ROOT)} | environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done
