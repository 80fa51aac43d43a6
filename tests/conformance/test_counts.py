"""A count that a class reads in its own code tells states apart, on each Python, whose bytecode is looked at."""

from __future__ import annotations

from queue import Queue

import pytest

from pcverify import HandoffQueue, ThreadSafeQueue
from pcverify.conformance.counts import COUNTS, only_counted


class Looks(ThreadSafeQueue):
    def put(self, item, block=True, timeout=None):
        super().put(item, block, timeout)
        if self._waits == 0:
            self.queue.clear()


class Asks(ThreadSafeQueue):
    def get(self, block=True, timeout=None):
        getattr(self, "_given_back", None)
        return super().get(block, timeout)


class Counts(ThreadSafeQueue):
    @property
    def anything(self):
        return [self._overfull for _ in range(1)]

    def put(self, item, block=True, timeout=None):
        self._waits += 1
        super().put(item, block, timeout)


class Defines(ThreadSafeQueue):
    _waits = property(lambda _self: 0, lambda _self, _value: None)


@pytest.mark.parametrize(
    ("cls", "read"),
    [
        (ThreadSafeQueue, set()),
        (HandoffQueue, set()),
        (Queue, set()),
        (Looks, {"_waits"}),
        (Asks, {"_given_back"}),
        (Counts, {"_overfull"}),
        (Defines, {"_waits"}),
    ],
)
def test_a_count_that_a_method_reads_tells_states_apart(cls, read):
    assert only_counted(cls, COUNTS) == COUNTS - read
