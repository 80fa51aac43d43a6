"""The steps of a pipeline that ends in order, for any number of workers.

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
"""

from __future__ import annotations

from typing import Any

from pcverify.smt.argument import NUMBER, Move, State, Step
from pcverify.smt.terms import all_of, load_z3, smaller

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


def room(s: State) -> Any:
    """Return whether one more fits into the queue."""
    return s.puts - s.takes < s.capacity


def taken_items(s: State) -> Any:
    """Return how many items were taken; sentinels come behind all items."""
    return smaller(s.takes, s.items)


def _put(s: State, producer: Any) -> Move:
    z3 = load_z3()
    guards = {
        "not ended": s.gone[producer] == 0,
        "something left": s.left[producer] > 0,
        "room": room(s),
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
    guards = {"it sends": s.boss == SENDS, "one more is needed": s.sentinels < s.needed, "room": room(s)}
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
