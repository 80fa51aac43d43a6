"""The queue with conditions is first in, first out, and loses nothing: for any number of threads and items.

Each step is a section of `put`, `get` or `shutdown`, or what ends a call: what the code does to the items from where
it takes the lock to where it frees it. How threads wait does not matter here: whoever waited looks again, so its
section is the same as that of one who comes. The names of the actions are those of `models/ConditionQueue.tla`.

What a pass does not show: that the steps are those of the code, and that the lock keeps sections apart; `pcverify
conform ConditionQueue` compares both with the code, at bounds. Nor how many items fit, or that anybody is woken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.smt import items
from pcverify.smt.argument import Argument, Consequence, Move, State, Step
from pcverify.smt.items import NOTHING
from pcverify.smt.terms import load_z3, none_of

if TYPE_CHECKING:
    from pcverify.smt.obligations import Obligation


def _put(s: State, producer: Any) -> Move:
    changes = {**items.put(s, producer), **items.append(s, s.puts)}
    return Move({"not shut down": none_of(s.shut)}, changes, {"cell": [s.tail], "item": [s.puts], "task": [producer]})


def _get(s: State, task: Any) -> Move:
    guards = {"not empty": s.head < s.tail, "one call at a time": s.hand[task] == NOTHING}
    looks = {"cell": [s.head], "item": [s.cells[s.head]], "task": [task], "take": [s.takes]}
    return Move(guards, items.take(s, task), looks)


def _return(s: State, task: Any) -> Move:
    looks = {"task": [task], "item": [s.hand[task]]}
    return Move({}, items.returned(s, task), looks)  # with nothing in hand, nothing comes of it


def _give_back(s: State, task: Any) -> Move:
    looks = {"task": [task], "item": [s.hand[task]], "cell": [s.head - 1]}
    return Move({"something in hand": s.hand[task] != NOTHING}, items.give_back(s, task), looks)


def _shut(s: State) -> Move:
    return Move({}, {"shut": load_z3().BoolVal(True)})


def _discard(s: State) -> Move:
    changes, everywhere = items.discard(s)
    return Move({}, {**changes, "shut": load_z3().BoolVal(True)}, {}, everywhere)


STEPS = (
    Step("put", "put appends an item (Acquire, Reacquire)", ("producer",), _put),
    Step("get", "get pops an item (Acquire, Reacquire)", ("getter",), _get),
    Step("return", "get returns its item (Release)", ("getter",), _return),
    Step("give back", "an interrupted get puts its item back at the head (Recover)", ("getter",), _give_back),
    Step("shut", "shutdown (Close)", (), _shut),
    Step("discard", "shutdown that discards what is in the queue (Close)", (), _discard),
)

ARGUMENT = Argument(
    "fifo",
    items.VARIABLES,
    items.LEMMAS,
    STEPS,
    items.first,
    (
        *items.CONSEQUENCES,
        Consequence(
            "get takes the oldest",
            "get takes the oldest item that was never taken, or one that was given back",
            (),
            lambda before, after, getter: items.takes_the_oldest(before, after, before.cells[before.head]),
            "get",
        ),
    ),
    lambda s: {},
    items.small(lambda s: True, {}, {}),
)


def obligations() -> tuple[Obligation, ...]:
    """Return all that has to be proved."""
    return ARGUMENT.obligations()
