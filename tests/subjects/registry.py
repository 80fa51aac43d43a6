"""All pairs of a wrong program and its right twin, for tests and measurements to go through.

Published counts of schedules for programs of these names are of the C originals, at the granularity of their tools.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.subjects import deadlocks, races, reorder, safestack, work_stealing, wrong_queues

if TYPE_CHECKING:
    from collections.abc import Callable

STUDY = 'P. Thomson, A. F. Donaldson and A. Betts, "Concurrency Testing Using Schedule Bounding", PPoPP 2014'
CLASSIC = "classic"


@dataclass(frozen=True, slots=True)
class Subject:
    """A program with one bug, and the same program without it.

    Attributes:
        name: what both are called, without `_wrong` and `_right`.
        wrong: a program that fails under some schedules, or all. It makes and joins its threads, and all of its state.
        right: its twin, which fails under none.
        fails_by: how the wrong one fails; always in the same way.
        bug: what is wrong, in a line.
        source: where the program is from, or "classic".
        hard: why a random walk of some thousand executions hardly finds the bug; empty if it does.
    """

    name: str
    wrong: Callable[[], None]
    right: Callable[[], None]
    fails_by: Literal["assertion", "deadlock", "exception"]
    bug: str
    source: str
    hard: str = ""


def _sctbench(program: str) -> str:
    return f"SCTBench {program}: {STUDY}"


def _dining(philosophers: int) -> Subject:
    return Subject(
        f"dining_{philosophers}",
        deadlocks.dining_wrong(philosophers),
        deadlocks.dining_right(philosophers),
        "deadlock",
        "each philosopher holds one fork and waits for the other",
        f"{_sctbench(f'CS.din_phil{philosophers}_sat')}, with the deadlock as the bug",
    )


def _reorder(setters: int, checkers: int, *, hard: str = "") -> Subject:
    threads = setters + checkers
    return Subject(
        f"reorder_{threads}",
        reorder.reorder_wrong(setters, checkers),
        reorder.reorder_right(setters, checkers),
        "assertion",
        "two stores that belong together are two steps",
        _sctbench(f"CS.reorder_{threads}_bad" if threads > 2 else "CS.reorder_3_bad, with a thread less"),
        hard,
    )


def _twostage(writers: int, program: str, *, hard: str = "") -> Subject:
    return Subject(
        f"twostage_{writers + 1}",
        reorder.twostage_wrong(writers),
        reorder.twostage_right(writers),
        "assertion",
        "two values that belong together are protected one by one",
        _sctbench(program),
        hard,
    )


def _wronglock(others: int, program: str) -> Subject:
    return Subject(
        f"wronglock_{others}",
        reorder.wronglock_wrong(others),
        reorder.wronglock_right(others),
        "assertion",
        "some threads hold another lock than the one that protects the value",
        _sctbench(program),
    )


MANY_STARTED_FIRST = "all threads are started before the one that checks, and none may get as far as its second step"

SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "account",
        races.account_wrong,
        races.account_right,
        "assertion",
        "the check expects a wrong balance, and is made only if its thread comes last",
        _sctbench("CS.account_bad"),
    ),
    Subject(
        "bluetooth",
        races.bluetooth_wrong,
        races.bluetooth_right,
        "assertion",
        "a request looks whether the driver stops before it counts itself",
        _sctbench("CS.bluetooth_driver_bad"),
    ),
    Subject(
        "bounded_buffer",
        deadlocks.bounded_buffer_wrong,
        deadlocks.bounded_buffer_right,
        "deadlock",
        "a put notifies only if the buffer was empty",
        f"{CLASSIC}, on the ring of {_sctbench('inspect.bbuf')}",
    ),
    Subject(
        "carter",
        deadlocks.carter_wrong,
        deadlocks.carter_right,
        "deadlock",
        "who waits for the resource holds the lock that its holder needs to leave",
        f"{_sctbench('CS.carter01_bad')}, without its idle threads",
    ),
    Subject(
        "circular_buffer",
        races.circular_buffer_wrong,
        races.circular_buffer_right,
        "assertion",
        "items are numbered by turns, but not every turn has an item",
        _sctbench("CS.circular_buffer_bad"),
    ),
    Subject(
        "deadlock01",
        deadlocks.deadlock01_wrong,
        deadlocks.deadlock01_right,
        "deadlock",
        "two locks are taken in opposite orders",
        _sctbench("CS.deadlock01_bad"),
    ),
    *[_dining(philosophers) for philosophers in range(2, 8)],
    Subject(
        "lazy01",
        races.lazy01_wrong,
        races.lazy01_right,
        "assertion",
        "the check does not expect both others to come first",
        _sctbench("CS.lazy01_bad"),
    ),
    Subject(
        "queue",
        races.queue_wrong,
        races.queue_right,
        "assertion",
        "notes on items are found by the turn, but not every turn has an item",
        _sctbench("CS.queue_bad"),
    ),
    _reorder(1, 1),
    _reorder(2, 1),
    _reorder(3, 1),
    _reorder(4, 1),
    _reorder(9, 1, hard=MANY_STARTED_FIRST),
    _reorder(10, 10, hard=MANY_STARTED_FIRST),
    Subject(
        "safestack",
        safestack.safestack_wrong,
        safestack.safestack_right,
        "assertion",
        "a delayed pop takes, or puts back, the link of a slot that was popped and pushed meanwhile",
        _sctbench("misc.safestack"),
        hard="three threads must be stopped at several places each, 45 accesses at least",
    ),
    Subject(
        "stack",
        races.stack_wrong,
        races.stack_right,
        "assertion",
        "a flag that says that something was pushed is taken to say that something is there",
        _sctbench("CS.stack_bad"),
    ),
    Subject(
        "stringbuffer",
        races.stringbuffer_wrong,
        races.stringbuffer_right,
        "exception",
        "between asking for the length and for the characters, the text may shrink",
        _sctbench("CB.stringbuffer-jdk1.4"),
    ),
    Subject(
        "sync01",
        deadlocks.sync01_wrong,
        deadlocks.sync01_right,
        "deadlock",
        "the consumer does not consume, so the producer waits for ever; under every schedule",
        _sctbench("CS.sync01_bad"),
    ),
    Subject(
        "sync02",
        deadlocks.sync02_wrong,
        deadlocks.sync02_right,
        "deadlock",
        "more is there than is taken, so the producer waits for ever; under every schedule",
        _sctbench("CS.sync02_bad"),
    ),
    Subject(
        "token_ring",
        races.token_ring_wrong,
        races.token_ring_right,
        "assertion",
        "nothing makes the threads move in the order that the check needs",
        _sctbench("CS.token_ring_bad"),
    ),
    _twostage(1, "CS.twostage_bad, with one writer"),
    _twostage(2, "CS.twostage_bad"),
    _twostage(19, "CS.twostage_100_bad, with 20 threads", hard=MANY_STARTED_FIRST),
    _twostage(99, "CS.twostage_100_bad", hard=MANY_STARTED_FIRST),
    _wronglock(1, "CS.wronglock_bad, with two threads"),
    _wronglock(3, "CS.wronglock_3_bad"),
    _wronglock(7, "CS.wronglock_bad"),
    Subject(
        "small_work_stealing",
        work_stealing.small_work_stealing_wrong,
        work_stealing.small_work_stealing_right,
        "assertion",
        "a thief looks before it claims",
        f"{_sctbench('chess.WSQ')}, with two items and one attempt to steal",
    ),
    Subject(
        "work_stealing",
        work_stealing.work_stealing_wrong,
        work_stealing.work_stealing_right,
        "assertion",
        "a thief looks before it claims",
        f"{_sctbench('chess.WSQ')}, without growing",
    ),
    Subject(
        "if_for_while",
        wrong_queues.if_for_while_wrong,
        wrong_queues.if_for_while_right,
        "exception",
        "a woken getter does not look again",
        CLASSIC,
    ),
    Subject(
        "one_condition",
        wrong_queues.one_condition_wrong,
        wrong_queues.one_condition_right,
        "deadlock",
        "putters and getters wait on one condition, and one of them is notified",
        CLASSIC,
    ),
    Subject(
        "missing_notify",
        wrong_queues.missing_notify_wrong,
        wrong_queues.missing_notify_right,
        "deadlock",
        "a get does not notify",
        CLASSIC,
    ),
    Subject(
        "notify_before_append",
        wrong_queues.notify_before_append_wrong,
        wrong_queues.notify_before_append_right,
        "deadlock",
        "a put notifies before the item is there",
        CLASSIC,
    ),
    Subject(
        "look_then_wait",
        wrong_queues.look_then_wait_wrong,
        wrong_queues.look_then_wait_right,
        "deadlock",
        "a getter lets go of the lock between looking and waiting",
        CLASSIC,
    ),
    Subject(
        "swallowed_wakeup",
        wrong_queues.swallowed_wakeup_wrong,
        wrong_queues.swallowed_wakeup_right,
        "deadlock",
        "a getter whose time is up leaves without looking, and takes a wakeup with it",
        CLASSIC,
    ),
    Subject(
        "shutdown_wakes_one",
        wrong_queues.shutdown_wakes_one_wrong,
        wrong_queues.shutdown_wakes_one_right,
        "deadlock",
        "the end of the queue is told to one of those who wait",
        CLASSIC,
    ),
)
