"""What holds for every test."""

from __future__ import annotations

import importlib.util
import logging
import os
import signal
import sys

import pytest

from tests.support.models import SmallModels

# Debian, for one, ships CPython's own tests apart. On a build server that is a failure, elsewhere a remark.
OWN_TESTS = importlib.util.find_spec("test") and importlib.util.find_spec("test.test_queue")
NEED_THEM = ["explore/test_cpython_tests.py", "pipeline/test_standard_tests.py"]
collect_ignore = [] if OWN_TESTS or os.environ.get("CI") else NEED_THEM

FIRST = ["tests/pipeline/test_thread_safe_queue.py", "tests/interleavings/", "tests/pipeline/"]


def pytest_collection_modifyitems(items):
    """Run first what tells most directly that the queue is wrong, before all that fails because of it."""

    def rank(item):
        return next((number for number, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))

    items.sort(key=rank)


def pytest_terminal_summary(terminalreporter):
    """Say what was left out."""
    if collect_ignore:
        terminalreporter.write_line(
            "Not run: CPython's own tests, under the explorer and on our queues: this Python lacks them "
            "(Debian: libpython3-testsuite)"
        )


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_arrives():
    """Let it, here and in every process that a test starts: a shell makes what runs in its background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _imports_are_found_where_they_were():
    """Whatever a test puts in front of `sys.path` would be passed on to the processes that later tests start."""
    before = list(sys.path)
    yield
    sys.path[:] = before


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
