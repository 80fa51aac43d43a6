"""A queue's code and a model: do they agree, edge by edge, both ways?

    result = conform("ConditionQueue", ThreadSafeQueue, QueueConfig(producers=2, timed=("all",)))
    print(result)

What OK shows, and what it does not, is said in `comparing`.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pcverify.conformance.comparing import Comparison, ModelGraph, compare
from pcverify.conformance.explaining import UNKNOWN
from pcverify.conformance.looking import Look
from pcverify.conformance.mappings import PROGRAMS, is_coarse, mapping_for
from pcverify.conformance.walk import EXPIRE, INTERRUPT, CodeGraph, Move, Run, Subject, walk
from pcverify.evidence import Verdict
from pcverify.explore.states import StateKeys
from pcverify.tla.graph import graph_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from pcverify.conformance.programs import Config
    from pcverify.explore.engine.task import Task
    from pcverify.tla.graph import StateGraph
    from pcverify.tla.toolchain import Toolchain

TERMINATED = "Terminated"
"""The step of a model that has come to its end and goes on doing nothing; the code just ends."""


@dataclass(frozen=True, slots=True)
class Conformance:
    """What came out.

    Attributes:
        model: the name of the module.
        subject: the name of the class.
        config: the bounds.
        comparison: the counts, and the first difference.
        code: all states and steps of the code.
        seconds: wall time of walk and comparison, without TLC's.
    """

    model: str
    subject: str
    config: Config
    comparison: Comparison
    code: CodeGraph
    seconds: float

    @property
    def coarse(self) -> bool:
        """Whether the steps of the code are finer than the model's."""
        return is_coarse(self.model)

    @property
    def verdict(self) -> Verdict:
        """OK if code and model agree, VIOLATION if they differ, UNKNOWN if the walk was cut short before that."""
        if self.comparison.difference is not None:
            return Verdict.VIOLATION
        return Verdict.UNKNOWN if self.code.cut_short else Verdict.OK


def frozen(value: Any) -> Any:
    """Return a value of a model, or of a mapping, as one that can be hashed: functions as pairs in order."""
    return tuple(sorted((key, frozen(each)) for key, each in value.items())) if isinstance(value, dict) else value


def values_of(state: Mapping[str, Any], variables: Iterable[str]) -> tuple[Any, ...]:
    """Return the values of these variables in a state, as one that can be hashed."""
    return tuple(frozen(state[name]) for name in variables)


def model_graph(
    graph: StateGraph, variables: Iterable[str], views: Iterable[Mapping[str, Any]] | None = None
) -> ModelGraph:
    """Return TLC's graph, looked at through these variables, or through views of its states, which may be alike."""
    names = tuple(variables)
    states = [values_of(state, names) for state in (graph.states if views is None else views)]
    if views is None:
        assert len(set(states)) == len(states), "states of the model differ in a variable that the mapping leaves out"
    edges: dict[Any, set[tuple[str, Any]]] = {state: set() for state in states}
    for edge in graph.edges:
        if edge.action != TERMINATED:
            edges[states[edge.source]].add((edge.action, states[edge.target]))
    return ModelGraph(
        frozenset(states[number] for number in graph.initial),
        {state: frozenset(those) for state, those in edges.items()},
    )


def subject_for(model: str, make: Callable[[int], Any], config: Config) -> Subject:
    """Return the code, as a model's mapping looks at it.

    A state that the mapping cannot make sense of is one of no model, so it shows as a difference.
    """
    mapping = mapping_for(model)
    keys = StateKeys(unread=mapping.unread(PROGRAMS[model](make, config)))

    def state_of(run: Run) -> Any:
        try:
            state = mapping.state_of(run.execution, run.look(), run.program, config)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            return (f"{UNKNOWN}: {type(error).__name__}: {error}",) * len(mapping.VARIABLES)
        return values_of(state, mapping.VARIABLES)

    def action_of(run: Run, move: Move) -> str:
        if move.kind == EXPIRE:
            return "Expire"
        if move.kind == INTERRUPT:
            return "Interrupt"
        position = mapping.position(Look(run.tasks[move.task]), run.program)
        return str(mapping.ACTIONS.get(position, position))

    def may_be_interrupted(run: Run, task: Task) -> bool:
        return task.name in config.interruptible and mapping.may_be_interrupted(Look(task), run.program)

    return Subject(
        program=lambda: PROGRAMS[model](make, config),
        state_of=state_of,
        action_of=action_of,
        key_of=lambda run: run.key(keys),
        may_be_interrupted=may_be_interrupted,
        around=getattr(PROGRAMS[model], "around", nullcontext),
    )


def graph_for(
    model: str,
    config: Config,
    *,
    models: Path | None = None,
    toolchain: Toolchain | None = None,
    max_seconds: float = 300.0,
) -> ModelGraph:
    """Return what TLC finds, with what the mapping allows the code beside it.

    Args:
        model: the name of the module.
        config: the bounds.
        models: the folder of the modules; those that come with the package if None.
        toolchain: the Java and the jar; found if None.
        max_seconds: wall time of TLC.

    Raises:
        UsageError: no code is mapped to this model.
        ModelError, TlcStopped, TlcCrashed, ToolMissing, ToolUnusable: as for `pcverify.tla.graph.graph_of`.
    """
    mapping = mapping_for(model)
    graph = graph_of(
        model,
        constants=config.constants(),
        models=models,
        deadlock=False,
        max_seconds=max_seconds,
        toolchain=toolchain,
    )
    if is_coarse(model):
        views = [mapping.view(state, config) for state in graph.states]
        seen = model_graph(graph, mapping.VARIABLES, views)
        optional = frozenset(values_of(view, mapping.VARIABLES) for view in views if mapping.is_optional(view, config))
        return replace(seen, coarse=True, optional=optional)
    return model_graph(graph, mapping.VARIABLES).allowing(mapping.STUTTERS)


def conform(
    model: str,
    make: Callable[[int], Any],
    config: Config,
    *,
    graph: ModelGraph | None = None,
    max_seconds: float = 300.0,
    on_progress: Callable[[int, int], object] = lambda _states, _left: None,
) -> Conformance:
    """Walk the code and compare it with the model's graph.

    Args:
        model: the name of the module.
        make: makes a queue that holds so many items: the class.
        config: the bounds.
        graph: what `graph_for` returned for these; asked of TLC if None.
        max_seconds: wall time of the walk.
        on_progress: hears how many states of the code were seen, and how many moves are left to make.

    Raises:
        As `graph_for`, if it is called; and as `pcverify.explore.explore` if code cannot be controlled.
    """
    graph = graph or graph_for(model, config)
    begin = time.monotonic()
    subject = subject_for(model, make, config)
    code = walk(subject, admits=graph.admits, max_seconds=max_seconds, on_progress=on_progress)
    comparison = compare(code, graph)
    name = getattr(make, "__name__", str(make))
    return Conformance(model, name, config, comparison, code, time.monotonic() - begin)
