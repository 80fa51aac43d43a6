"""No script of the state machines breaks a sound queue."""

from __future__ import annotations

import pytest

from pcverify import HandoffQueue, ThreadSafeQueue
from tests.interleavings.machine import AllCalls, PutsAndGets
from tests.interleavings.running import EXAMPLES, find
from tests.support.queues import NAMED, SPECIFIED


class HookedThreadSafeQueue(ThreadSafeQueue):
    """Has a hook of its own, so that all of them are called."""

    def _put(self, item):
        super()._put(item)


class HookedHandoffQueue(HandoffQueue):
    """The same: whoever waits is called in turn, and nothing is handed over."""

    def _put(self, item):
        super()._put(item)


CASES = [(AllCalls, queue_class) for queue_class in SPECIFIED] + [(PutsAndGets, SPECIFIED[0])]
CASES += [] if NAMED else [(AllCalls, HookedThreadSafeQueue), (AllCalls, HookedHandoffQueue)]


@pytest.mark.parametrize(("machine", "queue_class"), CASES, ids=lambda c: c.__name__)
def test_no_interleaving_breaks_the_queue(machine, queue_class):
    found = find(machine, queue_class)
    if found.broken is not None:
        pytest.fail(str(found.broken), pytrace=False)
    assert found.scripts >= EXAMPLES
