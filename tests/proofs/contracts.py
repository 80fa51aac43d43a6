"""What CrossHair proves of the pure parts: each function below states a property and calls the real code.

A contract is in the docstring: `pre` restricts the arguments, `post` is about what the function returns. Sizes are
bounded where the number of paths would not be; the bounds are the `pre` lines. `wrong_twins` says how each contract
is shown to fail.

A confirmed contract shows nothing about arguments that `pre` leaves out, and nothing about threads. CrossHair
takes floats for real numbers: rounding is not looked at.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

from pcverify.histories.sequential import (
    Get,
    Join,
    Put,
    PutMany,
    QueueState,
    Raised,
    Returned,
    Shutdown,
    TaskDone,
    apply,
)
from pcverify.pipeline.blocking_queue import deadline_after
from pcverify.pipeline.configs import _check_count, _check_seconds
from pcverify.pipeline.errors import ConfigError
from pcverify.pipeline.metrics import PipelineMetrics, WorkerMetrics, per_second

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = threading.TIMEOUT_MAX


def a_rate_is_zero_when_the_clock_saw_no_time(items: int, seconds: float) -> float:
    """
    pre: seconds <= 0
    post: _ == 0
    """
    return per_second(items, seconds)


def lost_items_are_those_accounted_for_nowhere(
    produced: int, consumed: int, skipped: int, undelivered: int, lost: int
) -> int:
    """
    pre: produced == consumed + skipped + undelivered + lost
    post: _ == lost
    """
    workers = (WorkerMetrics("p", items_produced=produced), WorkerMetrics("c", 0, consumed, skipped))
    return PipelineMetrics(workers, undelivered, 1.0).items_lost


def a_count_is_accepted_exactly_when_it_is_not_negative(count: int) -> bool:
    """
    pre: -9 <= count <= 9
    post: _ == (count >= 0)
    """
    return _accepted(lambda: _check_count("count", count))


def seconds_from_zero_to_the_longest_wait_are_accepted(seconds: float) -> bool:
    """
    pre: 0 <= seconds <= LONGEST
    post: _
    """
    return _accepted(lambda: _check_seconds("seconds", seconds))


def a_deadline_is_the_timeout_from_now(now: int, timeout: int) -> bool:
    """
    pre: timeout >= 0
    post: _
    """
    clock = SimpleNamespace(monotonic=lambda: now)
    with patch.dict(deadline_after.__globals__, time=clock):
        return deadline_after(timeout) == now + timeout


def put_never_exceeds_the_capacity(items: list[int], maxsize: int, item: int, block: bool, shut: bool) -> bool:
    """
    pre: len(items) <= 2
    pre: maxsize <= 0 or len(items) <= maxsize
    post: _
    """
    state = QueueState(tuple(items), maxsize, len(items), shut)
    return all(after.maxsize <= 0 or len(after.items) <= after.maxsize for _, after in apply(state, Put(item, block)))


def put_many_puts_as_many_as_fit(items: list[int], maxsize: int, more: list[int]) -> bool:
    """
    pre: len(items) <= 1 and len(more) <= 2
    pre: 1 <= maxsize <= 3 and len(items) < maxsize
    post: _
    """
    ((outcome, after),) = apply(QueueState(tuple(items), maxsize, 0), PutMany(tuple(more)))
    number = min(len(more), maxsize - len(items))
    return outcome == Returned(number) and after.items == (*items, *more[:number]) and after.unfinished == number


def get_returns_the_oldest_item_and_keeps_the_others(items: list[int], unfinished: int, shut: bool) -> bool:
    """
    pre: 1 <= len(items) <= 3
    pre: unfinished >= 0
    post: _
    """
    state = QueueState(tuple(items), 0, unfinished, shut)
    after = QueueState(tuple(items[1:]), 0, unfinished, shut)
    return apply(state, Get()) == ((Returned(items[0]), after),)


def what_one_put_adds_gets_out_last(items: list[int], item: int) -> bool:
    """
    pre: len(items) <= 2
    post: _
    """
    ((_, state),) = apply(QueueState(tuple(items), 0, len(items)), Put(item))
    out = []
    while state.items:
        ((got, state),) = apply(state, Get())
        out.append(got.value)
    return out == [*items, item]


def a_get_gives_up_only_when_the_queue_is_empty(items: list[int], block: bool, timeout: int, shut: bool) -> bool:
    """
    pre: len(items) <= 2
    post: not _ or not items
    """
    allowed = apply(QueueState(tuple(items), 0, 0, shut), Get(block, timeout))
    return any(outcome == Raised("Empty") for outcome, _ in allowed)


def no_put_returns_after_a_shutdown(items: list[int], maxsize: int, item: int, block: bool) -> bool:
    """
    pre: len(items) <= 2
    post: _
    """
    state = QueueState(tuple(items), maxsize, 0, is_shutdown=True)
    return apply(state, Put(item, block)) == ((Raised("ShutDown"), state),)


def a_join_returns_exactly_when_nothing_is_unfinished(items: list[int], unfinished: int, shut: bool) -> bool:
    """
    pre: len(items) <= 2
    pre: unfinished >= 0
    post: _ == (unfinished == 0)
    """
    return bool(apply(QueueState(tuple(items), 0, unfinished, shut), Join()))


def unfinished_tasks_are_never_negative(items: list[int], unfinished: int, immediate: bool) -> bool:
    """
    pre: len(items) <= 2
    pre: unfinished >= 0
    post: _
    """
    state = QueueState(tuple(items), 0, unfinished)
    afters = [after for operation in (TaskDone(), Shutdown(immediate)) for _, after in apply(state, operation)]
    return all(after.unfinished >= 0 for after in afters)


def _accepted(check: Callable[[], None]) -> bool:
    try:
        check()
    except ConfigError:
        return False
    return True
