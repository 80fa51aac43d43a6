"""Programs of real threads that several tests record."""

from __future__ import annotations

import threading

from pcverify.conformance.recording import record
from tests.support.threads import LIMIT


def run_together(*calls):
    threads = [threading.Thread(target=call, name=f"{call.__name__}-{n}", daemon=True) for n, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4 * LIMIT)
    assert not any(thread.is_alive() for thread in threads)


def busy(subject, path, *, items, producers=2, consumers=2):
    """Record producers and consumers that wait for each other."""
    with record(subject, path):
        work(subject, items=items, producers=producers, consumers=consumers)


def alone(subject, path, *, items):
    """Record one thread that puts and gets, and never waits."""
    with record(subject, path):
        for item in range(items):
            subject.put(item)
            subject.get()


def work(subject, *, items, producers=2, consumers=2):
    """Let producers and consumers wait for each other."""

    def producer():
        for item in range(items // producers):
            subject.put(item)

    def consumer():
        for _ in range(items // producers * producers // consumers):
            subject.get()

    run_together(*[producer] * producers, *[consumer] * consumers)
