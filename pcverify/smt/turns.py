"""Whoever waits gets its turn in HandoffQueue; in ConditionQueue somebody does: for any number of threads.

    starves    HandoffQueue, without timeouts, exceptions and shutdown. Whoever waits is served, if there is a thread on
               the other side: with each step it is served, or fewer are before it, or as many, and those who act are
               nearer to that. It needs SomebodyMoves; and WokenTasksRun, for the one that was served. The lock may be
               as unfair as it likes
    through    ConditionQueue, with calls that are tried again for ever. While there is an item and a getter wants one,
               some getter's call ends; likewise putters and room. It needs SomebodyMoves, WokenTasksRun, and
               TheLockIsFair. That a given thread gets its turn is not so there (`models/broken/Overtaken`)

The promises are those of `HandoffQueueForever` and `ConditionQueueLiveness`. Each stands as a hypothesis of its name,
in a formula whose variables say what happens one day: without it the obligation fails, and tells where one is left.
What it means to run or to get the lock one day is not in these formulas: that a promise does what its hypothesis says
is argued (`docs/proofs/liveness.md`), and TLC shows at bounds that each is needed (`models/broken/Unfair…`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.smt.condition_queue import NOTIFIED
from pcverify.smt.counting import invariant_of, possible
from pcverify.smt.obligations import Obligation, Told
from pcverify.smt.places import GETTERS, OTHER, RECOVERING, SIDES, SINGULAR, TOTAL, count, sum_of
from pcverify.smt.ranking import (
    CONDITIONS,
    HANDING,
    after,
    excluded,
    not_negative,
    smaller_rank,
    some_step,
    tells,
    terms,
    weighted,
)
from pcverify.smt.rest import UNDECIDED
from pcverify.smt.terms import all_of, any_of, implies, load_z3, none_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pcverify.smt.counting import Terms

# Nobody starves in HandoffQueue.

AHEAD = "listed before it"
FOREVER = {"chosen": 3, "served": 2, "returning": 2, "outside": 1}


def starves_nobody(side: str) -> Iterator[Obligation]:
    """Yield what has to be proved so that one who waits on this side is served: t, with so many before it on its list.

    Args:
        side: GETTERS or PUTTERS.
    """
    of, other, name = HANDING, OTHER[side], f"starves: {SINGULAR[side]}"
    z3 = load_z3()
    at = {**terms(of), AHEAD: z3.Int(AHEAD)}
    waits = {
        "t is listed": all_of(at[AHEAD] >= 0, at[AHEAD] < at[f"{side} parked"]),
        "no timeouts": none_of(at["getters timed"], at["putters timed"]),
        "nobody is impatient": none_of(at["getters impatient"], at["putters impatient"]),
        "no exceptions": none_of(at["getters interruptible"], at["putters interruptible"]),
        "none have come": sum_of(at, ("late", "served, late", "ended, late", *RECOVERING)) == 0,
        "no shutdown": all_of(none_of(at["closes"]), at["shut"] == 0, sum_of(at, ("ending", "ended")) == 0),
        "threads do not end": all_of(sum_of(at, ("gone", "leaving")) == 0),
    }
    premise = invariant_of(of, at) | waits

    def rank(state: Terms) -> tuple[Any, Any]:
        return state[AHEAD], weighted(of, FOREVER, state)

    yield Obligation(
        f"{name}: the rank is no less than zero",
        "No number of the rank is negative, so it cannot fall for ever.",
        premise,
        not_negative(rank(at)),
        tells(of, at, at),
    )
    for step in of.transitions:
        goes = [choice.name for choice in step.choices if choice.name.endswith("go for good")]
        stays = {"threads do not end, then": z3.Int(goes[0]) == 0} if goes else {}
        can = premise | possible(step, at) | stays
        serves = f"{side} served: parked" in {choice.name for choice in step.choices}
        then = {**after(step, at), AHEAD: at[AHEAD] - (z3.Int(f"{side} served: parked") if serves else 0)}
        if excluded(can):
            continue  # it needs what the premise excludes
        kept = all_of(then[f"{side} parked"] > then[AHEAD], any_of(then[AHEAD] < 0, smaller_rank(rank(then), rank(at))))
        yield Obligation(
            f"{name}: {step.name}",
            f"When {step.name}, it is t that is served, or the rank falls and t stays on the list.",
            can,
            any_of(then[AHEAD] < 0, kept),
            tells(of, at, then),
        )
    yield Obligation(
        f"{name}: somebody can move",
        "While t is listed, and there is a thread on the other side, some step is possible.",
        premise | {"one on the other side": at[TOTAL[other]] > 0},
        some_step(of, at),
        tells(of, at, at),
    )
    yield _goes_on(side, name)


def _goes_on(side: str, name: str) -> Obligation:
    """Return that one who was served goes on, by two promises."""
    z3 = load_z3()
    closed, opened, runs = z3.Bool("its gate is shut"), z3.Bool("its gate is opened"), z3.Bool("t runs")
    hypotheses = {
        "t was served": any_of(closed, opened),
        # Who has served it has the lock, and `lock: HandoffQueue` holds: all gates are open before the lock is free.
        "SomebodyMoves": implies(closed, opened),
        "WokenTasksRun": implies(opened, runs),
    }
    told = (Told(closed, "its gate is shut"), Told(opened, "its gate is opened one day"), Told(runs, "t runs one day"))
    says = f"A {SINGULAR[side]} that was served goes on: its gate is opened, and it runs."
    return Obligation(f"{name}: one that was served goes on", says, hypotheses, runs, told)


# In ConditionQueue some call goes through.


def goes_through(side: str) -> Iterator[Obligation]:
    """Yield what has to be proved so that some call of this side ends while it can."""
    of, name = CONDITIONS, f"through: {SINGULAR[side]}"
    at = terms(of)
    wanted = _wanted(side)
    premise = invariant_of(of, at) | {
        "it is there": wanted(at),
        "no shutdown": at["shut"] == 0,
        "no exceptions": none_of(at["getters interruptible"], at["putters interruptible"]),
        "none have come": sum_of(at, RECOVERING) == 0,
    }
    z3 = load_z3()
    runs, looks = z3.Bool("t runs"), z3.Bool("t waits for the lock")
    free, ends = z3.Bool("the lock is free again and again"), z3.Bool("a call ends")
    acting = count(at, side, "outside", "late", *NOTIFIED) > 0
    promises = {
        "one wants it": count(at, side, *UNDECIDED) > 0,
        "who does not sleep": implies(acting, any_of(runs, looks)),  # t is one of them
        "WokenTasksRun": implies(runs, looks),
        "SomebodyMoves": free,  # because of `lock: ConditionQueue`
        "TheLockIsFair": implies(all_of(looks, free), ends),
    }
    yield Obligation(
        f"{name}: the promises bring a call to its end",
        "While it is there and one wants it, one, t, does not sleep, and the promises bring a call to its end.",
        {**premise, **promises},
        ends,
        (
            *tells(of, at, at),
            Told(runs, "t was notified and has not run"),
            Told(looks, "t comes to wait for the lock"),
            Told(free, "the lock is free again and again"),
        ),
    )
    for step in of.transitions:
        can = premise | possible(step, at)
        if excluded(can):
            continue
        then = after(step, at)
        ended = count(then, side, *UNDECIDED) < count(at, side, *UNDECIDED)
        yield Obligation(
            f"{name}: {step.name}",
            f"When {step.name}, what is wanted is still there, or a call of this side is decided, or it is a shutdown.",
            can,
            any_of(wanted(then), ended, then["shut"] == 1),
            tells(of, at, then),
        )
        takes_lock = {"Acquire", "Reacquire"} & set(step.actions) and step.name.startswith(f"a {SINGULAR[side]}")
        if takes_lock:
            yield Obligation(
                f"{name}: it looks: {step.name}",
                f"When {step.name}, its call is decided.",
                can,
                ended,
                tells(of, at, then),
            )


def _wanted(side: str) -> Callable[[Terms], Any]:
    if side == GETTERS:
        return lambda at: at["items"] > 0
    return lambda at: at["items"] < at["capacity"]


def obligations() -> tuple[Obligation, ...]:
    """Return all that has to be proved."""
    return tuple(each for side in SIDES for each in (*starves_nobody(side), *goes_through(side)))
