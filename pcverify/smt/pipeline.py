"""A pipeline ends, and every item is delivered once: for any number of workers, any sources, any capacity.

Producers put what their sources have, and end. Then the coordinator puts one sentinel for each consumer, and waits
until all have ended. A consumer that takes a sentinel ends. Put and get are single steps, as in
`models/Pipeline.tla`, of which this is the run that ends in order: no failure, no abort, no shutdown.

A put is known by its place in the order of all puts; the first ones are items, and those behind them sentinels.

    puts, takes              how many puts and takes there were; what is in between is in the queue
    what                     what[i]: what was put as number i: an item, which is known by its number, or SENTINEL
    items, sentinels         how many of each were put
    left, total_left         left[p]: how many items the source of p still has; all together
    gone, running            gone[p]: p has ended; how many have not
    stands, hand             stands[c]: ASKING, HOLDING or ENDED; hand[c]: the item that it holds
    asking, holding, ended   how many consumers stand there
    delivered                how many items were delivered
    boss                     what the coordinator does: it waits for producers, sends, waits for consumers, is done
    where, holder            noted: where[x]: QUEUED, HELD or DELIVERED; holder[x]: by whom
    deliveries               noted: how often item x was delivered

That every step lowers the rank and that some step is possible until the coordinator is done makes every run end, if
SomebodyMoves: the weakest promise of a machine. What is only argued: that the numbers which count threads do (a
thread that stands somewhere is counted there, and if one is counted there, one stands there); that queues behave as
single steps (`fifo`, `handing`, and TLC at bounds); that a rank cannot fall for ever. What a pass does not show: runs
with failures, aborts or shutdowns, which TLC checks at bounds; sources and destinations that never return.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pcverify.smt.argument import NUMBER, Argument, Consequence, Lemma, Move, Small, State, Step
from pcverify.smt.terms import all_of, any_of, choose, implies, load_z3, smaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.smt.obligations import Obligation

SENTINEL = -1
ASKING, HOLDING, ENDED = range(3)
QUEUED, HELD, DELIVERED = range(3)
WAITS_FOR_PRODUCERS, SENDS, WAITS_FOR_CONSUMERS, DONE = range(4)

NUMBERS = (
    "capacity", "producers", "consumers", "needed", "puts", "takes", "items", "sentinels", "total_left", "running",
    "asking", "holding", "ended", "delivered", "boss",
)  # fmt: skip
VARIABLES = {
    **dict.fromkeys(NUMBERS, NUMBER),
    "what": "place",
    "left": "task",
    "gone": "task",
    "stands": "task",
    "hand": "task",
    "where": "item",
    "holder": "item",
    "deliveries": "item",
}


def _room(s: State) -> Any:
    return s.puts - s.takes < s.capacity


def _taken_items(s: State) -> Any:
    return smaller(s.takes, s.items)


# The lemmas.


def _counts(s: State) -> Any:
    none_negative = all_of(*(s.terms[name] >= 0 for name in NUMBERS))
    somewhere = s.asking + s.holding + s.ended == s.consumers
    in_queue = all_of(s.puts == s.items + s.sentinels, s.takes <= s.puts, s.puts - s.takes <= s.capacity)
    return all_of(none_negative, somewhere, in_queue, s.sentinels <= s.needed, s.boss <= DONE)


def _in_turn(s: State) -> Any:
    return all_of(
        implies(s.boss == WAITS_FOR_PRODUCERS, s.sentinels == 0),
        implies(s.boss != WAITS_FOR_PRODUCERS, s.running == 0),
        implies(s.boss >= WAITS_FOR_CONSUMERS, s.sentinels == s.needed),
        implies(s.boss == DONE, s.ended == s.consumers),
    )


def _one_sentinel_ends_one(s: State) -> Any:
    return s.ended == s.takes - _taken_items(s)


def _taken_is_held_or_delivered(s: State) -> Any:
    return s.delivered + s.holding == _taken_items(s)


def _items_then_sentinels(s: State, place: Any) -> Any:
    there = all_of(place >= 0, place < s.puts)
    return implies(there, s.what[place] == choose(place < s.items, place, SENTINEL))


def _hands(s: State, task: Any) -> Any:
    item = s.hand[task]
    mine = all_of(item >= 0, item < _taken_items(s), s.where[item] == HELD, s.holder[item] == task)
    return implies(s.stands[task] == HOLDING, mine)


def _everything_is_somewhere(s: State, item: Any) -> Any:
    where, holder = s.where[item], s.holder[item]
    held = all_of(s.stands[holder] == HOLDING, s.hand[holder] == item)
    places = all_of(
        implies(item >= s.takes, where == QUEUED),
        implies(item < s.takes, any_of(where == HELD, where == DELIVERED)),
        implies(where == HELD, held),
        s.deliveries[item] == choose(where == DELIVERED, 1, 0),
    )
    return implies(all_of(item >= 0, item < s.items), places)


def _gone_with_nothing_left(s: State, task: Any) -> Any:
    return implies(s.gone[task] == 1, s.left[task] <= 0)


LEMMAS = (
    Lemma("counts", "no number is negative, each consumer stands somewhere, no more is queued than fits", (), _counts),
    Lemma(
        "in-turn",
        "sentinels are put after the producers have ended, and all before consumers are waited for",
        (),
        _in_turn,
    ),
    Lemma("a-sentinel-ends-one", "as many consumers have ended as sentinels were taken", (), _one_sentinel_ends_one),
    Lemma("held-or-delivered", "as many items are held or delivered as were taken", (), _taken_is_held_or_delivered),
    Lemma("items-then-sentinels", "all items were put before all sentinels", ("place",), _items_then_sentinels),
    Lemma(
        "hands",
        "an item that a consumer holds was taken, and is held by it alone",
        ("task",),
        _hands,
        lambda s, task: {"item": [s.hand[task]]},
    ),
    Lemma(
        "everything-is-somewhere",
        "an item is queued, held, or was delivered once",
        ("item",),
        _everything_is_somewhere,
        lambda s, item: {"task": [s.holder[item]], "place": [item]},
    ),
    Lemma(
        "gone-with-nothing-left",
        "a producer that has ended has put all that its source had",
        ("task",),
        _gone_with_nothing_left,
    ),
)


# The steps.


def _put(s: State, producer: Any) -> Move:
    z3 = load_z3()
    guards = {
        "not ended": s.gone[producer] == 0,
        "something left": s.left[producer] > 0,
        "room": _room(s),
        "counted": all_of(s.running >= 1, s.total_left >= s.left[producer]),
    }
    changes = {
        "what": z3.Store(s.what, s.puts, s.items),
        "puts": s.puts + 1,
        "items": s.items + 1,
        "left": z3.Store(s.left, producer, s.left[producer] - 1),
        "total_left": s.total_left - 1,
        "where": z3.Store(s.where, s.items, QUEUED),
        "deliveries": z3.Store(s.deliveries, s.items, 0),
    }
    return Move(guards, changes, {"task": [producer], "place": [s.puts], "item": [s.items]})


def _producer_ends(s: State, producer: Any) -> Move:
    guards = {
        "not ended": s.gone[producer] == 0,
        "nothing left": s.left[producer] <= 0,
        "counted": s.running >= 1,
    }
    changes = {"gone": load_z3().Store(s.gone, producer, 1), "running": s.running - 1}
    return Move(guards, changes, {"task": [producer]})


def _begin_to_send(s: State) -> Move:
    guards = {"it waits for producers": s.boss == WAITS_FOR_PRODUCERS, "they have ended": s.running == 0}
    return Move(guards, {"boss": s.boss + 1})


def _sentinel(s: State) -> Move:
    guards = {"it sends": s.boss == SENDS, "one more is needed": s.sentinels < s.needed, "room": _room(s)}
    changes = {
        "what": load_z3().Store(s.what, s.puts, SENTINEL),
        "puts": s.puts + 1,
        "sentinels": s.sentinels + 1,
    }
    return Move(guards, changes, {"place": [s.puts]})


def _all_sent(s: State) -> Move:
    return Move({"it sends": s.boss == SENDS, "all are sent": s.sentinels == s.needed}, {"boss": s.boss + 1})


def _asks(s: State, consumer: Any) -> dict[str, Any]:
    return {"it asks": all_of(s.stands[consumer] == ASKING, s.asking >= 1), "not empty": s.takes < s.puts}


def _take(s: State, consumer: Any) -> Move:
    store, item = load_z3().Store, s.what[s.takes]
    changes = {
        "takes": s.takes + 1,
        "asking": s.asking - 1,
        "holding": s.holding + 1,
        "stands": store(s.stands, consumer, HOLDING),
        "hand": store(s.hand, consumer, item),
        "where": store(s.where, item, HELD),
        "holder": store(s.holder, item, consumer),
    }
    looks = {"task": [consumer], "place": [s.takes], "item": [item]}
    return Move({**_asks(s, consumer), "an item": item != SENTINEL}, changes, looks)


def _take_sentinel(s: State, consumer: Any) -> Move:
    changes = {
        "takes": s.takes + 1,
        "asking": s.asking - 1,
        "ended": s.ended + 1,
        "stands": load_z3().Store(s.stands, consumer, ENDED),
    }
    guards = {**_asks(s, consumer), "a sentinel": s.what[s.takes] == SENTINEL}
    return Move(guards, changes, {"task": [consumer], "place": [s.takes]})


def _deliver(s: State, consumer: Any) -> Move:
    store, item = load_z3().Store, s.hand[consumer]
    changes = {
        "holding": s.holding - 1,
        "asking": s.asking + 1,
        "delivered": s.delivered + 1,
        "stands": store(s.stands, consumer, ASKING),
        "where": store(s.where, item, DELIVERED),
        "deliveries": store(s.deliveries, item, s.deliveries[item] + 1),
    }
    guards = {"it holds one": all_of(s.stands[consumer] == HOLDING, s.holding >= 1)}
    return Move(guards, changes, {"task": [consumer], "item": [item]})


def _conclude(s: State) -> Move:
    guards = {"it waits for consumers": s.boss == WAITS_FOR_CONSUMERS, "they have ended": s.ended == s.consumers}
    return Move(guards, {"boss": s.boss + 1})


STEPS = (
    Step("put", "a producer puts an item (Take, Put)", ("producer",), _put),
    Step("producer ends", "a producer ends (Take, End)", ("producer",), _producer_ends),
    Step("begin to send", "the coordinator hears that the last producer ended (WaitNoLonger)", (), _begin_to_send),
    Step("sentinel", "the coordinator puts a sentinel (PutSentinel)", (), _sentinel),
    Step("all sent", "the coordinator has put all sentinels (SentinelsSent)", (), _all_sent),
    Step("take", "a consumer takes an item (Get)", ("consumer",), _take),
    Step("take sentinel", "a consumer takes a sentinel, and ends (Get, Deliver, End)", ("consumer",), _take_sentinel),
    Step("deliver", "a consumer delivers its item (Deliver)", ("consumer",), _deliver),
    Step("conclude", "the coordinator hears that the last consumer ended (WaitNoLonger, Settle)", (), _conclude),
)


# What is shown of them.


def rank(s: State) -> Any:
    """Return how many steps are left, at most."""
    items = 4 * s.total_left + s.running + 2 * (s.puts - s.takes) + s.holding
    return items + 3 * (s.needed - s.sentinels) + DONE - s.boss


def somebody_can_move(s: State) -> Any:
    """Return whether a step is possible, by the numbers alone: where one is counted, one stands."""
    return any_of(
        all_of(s.running > 0, _room(s)),  # one that has not ended puts, or ends
        all_of(s.boss == WAITS_FOR_PRODUCERS, s.running == 0),
        all_of(s.boss == SENDS, s.sentinels < s.needed, _room(s)),
        all_of(s.boss == SENDS, s.sentinels == s.needed),
        all_of(s.asking > 0, s.takes < s.puts),
        s.holding > 0,
        all_of(s.boss == WAITS_FOR_CONSUMERS, s.ended == s.consumers),
    )


def _only_sentinels_behind(s: State, place: Any, behind: Any) -> Any:
    queued = all_of(place >= s.takes, place < behind, behind < s.puts)
    return implies(all_of(queued, s.what[place] == SENTINEL), s.what[behind] == SENTINEL)


def _all_is_done(s: State) -> Any:
    empty = all_of(s.takes == s.puts, s.sentinels == s.consumers)
    everybody = all_of(s.ended == s.consumers, s.running == 0, s.holding == 0)
    return implies(s.boss == DONE, all_of(empty, everybody, s.delivered == s.items))


def _delivered_once(s: State, item: Any) -> Any:
    nobody_holds = s.stands[s.holder[item]] == ENDED
    over = all_of(s.boss == DONE, nobody_holds, item >= 0, item < s.items)
    return implies(over, s.deliveries[item] == 1)


def _falls(before: State, after: State, *_: Any) -> Any:
    return all_of(rank(after) < rank(before), rank(after) >= 0)


MOVES, ENDS = "somebody can move", "at the end"
CONSEQUENCES = (
    Consequence(
        "sentinels are last",
        "behind a sentinel in the queue there are only sentinels",
        ("place", "place"),
        _only_sentinels_behind,
    ),
    Consequence(
        MOVES,
        "until the coordinator is done, some step is possible",
        (),
        lambda s: any_of(s.boss == DONE, somebody_can_move(s)),
    ),
    *(
        Consequence(f"rank: {step.name}", f"fewer steps are left when {step.says}", (), _falls, step.name)
        for step in STEPS
    ),
    Consequence(
        ENDS, "when the coordinator is done, the queue is empty, all ended, all items delivered", (), _all_is_done
    ),
    Consequence(
        "sources are used up",
        "when the coordinator is done, no source has anything left",
        ("task",),
        lambda s, task: implies(all_of(s.boss == DONE, s.gone[task] == 1), s.left[task] <= 0),
    ),
    Consequence(
        "delivered once",
        "when the coordinator is done, every item was delivered once",
        ("item",),
        _delivered_once,
        looks_at=lambda s, item: {"task": [s.holder[item]]},
    ),
)


def _first() -> dict[str, Any]:
    z3 = load_z3()
    zero = ("puts", "takes", "items", "sentinels", "holding", "ended", "delivered", "boss")
    rows = {"stands": z3.IntVal(ASKING), "gone": z3.IntVal(0)}
    counted = {"asking": z3.Int("consumers"), "running": z3.Int("producers")}
    return {**dict.fromkeys(zero, z3.IntVal(0)), **rows, **counted}


def _within(s: State) -> Any:
    tasks = range(2)

    def number(row: Any, value: int) -> Any:
        return sum(choose(row[task] == value, 1, 0) for task in tasks)

    counted = all_of(
        s.asking == number(s.stands, ASKING),
        s.holding == number(s.stands, HOLDING),
        s.running == number(s.gone, 0),
        s.total_left == sum(s.left[task] for task in tasks),
        *(all_of(s.left[task] >= 0, s.gone[task] >= 0, s.gone[task] <= 1) for task in tasks),
    )
    return all_of(counted, s.puts <= 2, s.capacity <= 3, s.consumers <= 2, s.producers <= 2)


def argument(needed: Callable[[State], Any] = lambda s: s.consumers, name: str = "pipeline") -> Argument:
    """Return the argument.

    Args:
        needed: how many sentinels the coordinator puts.
        name: how it is called.
    """

    def given(s: State) -> dict[str, Any]:
        some = {name: s.terms[name] > 0 for name in ("capacity", "consumers", "producers")}
        return {"some of each": all_of(*some.values(), s.total_left >= 0), "sentinels needed": s.needed == needed(s)}

    indices = {"place": range(3), "item": range(3), "task": range(2)}
    small = Small(indices, _within, 4, {"stands": ENDED, "gone": 1})
    return Argument(name, VARIABLES, LEMMAS, STEPS, _first, CONSEQUENCES, given, small)


def _too_few() -> Argument:
    """Return the argument with one sentinel too few; the last consumer never ends, so nobody ever concludes."""
    of = argument(lambda s: s.consumers - 1, "OneSentinelTooFew")
    consequences = tuple(each for each in of.consequences if each.step != "conclude")
    return replace(of, steps=of.steps[:-1], consequences=consequences)


ARGUMENT = argument()
TOO_FEW = _too_few()
TOO_MANY = argument(lambda s: s.consumers + 1, "OneSentinelTooMany")


def _send_early(s: State) -> Move:
    return Move({"it waits for producers": s.boss == WAITS_FOR_PRODUCERS}, {"boss": s.boss + 1})


EARLY = argument(name="EarlySentinels").but(
    Step("begin to send", "the coordinator sends before the producers have ended", (), _send_early)
)


def obligations() -> tuple[Obligation, ...]:
    """Return all that has to be proved."""
    return ARGUMENT.obligations()
