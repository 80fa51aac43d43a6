"""How the states of `ConditionQueue` and `HandoffQueue` are seen by those who only count: how many tasks stand where.

Whoever holds the lock is seen as having done already what it is about to do with others: whom it is about to notify is
notified, whom it is about to serve is served. A task that is where nothing is counted is an error.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.places import GETTERS, PUTTERS, SIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pcverify.conformance.programs import QueueConfig
    from pcverify.smt.counting import Abstraction, State


def constants_of(config: QueueConfig) -> dict[str, Any]:
    """Return the constants of the abstraction for a program; a switch is on if it is on for one task of that side."""
    names = {GETTERS: set(config.consumer_names), PUTTERS: set(config.producer_names)}
    constants: dict[str, Any] = {
        "capacity": config.capacity,
        "consumers": config.consumers,
        "producers": config.producers,
        "closes": config.shutdown != "never",
        "discards": config.shutdown == "immediately",
    }
    for side in SIDES:
        for switch in ("timed", "impatient", "interruptible"):
            constants[f"{side} {switch}"] = bool(names[side] & set(getattr(config, switch)))
        constants[f"{side} all impatient"] = names[side] <= set(config.impatient)
    return constants


def alike(config: QueueConfig) -> bool:
    """Return whether the tasks of each side are alike."""
    sides = (set(config.consumer_names), set(config.producer_names))
    switches = [set(named) for named in (config.timed, config.impatient, config.interruptible)]
    return all(not side & named or side <= named for side in sides for named in switches)


def see_condition_queue(config: QueueConfig, state: Mapping[str, Any]) -> State:
    """Return the counters for a state of `ConditionQueue`."""
    counted: Counter[str] = Counter()
    for side, what, tasks in _sides(config):
        listed = [task for task in state["waiters"][what] if task not in state["calls"]]
        for task in tasks:
            place = _condition_place(state["pc"][task], task in listed, state["late"][task])
            holding = side == GETTERS and bool(state["held"][task])
            counted[f"{side} {_out_or(place, task, state, holding=holding)}"] += 1
    return _counters(CONDITION_QUEUE, counted, len(state["queue"]), shut=state["shut"])


def _condition_place(operation: str, listed: bool, late: bool) -> str:
    match operation:
        case "acquire":
            return "outside"
        case "park":
            return "parked"
        case "parked" | "woken" | "reacquire" | "timedOut" if listed:
            return "late" if operation == "timedOut" else "parked"
        case "parked" | "woken" | "reacquire" | "timedOut":
            return "woken, late" if late else "woken"
        case "drop" | "recover":
            return "interrupted, listed" if listed else "interrupted"
    return _ENDS.get(operation, operation)


_ENDS = {
    "notify": "returning",
    "release": "returning",
    "giveUp": "leaving",
    "serve": "recovered",
    "raise": "recovered",
    "done": "gone",
}


def _out_or(place: str, task: str, state: Mapping[str, Any], *, holding: bool) -> str:
    if place == "recovered":
        return "outside" if state["todo"][task] > 1 else "gone"
    return f"{place}, holding" if place == "interrupted" and holding else place


def _sides(config: QueueConfig) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return (GETTERS, "notEmpty", config.consumer_names), (PUTTERS, "notFull", config.producer_names)


def _counters(abstraction: Abstraction, counted: Counter[str], items: int, *, shut: bool) -> State:
    if unknown := set(counted) - set(abstraction.counters):
        raise UsageError(f"the model has tasks where the abstraction {abstraction.name} counts none: {unknown}")
    return dict.fromkeys(abstraction.counters, 0) | counted | {"items": items, "shut": int(shut)}


def see_handoff_queue(config: QueueConfig, state: Mapping[str, Any]) -> State:
    """Return the counters for a state of `HandoffQueue`."""
    lists, given, items = _when_all_are_served(config, state)
    counted: Counter[str] = Counter()
    for side, what, tasks in _sides(config):
        for task in tasks:
            place = _handoff_place(state["pc"][task], task in lists[what], given[task])
            holding = side == GETTERS and (bool(state["held"][task]) or len(given[task]) == 2)
            counted[f"{side} {_out_or(place, task, state, holding=holding)}"] += 1
    return _counters(HANDOFF_QUEUE, counted, items, shut=state["shut"])


def _when_all_are_served(
    config: QueueConfig, state: Mapping[str, Any]
) -> tuple[dict[str, list[str]], dict[str, tuple[Any, ...]], int]:
    """Return lists, what each was given, and how many items there are, when the holder of the lock is done."""
    lists = {what: list(tasks) for what, tasks in state["waiters"].items()}
    given, items = dict(state["given"]), len(state["queue"])
    pc = state["pc"]
    if pc.get("closer") == "notify":
        given |= dict.fromkeys(lists["notEmpty"] + lists["notFull"], ("end",))
        lists = {what: [] for what in lists}
    while "serve" in pc.values():
        if lists["notEmpty"] and items:
            given[lists["notEmpty"].pop(0)] = ("some", "item")
            items -= 1
        elif lists["notFull"] and items < config.capacity:
            given[lists["notFull"].pop(0)] = ("room",)
            items += 1
        else:
            break
    return lists, given, items


def _handoff_place(operation: str, listed: bool, given: tuple[Any, ...]) -> str:
    served = "" if not given else "ending" if given == ("end",) else "chosen"
    match operation:
        case "acquire":
            return "outside"
        case "park" | "parked":
            return served or "parked"
        case "woken":
            return {"ending": "ended", "chosen": "served"}.get(served, "woken with nothing")
        case "timedOut":
            return {"ending": "ended, late", "chosen": "served, late", "": "late"}[served]
        case "drop" | "recover":
            return "interrupted, listed" if listed else "interrupted"
    return _ENDS.get(operation, operation)


LOOKS: dict[str, Callable[[QueueConfig, Mapping[str, Any]], State]] = {
    "ConditionQueue": see_condition_queue,
    "HandoffQueue": see_handoff_queue,
}
"""How a state of each model is seen."""
