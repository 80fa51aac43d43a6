"""The graph of the code beside the graph of the model, edge by edge, both ways.

Forward: every step of the code is an edge of the model. Backward: every edge of the model is taken by the code. And
every state of the code takes every edge that its state of the model has: so whatever the model can do from there on,
the code can. With the same initial state that makes code and model bisimilar, up to what the mapping leaves out.

What it does not show: anything beyond this program and these bounds; a switch within the local code between two
operations; what the mapping does not look at.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pcverify.conformance.walk import CodeGraph

State = Any  # hashable: the values of the variables, in order
Edge = tuple[str, State]


@dataclass(frozen=True, slots=True)
class ModelGraph:
    """What the model does: for each state the actions and the states that follow.

    Attributes:
        initial: the states in which it begins.
        edges: for each state, its edges; a state that is missing was not looked at.
        stutters: actions of the code that are no step of the model: they may lead from a state to itself.
    """

    initial: frozenset[State]
    edges: Mapping[State, frozenset[Edge]]
    stutters: frozenset[str] = frozenset()

    def allowing(self, stutters: Iterable[str]) -> ModelGraph:
        """Return the same with these stutters."""
        return replace(self, stutters=frozenset(stutters))

    def admits(self, before: State, action: str, after: State) -> bool:
        """Return whether there is such an edge, or this is a listed stutter."""
        if action in self.stutters and before == after:
            return before in self.edges
        return (action, after) in self.edges.get(before, ())


@dataclass(frozen=True, slots=True)
class Difference:
    """The first point at which code and model part, by a shortest path.

    Attributes:
        side: who does what the other cannot: `code` or `model`; `start` if they begin differently.
        path: the states of the code on the way, by their numbers; from the first to the one at which they part.
        action: what one of the two does there.
        task: the task that does it in the code; empty for the model.
        after: where that leads: a state as the mapping, or the model, has it.
        allowed: the edges that the other has there.
    """

    side: Literal["code", "model", "start"]
    path: tuple[int, ...]
    action: str
    task: str
    after: State
    allowed: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far code and model agree.

    Attributes:
        model_states: how many states the model has.
        model_edges: how many edges.
        code_states: how many states the code has, told apart by all that it can read.
        code_edges: how many steps.
        covered_states: states of the model that the code comes to.
        covered_edges: edges of the model that the code takes.
        foreign: steps of the code that are no edge of the model.
        refused: pairs of a state of the code and an edge of its state of the model that it does not take.
        actions: for each action of the model how many of its edges there are, and how many are taken.
        difference: the first one; None if code and model agree.
    """

    model_states: int
    model_edges: int
    code_states: int
    code_edges: int
    covered_states: int
    covered_edges: int
    foreign: int
    refused: int
    actions: Mapping[str, tuple[int, int]]
    difference: Difference | None


def compare(code: CodeGraph, model: ModelGraph) -> Comparison:
    """Compare them; the code's graph must be complete. Takes time linear in the sizes of both."""
    taken: set[tuple[State, str, State]] = set()
    foreign = refused = code_edges = 0
    for state, edges in zip(code.states, code.edges, strict=True):
        own = {(action, code.states[after]) for action, _, after in edges}
        has = model.edges.get(state, frozenset())
        code_edges += len(edges)
        foreign += sum(not model.admits(state, action, code.states[after]) for action, _, after in edges)
        taken.update((state, action, after) for action, after in own & has)
        refused += len(has - own) if state in model.edges else 0
    return Comparison(
        model_states=len(model.edges),
        model_edges=sum(map(len, model.edges.values())),
        code_states=len(code.states),
        code_edges=code_edges,
        covered_states=len(set(code.states) & set(model.edges)),
        covered_edges=len(taken),
        foreign=foreign,
        refused=refused,
        actions=_by_action(model, taken),
        difference=_first(code, model),
    )


def _by_action(model: ModelGraph, taken: set[tuple[State, str, State]]) -> dict[str, tuple[int, int]]:
    there = Counter(action for edges in model.edges.values() for action, _ in edges)
    covered = Counter(action for _, action, _ in taken)
    return {action: (there[action], covered[action]) for action in sorted(there)}


def _first(code: CodeGraph, model: ModelGraph) -> Difference | None:
    """Return the difference that is nearest to the beginning: breadth-first along what both can do."""
    if code.states[0] not in model.initial:
        return Difference("start", (0,), "", "", code.states[0], tuple(("", state) for state in model.initial))
    came_from: dict[int, int | None] = {0: None}
    work = deque([0])
    while work:
        number = work.popleft()
        has = model.edges.get(code.states[number])
        if has is None:
            continue
        own = {(action, code.states[after]) for action, _, after in code.edges[number]}
        for action, move, after in code.edges[number]:
            if not model.admits(code.states[number], action, code.states[after]):
                path = _path(came_from, number)
                return Difference("code", path, action, move.task, code.states[after], _sorted(has))
            if after not in came_from:
                came_from[after] = number
                work.append(after)
        for action, after_state in () if code.cut_short else _sorted(has - own):
            return Difference("model", _path(came_from, number), action, "", after_state, _sorted(own))
    return None


def _sorted(edges: Any) -> tuple[Edge, ...]:
    return tuple(sorted(edges, key=repr))


def _path(came_from: Mapping[int, int | None], number: int) -> tuple[int, ...]:
    path: list[int] = []
    at: int | None = number
    while at is not None:
        path.append(at)
        at = came_from[at]
    return tuple(reversed(path))
