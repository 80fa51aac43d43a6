"""Are the counting abstractions what the models do? Each edge of a model's state graph is compared, both ways.

A state of the model is seen as counters (`counted`): how many tasks stand where. Whoever holds the lock is seen as
having notified already whom it is about to notify, so some edges change nothing that is seen.

- **Forward:** each edge of the model is a transition of the abstraction that names its action, with exactly these
  changes; or it changes nothing that is seen, and its action is one of those that may (`STUTTERS`).
- **Backward:** from each state that is seen, each transition that the abstraction allows is an edge of the model from
  some state that is seen as this one. A program ends, and the abstraction does not say when: whether a thread whose
  call is over calls again or is gone for good is not compared there, and threads that are gone call no more. Backward
  is asked only where the tasks of a side are alike: all have a timeout, or none.

So at these configs the abstraction allows what the model allows, as far as counters can see: no less, so what was
proved of it holds of the model; and no more, so it was not made provable by leaving out what happens, nor useless by
allowing what does not. What agreement does not show: larger configs; the order in which tasks wait.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pcverify.conformance.counted import LOOKS, alike, constants_of
from pcverify.evidence import UsageError
from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.counting import initial_state, steps_of
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.places import SIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pcverify.conformance.programs import QueueConfig
    from pcverify.smt.counting import Abstraction, State, Transition
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

Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeenGraph:
    """The state graph of a model, as those who only count see it."""

    model: str
    config: QueueConfig
    constants: Mapping[str, Any]
    states: Mapping[Key, State]
    """Each state that is seen, by its numbers in order."""

    initial: frozenset[Key]
    edges: Mapping[tuple[Key, str, Key], int]
    """How many edges of the model look like this: from, action, to."""

    known: dict[Transition, Mapping[Key, frozenset[Key]]] = field(default_factory=dict)
    """Where transitions lead to, as far as that was asked."""


@dataclass(frozen=True, slots=True)
class Differences:
    """Where abstraction and model differ at one config."""

    model_only: Mapping[str, int]
    """Edges of the model that no transition allows, in words, and how often."""

    abstraction_only: tuple[str, ...] | None
    """Transitions that the model never takes from such a state, in words; None if that was not asked."""

    taken: frozenset[str]
    """The names of the transitions that were taken."""

    stutters: frozenset[str]
    """The actions of the model that changed nothing that is seen."""

    @property
    def agree(self) -> bool:
        """Whether there is no difference."""
        return not self.model_only and not self.abstraction_only


def see(
    model: str,
    config: QueueConfig,
    graph: StateGraph,
    *,
    look: Callable[[QueueConfig, Mapping[str, Any]], State] | None = None,
) -> SeenGraph:
    """Return a state graph as it is seen.

    Args:
        model: the name of the module.
        config: the program.
        graph: `graph_of` that model with `config.constants()`.
        look: how a state is seen; that of `LOOKS` if None.

    Raises:
        UsageError: states of this model are not counted, or a task is where nothing is counted.
    """
    if model not in LOOKS:
        raise UsageError(f"states of {model!r} are not counted; those of {', '.join(LOOKS)} are")
    look = look or LOOKS[model]
    views = [look(config, state) for state in graph.states]
    keys = [tuple(view.values()) for view in views]
    edges = Counter((keys[edge.source], edge.action, keys[edge.target]) for edge in graph.edges)
    states = dict(zip(keys, views, strict=True))
    return SeenGraph(model, config, constants_of(config), states, frozenset(keys[n] for n in graph.initial), edges)


def compare(abstraction: Abstraction, seen: SeenGraph) -> Differences:
    """Compare an abstraction with the state graph of its model at one config."""
    names, wrong = tuple(abstraction.counters), Counter[str]()
    steps = [(each, _steps(each, seen)) for each in abstraction.transitions]
    taken: set[str] = set()
    stutters: set[str] = set()
    done: set[tuple[Key, str, Key]] = set()
    begin = tuple(initial_state(abstraction, seen.constants).values())
    wrong["begins elsewhere"] += sum(key != begin for key in seen.initial)
    for (here, action, there), times in seen.edges.items():
        done.add((here, action, _whoever_is_out(names, there)))
        fits = [each.name for each, leads in steps if action in each.actions and there in leads[here]]
        taken.update(fits)
        if here == there and action in STUTTERS[seen.model] and not fits:
            stutters.add(action)
        elif not fits:
            wrong[f"{action}: {_told(names, here, there)}"] += times
    only = None
    if alike(seen.config):
        only = tuple(
            f"{each.name}: {_told(names, here, after)}"
            for each, leads in steps
            for here, possible in leads.items()
            for after in possible
            if not any((here, action, _whoever_is_out(names, after)) in done for action in each.actions)
        )
    return Differences(+wrong, only, frozenset(taken), frozenset(stutters))


def _steps(transition: Transition, seen: SeenGraph) -> Mapping[Key, frozenset[Key]]:
    if transition not in seen.known:
        seen.known[transition] = {
            key: frozenset(tuple(after.values()) for after in steps_of(transition, seen.constants, state))
            for key, state in seen.states.items()
        }
    return seen.known[transition]


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
