"""Where the items of a queue are, however many there are, and in which order they are taken.

An item is known by its place in the order of all puts: 0, 1, 2, … So a queue is first in, first out if the items are
taken as 0, 1, 2, … The code cannot tell items apart, it only moves them; so nothing is lost by this.

Here is what both queues share: the variables, the lemmas about them, and what moving one item does to them. An item
is put (`enters`), taken, given back, returned, or discarded; a section of code is one or two of these. The variables
that the code does not have are marked; they note what happened, and nothing depends on them.

    cells, head, tail   the deque: its items are cells[head], …, cells[tail - 1]
    hand                hand[t]: the item that a get of t has taken or was handed, and has not returned; else -1
    shut                the queue was shut down
  noted:
    puts                how many items were put
    passed              how many of them were ever taken or discarded: they are the first ones
    place               place[x]: where item x is: IN_QUEUE, IN_HAND, RETURNED or DISCARDED
    spot, holder        spot[x]: its cell, while it is in the queue; holder[x]: in whose hand it is
    returns, discards   returns[x]: how often a get returned x; discards[x]: how often it was discarded
    owner, number       owner[x]: who put it; number[x]: its number among those of its owner
    numbered            numbered[p]: how many items p has put
    takes, taken        taken[i]: the item of the take number i; takes: how many there were
    given_back          some get was interrupted, and has given its item back

While nothing was given back, takes are 0, 1, 2, … If a get is interrupted, its item goes to the head, before all that
was never taken: so what was never taken is still taken in order, and only items that were given back are out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcverify.smt.argument import CONDITION, NUMBER, Consequence, Lemma, Small, State
from pcverify.smt.terms import all_of, any_of, choose, implies, load_z3, none_of

IN_QUEUE, IN_HAND, RETURNED, DISCARDED = range(4)
NOTHING = -1

VARIABLES = {
    "cells": "cell",
    "head": NUMBER,
    "tail": NUMBER,
    "hand": "task",
    "shut": CONDITION,
    "puts": NUMBER,
    "passed": NUMBER,
    "place": "item",
    "spot": "item",
    "holder": "item",
    "returns": "item",
    "discards": "item",
    "owner": "item",
    "number": "item",
    "numbered": "task",
    "takes": NUMBER,
    "taken": "take",
    "given_back": CONDITION,
}


def first() -> dict[str, Any]:
    """Return the variables of a new queue that matter."""
    z3 = load_z3()
    numbers = dict.fromkeys(("head", "tail", "puts", "passed", "takes"), z3.IntVal(0))
    conditions = dict.fromkeys(("shut", "given_back"), z3.BoolVal(False))
    return {**numbers, **conditions, "hand": z3.IntVal(NOTHING)}


# The lemmas.


def size(s: State) -> Any:
    """Return how many items are in the queue."""
    return s.tail - s.head


def fresh(s: State) -> Any:
    """Return the cell from which on no item was ever taken."""
    return s.tail - (s.puts - s.passed)


def _in_queue(s: State, cell: Any) -> Any:
    return all_of(s.head <= cell, cell < s.tail)


def _was_put(s: State, item: Any) -> Any:
    return all_of(item >= 0, item < s.puts)


def _counts(s: State) -> Any:
    return all_of(s.passed >= 0, s.passed <= s.puts, s.head <= fresh(s), s.takes >= 0)


def _newest_last(s: State, cell: Any) -> Any:
    return implies(all_of(fresh(s) <= cell, cell < s.tail), s.cells[cell] == s.puts - (s.tail - cell))


def _given_back_first(s: State, cell: Any) -> Any:
    item = s.cells[cell]
    return implies(all_of(s.head <= cell, cell < fresh(s)), all_of(item >= 0, item < s.passed))


def _cells_noted(s: State, cell: Any) -> Any:
    item = s.cells[cell]
    return implies(_in_queue(s, cell), all_of(s.place[item] == IN_QUEUE, s.spot[item] == cell))


def _queued_in_cell(s: State, item: Any) -> Any:
    there = all_of(_in_queue(s, s.spot[item]), s.cells[s.spot[item]] == item)
    return implies(all_of(_was_put(s, item), s.place[item] == IN_QUEUE), there)


def _hands_noted(s: State, task: Any) -> Any:
    item = s.hand[task]
    held = all_of(item >= 0, item < s.passed, s.place[item] == IN_HAND, s.holder[item] == task)
    return any_of(item == NOTHING, held)


def _held_in_hand(s: State, item: Any) -> Any:
    return implies(all_of(_was_put(s, item), s.place[item] == IN_HAND), s.hand[s.holder[item]] == item)


def _ends_once(s: State, item: Any) -> Any:
    returned, discarded = choose(s.place[item] == RETURNED, 1, 0), choose(s.place[item] == DISCARDED, 1, 0)
    known = all_of(s.place[item] >= 0, s.place[item] <= DISCARDED)
    ended = all_of(s.returns[item] == returned, s.discards[item] == discarded)
    return implies(_was_put(s, item), all_of(known, ended))


def _numbered(s: State, item: Any) -> Any:
    return implies(_was_put(s, item), s.number[item] < s.numbered[s.owner[item]])


def _in_order_of_numbers(s: State, item: Any, later: Any) -> Any:
    mine = all_of(item >= 0, item < later, later < s.puts, s.owner[item] == s.owner[later])
    return implies(mine, s.number[item] < s.number[later])


def _nothing_before_fresh(s: State) -> Any:
    return any_of(s.given_back, s.head == fresh(s))


def _takes_counted(s: State) -> Any:
    over = all_of(s.shut, s.passed == s.puts, s.takes <= s.passed)
    return any_of(s.given_back, s.takes == s.passed, over)


def _takes_in_order(s: State, take: Any) -> Any:
    return implies(all_of(none_of(s.given_back), take >= 0, take < s.takes), s.taken[take] == take)


def _look(*pairs: tuple[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for kind, term in pairs:
        found.setdefault(kind, []).append(term)
    return found


LEMMAS = (
    Lemma("counts", "no more was taken than was put, and all else is in the queue", (), _counts),
    Lemma(
        "the-newest-last",
        "the items that were never taken are at the end of the queue, in the order in which they were put",
        ("cell",),
        _newest_last,
    ),
    Lemma(
        "given-back-first",
        "whatever is before them in the queue was taken before, and given back",
        ("cell",),
        _given_back_first,
    ),
    Lemma(
        "a-cell-is-its-item's",
        "an item in the queue is in one cell, and nowhere else",
        ("cell",),
        _cells_noted,
        lambda s, cell: _look(("item", s.cells[cell])),
    ),
    Lemma(
        "queued-is-in-a-cell",
        "an item that was put and not taken is in the queue",
        ("item",),
        _queued_in_cell,
        lambda s, item: _look(("cell", s.spot[item])),
    ),
    Lemma(
        "a-hand-is-its-item's",
        "an item in a hand was taken, and is in that hand alone",
        ("task",),
        _hands_noted,
        lambda s, task: _look(("item", s.hand[task]), ("cell", s.spot[s.hand[task]])),
    ),
    Lemma(
        "held-is-in-a-hand",
        "an item that was taken, and neither returned nor given back, is in a hand",
        ("item",),
        _held_in_hand,
        lambda s, item: _look(("task", s.holder[item])),
    ),
    Lemma(
        "ends-once",
        "an item was returned once, or was discarded once, or neither",
        ("item",),
        _ends_once,
        lambda s, item: _look(("cell", s.spot[item])),
    ),
    Lemma("numbered", "a producer's next item has a greater number than those that it has put", ("item",), _numbered),
    Lemma(
        "numbers-in-order",
        "the items of one producer were put in the order of their numbers",
        ("item", "item"),
        _in_order_of_numbers,
    ),
    Lemma(
        "only-given-back-goes-first",
        "while nothing was given back, nothing queued was taken before",
        (),
        _nothing_before_fresh,
    ),
    Lemma(
        "takes-counted",
        "while nothing was given back, each take passed one item, until a shutdown discards",
        (),
        _takes_counted,
    ),
    Lemma(
        "takes-in-order",
        "while nothing was given back, the take number i took the item number i",
        ("take",),
        _takes_in_order,
    ),
)


# What is shown of them.


def _is_somewhere(s: State, item: Any) -> Any:
    in_cell = all_of(_in_queue(s, s.spot[item]), s.cells[s.spot[item]] == item)
    in_hand = s.hand[s.holder[item]] == item
    return implies(_was_put(s, item), any_of(in_cell, in_hand, s.returns[item] + s.discards[item] == 1))


def _is_there_only(s: State, cell: Any, other: Any, task: Any, another: Any) -> Any:
    item, held = s.cells[cell], s.hand[task]
    both = all_of(_in_queue(s, cell), _in_queue(s, other), item == s.cells[other])
    hands = all_of(held != NOTHING, held == s.hand[another])
    return all_of(
        implies(both, cell == other),
        implies(hands, task == another),
        implies(_in_queue(s, cell), all_of(item != held, s.returns[item] + s.discards[item] == 0)),
        implies(held != NOTHING, s.returns[held] + s.discards[held] == 0),
    )


def _ended_once(s: State, item: Any) -> Any:
    return implies(
        _was_put(s, item), all_of(s.returns[item] >= 0, s.discards[item] >= 0, s.returns[item] + s.discards[item] <= 1)
    )


def _fifo(s: State, take: Any, later: Any) -> Any:
    both = all_of(none_of(s.given_back), take >= 0, take < later, later < s.takes)
    item, next_item = s.taken[take], s.taken[later]
    own = implies(s.owner[item] == s.owner[next_item], s.number[item] < s.number[next_item])
    return implies(both, all_of(item < next_item, next_item < s.puts, own))


CONSEQUENCES = (
    Consequence(
        "nothing lost",
        "every item that was put is in the queue, or in a hand, or was returned, or was discarded",
        ("item",),
        _is_somewhere,
    ),
    Consequence(
        "nothing twice",
        "no item is in two cells or hands, or in one after it was returned or discarded",
        ("cell", "cell", "task", "task"),
        _is_there_only,
        looks_at=lambda s, cell, other, task, another: _look(
            ("item", s.cells[cell]), ("item", s.cells[other]), ("item", s.hand[task]), ("item", s.hand[another])
        ),
    ),
    Consequence(
        "returned at most once", "no item is returned twice, nor returned and discarded", ("item",), _ended_once
    ),
    Consequence(
        "first in, first out",
        "while nothing was given back, items are taken in the order of their puts, and those of one producer in "
        "the order of their numbers",
        ("take", "take"),
        _fifo,
        looks_at=lambda s, take, later: _look(("item", s.taken[take]), ("item", s.taken[later])),
    ),
)


def takes_the_oldest(before: State, after: State, item: Any) -> Any:
    """Return whether a step that takes this item takes none before its time.

    It was given back; or it was never taken, and all that were put before it were taken or discarded.
    """
    oldest = all_of(item == before.passed, before.head == fresh(before), after.passed == before.passed + 1)
    again = all_of(item < before.passed, before.given_back, after.passed == before.passed)
    return any_of(oldest, again)


# What moves one item does.


def put(s: State, producer: Any) -> dict[str, Any]:
    """Return what changes when an item of this producer is put, wherever it goes."""
    z3 = load_z3()
    item, number = s.puts, s.numbered[producer]
    return {
        "puts": item + 1,
        "owner": z3.Store(s.owner, item, producer),
        "number": z3.Store(s.number, item, number),
        "numbered": z3.Store(s.numbered, producer, number + 1),
        "returns": z3.Store(s.returns, item, 0),
        "discards": z3.Store(s.discards, item, 0),
    }


def append(s: State, item: Any) -> dict[str, Any]:
    """Return what changes when an item goes to the end of the queue."""
    z3 = load_z3()
    return {
        "cells": z3.Store(s.cells, s.tail, item),
        "tail": s.tail + 1,
        "place": z3.Store(s.place, item, IN_QUEUE),
        "spot": z3.Store(s.spot, item, s.tail),
    }


def hold(s: State, item: Any, task: Any) -> dict[str, Any]:
    """Return what changes when a task takes an item, or is handed it."""
    z3 = load_z3()
    return {
        "hand": z3.Store(s.hand, task, item),
        "place": z3.Store(s.place, item, IN_HAND),
        "holder": z3.Store(s.holder, item, task),
        "taken": z3.Store(s.taken, s.takes, item),
        "takes": s.takes + 1,
    }


def take(s: State, task: Any) -> dict[str, Any]:
    """Return what changes when the first item of the queue is taken, or handed to this task."""
    passed = choose(s.head == fresh(s), s.passed + 1, s.passed)
    return {**hold(s, s.cells[s.head], task), "head": s.head + 1, "passed": passed}


def returned(s: State, task: Any) -> dict[str, Any]:
    """Return what changes when the get of a task returns what it has in its hand."""
    z3 = load_z3()
    item = s.hand[task]
    return {
        "hand": z3.Store(s.hand, task, NOTHING),
        "place": z3.Store(s.place, item, RETURNED),
        "returns": z3.Store(s.returns, item, s.returns[item] + 1),
    }


def give_back(s: State, task: Any) -> dict[str, Any]:
    """Return what changes when what a task has in its hand goes back to the head."""
    z3 = load_z3()
    item, cell = s.hand[task], s.head - 1
    return {
        "cells": z3.Store(s.cells, cell, item),
        "head": cell,
        "hand": z3.Store(s.hand, task, NOTHING),
        "place": z3.Store(s.place, item, IN_QUEUE),
        "spot": z3.Store(s.spot, item, cell),
        "given_back": load_z3().BoolVal(True),
    }


def discard(s: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what changes when all items in the queue are let go: variables, and rows at each index."""

    def there(item: Any) -> Any:
        return all_of(_in_queue(s, s.spot[item]), s.cells[s.spot[item]] == item)

    everywhere = {
        "place": lambda item: choose(there(item), DISCARDED, s.place[item]),
        "discards": lambda item: s.discards[item] + choose(there(item), 1, 0),
    }
    return {"head": s.tail, "passed": s.puts}, everywhere


def small(within: Any, more: Mapping[str, range], rest: Mapping[str, int]) -> Small:
    """Return the small states: up to three items and three threads.

    Args:
        within: further conditions on a state.
        more: further kinds of indices.
        rest: what further variables are elsewhere.
    """
    indices = {"cell": range(-1, 4), "item": range(3), "task": range(3), "take": range(3)}

    def holds(s: State) -> Any:
        inside = all_of(s.head >= 0, s.tail <= 3, s.puts <= 3, s.takes <= 3, within(s))
        return inside

    return Small({**indices, **more}, holds, 4, {"hand": NOTHING, **rest})
