"""Are the counting abstractions what the models do? Each edge of a model's state graph is compared, both ways.

A state of the model is seen as counters (`seen`): how many tasks stand where. Whoever holds the lock is seen as having
notified already whom it is about to notify, so some edges change nothing that is seen.

- **Forward:** each edge of the model is a transition of the abstraction that names its action, with exactly these
  changes; or it changes nothing that is seen, and its action is one of those that may (`STUTTERS`).
- **Backward:** from each state that is seen, each transition that the abstraction allows is an edge of the model from
  some state that is seen as this one. A program ends, and the abstraction does not say when: whether a thread whose
  call is over calls again or is gone for good is not compared there, and threads that are gone call no more. Backward
  is asked only where the tasks of a side are alike: all have a timeout, or none.

So at these configs the abstraction allows what the model allows, as far as counters can see: no less, so what was
proved of it holds of the model; and no more, so it could not have been made stronger by leaving out what happens.
What agreement does not show: larger configs; the order in which tasks wait, which is not counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.counting import initial_state, successors
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.places import GETTERS, PUTTERS, SIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pcverify.conformance.programs import QueueConfig
    from pcverify.smt.counting import Abstraction, State
    from pcverify.tla.graph import StateGraph

ABSTRACTIONS = {abstraction.name: abstraction for abstraction in (CONDITION_QUEUE, HANDOFF_QUEUE)}
"""By the name of the model."""

STUTTERS: dict[str, dict[str, str]] = {
    "ConditionQueue": {
        "Park": "one that parks is parked already",
        "Wake": "it is notified, whether it knows yet or not",
        "Notify": "the one notified is seen as such from when the list changes",
        "Release": "the closer frees the lock: the queue is shut down already",
        "Drop": "one that was interrupted frees the lock",
        "Raise": "one that has recovered frees the lock: it is out already",
        "Terminated": "all is over",
    },
    "HandoffQueue": {
        "Park": "one that parks is parked already",
        "Notify": "the gate of one that has timed out, or was interrupted, makes no difference to it",
        "Release": "the closer frees the lock: the queue is shut down already",
        "Drop": "one that was interrupted frees the lock",
        "Raise": "one that has recovered frees the lock: it is out already",
        "Terminated": "all is over",
    },
}
"""For each model the actions that may change nothing that is seen, and why."""

GOES = {"getters go for good", "putters go for good"}


@dataclass(frozen=True, slots=True)
class Differences:
    """Where abstraction and model differ at one config.

    Attributes:
        model_only: edges of the model that no transition allows, in words, with how often.
        abstraction_only: transitions, where the model has no such edge, in words; None if that was not asked.
        edges: how many edges were compared.
        states: how many states are seen.
        transitions: the names of the transitions that were taken.
    """

    model_only: Mapping[str, int]
    abstraction_only: tuple[str, ...] | None
    edges: int
    states: int
    transitions: frozenset[str]

    @property
    def agree(self) -> bool:
        """Whether there is no difference."""
        return not self.model_only and not self.abstraction_only


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
    return constants


def alike(config: QueueConfig) -> bool:
    """Return whether the tasks of each side are alike."""
    sides = (set(config.consumer_names), set(config.producer_names))
    switches = [set(named) for named in (config.timed, config.impatient, config.interruptible)]
    return all(not side & named or side <= named for side in sides for named in switches)


def compare(
    abstraction: Abstraction,
    config: QueueConfig,
    graph: StateGraph,
    *,
    look: Callable[[QueueConfig, Mapping[str, Any]], State] | None = None,
) -> Differences:
    """Compare an abstraction with the state graph of its model at one config.

    Args:
        abstraction: one of `ABSTRACTIONS`, or another of that name.
        config: the program.
        graph: `graph_of` that model with `config.constants()`.
        look: how a state of the model is seen; `seen` for that model if None.

    Raises:
        UsageError: there is no model of that name.
    """
    if abstraction.name not in STUTTERS:
        raise UsageError(f"no model is seen as {abstraction.name!r}; known are {', '.join(STUTTERS)}")
    look = look or LOOKS[abstraction.name]
    stutters, constants, names = STUTTERS[abstraction.name], constants_of(config), tuple(abstraction.counters)

    def key(state: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(state[name] for name in names)

    views = [look(config, state) for state in graph.states]
    keys = [key(view) for view in views]
    steps: dict[tuple[int, ...], list[tuple[str, tuple[str, ...], tuple[int, ...]]]] = {}
    for view, here in zip(views, keys, strict=True):
        if here not in steps:
            found = successors(abstraction, constants, view)
            steps[here] = [(each.name, each.actions, key(after)) for each, after in found]
    wrong: Counter[str] = Counter()
    taken: set[str] = set()
    done: dict[tuple[int, ...], set[tuple[str, tuple[int, ...]]]] = {}
    begin = key(initial_state(abstraction, constants))
    wrong["begins elsewhere"] += sum(keys[number] != begin for number in graph.initial)
    for edge in graph.edges:
        here, there = keys[edge.source], keys[edge.target]
        done.setdefault(here, set()).add((edge.action, _whoever_is_out(names, there)))
        fits = [name for name, actions, after in steps[here] if edge.action in actions and after == there]
        taken.update(fits)
        if not fits and not (here == there and edge.action in stutters):
            wrong[f"{edge.action}: {_told(names, here, there)}"] += 1
    only = None
    if alike(config):
        only = tuple(
            f"{name}: {_told(names, here, after)}"
            for here, possible in steps.items()
            for name, actions, after in possible
            if not done.get(here, set()) & {(action, _whoever_is_out(names, after)) for action in actions}
        )
    return Differences(+wrong, only, len(graph.edges), len(steps), frozenset(taken))


def _whoever_is_out(names: tuple[str, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Return a state in which it is not told apart who may call again and who is gone."""
    merged = dict(zip(names, key, strict=True))
    for side in SIDES:
        merged[f"{side} outside"] += merged.pop(f"{side} gone")
    return tuple(merged.values())


def _told(names: tuple[str, ...], before: tuple[int, ...], after: tuple[int, ...]) -> str:
    return "; ".join(
        f"{name} {old}" + (f" → {new}" if new != old else "")
        for name, old, new in zip(names, before, after, strict=True)
        if old or new
    )


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
    return _ENDS[operation]


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
            holding = side == GETTERS and (bool(state["held"][task]) or len(given[task]) == 2)  # noqa: PLR2004
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
        for what in lists:
            given |= dict.fromkeys(lists[what], ("end",))
            lists[what] = []
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
            return {"ending": "ended", "chosen": "served"}[served]
        case "timedOut":
            return {"ending": "ended, late", "chosen": "served, late", "": "late"}[served]
        case "drop" | "recover":
            return "interrupted, listed" if listed else "interrupted"
    return _ENDS[operation]


LOOKS: dict[str, Callable[[QueueConfig, Mapping[str, Any]], State]] = {
    "ConditionQueue": see_condition_queue,
    "HandoffQueue": see_handoff_queue,
}
"""How a state of each model is seen."""
