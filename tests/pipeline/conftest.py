"""Fixtures for the pipeline's tests: each queue in turn."""

from __future__ import annotations

import pytest

from tests.support.queues import QUEUES


@pytest.fixture(params=QUEUES, ids=lambda queue_class: queue_class.__name__)
def make_queue(request):
    """The class of a queue that workers must run on."""
    return request.param


def pytest_itemcollected(item):
    """Give every test of this folder 20 s: long for any of them, short when wakeups are lost.

    It has to be done here: pytest-timeout looks for the marker before any fixture runs.
    """
    if item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(20))
