"""The graph of the code beside the graph of the model, edge by edge, both ways.

Forward: every step of the code is an edge of the model. Backward: every edge of the model is taken by the code. And
every state of the code takes every edge that its state of the model has: so whatever the model can do from there on,
the code can. With the same initial state that makes code and model bisimilar, up to what the mapping leaves out.

Where the code's steps are finer than the model's (`coarse`), a step of the code may also change nothing that the model
has, and a step is an edge if one leads between the same states: there steps have no names of actions. The third is not
asked there: while the code is within what is one step to the model, the model may let others act who have to wait.
Instead, from every state of the code an end must be in reach, at which the model has nothing left to do either: so no
wakeup is lost while the queue's own steps change nothing that the model has.

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
        coarse: whether any step of the code may, and steps of the code have no names of actions.
        optional: states of which the code need not take every edge, in a coarse comparison.
    """

    initial: frozenset[State]
    edges: Mapping[State, frozenset[Edge]]
    stutters: frozenset[str] = frozenset()
    coarse: bool = False
    optional: frozenset[State] = frozenset()

    def allowing(self, stutters: Iterable[str]) -> ModelGraph:
        """Return the same with these stutters."""
        return replace(self, stutters=frozenset(stutters))

    def admits(self, before: State, action: str, after: State) -> bool:
        """Return whether there is such an edge, or this is a listed stutter."""
        if before == after and (self.coarse or action in self.stutters):
            return before in self.edges
        return bool(self.named(before, action, after))

    def named(self, before: State, action: str, after: State) -> frozenset[Edge]:
        """Return the edges that a step of the code is."""
        edges = self.edges.get(before, frozenset())
        if self.coarse:
            return frozenset(edge for edge in edges if edge[1] == after)
        return frozenset({(action, after)} & edges)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first point at which code and model part, by a shortest path.

    Attributes:
        side: who does what the other cannot: `code` or `model`; `start` if they begin differently; `stuck` if the code
            can come to no end from there on.
        path: the states of the code on the way, by their numbers; from the first to the one at which they part.
        action: what one of the two does there.
        task: the task that does it in the code; empty for the model.
        after: where that leads: a state as the mapping, or the model, has it.
        allowed: the edges that the other has there.
    """

    side: Literal["code", "model", "start", "stuck"]
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
        own = _own(code, model, state, edges)
        code_edges += len(edges)
        foreign += sum(not model.admits(state, action, code.states[after]) for action, _, after in edges)
        taken.update((state, *edge) for edge in own)
        refused += 0 if model.coarse else len(model.edges.get(state, frozenset()) - own)
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
        difference=_first(code, model, taken),
    )


def _by_action(model: ModelGraph, taken: set[tuple[State, str, State]]) -> dict[str, tuple[int, int]]:
    there = Counter(action for edges in model.edges.values() for action, _ in edges)
    covered = Counter(action for _, action, _ in taken)
    return {action: (there[action], covered[action]) for action in sorted(there)}


def _own(code: CodeGraph, model: ModelGraph, state: State, edges: Iterable[tuple[str, Any, int]]) -> set[Edge]:
    """Return the edges of the model that are among the steps of a state of the code."""
    return {edge for action, _, after in edges for edge in model.named(state, action, code.states[after])}


def _first(code: CodeGraph, model: ModelGraph, taken: set[tuple[State, str, State]]) -> Difference | None:
    """Return the difference that is nearest to the beginning: breadth-first along what both can do."""
    if not code.states:  # cut short before the first
        return None
    if model.initial != {code.states[0]}:
        return Difference("start", (0,), "", "", code.states[0], tuple(("", state) for state in model.initial))
    came_from: dict[int, int | None] = {0: None}
    work = deque([0])
    missing: Difference | None = None
    while work and (model.coarse or missing is None):
        number = work.popleft()
        state = code.states[number]
        has = model.edges.get(state)
        if has is None:
            continue
        for action, move, after in code.edges[number]:
            if not model.admits(state, action, code.states[after]):
                path = _path(came_from, number)
                return Difference("code", path, action, move.task, code.states[after], _sorted(has))
            if after not in came_from:
                came_from[after] = number
                work.append(after)
        if missing is not None or code.cut_short or state in model.optional:
            continue
        own = _own(code, model, state, code.edges[number])
        lacking = {edge for edge in has if (state, *edge) not in taken} if model.coarse else has - own
        for action, after_state in _sorted(lacking)[:1]:
            missing = Difference("model", _path(came_from, number), action, "", after_state, _sorted(own))
    if missing is None and model.coarse and not code.cut_short:
        ending = _ending(code, model)
        stuck = [number for number in came_from if number not in ending]
        deadlocks = [number for number in stuck if not code.edges[number]]
        for number in (deadlocks or stuck)[:1]:
            here = code.states[number]
            missing = Difference("stuck", _path(came_from, number), "", "", here, _left(model, here))
    return missing  # in a coarse comparison it may only lie behind a step that is foreign, so that comes first


def _left(model: ModelGraph, state: State) -> tuple[Edge, ...]:
    """Return the edges that lead out of a state of the model."""
    return _sorted(edge for edge in model.edges.get(state, frozenset()) if edge[1] != state)


def _ending(code: CodeGraph, model: ModelGraph) -> set[int]:
    """Return the states of the code from which an end is in reach: no step of either is left there."""
    before: list[list[int]] = [[] for _ in code.states]
    for number, edges in enumerate(code.edges):
        for _, _, after in edges:
            before[after].append(number)
    work = [number for number, edges in enumerate(code.edges) if not edges and not _left(model, code.states[number])]
    found = set(work)
    while work:
        new = set(before[work.pop()]) - found
        found |= new
        work += new
    return found


def _sorted(edges: Any) -> tuple[Edge, ...]:
    return tuple(sorted(edges, key=repr))


def _path(came_from: Mapping[int, int | None], number: int) -> tuple[int, ...]:
    path: list[int] = []
    at: int | None = number
    while at is not None:
        path.append(at)
        at = came_from[at]
    return tuple(reversed(path))
