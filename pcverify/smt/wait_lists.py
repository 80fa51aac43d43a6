"""The wait lists of the queue that hands over: what they are, and the lemmas about who is on them.

See `handing`, which has the steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.smt import items
from pcverify.smt.argument import NUMBER, Lemma, State
from pcverify.smt.items import NOTHING, size
from pcverify.smt.terms import all_of, implies, load_z3, none_of

if TYPE_CHECKING:
    from collections.abc import Callable

NOWHERE, FOR_ITEM, FOR_ROOM = range(3)
NOBODY, SERVING, CLOSING = range(3)

VARIABLES = {
    **items.VARIABLES,
    "capacity": NUMBER,
    "inside": NUMBER,
    "getters": "seat",
    "getter_head": NUMBER,
    "getter_tail": NUMBER,
    "putters": "seat",
    "putter_head": NUMBER,
    "putter_tail": NUMBER,
    "waits": "task",
    "seat": "task",
    "ticket": "task",
    "tickets": NUMBER,
}


class WaitList:
    """One of the two wait lists of a state."""

    def __init__(self, s: State, whom: str) -> None:
        self.state, self.whom = s, whom
        self.row, self.head, self.tail = (s.terms[name] for name in (f"{whom}s", f"{whom}_head", f"{whom}_tail"))
        self.waits = FOR_ITEM if whom == "getter" else FOR_ROOM

    @property
    def empty(self) -> Any:
        """Whether nobody is on it."""
        return self.head == self.tail

    @property
    def first(self) -> Any:
        """The task that waits longest."""
        return self.row[self.head]

    def has(self, seat: Any) -> Any:
        """Return whether somebody sits there."""
        return all_of(self.head <= seat, seat < self.tail)

    def but_first(self) -> dict[str, Any]:
        """Return what changes when the first is taken off."""
        waits = load_z3().Store(self.state.waits, self.first, NOWHERE)
        return {f"{self.whom}_head": self.head + 1, "waits": waits}

    def with_last(self, task: Any) -> dict[str, Any]:
        """Return what changes when a task goes on it."""
        store, s = load_z3().Store, self.state
        return {
            f"{self.whom}s": store(self.row, self.tail, task),
            f"{self.whom}_tail": self.tail + 1,
            "waits": store(s.waits, task, self.waits),
            "seat": store(s.seat, task, self.tail),
            "ticket": store(s.ticket, task, s.tickets),
            "tickets": s.tickets + 1,
        }


def getters_of(s: State) -> WaitList:
    """Return the list of those who wait for an item."""
    return WaitList(s, "getter")


def putters_of(s: State) -> WaitList:
    """Return the list of those who wait for room."""
    return WaitList(s, "putter")


# The lemmas.


def _lists(s: State) -> Any:
    return all_of(s.getter_head <= s.getter_tail, s.putter_head <= s.putter_tail)


def _nobody_in_vain(s: State) -> Any:
    for_item = implies(none_of(getters_of(s).empty), all_of(size(s) == 0, none_of(s.shut)))
    for_room = implies(none_of(putters_of(s).empty), all_of(size(s) >= s.capacity, none_of(s.shut)))
    return implies(s.inside == NOBODY, all_of(for_item, for_room))


def _nobody_after_the_end(s: State) -> Any:
    return implies(all_of(s.shut, s.inside != CLOSING), all_of(getters_of(s).empty, putters_of(s).empty))


def _nothing_in_hand(s: State, task: Any) -> Any:
    return implies(s.waits[task] != NOWHERE, s.hand[task] == NOTHING)


def _seats(list_of: Callable[[State], WaitList]) -> Callable[[State, Any], Any]:
    def holds(s: State, seat: Any) -> Any:
        who = list_of(s)
        task = who.row[seat]
        mine = all_of(s.waits[task] == who.waits, s.seat[task] == seat, s.ticket[task] < s.tickets)
        return implies(who.has(seat), mine)

    return holds


def _in_line(list_of: Callable[[State], WaitList]) -> Callable[[State, Any, Any], Any]:
    def holds(s: State, seat: Any, later: Any) -> Any:
        who = list_of(s)
        both = all_of(who.has(seat), who.has(later), seat < later)
        return implies(both, s.ticket[who.row[seat]] < s.ticket[who.row[later]])

    return holds


def _listed(list_of: Callable[[State], WaitList]) -> Callable[[State, Any], Any]:
    def holds(s: State, task: Any) -> Any:
        who = list_of(s)
        seat = s.seat[task]
        return implies(s.waits[task] == who.waits, all_of(who.has(seat), who.row[seat] == task))

    return holds


def _about(list_of: Callable[[State], WaitList], whom: str) -> tuple[Lemma, ...]:
    def tasks(s: State, *seats: Any) -> dict[str, list[Any]]:
        row = list_of(s).row
        # A step that takes one out of the middle moves those behind it.
        return {"task": [row[seat] for seat in seats], "seat": [seat + 1 for seat in seats]}

    return (
        Lemma(
            f"{whom}s-are-seated", f"a {whom} on the list waits, and is there once", ("seat",), _seats(list_of), tasks
        ),
        Lemma(
            f"{whom}s-in-line",
            f"{whom}s are listed in the order in which they came",
            ("seat", "seat"),
            _in_line(list_of),
            tasks,
        ),
        Lemma(
            f"no-{whom}-forgotten",
            f"a {whom} that waits is on the list",
            ("task",),
            _listed(list_of),
            lambda s, task: {"seat": [s.seat[task], s.seat[task] + 1]},
        ),
    )


LEMMAS = (
    *items.LEMMAS,
    Lemma("lists", "a list ends where it begins, or behind that", (), _lists),
    Lemma(
        "nobody-waits-in-vain",
        "while nobody is inside, a getter waits beside an empty queue, and a putter beside a full one",
        (),
        _nobody_in_vain,
    ),
    Lemma("nobody-waits-after-the-end", "after a shutdown both lists are empty", (), _nobody_after_the_end),
    Lemma("nothing-in-hand", "who is on a list has nothing in hand", ("task",), _nothing_in_hand),
    *_about(getters_of, "getter"),
    *_about(putters_of, "putter"),
)
