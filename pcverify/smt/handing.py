"""The queue that hands over is first in, first out, loses nothing, and lets nobody overtake: for any number of threads.

Each step is a section of `put`, `get`, `shutdown` or of what follows an interruption, or one round of a loop in it, or
what ends a call. The names of the actions are those of `models/HandoffQueue.tla`. Besides the items there are the two
wait lists. Who goes on a list draws a ticket, with the next number; tickets are noted, nothing depends on them.

    getters, getter_head, getter_tail    a deque, as that of the items; likewise putters
    waits                                waits[t]: whether task t is on a list: NOWHERE, FOR_ITEM or FOR_ROOM
    inside                               NOBODY, or whose loop is half way: SERVING (after an interruption), CLOSING
    seat, ticket, tickets                noted: where t is on its list; its number; how many were drawn

An item that is handed over is put and taken in one step, without a look at the queue. That this is in order rests on
`nobody-waits-in-vain`: whoever waits for an item waits beside an empty queue.

What a pass does not show: that the steps are those of the code, and that the lock keeps sections apart; `pcverify
conform HandoffQueue` compares both with the code, at bounds. Nor that gates are opened: see `waking`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.smt import items
from pcverify.smt.argument import Argument, Consequence, Move, State, Step
from pcverify.smt.items import NOTHING, size
from pcverify.smt.terms import all_of, any_of, choose, implies, load_z3, none_of
from pcverify.smt.wait_lists import (
    CLOSING,
    LEMMAS,
    NOBODY,
    NOWHERE,
    SERVING,
    VARIABLES,
    WaitList,
    getters_of,
    putters_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.smt.obligations import Obligation

# The steps. What `looks_at` says are the indices that matter.


def _looks(s: State, *tasks: Any) -> dict[str, list[Any]]:
    getter, putter = getters_of(s), putters_of(s)
    return {
        "task": [*tasks, getter.first, putter.first],
        "seat": [getter.head, putter.head],
        "cell": [s.head, s.tail],
        "item": [s.cells[s.head], s.puts],
        "take": [s.takes],
    }


def _alone(s: State) -> dict[str, Any]:
    return {"nobody inside": s.inside == NOBODY}


def _fresh_call(s: State, task: Any) -> Any:
    return all_of(s.waits[task] == NOWHERE, s.hand[task] == NOTHING)


def _handing(s: State, putter: Any) -> Move:
    getter = getters_of(s)
    guards = {**_alone(s), "a getter waits": none_of(getter.empty), "not shut down": none_of(s.shut)}
    put = items.put(s, putter)
    changes = {**put, **items.hold(s, s.puts, getter.first), "passed": s.passed + 1, **getter.but_first()}
    return Move(guards, changes, _looks(s, putter))


def _appending(s: State, putter: Any) -> Move:
    guards = {
        **_alone(s),
        "no getter waits": getters_of(s).empty,
        "room": size(s) < s.capacity,
        "not shut down": none_of(s.shut),
    }
    return Move(guards, {**items.put(s, putter), **items.append(s, s.puts)}, _looks(s, putter))


def _putter_waits(s: State, putter: Any) -> Move:
    guards = {
        **_alone(s),
        "full": size(s) >= s.capacity,
        "not shut down": none_of(s.shut),
        "one call at a time": _fresh_call(s, putter),
    }
    return Move(guards, putters_of(s).with_last(putter), _looks(s, putter))


def _getting(s: State, getter: Any) -> Move:
    guards = {
        **_alone(s),
        "not empty": size(s) > 0,
        "nobody to let in": any_of(putters_of(s).empty, size(s) - 1 >= s.capacity),
        "one call at a time": _fresh_call(s, getter),
    }
    return Move(guards, items.take(s, getter), _looks(s, getter))


def _letting_in(s: State, getter: Any) -> Move:
    putter = putters_of(s)
    guards = {
        **_alone(s),
        "not empty": size(s) > 0,
        "a putter waits": none_of(putter.empty),
        "room once it has taken": size(s) - 1 < s.capacity,
        "one call at a time": _fresh_call(s, getter),
    }
    taken = s.but(items.take(s, getter))
    admitted = taken.but(items.put(taken, putter.first))
    after = admitted.but(items.append(admitted, taken.puts)).but(putter.but_first())
    return Move(guards, after.terms, _looks(s, getter))


def _getter_waits(s: State, getter: Any) -> Move:
    guards = {
        **_alone(s),
        "empty": size(s) == 0,
        "not shut down": none_of(s.shut),
        "one call at a time": _fresh_call(s, getter),
    }
    return Move(guards, getters_of(s).with_last(getter), _looks(s, getter))


def _return(s: State, getter: Any) -> Move:
    looks = _looks(s, getter)
    return Move({}, items.returned(s, getter), {**looks, "item": [*looks["item"], s.hand[getter]]})


def _leaving(list_of: Callable[[State], WaitList]) -> Callable[[State, Any], Move]:
    def move(s: State, task: Any) -> Move:
        who = list_of(s)
        seat = s.seat[task]
        behind = {
            f"{who.whom}s": lambda index: choose(index < seat, who.row[index], who.row[index + 1]),
            "seat": lambda other: (
                s.seat[other] - choose(all_of(s.waits[other] == who.waits, s.seat[other] > seat), 1, 0)
            ),
        }
        changes = {f"{who.whom}_tail": who.tail - 1, "waits": load_z3().Store(s.waits, task, NOWHERE)}
        looks = _looks(s, task)
        looks["seat"] += [seat, seat + 1]
        return Move({"it waits": s.waits[task] == who.waits}, changes, looks, behind)

    return move


def _begin(s: State) -> Move:
    return Move(_alone(s), {"inside": load_z3().IntVal(SERVING)}, _looks(s))


def _give_back(s: State, getter: Any) -> Move:
    looks = _looks(s, getter)
    looks["item"].append(s.hand[getter])
    looks["cell"].append(s.head - 1)
    guards = {"it is inside": s.inside == SERVING, "something in hand": s.hand[getter] != NOTHING}
    return Move(guards, items.give_back(s, getter), looks)


def _serve_getter(s: State) -> Move:
    getter = getters_of(s)
    guards = {"it is inside": s.inside == SERVING, "a getter waits": none_of(getter.empty), "not empty": size(s) > 0}
    return Move(guards, {**items.take(s, getter.first), **getter.but_first()}, _looks(s))


def _serve_putter(s: State) -> Move:
    putter = putters_of(s)
    guards = {
        "it is inside": s.inside == SERVING,
        "a putter waits": none_of(putter.empty),
        "room": size(s) < s.capacity,
    }
    put = s.but(items.put(s, putter.first))
    return Move(guards, put.but(items.append(put, s.puts)).but(putter.but_first()).terms, _looks(s))


def _served_all(s: State) -> Move:
    guards = {
        "it is inside": s.inside == SERVING,
        "no getter to serve": any_of(getters_of(s).empty, size(s) == 0),
        "no putter to serve": any_of(putters_of(s).empty, size(s) >= s.capacity),
    }
    return Move(guards, {"inside": load_z3().IntVal(NOBODY)}, _looks(s))


def _closing() -> dict[str, Any]:
    z3 = load_z3()
    return {"shut": z3.BoolVal(True), "inside": z3.IntVal(CLOSING)}


def _shut(s: State) -> Move:
    return Move(_alone(s), _closing(), _looks(s))


def _discard(s: State) -> Move:
    changes, everywhere = items.discard(s)
    return Move(_alone(s), {**changes, **_closing()}, _looks(s), everywhere)


def _end_for(list_of: Callable[[State], WaitList]) -> Callable[[State], Move]:
    def move(s: State) -> Move:
        who = list_of(s)
        guards = {"it is inside": s.inside == CLOSING, "one waits": none_of(who.empty)}
        return Move(guards, who.but_first(), _looks(s))

    return move


def _closed(s: State) -> Move:
    guards = {
        "it is inside": s.inside == CLOSING,
        "no getter waits": getters_of(s).empty,
        "no putter waits": putters_of(s).empty,
    }
    return Move(guards, {"inside": load_z3().IntVal(NOBODY)}, _looks(s))


STEPS = (
    Step("put hands", "put gives its item to the getter that waits longest (Acquire)", ("putter",), _handing),
    Step("put appends", "put appends its item (Acquire)", ("putter",), _appending),
    Step("put waits", "put goes on the list (Acquire)", ("putter",), _putter_waits),
    Step("get takes", "get takes an item, and there is nobody to let in (Acquire)", ("getter",), _getting),
    Step(
        "get lets in",
        "get takes an item, and appends that of the putter that waits longest (Acquire)",
        ("getter",),
        _letting_in,
    ),
    Step("get waits", "get goes on the list (Acquire)", ("getter",), _getter_waits),
    Step("return", "get returns what it took or was handed (Release, Wake)", ("getter",), _return),
    Step("getter leaves", "a getter leaves the list by itself (Reacquire, Recover)", ("getter",), _leaving(getters_of)),
    Step("putter leaves", "a putter leaves the list by itself (Reacquire, Recover)", ("putter",), _leaving(putters_of)),
    Step("recovery begins", "an interrupted call takes the lock (Recover)", (), _begin),
    Step("give back", "an interrupted get puts its item back at the head (Recover)", ("getter",), _give_back),
    Step("serve getter", "it hands the first item to the first getter (Recover, Notify)", (), _serve_getter),
    Step("serve putter", "it appends the item of the first putter (Recover, Notify)", (), _serve_putter),
    Step("recovery ends", "it finds nobody else to serve (Recover, Notify)", (), _served_all),
    Step("shut", "shutdown (Close)", (), _shut),
    Step("discard", "shutdown that discards what is in the queue (Close)", (), _discard),
    Step("end for getter", "shutdown sends a getter away (Close, Notify)", (), _end_for(getters_of)),
    Step("end for putter", "shutdown sends a putter away (Close, Notify)", (), _end_for(putters_of)),
    Step("closed", "shutdown finds nobody else who waits (Notify)", (), _closed),
)


# What is shown of waiting.


def _longest(list_of: Callable[[State], WaitList]) -> Callable[..., Any]:
    def holds(before: State, after: State, *rest: Any) -> Any:
        who = list_of(before)
        seat = rest[-1]
        return implies(who.has(seat), before.ticket[who.first] <= before.ticket[who.row[seat]])

    return holds


def _served_first(whom: str, list_of: Callable[[State], WaitList], *steps: str) -> tuple[Consequence, ...]:
    says = f"the {whom} that is served came before all that wait"
    return tuple(Consequence(f"{step}: in line", says, ("seat",), _longest(list_of), step) for step in steps)


def _nobody_passed(list_of: Callable[[State], WaitList]) -> Callable[..., Any]:
    return lambda before, after, *chosen: list_of(before).empty


def _handed_oldest(before: State, after: State, *chosen: Any) -> Any:
    return items.takes_the_oldest(before, after, before.puts)


def _first_oldest(before: State, after: State, *chosen: Any) -> Any:
    return items.takes_the_oldest(before, after, before.cells[before.head])


CONSEQUENCES = (
    *items.CONSEQUENCES,
    Consequence(
        "put hands: the oldest", "what is handed over is the oldest, or was given back", (), _handed_oldest, "put hands"
    ),
    *(
        Consequence(f"{step}: the oldest", "what is taken is the oldest, or was given back", (), _first_oldest, step)
        for step in ("get takes", "get lets in", "serve getter")
    ),
    *_served_first("getter", getters_of, "put hands", "serve getter"),
    *_served_first("putter", putters_of, "get lets in", "serve putter"),
    *(
        Consequence(
            f"{step}: passes nobody",
            "a call that need not wait passes nobody who waits for the same",
            (),
            _nobody_passed(list_of),
            step,
        )
        for step, list_of in (
            ("put hands", putters_of),
            ("put appends", putters_of),
            ("get takes", getters_of),
            ("get lets in", getters_of),
        )
    ),
)


def _first() -> dict[str, Any]:
    z3 = load_z3()
    numbers = ("inside", "getter_head", "getter_tail", "putter_head", "putter_tail", "tickets")
    return {**items.first(), **dict.fromkeys(numbers, z3.IntVal(0)), "waits": z3.IntVal(NOWHERE)}


def _within(s: State) -> Any:
    heads = all_of(s.getter_head >= 0, s.putter_head >= 0, s.getter_tail <= 2, s.putter_tail <= 2)
    return all_of(heads, s.capacity <= 3)


ARGUMENT = Argument(
    "handing",
    VARIABLES,
    LEMMAS,
    STEPS,
    _first,
    CONSEQUENCES,
    lambda s: {"some capacity": s.capacity > 0},
    items.small(_within, {"seat": range(3)}, {"waits": NOWHERE}),
)


def obligations() -> tuple[Obligation, ...]:
    """Return all that has to be proved."""
    return ARGUMENT.obligations()
