"""Both queues come to rest, and a lock that is held is freed: for any number of threads.

If each thread makes a number of calls, and does not try again what failed, then every step lowers a rank. So there
are only so many steps, and in the end none is possible. Then everybody is gone, or is parked beside an empty or a
full queue: every call that can complete has. The only promise of the machine is SomebodyMoves: as long as a step is
possible, one is taken.

While the lock is held, every step lowers another rank, also with calls that are tried again for ever. So
SomebodyMoves suffices for the lock to become free; who gets it then is another question (`turns`).

What is only argued: that a rank cannot fall for ever; that there is a call left for each thread that is not gone,
which is what "gone" means. What a pass does not show: how long anything takes; that the counters are those of the
code, which is compared at bounds (`pcverify.conformance.counting`, `pcverify conform`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pcverify.smt import counting
from pcverify.smt.condition_queue import CONDITION_QUEUE, NOTIFIED
from pcverify.smt.counting import invariant_of, possible
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.obligations import Obligation
from pcverify.smt.places import SIDES, lock_is_free, sum_of
from pcverify.smt.ranking import (
    CALLS,
    CONDITIONS,
    HANDING,
    SPENT,
    after,
    ends_a_call,
    excluded,
    not_negative,
    smaller_rank,
    some_step,
    tells,
    terms,
    weighted,
)
from pcverify.smt.terms import all_of, any_of, implies, none_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pcverify.smt.counting import Abstraction, Terms

UNDECIDED = ("outside", *("parked", "late", *NOTIFIED))
"""Where a thread stands whose call may still come out in both ways."""

WEIGHTS = {
    CONDITION_QUEUE.name: {
        "outside": 5, "woken": 5, "parked": 2, "woken, late": 1, "late": 1,
        "returning": 3, "leaving": 3, "interrupted, listed": 2, "interrupted, holding": 1, "interrupted": 1,
    },
    HANDOFF_QUEUE.name: {
        "outside": 3, "parked": 2, "late": 1,
        "chosen": 8, "ending": 8, "served, late": 6, "served": 6, "ended, late": 6, "ended": 6,
        "returning": 4, "leaving": 4, "interrupted, listed": 2, "interrupted, holding": 1, "interrupted": 1,
    },
}  # fmt: skip
"""How many steps, at most, a thread takes before its call is decided or over, if nobody else acts."""

LOCK_WEIGHTS = {
    "parked": 3, "late": 2, "interrupted, listed": 1, "woken": 3, "woken, late": 2, "outside": 1,
    "returning": 2, "leaving": 2,
    "chosen": 6, "served": 5, "served, late": 5, "ending": 6, "ended": 5, "ended, late": 5,
}  # fmt: skip
"""How many steps, at most, a thread takes, while the lock is not free."""


def rest_rank(of: Abstraction, at: Terms) -> tuple[Any, Any]:
    """Return the rank: what is left to decide, and how far those who act are from it.

    A call counts 2 until it is decided whether it succeeds, and 1 until it is over.
    """
    weights = WEIGHTS[of.name]
    decided = sum_of(at, tuple(place for place in weights if place not in UNDECIDED))
    return 2 * at[CALLS] - decided + 1 - at["shut"], weighted(of, weights, at)


def each_has_a_call(at: Terms) -> Any:
    """Return whether there is a call left for each thread that is not gone: one that has none left is gone."""
    gone = at["getters gone"] + at["putters gone"]
    return at[CALLS] >= at["consumers"] + at["producers"] - gone


def comes_to_rest(of: Abstraction, *, retries: bool = False) -> Iterator[Obligation]:
    """Yield what has to be proved so that the queue comes to rest.

    Args:
        of: one of the two queues.
        retries: whether a call that gave up is tried again; then it does not hold.
    """
    at = terms(of)
    begin = invariant_of(of, at) | {"each has a call": each_has_a_call(at)}
    rank = rest_rank(of, at)
    yield Obligation(
        f"rest: {of.name}: the rank is no less than zero",
        "No number of the rank is negative, so it cannot fall for ever.",
        begin,
        all_of(not_negative(rank), _everybody_counted(of, at)),
        tells(of, at, at),
    )
    for step in of.transitions:
        then = after(step, at)
        hypotheses = begin | possible(step, at)
        if ends_a_call(step):
            free = retries and "GiveUp" in step.actions
            hypotheses |= {"a call is spent": at[SPENT] >= (0 if free else 1), "then, too": each_has_a_call(then)}
        yield Obligation(
            f"rest: {of.name}: rank: {step.name}",
            f"The rank falls when {step.name}.",
            hypotheses,
            smaller_rank(rest_rank(of, then), rank),
            tells(of, at, then),
        )
    moving = tuple(place for place in WEIGHTS[of.name] if place != "parked")
    yield Obligation(
        f"rest: {of.name}: somebody can move",
        "While a thread stands where it is neither parked nor gone, some step is possible.",
        begin | {"one is not at rest": sum_of(at, moving) > 0},
        some_step(of, at),
        tells(of, at, at),
    )
    wants = [("getters", at["items"] > 0), ("putters", at["items"] < at["capacity"])]
    yield Obligation(
        f"rest: {of.name}: nobody waits for what is there",
        "At rest, a getter is parked only beside an empty queue, a putter beside a full one, nobody after a shutdown.",
        begin | {"all are at rest": sum_of(at, moving) == 0},
        all_of(*(implies(any_of(there, at["shut"] == 1), at[f"{side} parked"] == 0) for side, there in wants)),
        tells(of, at, at),
    )


def _everybody_counted(of: Abstraction, at: Terms) -> Any:
    """Return whether each place but `gone` has a weight: whoever stands there is seen by the rank."""
    weighed = {f"{side} {place}" for side in SIDES for place in (*WEIGHTS[of.name], "gone")}
    return set(of.counters) - {"items", "shut"} <= weighed


def lock_rank(of: Abstraction, at: Terms) -> Any:
    """Return how many steps are possible, at most, before the lock is free."""
    return weighted(of, LOCK_WEIGHTS, at)


def lock_is_freed(of: Abstraction) -> Iterator[Obligation]:
    """Yield that a lock which is held is free again after a number of steps, whoever takes them."""
    at = terms(of)
    held = invariant_of(of, at) | {"the lock is held": none_of(lock_is_free(at))}
    for step in of.transitions:
        can = held | possible(step, at)
        if excluded(can):
            continue
        then = after(step, at)
        frees = any_of(lock_is_free(then), lock_rank(of, then) < lock_rank(of, at))
        yield Obligation(
            f"lock: {of.name}: {step.name}",
            f"While the lock is held, when {step.name}, it becomes free, or fewer steps are left until it is.",
            can,
            all_of(lock_rank(of, at) >= 0, frees),
            tells(of, at, then),
        )
    yield Obligation(
        f"lock: {of.name}: its holder can move",
        "While the lock is held, some step is possible.",
        held,
        some_step(of, at),
        tells(of, at, at),
    )


def obligations() -> tuple[Obligation, ...]:
    """Return all that has to be proved."""
    found: list[Obligation] = []
    for of in (CONDITIONS, HANDING):
        # The invariant again, with the lemma that only liveness needs.
        found += [replace(each, name=f"rest: {each.name}") for each in counting.obligations(of)]
        found += [*comes_to_rest(of), *lock_is_freed(of)]
    return tuple(found)
