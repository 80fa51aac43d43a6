"""Measure what a recording costs: a put and a get by one thread, recorded beside not recorded.

    python -m tests.benchmarks.recording

By the time on a core, the least of several repeats, one right after the other.
"""

from __future__ import annotations

import queue
import tempfile
import time
from pathlib import Path
from typing import Any

from pcverify import HandoffQueue, ThreadSafeQueue
from pcverify.conformance.recording import record

PAIRS, REPEATS = 20_000, 9


def nanoseconds(subject: Any) -> float:
    """Return the time of one pair."""
    began = time.process_time()
    for item in range(PAIRS):
        subject.put(item)
        subject.get()
    return (time.process_time() - began) / PAIRS * 1e9


def main() -> None:
    """Measure, and print a line for each queue."""
    with tempfile.TemporaryDirectory() as folder:
        for make in (ThreadSafeQueue, HandoffQueue, queue.Queue):
            subject: Any = make(5)
            plain, recorded = [], []
            for _ in range(REPEATS):
                plain.append(nanoseconds(subject))
                with record(subject, Path(folder, "queue.trace")):
                    recorded.append(nanoseconds(subject))
            least, most = min(plain), min(recorded)
            print(f"{make.__name__:<16}{least:>7.0f} ns {most:>7.0f} ns recorded: {most / least:.1f} times")


if __name__ == "__main__":
    main()
