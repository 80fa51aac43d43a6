"""`HandoffQueue` as counters: who is served sleeps until its gate is opened; any number of threads, any capacity.

The order of the wait lists is not counted: any of those who are listed may be the first. So what is proved holds for
every order; that the longest waiting is served first is not seen here.
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
    must_wait,
    over,
    refused,
    sum_of,
    times_out,
)
from pcverify.smt.terms import Term, all_of, any_of, implies, none_of

if TYPE_CHECKING:
    from pcverify.smt.counting import Terms

PLACES = {
    "outside": "not in a call",
    "parked": "parked",
    "late": "timed out and listed",
    "chosen": "served, the gate still shut",
    "served": "served",
    "served, late": "served, yet late",
    "ending": "given the end, the gate still shut",
    "ended": "given the end",
    "ended, late": "given the end, yet late",
    "interrupted, listed": "interrupted and listed",
    "interrupted": "interrupted",
    "interrupted, holding": "interrupted with an item",
    "returning": "about to return",
    "leaving": "about to give up",
    "gone": "gone for good",
}
HELD = {GETTERS: "interrupted, holding", PUTTERS: "interrupted"}  # where one goes who was served and is interrupted
ENDS = dict(zip(LISTED, ("ending", "ended, late", "interrupted"), strict=True))  # where a shutdown takes the listed


def serves(side: str) -> dict[str, str]:
    """Return where those who are listed go when they are served."""
    return dict(zip(LISTED, ("chosen", "served, late", HELD[side]), strict=True))


def picks(side: str) -> tuple[Choice, ...]:
    """Return the choice whom of a side to serve: how many at each of the listed places."""

    def pick(place: str) -> Choice:
        return Choice(f"{side} served: {place}", lambda at: at[f"{side} {place}"])

    return tuple(pick(place) for place in LISTED)


def picked(at: Terms, side: str) -> Term:
    """Return how many of a side are served."""
    return count(at, side, *(f"served: {place}" for place in LISTED))


def serve(at: Terms, side: str) -> dict[str, Term]:
    """Return what changes when those who were chosen are served."""
    return together(
        *(
            move(f"{side} {here}", f"{side} {there}", at[f"{side} served: {here}"])
            for here, there in serves(side).items()
        )
    )


def _calls(side: str) -> dict[str, Term]:
    return move(f"{side} outside", f"{side} returning")


def hands_over() -> Transition:
    """Return the section of a put that gives its item to a getter that waits."""
    return Transition(
        "a putter that calls hands its item to a getter",
        ("Acquire",),
        lambda at: {
            "the lock is free": lock_is_free(at),
            "somebody calls": at["putters outside"] > 0,
            "not shut down": at["shut"] == 0,
            "one is served": picked(at, GETTERS) == 1,
        },
        lambda at: together(_calls(PUTTERS), serve(at, GETTERS)),
        picks(GETTERS),
    )


def puts() -> Transition:
    """Return the section of a put that finds room."""
    return Transition(
        "a putter that calls puts an item",
        ("Acquire",),
        lambda at: {
            "the lock is free": lock_is_free(at),
            "somebody calls": at["putters outside"] > 0,
            "not shut down": at["shut"] == 0,
            "no getter waits": count(at, GETTERS, *LISTED) == 0,
            "there is room": at["items"] < at["capacity"],
        },
        lambda at: together(_calls(PUTTERS), {"items": 1}),
    )


def lets_in(at: Terms) -> Term:
    """Return whether a putter is let in where an item is taken."""
    return all_of(count(at, PUTTERS, *LISTED) > 0, at["items"] <= at["capacity"])


def takes() -> tuple[Transition, ...]:
    """Return the sections of a get that finds an item: a putter that waits is let in, or there is none."""

    def finds(at: Terms) -> dict[str, Term]:
        return {
            "the lock is free": lock_is_free(at),
            "somebody calls": at["getters outside"] > 0,
            "there is an item": at["items"] > 0,
        }

    return (
        Transition(
            "a getter that calls takes an item and lets a putter in",
            ("Acquire",),
            lambda at: finds(at) | {"a putter is let in": lets_in(at), "one is served": picked(at, PUTTERS) == 1},
            lambda at: together(_calls(GETTERS), serve(at, PUTTERS)),
            picks(PUTTERS),
        ),
        Transition(
            "a getter that calls takes an item",
            ("Acquire",),
            lambda at: finds(at) | {"no putter is let in": none_of(lets_in(at))},
            lambda _: together(_calls(GETTERS), {"items": -1}),
        ),
    )


def stays_out(side: str) -> tuple[Transition, ...]:
    """Return the sections of a call that finds nothing: it parks, or gives up."""

    def calls(at: Terms) -> dict[str, Term]:
        return {"the lock is free": lock_is_free(at), "somebody calls": at[f"{side} outside"] > 0}

    def waits(at: Terms) -> Term:
        nobody_to_serve = count(at, GETTERS, *LISTED) == 0 if side == PUTTERS else True
        return all_of(must_wait(at, side), nobody_to_serve)

    return (
        Transition(
            f"a {SINGULAR[side]} that calls parks",
            ("Acquire",),
            lambda at: calls(at) | {"it must wait": waits(at), "it may wait": none_of(at[f"{side} all impatient"])},
            lambda _: move(f"{side} outside", f"{side} parked"),
        ),
        Transition(
            f"a {SINGULAR[side]} that calls gives up",
            ("Acquire",),
            lambda at: (
                calls(at)
                | {
                    "it is refused, or may not wait": any_of(
                        refused(at, side), all_of(waits(at), at[f"{side} impatient"])
                    )
                }
            ),
            lambda _: move(f"{side} outside", f"{side} leaving"),
        ),
    )


def looks_again(side: str, place: str, target: str, words: str) -> Transition:
    """Return the section of a call that has timed out, and finds out whether it was served meanwhile."""
    return Transition(
        f"a {SINGULAR[side]} {words}",
        ("Reacquire",),
        lambda at: {"the lock is free": lock_is_free(at), "somebody is there": at[f"{side} {place}"] > 0},
        lambda _: move(f"{side} {place}", f"{side} {target}"),
    )


def opens(side: str, place: str, target: str, words: str) -> Transition:
    """Return the step in which the gate of one who was served, or given the end, is opened."""
    return Transition(
        f"the gate of a {SINGULAR[side]} {words} is opened",
        ("Notify",),
        lambda at: {"somebody is there": at[f"{side} {place}"] > 0},
        lambda _: move(f"{side} {place}", f"{side} {target}"),
    )


def returning_is_interrupted(side: str) -> Transition:
    """Return the step in which a call is interrupted as it returns; whoever it has served, it wakes first."""
    other = OTHER[side]
    plain = interrupted(side, "returning", HELD[side], "that returns")
    return Transition(
        plain.name,
        plain.actions,
        plain.conditions,
        lambda at: together(plain.changes(at), move(f"{other} chosen", f"{other} served", at[f"{other} chosen"])),
    )


def recovers(side: str, place: str) -> Transition:
    """Return the section in which an interrupted call leaves its list, gives its item back, and serves all it can.

    It serves a getter while there is one and an item, else a putter while there is one and room, until it can serve
    nobody. So many getters and putters are the choice.
    """
    words = {
        "interrupted, listed": "off the list",
        "interrupted": "with nothing",
        "interrupted, holding": "its item back",
    }
    back = int(place == "interrupted, holding")

    def left(at: Terms) -> Term:
        return at["items"] + back - picked(at, GETTERS) + picked(at, PUTTERS)

    def conditions(at: Terms) -> Terms:
        rest = {**at, f"{side} {place}": at[f"{side} {place}"] - 1}  # it is off its list when it serves
        waiting = {each: count(rest, each, *LISTED) for each in SIDES}
        return {
            "the lock is free": lock_is_free(at),
            "somebody is there": at[f"{side} {place}"] > 0,
            "not itself": all_of(*(at[f"{side} served: {each}"] <= rest[f"{side} {each}"] for each in LISTED)),
            "only what is there is given": left(at) >= 0,
            "putters are let in only where there is room": implies(picked(at, PUTTERS) > 0, left(at) <= at["capacity"]),
            "no getter could be served": any_of(picked(at, GETTERS) == waiting[GETTERS], left(at) == 0),
            "no putter could be served": any_of(picked(at, PUTTERS) == waiting[PUTTERS], left(at) >= at["capacity"]),
        }

    return over(
        side,
        place,
        Transition(
            f"an interrupted {SINGULAR[side]} recovers, {words[place]}",
            ("Recover",),
            conditions,
            lambda at: together({"items": left(at) - at["items"]}, serve(at, GETTERS), serve(at, PUTTERS)),
            picks(GETTERS) + picks(PUTTERS),
        ),
    )


def _closing() -> Transition:
    everybody = [(f"{side} {place}", f"{side} {target}") for side in SIDES for place, target in ENDS.items()]
    return Transition(
        "the queue is shut down",
        ("Acquire",),
        lambda at: {"the lock is free": lock_is_free(at), "once": at["shut"] == 0, "it may be": at["closes"]},
        lambda at: together(
            {"shut": 1, "items": discarded(at)}, *(move(source, target, at[source]) for source, target in everybody)
        ),
    )


def _transitions(side: str) -> tuple[Transition, ...]:
    held = HELD[side]
    return (
        *stays_out(side),
        looks_again(side, "late", "leaving", "that has timed out gives up"),
        looks_again(side, "served, late", "returning", "that was served, yet is late, goes on"),
        looks_again(side, "ended, late", "leaving", "that was given the end, and is late, gives up"),
        opens(side, "chosen", "served", "that was served"),
        opens(side, "ending", "ended", "that was given the end"),
        leaves(side, "served", "Wake"),
        Transition(
            f"a {SINGULAR[side]} that was given the end wakes up, and is gone",
            ("Wake",),
            lambda at: {"somebody is there": at[f"{side} ended"] > 0},
            lambda _: move(f"{side} ended", f"{side} gone"),
        ),
        leaves(side, "returning", "Release", gates=True),
        leaves(side, "leaving", "GiveUp"),
        times_out(side, "parked", "late", "that is parked times out", "Timeout"),
        times_out(side, "chosen", "served, late", "times out as it is served", "Timeout"),
        times_out(side, "ending", "ended, late", "times out as it is given the end", "Timeout"),
        interrupted(side, "outside", "interrupted", "that calls"),
        interrupted(side, "parked", "interrupted, listed", "that is parked"),
        interrupted(side, "late", "interrupted, listed", "that has timed out"),
        interrupted(side, "chosen", held, "that was served, its gate still shut,"),
        interrupted(side, "served", held, "that was served"),
        interrupted(side, "served, late", held, "that was served, yet is late,"),
        interrupted(side, "ending", "interrupted", "that was given the end, its gate still shut,"),
        interrupted(side, "ended", "interrupted", "that was given the end"),
        interrupted(side, "ended, late", "interrupted", "that was given the end, yet is late,"),
        returning_is_interrupted(side),
        interrupted(side, "leaving", "interrupted", "that gives up"),
        *(recovers(side, place) for place in RECOVERING if f"{side} {place}" in COUNTERS),
    )


COUNTERS = counters(PLACES)
LEMMAS = (
    *common_lemmas(("interrupted, holding", "chosen", "served", "served, late", "returning"), PLACES),
    Statement(
        "getters wait for items",
        "A getter is listed only while the queue is empty.",
        lambda at: implies(count(at, GETTERS, *LISTED) > 0, at["items"] == 0),
    ),
    Statement(
        "putters wait for room",
        "A putter is listed only while the queue is full.",
        lambda at: implies(count(at, PUTTERS, *LISTED) > 0, at["items"] >= at["capacity"]),
    ),
    Statement(
        "nobody is listed after a shutdown",
        "Once the queue is shut down, nobody is listed.",
        lambda at: implies(at["shut"] == 1, sum_of(at, LISTED) == 0),
    ),
)

HANDOFF_QUEUE = Abstraction(
    "HandoffQueue",
    "A lock, and a gate for each thread that waits, as HandoffQueue has them.",
    CONSTANTS,
    SWITCHES,
    COUNTERS,
    assumed,
    initial,
    (hands_over(), puts(), *takes(), *_transitions(GETTERS), *_transitions(PUTTERS), _closing()),
    LEMMAS,
    common_properties(PLACES),
)
