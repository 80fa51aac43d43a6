"""A failing schedule gets shorter, keeps failing in the same way, and no single variation makes it better."""

import random
import time
from collections.abc import Callable, Iterator

import pytest

from pcverify.explore import Execution, Random, Strategy
from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.control.redirect import Redirection
from pcverify.explore.minimise import Log, cost, minimise
from tests.subjects.registry import SUBJECTS

EASY = [subject for subject in SUBJECTS if not subject.hard]


class Runs:
    """Runs one program and says how it failed."""

    def __init__(self, program: Callable[[], object], redirection: Redirection) -> None:
        self.program = program
        self.redirection = redirection

    def run(self, strategy: Strategy) -> tuple[str, Log]:
        """Run it once; return how it came out, and what was done."""
        with Execution(max_delay=1.0, record=False, redirection=self.redirection) as execution:
            execution.adopt(self.program, "main")
            execution.run(strategy)
            if execution.failure is not None:
                return type(execution.failure[1]).__name__, execution.log
            return "" if execution.only_daemons_left() else "DEADLOCK", execution.log

    def failing(self) -> tuple[str, Log]:
        """Return the first failure of a random walk."""
        strategy = Random(20_000, seed=3)
        while strategy.begin():
            outcome, log = self.run(strategy)
            if outcome:
                return outcome, log
        raise AssertionError("it never failed")

    def in_the_same_way(self, wanted: str) -> Callable[[Strategy], Log | None]:
        """Return what `minimise` calls."""

        def execute(strategy: Strategy) -> Log | None:
            outcome, log = self.run(strategy)
            return log if outcome == wanted else None

        return execute


@pytest.fixture
def of_subject() -> Iterator[Callable[[str], Runs]]:
    """Make the runs of a wrong subject by its name."""
    redirection = redirect_everything()
    yield lambda name: Runs(next(subject.wrong for subject in SUBJECTS if subject.name == name), redirection)
    redirection.end()


@pytest.mark.parametrize("subject", EASY, ids=lambda subject: subject.name)
def test_it_gets_no_worse_and_fails_in_the_same_way(of_subject, subject) -> None:
    runs = of_subject(subject.name)
    outcome, log = runs.failing()
    began = time.monotonic()
    found = minimise(log, runs.in_the_same_way(outcome), max_seconds=20)
    assert time.monotonic() - began < 20
    assert cost(found) <= cost(log)
    assert runs.in_the_same_way(outcome)(Exactly(found)) == found
    assert minimise(found, runs.in_the_same_way(outcome), max_seconds=20) == found


class Exactly(Random):
    """Does what a log says, and fails where that cannot be done."""

    asks_always = True

    def __init__(self, log: Log) -> None:
        super().__init__(1)
        self.log = iter(log)

    def choose(self, choices, running) -> int:
        """Return the next choice of the log."""
        return [~task.number if task.blocked else task.number for task in choices].index(next(self.log))


@pytest.mark.parametrize(
    ("name", "switches"),
    [("dining_7", 7), ("deadlock01", 2), ("reorder_5", 2), ("missing_notify", 2), ("wronglock_7", 3)],
)
def test_what_needs_few_switches_gets_few(of_subject, name: str, switches: int) -> None:
    """Each philosopher must be switched to; a lost update needs one step of another in between."""
    runs = of_subject(name)
    outcome, log = runs.failing()
    assert cost(minimise(log, runs.in_the_same_way(outcome), max_seconds=20))[0] == switches


def test_a_failure_of_another_kind_is_not_taken_for_the_same(of_subject) -> None:
    runs = of_subject("if_for_while")
    _, log = runs.failing()
    assert minimise(log, runs.in_the_same_way("ValueError"), max_seconds=20) == log


def test_it_ends_when_its_time_is_up() -> None:
    draw = random.Random(0)
    log = [draw.randrange(5) for _ in range(300)]
    calls = []

    def slow(strategy: Strategy) -> Log | None:
        calls.append(strategy)
        return log[:-1]

    assert minimise(log, slow, max_seconds=0) == log
    assert not calls


def test_a_log_costs_its_switches_then_its_steps() -> None:
    assert cost([0, 0, 1, ~1, 0]) == (2, 5)
    assert cost([]) == (0, 0)
