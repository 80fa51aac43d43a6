"""`ConditionQueue` as counters: one lock, a condition for each side, for any number of threads and any capacity.

The order of the wait lists is not counted: any of those who are listed may be the first. So what is proved holds for
every order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.smt.counting import Abstraction, Choice, Statement, Transition, move, together
from pcverify.smt.places import (
    CONSTANTS,
    GETTERS,
    LISTED,
    OTHER,
    PUTTERS,
    RECOVERING,
    SIDES,
    SINGULAR,
    SWITCHES,
    assumed,
    common_lemmas,
    common_properties,
    count,
    counters,
    discarded,
    initial,
    interrupted,
    leaves,
    lock_is_free,
    may_go,
    must_wait,
    over,
    refused,
    room,
    sum_of,
    times_out,
)
from pcverify.smt.terms import Term, all_of, any_of, implies, none_of, smaller

if TYPE_CHECKING:
    from pcverify.smt.counting import Terms

PLACES = {
    "outside": "not in a call",
    "parked": "parked",
    "late": "timed out and listed",
    "woken": "notified",
    "woken, late": "notified, yet late",
    "interrupted, listed": "interrupted and listed",
    "interrupted": "interrupted",
    "interrupted, holding": "interrupted with an item",
    "returning": "about to return",
    "leaving": "about to give up",
    "gone": "gone for good",
}
NOTIFIED = ("woken", "woken, late")
BECOMES = dict(zip(LISTED, (*NOTIFIED, "interrupted"), strict=True))  # where a notify takes those who are listed
ENTERS = {
    "outside": ("that calls", "Acquire"),
    "woken": ("that was notified", "Reacquire"),
    "woken, late": ("that was notified, yet is late,", "Reacquire"),
    "late": ("that has timed out", "Reacquire"),
}


def picks(side: str) -> tuple[Choice, ...]:
    """Return the choice whom of a side to notify: how many at each of the listed places."""

    def pick(place: str) -> Choice:
        return Choice(f"{side} notified: {place}", lambda at: at[f"{side} {place}"])

    return tuple(pick(place) for place in LISTED)


def as_many(at: Terms, side: str, number: Term) -> Term:
    """Return whether the choice is one of so many, or of all who are listed if they are fewer."""
    return count(at, side, *(f"notified: {place}" for place in LISTED)) == smaller(number, count(at, side, *LISTED))


def notify(at: Terms, side: str) -> dict[str, Term]:
    """Return what changes when those who were chosen are notified."""
    return together(
        *(move(f"{side} {place}", f"{side} {BECOMES[place]}", at[f"{side} notified: {place}"]) for place in LISTED)
    )


def goes_through(side: str, place: str) -> Transition:
    """Return the section of a call that takes an item or puts one, and notifies one of the other side."""
    words, action = ENTERS[place]
    other = OTHER[side]
    return Transition(
        f"a {SINGULAR[side]} {words} {'takes' if side == GETTERS else 'puts'} an item",
        (action,),
        lambda at: {
            "the lock is free": lock_is_free(at),
            "somebody is there": at[f"{side} {place}"] > 0,
            "it may go": may_go(at, side),
            "one is notified, if one is listed": as_many(at, other, 1),
        },
        lambda at: together(
            {"items": -1 if side == GETTERS else 1},
            move(f"{side} {place}", f"{side} returning"),
            notify(at, other),
        ),
        picks(other),
    )


def parks(side: str, place: str) -> Transition:
    """Return the section of a call that finds nothing, and waits (again)."""
    words, action = ENTERS[place]
    waits = "parks" if place == "outside" else "parks again"

    def conditions(at: Terms) -> Terms:
        patient = {"it may wait": none_of(at[f"{side} all impatient"])} if place == "outside" else {}
        return {
            "the lock is free": lock_is_free(at),
            "somebody is there": at[f"{side} {place}"] > 0,
            "it must wait": must_wait(at, side),
            **patient,
        }

    moved = move(f"{side} {place}", f"{side} parked")
    return Transition(f"a {SINGULAR[side]} {words} {waits}", (action,), conditions, lambda _: moved)


def gives_up(side: str, place: str) -> Transition:
    """Return the section of a call that is refused, or finds nothing and may not wait (any longer)."""
    words, action = ENTERS[place]

    def ends(at: Terms) -> Term:
        if place == "woken":
            return refused(at, side)
        may_not_wait: Term = at[f"{side} impatient"] if place == "outside" else True
        return any_of(refused(at, side), all_of(must_wait(at, side), may_not_wait))

    return Transition(
        f"a {SINGULAR[side]} {words} gives up",
        (action,),
        lambda at: {
            "the lock is free": lock_is_free(at),
            "somebody is there": at[f"{side} {place}"] > 0,
            "it is refused, or may not wait": ends(at),
        },
        lambda _: move(f"{side} {place}", f"{side} leaving"),
    )


def recovers(side: str, place: str) -> Transition:
    """Return the section in which an interrupted call leaves its list, gives its item back, and notifies all it can."""
    words = {
        "interrupted, listed": "off the list",
        "interrupted": "with nothing",
        "interrupted, holding": "its item back",
    }
    back = int(place == "interrupted, holding")

    def conditions(at: Terms) -> Terms:
        rest = {**at, f"{side} {place}": at[f"{side} {place}"] - 1}  # it is off its list when it notifies
        return {
            "the lock is free": lock_is_free(at),
            "somebody is there": at[f"{side} {place}"] > 0,
            "not itself": all_of(*(at[f"{side} notified: {each}"] <= rest[f"{side} {each}"] for each in LISTED)),
            "a getter for each item is notified": as_many(rest, GETTERS, at["items"] + back),
            "a putter for each free place is notified": as_many(rest, PUTTERS, room(at, at["items"] + back)),
        }

    return over(
        side,
        place,
        Transition(
            f"an interrupted {SINGULAR[side]} recovers, {words[place]}",
            ("Recover",),
            conditions,
            lambda at: together({"items": back}, notify(at, GETTERS), notify(at, PUTTERS)),
            picks(GETTERS) + picks(PUTTERS),
        ),
    )


def _closing() -> Transition:
    everybody = [(f"{side} {place}", f"{side} {target}") for side in SIDES for place, target in BECOMES.items()]
    return Transition(
        "the queue is shut down",
        ("Acquire",),
        lambda at: {"the lock is free": lock_is_free(at), "once": at["shut"] == 0, "it may be": at["closes"]},
        lambda at: together(
            {"shut": 1, "items": discarded(at)}, *(move(source, target, at[source]) for source, target in everybody)
        ),
    )


def _transitions(side: str) -> tuple[Transition, ...]:
    held = "interrupted, holding" if side == GETTERS else "interrupted"
    return (
        *(goes_through(side, place) for place in ENTERS),
        *(parks(side, place) for place in ("outside", "woken")),
        *(gives_up(side, place) for place in ENTERS),
        leaves(side, "returning", "Release"),
        leaves(side, "leaving", "GiveUp"),
        times_out(side, "parked", "late", "that is parked times out", "Timeout"),
        times_out(side, "woken", "woken, late", "that was notified is late", "Timeout", "Expire"),
        interrupted(side, "outside", "interrupted", "that calls"),
        interrupted(side, "parked", "interrupted, listed", "that is parked"),
        interrupted(side, "late", "interrupted, listed", "that has timed out"),
        interrupted(side, "woken", "interrupted", "that was notified"),
        interrupted(side, "woken, late", "interrupted", "that was notified, yet is late,"),
        interrupted(side, "returning", held, "that returns"),
        interrupted(side, "leaving", "interrupted", "that gives up"),
        *(recovers(side, place) for place in RECOVERING if f"{side} {place}" in COUNTERS),
    )


def nobody_recovers(at: Terms) -> Term:
    """Return whether no interrupted call has yet to set right what it began."""
    return sum_of(at, RECOVERING) == 0


COUNTERS = counters(PLACES)
LEMMAS = (
    *common_lemmas(("interrupted, holding", "returning"), PLACES),
    Statement(
        "a getter for each item",
        "While a getter is parked and nobody has to recover, a notified getter is on its way for each item.",
        lambda at: implies(
            all_of(at["getters parked"] > 0, nobody_recovers(at)), at["items"] <= count(at, GETTERS, *NOTIFIED)
        ),
    ),
    Statement(
        "a putter for each free place",
        "While a putter is parked and nobody has to recover, a notified putter is on its way for each free place.",
        lambda at: implies(
            all_of(at["putters parked"] > 0, nobody_recovers(at)),
            at["capacity"] <= at["items"] + count(at, PUTTERS, *NOTIFIED),
        ),
    ),
    Statement(
        "nobody is parked after a shutdown",
        "Once the queue is shut down, nobody is parked.",
        lambda at: implies(at["shut"] == 1, all_of(*(at[f"{side} parked"] == 0 for side in SIDES))),
    ),
)

CONDITION_QUEUE = Abstraction(
    "ConditionQueue",
    "A lock and a condition for each side, as ThreadSafeQueue has them.",
    CONSTANTS,
    SWITCHES,
    COUNTERS,
    assumed,
    initial,
    (*_transitions(GETTERS), *_transitions(PUTTERS), _closing()),
    LEMMAS,
    common_properties(PLACES),
)

SWALLOWED = tuple(
    Transition(
        f"a {SINGULAR[side]} that was notified is interrupted, and tells nobody",
        ("Interrupt",),
        lambda at, side=side: {  # type: ignore[misc]
            "exceptions come": at[f"{side} interruptible"],
            "somebody is there": at[f"{side} woken"] > 0,
        },
        lambda _, side=side: move(f"{side} woken", f"{side} outside"),  # type: ignore[misc]
    )
    for side in SIDES
)
"""What the standard library's queue does: it is in no abstraction of ours, and must be refuted."""
