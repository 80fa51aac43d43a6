"""Where the threads of a bounded queue can stand, as far as both designs have it; and what both have in common.

Getters and putters are counted apart. The counters are read as if whoever holds the lock had notified already whom it
is about to notify: what happens under the lock is one step. Only how a call that has the lock comes to its end is a
step of its own, because an exception may come before that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pcverify.smt.counting import Choice, Statement, Transition, move, together
from pcverify.smt.terms import Term, all_of, any_of, choose, implies, none_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pcverify.smt.counting import Terms

GETTERS, PUTTERS = "getters", "putters"
SIDES = (GETTERS, PUTTERS)
SINGULAR = {GETTERS: "getter", PUTTERS: "putter"}
OTHER = {GETTERS: PUTTERS, PUTTERS: GETTERS}
TOTAL = {GETTERS: "consumers", PUTTERS: "producers"}

CONSTANTS = {
    "capacity": "capacity",
    "consumers": "threads that get",
    "producers": "threads that put",
}
SWITCHES = {
    **{f"{side} timed": f"{side} have a timeout" for side in SIDES},
    **{f"{side} impatient": f"some {side} do not wait" for side in SIDES},
    **{f"{side} all impatient": f"no {side} wait" for side in SIDES},
    **{f"{side} interruptible": f"{side} may be interrupted" for side in SIDES},
    "closes": "the queue may be shut down",
    "discards": "a shutdown discards what is in the queue",
}
LISTED = ("parked", "late", "interrupted, listed")
RECOVERING = ("interrupted, listed", "interrupted", "interrupted, holding")
UNOPENED = ("chosen", "ending")  # served, and its gate is still shut: only where threads have gates
INSIDE = ("returning", "leaving")  # it has the lock, and frees it next


def counters(places: Mapping[str, str]) -> dict[str, str]:
    """Return all counters of a queue whose threads can stand at these places, with their words."""
    stand = {f"{side} {place}": f"{side} {words}" for side in SIDES for place, words in places.items()}
    return {"items": "items in the queue", "shut": "shut down"} | {
        name: words for name, words in stand.items() if name != "putters interrupted, holding"
    }


def count(at: Terms, side: str, *places: str) -> Term:
    """Return how many of a side stand at these places together."""
    total: Term = 0
    for place in places:
        total = total + at.get(f"{side} {place}", 0)
    return total


def assumed(at: Terms) -> Term:
    """Return what is assumed: something fits, there is no negative number of threads, and all are also some."""
    numbers = all_of(at["capacity"] > 0, at["consumers"] >= 0, at["producers"] >= 0)
    return all_of(numbers, *(implies(at[f"{side} all impatient"], at[f"{side} impatient"]) for side in SIDES))


def initial(at: Terms) -> Terms:
    """Return where they begin: all threads outside, and nothing in the queue."""
    return {f"{side} outside": at[TOTAL[side]] for side in SIDES}


def lock_is_free(at: Terms) -> Term:
    """Return whether nobody is about to leave the critical section, or to open a gate in it."""
    return sum_of(at, INSIDE + UNOPENED) == 0


def sum_of(at: Terms, places: tuple[str, ...]) -> Term:
    """Return how many stand at these places on both sides."""
    return count(at, GETTERS, *places) + count(at, PUTTERS, *places)


def may_go(at: Terms, side: str) -> Term:
    """Return whether a get finds an item, or a put a free place and no shutdown."""
    if side == GETTERS:
        return at["items"] > 0
    return all_of(at["shut"] == 0, at["items"] < at["capacity"])


def must_wait(at: Terms, side: str) -> Term:
    """Return whether it finds none, and is not refused either."""
    if side == GETTERS:
        return all_of(at["items"] == 0, at["shut"] == 0)
    return all_of(at["shut"] == 0, at["items"] >= at["capacity"])


def refused(at: Terms, side: str) -> Term:
    """Return whether a call raises ShutDown."""
    return all_of(at["shut"] == 1, at["items"] == 0) if side == GETTERS else at["shut"] == 1


def discarded(at: Terms) -> Term:
    """Return what a shutdown adds to the items."""
    return choose(at["discards"], -at["items"], 0)


def room(at: Terms, items: Term) -> Term:
    """Return how many places are free with so many items."""
    return choose(items < at["capacity"], at["capacity"] - items, 0)


def over(side: str, place: str, step: Transition) -> Transition:
    """Return a step with what it does to a thread whose call is over: it may call again, or is gone for good."""
    goes = f"{side} go for good"
    return replace(
        step,
        changes=lambda at: together(
            step.changes(at),
            {f"{side} {place}": -1, f"{side} gone": at[goes], f"{side} outside": 1 - at[goes]},
        ),
        choices=(*step.choices, Choice(goes, lambda _: 1)),
    )


def leaves(side: str, place: str, *actions: str, gates: bool = False) -> Transition:
    """Return the step in which a call is over.

    Args:
        side: whose call.
        place: where the thread stands.
        actions: those of the model.
        gates: whether it has to open the gates of those that it has served before.
    """
    words = {"returning": "returns", "leaving": "gives up", "served": "wakes up and returns"}.get(place, "is refused")

    def conditions(at: Terms) -> Terms:
        there = {"somebody is there": at[f"{side} {place}"] > 0}
        return there | ({"gates are open": sum_of(at, UNOPENED) == 0} if gates else {})

    return over(side, place, Transition(f"a {SINGULAR[side]} {words} at the end", actions, conditions, lambda _: {}))


def times_out(side: str, place: str, target: str, words: str, *actions: str) -> Transition:
    """Return the step in which the deadline of somebody passes."""
    return Transition(
        f"a {SINGULAR[side]} {words}",
        actions,
        lambda at: {"it has a timeout": at[f"{side} timed"], "somebody is there": at[f"{side} {place}"] > 0},
        lambda _: move(f"{side} {place}", f"{side} {target}"),
    )


def interrupted(side: str, place: str, target: str, words: str) -> Transition:
    """Return the step in which an exception from outside comes to somebody at a place."""
    return Transition(
        f"a {SINGULAR[side]} {words} is interrupted",
        ("Interrupt",),
        lambda at: {"exceptions come": at[f"{side} interruptible"], "somebody is there": at[f"{side} {place}"] > 0},
        lambda _: move(f"{side} {place}", f"{side} {target}"),
    )


def common_lemmas(in_hand: tuple[str, ...], places: Mapping[str, str]) -> tuple[Statement, ...]:
    """Return the lemmas of both designs.

    Args:
        in_hand: where a getter stands that has an item, and may yet give it back.
        places: all places.
    """
    everywhere = tuple(places)
    return (
        Statement(
            "counts",
            "No counter is negative, and the queue is shut down or not.",
            lambda at: all_of(
                at["items"] >= 0,
                any_of(at["shut"] == 0, at["shut"] == 1),
                *(at[f"{side} {place}"] >= 0 for side in SIDES for place in everywhere if f"{side} {place}" in at),
            ),
        ),
        Statement(
            "everybody is somewhere",
            "Each thread that gets stands at one place.",
            lambda at: count(at, GETTERS, *everywhere) == at["consumers"],
        ),
        Statement(
            "bound",
            "Items in the queue and items that may yet come back are at most as many as fit, and one for each getter.",
            lambda at: at["items"] + count(at, GETTERS, *in_hand) <= at["capacity"] + at["consumers"],
        ),
        Statement(
            "nothing comes back",
            "While no get may be interrupted, none has been.",
            lambda at: implies(none_of(at["getters interruptible"]), count(at, GETTERS, *RECOVERING) == 0),
        ),
        Statement(
            "exact bound",
            "While no get may be interrupted, there are at most as many items as fit.",
            lambda at: implies(none_of(at["getters interruptible"]), at["items"] <= at["capacity"]),
        ),
    )


def common_properties(places: Mapping[str, str]) -> tuple[Statement, ...]:
    """Return what is claimed of both designs."""
    moving = tuple(place for place in places if place not in {"parked", "gone"})
    parked = {side: f"{side} parked" for side in SIDES}

    def in_order(at: Terms) -> Term:
        asleep = {side: at[parked[side]] > 0 for side in SIDES}
        return any_of(
            sum_of(at, moving) > 0,
            all_of(*(at[parked[side]] == 0 for side in SIDES)),
            all_of(asleep[GETTERS], none_of(asleep[PUTTERS]), at["items"] == 0, at["shut"] == 0),
            all_of(asleep[PUTTERS], none_of(asleep[GETTERS]), at["items"] >= at["capacity"], at["shut"] == 0),
        )

    return (
        Statement("no underflow", "There is no negative number of items.", lambda at: at["items"] >= 0),
        Statement(
            "bounded",
            "There are at most as many items as fit, and one for each get that may be interrupted.",
            lambda at: at["items"] <= at["capacity"] + choose(at["getters interruptible"], at["consumers"], 0),
        ),
        Statement(
            "no deadlock",
            "If all threads are parked or gone, then nobody is parked, or only getters with no item, or only putters "
            "with no room, and the queue is not shut down.",
            in_order,
        ),
    )
