"""CPython's own tests, a sample: what real threads pass, a few random schedules pass, but for what is listed.

All methods under 100 schedules each: `python -m tests.explore.cpython`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.explore.cpython.collect import Method, MissingTests, collect
from tests.explore.cpython.compare import Comparison, Worker, compare
from tests.explore.cpython.differences import listed, stale, unlisted

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEDULES = 3
CLASSES = (
    *("PyQueueTest", "CSimpleQueueTest", "ThreadTests", "ThreadingExceptionTests", "ExceptHookTests", "MiscTestCase"),
    *("LockTests", "CRLockTests", "ConditionTests", "EventTests", "SemaphoreTests"),
)
LIMIT = 10.0  # seconds for one method
FAULTY = "tests.explore.cpython.faulty"


@pytest.fixture(scope="module")
def methods() -> list[Method]:
    """What the standard library has; without its tests there is nothing to compare."""
    try:
        return collect()
    except MissingTests as error:
        pytest.fail(str(error))


@pytest.fixture(scope="module")
def sample(methods: list[Method]) -> list[Comparison]:
    chosen = (method for method in methods if not method.long and method.name.split(".")[-2] in CLASSES)
    return compare(chosen, schedules=SCHEDULES, limit=LIMIT)


@pytest.fixture(scope="module")
def explored() -> Iterator[Worker]:
    with Worker(["explored"], limit=LIMIT) as worker:
        yield worker


@pytest.mark.timeout(180)  # the first that asks for the sample runs it
def test_nine_in_ten_methods_agree(sample: list[Comparison]) -> None:
    compared = [one for one in sample if one.kind != "excluded"]
    differing = [str(one) for one in compared if one.kind == "differ"]
    assert len(compared) >= 80
    assert len(differing) <= len(compared) / 10, "\n".join(differing)


def test_every_method_that_differs_is_listed_with_a_reason(sample: list[Comparison]) -> None:
    assert not unlisted(sample), "\n".join(map(str, unlisted(sample)))


def test_no_method_that_is_listed_agrees(sample: list[Comparison]) -> None:
    assert not stale(sample), f"take these out of differences.py: {', '.join(stale(sample))}"


def test_every_listed_method_exists(methods: list[Method]) -> None:
    assert listed().keys() <= {method.name for method in methods if not method.excluded}


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize("method", ["SoundTest.test_basic", "SoundTest.test_queue_join"])
def test_a_sound_queue_passes(explored: Worker, method: str) -> None:
    assert explored.run(f"{FAULTY}.{method}", 50).outcome == "SAMPLED"


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("LifoTest.test_basic", "AssertionError"),
        ("ForgetsJoinTest.test_queue_join", "deadlock: main parked on all_tasks_done"),
        ("TakesOnceTest.test_queue_join", "IndexError: pop from an empty deque"),
    ],
)
def test_a_faulty_queue_is_a_violation(explored: Worker, method: str, said: str) -> None:
    outcome = explored.run(f"{FAULTY}.{method}", 50)
    assert (outcome.outcome, said in outcome.reason) == ("VIOLATION", True), outcome


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize(
    ("method", "outcome"), [("hangs", "hung"), ("dies", "died"), ("fails", "fail"), ("passes", "pass")]
)
def test_a_method_that_does_not_come_back_is_lost_alone(method: str, outcome: str) -> None:
    with Worker(["real"], limit=2.0) as worker:
        assert worker.run(f"{FAULTY}.OutcomesTest.{method}", 1).outcome == outcome
        assert worker.run(f"{FAULTY}.OutcomesTest.passes", 1).outcome == "pass"


def test_a_python_without_its_tests_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'test'", name="test")

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(MissingTests, match="this Python has no 'test'"):
        collect()
