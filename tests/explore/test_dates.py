"""Dates and clocks are virtual in a task, the same in each execution; loops that poll the clock come to an end."""

import datetime as module
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timezone

import pytest

from pcverify.explore.control.clock import EPOCH
from tests.explore.outcomes import outcomes

BOUND_EARLY = datetime.now
UTC = timezone.utc


class Stamp(datetime):
    """A subclass."""


def only_outcome(program: Callable[[], object], executions: int | None = None) -> str:
    (outcome,) = outcomes(program, executions)
    return outcome


AT_EPOCH = [
    (lambda: datetime.now(UTC), datetime.fromtimestamp(EPOCH, UTC)),
    (lambda: datetime.now(tz=None), datetime.fromtimestamp(EPOCH)),
    (datetime.utcnow, datetime.fromtimestamp(EPOCH, UTC).replace(tzinfo=None)),
    (BOUND_EARLY, datetime.fromtimestamp(EPOCH)),
    (module.datetime.today, datetime.fromtimestamp(EPOCH)),
    (lambda: Stamp.now(UTC), Stamp.fromtimestamp(EPOCH, UTC)),
    (date.today, date.fromtimestamp(EPOCH)),
    (time.gmtime, time.gmtime(EPOCH)),
    (time.localtime, time.localtime(EPOCH)),
    (lambda: time.localtime(None), time.localtime(EPOCH)),
    (time.ctime, time.ctime(EPOCH)),
    (time.asctime, time.asctime(time.localtime(EPOCH))),
    (lambda: time.strftime("%c"), time.strftime("%c", time.localtime(EPOCH))),
    (lambda: time.clock_gettime(time.CLOCK_REALTIME), EPOCH),
    (lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC), 0),
    (time.thread_time, 0.0),
    (time.process_time_ns, 0),
]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("number", range(len(AT_EPOCH)))
def test_an_execution_begins_at_the_epoch(number: int) -> None:
    program, expected = AT_EPOCH[number]
    assert only_outcome(program) == repr(expected)


def test_dates_move_with_sleep() -> None:
    def program() -> float:
        before = datetime.now()
        time.sleep(90)
        return (datetime.now() - before).total_seconds()

    assert only_outcome(program) == "90.0"


def test_what_is_given_is_not_replaced() -> None:
    def program() -> list[object]:
        return [time.gmtime(0)[0], time.ctime(0), time.strftime("%Y", time.gmtime(0)), time.asctime(time.gmtime(0))]

    assert only_outcome(program) == repr(program())


@pytest.mark.parametrize("wrong", [lambda: datetime.now(1), time.strftime, lambda: time.clock_gettime("x")])
def test_what_is_wrong_is_so_for_tasks_too(wrong: Callable[[], object]) -> None:
    def program() -> None:
        with pytest.raises(TypeError):
            wrong()

    assert only_outcome(program) == "None"


def test_a_loop_that_polls_the_clock_for_a_minute_ends() -> None:
    def program() -> bool:
        reads, end = 0, time.monotonic() + 60
        while time.monotonic() < end:
            reads += 1
        return 1_000 < reads < 20_000

    assert only_outcome(program) == "True"


def test_a_loop_that_polls_the_clock_lets_others_run() -> None:
    def program() -> bool:
        flag: list[int] = []
        threading.Thread(target=lambda: flag.append(1)).start()
        end = time.monotonic() + 60
        while not flag:
            assert time.monotonic() < end + 1e9  # this alone would never let the other one run
        return True

    assert only_outcome(program, 20) == "True"


def test_a_loop_that_yields_until_the_clock_has_moved_ends() -> None:
    def program() -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            time.sleep(0)

    assert only_outcome(program, 3) == "None"


def test_a_few_reads_take_no_time() -> None:
    assert only_outcome(lambda: [time.monotonic() for _ in range(900)][-1]) == "0.0"
