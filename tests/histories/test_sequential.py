"""The sequential specification, case by case: what `queue.Queue` of Python 3.13 documents, and ours besides."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from pcverify.histories import (
    Drain,
    Empty,
    Full,
    Get,
    GetMany,
    GiveBack,
    Interrupted,
    Join,
    Put,
    PutMany,
    Qsize,
    QueueState,
    Raised,
    Returned,
    Shutdown,
    TaskDone,
    apply,
    initial,
)

EMPTY = initial(2)
ONE = QueueState(("a",), 2, 1)
FULL = QueueState(("a", "b"), 2, 2)
ENDED = QueueState((), 2, 0, is_shutdown=True)
ENDED_WITH_ONE = QueueState(("a",), 2, 1, is_shutdown=True)
ENDED_FULL = QueueState(("a", "b"), 2, 2, is_shutdown=True)
PUTS = [Put("x"), Put("x", block=False), Put("x", timeout=1), Put("x", timeout=0), Put("x", timeout=-1)]
GETS = [Get(), Get(block=False), Get(timeout=1), Get(timeout=0), Get(timeout=-1)]


def only(state, operation):
    ((outcome, after),) = apply(state, operation)
    return outcome, after


@pytest.mark.parametrize("put", PUTS[:4])
def test_put_appends_while_there_is_room(put):
    assert only(ONE, put) == (Returned(None), QueueState(("a", "x"), 2, 2))


@pytest.mark.parametrize("put", [Put("x", block=False), Put("x", block=False, timeout=-1), PUTS[2], PUTS[3]])
def test_a_put_that_may_give_up_does_so_when_the_queue_is_full(put):
    assert only(FULL, put) == (Raised("Full"), FULL)


def test_a_put_without_time_limit_has_no_outcome_while_the_queue_is_full():
    assert apply(FULL, Put("x")) == ()


@pytest.mark.parametrize("maxsize", [0, -1])
@pytest.mark.parametrize("put", PUTS)
def test_an_unbounded_queue_takes_every_put_whatever_the_time_limit(maxsize, put):
    state = QueueState(("a",) * 5, maxsize, 5)
    assert only(state, put) == (Returned(None), QueueState((*state.items, "x"), maxsize, 6))


@pytest.mark.parametrize("state", [EMPTY, ONE, FULL])
def test_a_bounded_put_refuses_a_negative_timeout_even_when_there_is_room(state):
    assert only(state, Put("x", timeout=-1)) == (Raised("ValueError"), state)


@pytest.mark.parametrize("state", [ENDED, ENDED_WITH_ONE, ENDED_FULL])
@pytest.mark.parametrize("put", PUTS)
def test_every_put_is_refused_after_shutdown(state, put):
    assert only(state, put) == (Raised("ShutDown"), state)


@pytest.mark.parametrize("get", GETS[:4])
def test_get_takes_the_oldest_item_and_leaves_it_unfinished(get):
    assert only(FULL, get) == (Returned("a"), QueueState(("b",), 2, 2))


@pytest.mark.parametrize("get", [Get(block=False), Get(block=False, timeout=-1), GETS[2], GETS[3]])
def test_a_get_that_may_give_up_does_so_when_the_queue_is_empty(get):
    assert only(EMPTY, get) == (Raised("Empty"), EMPTY)


@pytest.mark.parametrize("get", GETS[:4])
def test_no_get_may_give_up_while_there_is_an_item(get):
    assert Raised("Empty") not in [outcome for outcome, _ in apply(ONE, get)]


def test_a_get_without_time_limit_has_no_outcome_while_the_queue_is_empty():
    assert apply(EMPTY, Get()) == ()


@pytest.mark.parametrize("state", [EMPTY, ONE, ENDED_WITH_ONE])
def test_get_refuses_a_negative_timeout_even_when_there_is_an_item(state):
    assert only(state, Get(timeout=-1)) == (Raised("ValueError"), state)


@pytest.mark.parametrize("get", GETS)
def test_get_is_refused_after_shutdown_once_the_queue_is_empty(get):
    assert only(ENDED, get) == (Raised("ShutDown"), ENDED)


def test_what_was_in_the_queue_at_shutdown_can_still_be_got():
    assert only(ENDED_WITH_ONE, Get()) == (Returned("a"), QueueState((), 2, 1, is_shutdown=True))


def test_put_many_puts_as_many_as_fit():
    assert only(EMPTY, PutMany(("a", "b", "c"))) == (Returned(2), FULL)
    assert only(ONE, PutMany(())) == (Returned(0), ONE)
    assert only(QueueState(), PutMany(("a", "b"), timeout=-1)) == (Returned(2), QueueState(("a", "b"), 0, 2))


@pytest.mark.parametrize(
    ("put", "outcome"),
    [
        (PutMany(("x",), block=False), Raised("Full")),
        (PutMany(("x",), timeout=1), Raised("Full")),
        (PutMany(("x",), timeout=-1), Raised("ValueError")),
    ],
)
def test_put_many_gives_up_only_when_not_even_one_fits(put, outcome):
    assert only(FULL, put) == (outcome, FULL)
    assert only(ENDED_FULL, put) == (Raised("ShutDown"), ENDED_FULL)
    assert apply(FULL, PutMany(("x",))) == ()


def test_get_many_takes_what_there_is():
    assert only(FULL, GetMany(1)) == (Returned(("a",)), QueueState(("b",), 2, 2))
    assert only(FULL, GetMany(9, timeout=-1)) == (Returned(("a", "b")), QueueState((), 2, 2))
    assert only(FULL, GetMany(0)) == (Raised("ValueError"), FULL)
    assert only(EMPTY, GetMany(1, block=False)) == (Raised("Empty"), EMPTY)
    assert only(ENDED, GetMany(1)) == (Raised("ShutDown"), ENDED)
    assert apply(EMPTY, GetMany(1)) == ()


@pytest.mark.parametrize("state", [EMPTY, FULL, ENDED, ENDED_FULL])
def test_drain_takes_all_and_complains_of_nothing(state):
    assert only(state, Drain()) == (Returned(state.items), replace(state, items=()))


def test_what_is_given_back_goes_to_the_head_also_of_a_full_queue():
    assert only(FULL, GiveBack("x")) == (Returned(), QueueState(("x", "a", "b"), 2, 2))


@pytest.mark.parametrize("operation", [Get(), GetMany(2), Drain(), Join()])
def test_what_takes_something_has_taken_nothing_when_it_is_interrupted(operation):
    assert apply(ONE, Interrupted(operation)) == ((Raised("Interrupted"), ONE),)


def test_an_interrupted_put_has_happened_or_not():
    assert apply(EMPTY, Interrupted(Put("a"))) == ((Raised("Interrupted"), EMPTY), (Raised("Interrupted"), ONE))
    assert apply(FULL, Interrupted(Put("x"))) == ((Raised("Interrupted"), FULL),)
    assert [after for _, after in apply(EMPTY, Interrupted(PutMany(("a", "b", "c"))))] == [EMPTY, ONE, FULL]
    assert len(apply(ONE, Interrupted(TaskDone()))) == len(apply(ONE, Interrupted(Shutdown()))) == 2


def test_a_join_with_a_time_limit_gives_up():
    assert only(ONE, Join(1)) == (Raised("TimeoutError"), ONE)
    assert only(EMPTY, Join(0)) == (Returned(), EMPTY)
    assert only(EMPTY, Join(-1)) == (Raised("ValueError"), EMPTY)


def test_task_done_counts_down_and_complains_at_zero():
    assert only(ONE, TaskDone()) == (Returned(None), QueueState(("a",), 2, 0))
    assert only(EMPTY, TaskDone()) == (Raised("ValueError"), EMPTY)


def test_join_has_an_outcome_only_when_nothing_is_unfinished():
    assert only(QueueState(("a",), 2, 0), Join()) == (Returned(None), QueueState(("a",), 2, 0))
    assert apply(QueueState((), 2, 1), Join()) == ()


def test_shutdown_keeps_what_is_in_the_queue():
    assert only(FULL, Shutdown()) == (Returned(None), ENDED_FULL)


@pytest.mark.parametrize(("unfinished", "left"), [(3, 1), (2, 0), (1, 0), (0, 0)])
def test_immediate_shutdown_discards_what_is_in_the_queue_and_counts_it_as_done(unfinished, left):
    outcome, after = only(QueueState(("a", "b"), 2, unfinished), Shutdown(immediate=True))
    assert (outcome, after) == (Returned(None), QueueState((), 2, left, is_shutdown=True))


@pytest.mark.parametrize(
    ("state", "answers"), [(EMPTY, (0, True, False)), (ONE, (1, False, False)), (FULL, (2, False, True))]
)
def test_questions_are_answered_and_change_nothing(state, answers):
    for question, answer in zip((Qsize(), Empty(), Full()), answers, strict=True):
        assert only(state, question) == (Returned(answer), state)


def test_an_unbounded_queue_is_never_full():
    assert only(QueueState(("a",) * 9, 0, 9), Full())[0] == Returned(False)


def test_what_is_no_operation_is_refused():
    with pytest.raises(TypeError, match="not an operation of a queue: 'put'"):
        apply(EMPTY, "put")


def test_states_and_operations_can_be_hashed_compared_and_sent_to_another_process():
    for thing in (FULL, Put("x", timeout=1), Get(), Returned("a"), Raised("Empty")):
        assert pickle.loads(pickle.dumps(thing)) == thing
        assert len({thing, pickle.loads(pickle.dumps(thing))}) == 1
