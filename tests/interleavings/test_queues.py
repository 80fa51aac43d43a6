"""No script of the state machines breaks a sound queue."""

from __future__ import annotations

import pytest

from tests.interleavings.machine import AllCalls, PutsAndGets
from tests.interleavings.running import EXAMPLES, find
from tests.support.queues import SPECIFIED


@pytest.mark.parametrize("queue_class", SPECIFIED, ids=lambda c: c.__name__)
@pytest.mark.parametrize("machine", [PutsAndGets, AllCalls])
def test_no_interleaving_breaks_the_queue(machine, queue_class):
    found = find(machine, queue_class)
    if found.broken is not None:
        pytest.fail(str(found.broken), pytrace=False)
    assert found.scripts >= EXAMPLES
