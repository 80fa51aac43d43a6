"""What holds for every test."""

from __future__ import annotations

import logging

import pytest

from tests.support.models import SmallModels

FIRST = ["tests/pipeline/test_thread_safe_queue.py", "tests/interleavings/", "tests/pipeline/"]


def pytest_collection_modifyitems(items):
    """Run first what tells most directly that the queue is wrong, before all that fails because of it."""

    def rank(item):
        return next((number for number, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))

    items.sort(key=rank)


@pytest.fixture(autouse=True, scope="session")
def log_without_tracebacks():
    """Keep tracebacks out of captured log records.

    Formatting one parses source on 3.11 and later, in the thread that logs. Until 3.11.8 and 3.12.2 two threads
    that parse at the same time can make each other fail with "AST constructor recursion depth mismatch", and
    pytest itself parses in the main thread.
    """

    def drop_traceback(record):
        record.exc_info = None
        return True

    logger = logging.getLogger("pcverify.pipeline")
    logger.addFilter(drop_traceback)
    yield
    logger.removeFilter(drop_traceback)


@pytest.fixture
def small_models(tmp_path):
    """The folder, with an expectation that holds."""
    models = SmallModels(tmp_path)
    models.expect(distinct=4)
    return models
