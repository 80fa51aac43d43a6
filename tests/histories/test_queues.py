"""The queues agree with the sequential specification, in any sequence of calls by one thread that is drawn."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.machine import machine_for
from tests.support.hypothesis_settings import SAME_EACH_TIME
from tests.support.queues import SPECIFIED


@pytest.mark.parametrize("queue_class", SPECIFIED, ids=lambda queue_class: queue_class.__name__)
def test_a_sound_queue_agrees_with_the_specification(queue_class):
    run_state_machine_as_test(machine_for(queue_class), settings=SAME_EACH_TIME)
