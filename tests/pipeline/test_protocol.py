"""What satisfies `QueueProtocol`: by `isinstance`, and for mypy, which alone sees the signatures."""

from __future__ import annotations

import queue
import subprocess
import sys

import pytest

from pcverify import QueueProtocol, ThreadSafeQueue
from tests.support.queues import MinimalQueue

GOOD = """
import queue
from pcverify import ConsumerConfig, Consumer, Coordinator, CoordinatorConfig, Producer, ProducerConfig
from pcverify import QueueProtocol, ThreadSafeQueue

ours: QueueProtocol[int] = ThreadSafeQueue[int](3)
theirs: QueueProtocol[int] = queue.Queue[int](3)
ours.put(1)
reveal_type(ours.get())
work: ThreadSafeQueue[int | None] = ThreadSafeQueue(maxsize=3)
producer = Producer(ProducerConfig("p"), [1, 2], work)
reveal_type(producer.unsent)
received: list[int] = []
consumer: Consumer[int] = Consumer(ConsumerConfig("c"), received, work)
reveal_type(Coordinator(CoordinatorConfig("m"), [producer], [consumer]).undelivered)
"""
BAD = """
from pcverify import QueueProtocol

class Unblocking:
    maxsize = 0
    def put(self, item: int) -> None: ...
    def get(self) -> int: ...
    def qsize(self) -> int: ...
    def task_done(self) -> None: ...

wrong: QueueProtocol[int] = Unblocking()
"""


@pytest.mark.parametrize("make", [ThreadSafeQueue, queue.Queue, queue.LifoQueue, MinimalQueue])
def test_queues_satisfy_it(make):
    assert isinstance(make(1), QueueProtocol)


@pytest.mark.parametrize("other", [[], queue.SimpleQueue(), object()])
def test_other_things_do_not(other):
    assert not isinstance(other, QueueProtocol)


def mypy(tmp_path, program):
    file = tmp_path / "program.py"
    file.write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=55, check=False)


@pytest.mark.timeout(60)
def test_mypy_accepts_both_queues_and_infers_the_items(tmp_path):
    checked = mypy(tmp_path, GOOD)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count('Revealed type is "int"') == 1, checked.stdout
    assert checked.stdout.count('Revealed type is "list[int]"') == 2, checked.stdout


@pytest.mark.timeout(60)
def test_mypy_refuses_a_queue_without_timeouts(tmp_path):
    checked = mypy(tmp_path, BAD)
    assert checked.returncode == 1
    assert "Incompatible types in assignment" in checked.stdout
