"""A pipeline ends, and every item is delivered once: for any number of workers, any sources, any capacity.

The steps are in `pipeline_steps`; here is what holds before and after each, and what follows. That every step lowers
the rank and that some step is possible until the coordinator is done makes every run end, if SomebodyMoves: the
weakest promise of a machine. What is only argued: that the numbers which count threads do (a thread that stands
somewhere is counted there, and if one is counted there, one stands there); that queues behave as single steps
(`fifo`, `handing`, and TLC at bounds); that what is looked at between two of these steps (Look, LookOn, FindEmpty,
StopDraining, BeginToConclude) changes nothing that is counted; that a rank cannot fall for ever. What a pass does not
show: runs with failures, aborts or shutdowns, which TLC checks at bounds; sources and destinations that never return.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pcverify.smt.argument import Argument, Consequence, Lemma, Move, Small, State, Step
from pcverify.smt.pipeline_steps import (
    ASKING,
    DELIVERED,
    DONE,
    ENDED,
    HELD,
    HOLDING,
    NUMBERS,
    QUEUED,
    SENDS,
    SENTINEL,
    STEPS,
    VARIABLES,
    WAITS_FOR_CONSUMERS,
    WAITS_FOR_PRODUCERS,
    room,
    taken_items,
)
from pcverify.smt.terms import all_of, any_of, choose, implies, load_z3

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.smt.obligations import Obligation

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
    return s.ended == s.takes - taken_items(s)


def _taken_is_held_or_delivered(s: State) -> Any:
    return s.delivered + s.holding == taken_items(s)


def _items_then_sentinels(s: State, place: Any) -> Any:
    there = all_of(place >= 0, place < s.puts)
    return implies(there, s.what[place] == choose(place < s.items, place, SENTINEL))


def _hands(s: State, task: Any) -> Any:
    item = s.hand[task]
    mine = all_of(item >= 0, item < taken_items(s), s.where[item] == HELD, s.holder[item] == task)
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


# What is shown of them.


def rank(s: State) -> Any:
    """Return how many steps are left, at most."""
    items = 4 * s.total_left + s.running + 2 * (s.puts - s.takes) + s.holding
    return items + 3 * (s.needed - s.sentinels) + DONE - s.boss


def somebody_can_move(s: State) -> Any:
    """Return whether a step is possible, by the numbers alone: where one is counted, one stands."""
    return any_of(
        all_of(s.running > 0, room(s)),  # one that has not ended puts, or ends
        all_of(s.boss == WAITS_FOR_PRODUCERS, s.running == 0),
        all_of(s.boss == SENDS, s.sentinels < s.needed, room(s)),
        all_of(s.boss == SENDS, s.sentinels == s.needed),
        all_of(s.asking > 0, s.takes < s.puts),
        s.holding > 0,
        all_of(s.boss == WAITS_FOR_CONSUMERS, s.ended == s.consumers),
    )


def _only_sentinels_behind(s: State, place: Any, behind: Any) -> Any:
    queued = all_of(place >= s.takes, place < behind, behind < s.puts)
    return implies(all_of(queued, s.what[place] == SENTINEL), s.what[behind] == SENTINEL)


def _nothing_to_drain(s: State) -> Any:
    return implies(s.ended == s.consumers, s.takes == s.puts)


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


MOVES, DRAINS, ENDS = "somebody can move", "nothing to drain", "at the end"
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
        DRAINS,
        "when all consumers have ended, the queue is empty: the last one may look (FindEmpty), and takes nothing out",
        (),
        _nothing_to_drain,
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
