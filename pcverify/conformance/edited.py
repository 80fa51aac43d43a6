"""Would it be noticed if the model were wrong? Every guard and every effect of a model, edited once, against the code.

The code is walked once for each config, with the model as it is. Then TLC writes the graphs of all edited models in one
run (`pcverify.tla.merging`), and each is compared with the code. What is asked is the other way round than usual: an
edit must make a difference.

    reported    code and edited model differ; at the smallest of the configs that shows it
    caught      they do not, but a property of the model is violated: by what the code has not, such as history
    refused     TLC cannot evaluate the edited model: it takes the head of an empty sequence, leaves a variable open
    too large   no difference in what TLC came to, and it did not come to an end
    same        at each of the configs the edited model does what the model does

`same` is no fault by itself: an edit may change nothing that can happen. Which those are is for people to argue.

A run that TLC cannot finish, because one of the edited models cannot be evaluated or is too large, has shown all edges
of the states that it had looked at by then. A difference there is one; the models without are run again, without those
that are decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pcverify.conformance.comparing import ModelGraph, compare
from pcverify.conformance.conforming import TERMINATED, Conformance, conform, frozen, graph_for, values_of
from pcverify.conformance.mappings import mapping_for
from pcverify.evidence import InternalError, UsageError, Verdict
from pcverify.tla.edited import caught_by_properties
from pcverify.tla.edits import Edit, edits_of
from pcverify.tla.errors import ModelError
from pcverify.tla.graph import StateGraph, graph_of
from pcverify.tla.manifest import find_models
from pcverify.tla.merging import CONSTANT, VARIABLE, folder_with, last_edit, merged
from pcverify.tla.toolchain import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pcverify.conformance.programs import Config
    from pcverify.tla.toolchain import Toolchain

Late: TypeAlias = "tuple[Callable[[int], Any], Config, str]"
"""A class, a config, and the name of the edit that shows there."""
Fate: TypeAlias = Literal["reported", "caught", "refused", "too large", "same"]
FATES: tuple[Fate, ...] = ("reported", "caught", "refused", "too large", "same")
FIRST_SECONDS = 20.0
"""Wall time of a run of TLC, while each shows something; then twice as long, up to the limit."""

LATE_SECONDS = 3600.0
"""Wall time of a walk at a large config, for one edit."""


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What became of one edit.

    Attributes:
        edit: what was changed.
        fate: see above.
        result: of a reported one, the comparison, with the first difference.
        config: at which config that was; None if none showed anything.
        words: of TLC, if it refused or did not end; or the property, and in which run.
    """

    edit: Edit
    fate: Fate
    result: Conformance | None = None
    config: Config | None = None
    words: str = ""


def edits_for(model: str, *, models: Path | None = None) -> tuple[Edit, ...]:
    """Return every edit of a model."""
    return edits_of(model, _text(model, models))


def walked(
    model: str, subjects: Iterable[tuple[Callable[[int], Any], Config]], *, max_seconds: float = 300.0
) -> list[Conformance]:
    """Return what each class does at its config, the smallest first.

    Raises:
        UsageError: one of them does not agree with the model as it is: then an edit shows nothing. Or the time is up.
    """
    results = []
    for make, config in subjects:
        result = conform(model, make, config, graph=graph_for(model, config), max_seconds=max_seconds)
        if result.verdict is Verdict.UNKNOWN:
            raise UsageError(f"{result.subject} was not walked to its end at {config.name}: {result.code.cut_short}")
        if result.verdict is not Verdict.OK:
            raise UsageError(
                f"{result.subject} does not agree with {model} as it is, at {config.name}: see to that first"
            )
        results.append(result)
    return sorted(results, key=lambda result: (result.comparison.model_edges, result.config.name))


def tried(
    edits: Sequence[Edit],
    code: Sequence[Conformance],
    *,
    late: Sequence[Late] = (),
    models: Path | None = None,
    max_seconds: float = 300.0,
) -> Iterator[EditOutcome]:
    """Yield what becomes of each edit, as soon as it is known.

    Args:
        edits: of one model.
        code: what `walked` returned for it.
        late: for single edits that none of these shows, a class and a config more.
        models: the folder of the modules; those that come with the package if None.
        max_seconds: wall time of one run of TLC.
    """
    if not edits:
        return
    left = dict(enumerate(edits, 1))
    (model,) = {edit.module for edit in edits}
    with folder_with(model, merged(_text(model, models), edits), models or find_models()) as folder:
        for known in code:
            for number, outcome in _at(left, known, folder, max_seconds):
                del left[number]
                yield outcome
        for make, config, name in late:
            if chosen := {number: edit for number, edit in left.items() if edit.name == name}:
                (known,) = walked(model, [(make, config)], max_seconds=LATE_SECONDS)
                for number, outcome in _at(chosen, known, folder, max_seconds):
                    del left[number]
                    yield outcome
    yield from (EditOutcome(edit, "same") for edit in left.values())


def answers(
    edits: Sequence[Edit],
    code: Sequence[Conformance],
    *,
    late: Sequence[Late] = (),
    models: Path | None = None,
    max_seconds: float = 300.0,
) -> Iterator[EditOutcome]:
    """Yield the same; of those that make no difference to the code, what the properties of the model say."""
    same = []
    for outcome in tried(edits, code, late=late, models=models, max_seconds=max_seconds):
        if outcome.fate == "same":
            same.append(outcome.edit)
        else:
            yield outcome
    toolchain = find_toolchain()
    for caught in caught_by_properties(
        same, models=models or find_models(), toolchain=toolchain, max_seconds=max_seconds
    ):
        if caught.run is None:
            yield EditOutcome(caught.edit, "same")
        else:
            fate: Fate = "caught" if caught.answer == "caught" else "refused"
            yield EditOutcome(caught.edit, fate, words=f"{caught.by} in {caught.run.config}")


def _text(model: str, models: Path | None) -> str:
    return ((models or find_models()) / f"{model}.tla").read_text(encoding="utf-8")


def _at(
    left: dict[int, Edit], known: Conformance, folder: Path, max_seconds: float
) -> Iterator[tuple[int, EditOutcome]]:
    """Yield, with their numbers, those that are decided at one config."""
    batch, seconds = sorted(left), FIRST_SECONDS
    toolchain = find_toolchain()
    while batch:
        graph = _graph_of(batch, known, folder, seconds, toolchain)
        compared = _compared(batch, graph, known)
        for number, found in compared.items():
            if found is not None:
                yield number, EditOutcome(left[number], "reported", found, known.config)
        batch = [number for number in batch if number not in compared]
        words = str(graph.cut_short)
        if isinstance(graph.cut_short, ModelError):
            number = _culprit(graph.cut_short)
            if number in batch:
                yield number, EditOutcome(left[number], "refused", config=known.config, words=words)
                batch.remove(number)
        elif not compared and seconds >= max_seconds:
            for number in batch:
                yield number, EditOutcome(left[number], "too large", config=known.config, words=words)
            return
        elif not compared:
            seconds = min(2 * seconds, max_seconds)


def _graph_of(
    numbers: Iterable[int], known: Conformance, folder: Path, max_seconds: float, toolchain: Toolchain
) -> StateGraph:
    """Return the states and edges of these edited models, and of the model as it is, as far as TLC comes."""
    try:
        return graph_of(
            known.model,
            constants=known.config.constants() | {CONSTANT: "{" + ", ".join(map(str, [0, *numbers])) + "}"},
            models=folder,
            deadlock=False,
            max_seconds=max_seconds,
            toolchain=toolchain,
            partial=True,
        )
    except ModelError as error:
        _culprit(error)  # else it is not about one of the edits
        return StateGraph((), (), (), error, 0)


def _culprit(error: ModelError) -> int:
    number = last_edit(error.printed)
    if not number:
        raise InternalError("TLC refuses the module with all edits, and not because of one of them", str(error))
    return number


def _compared(numbers: Iterable[int], graph: StateGraph, known: Conformance) -> dict[int, Conformance | None]:
    """Return, of those about which the graph says enough, what was found; None if code and edited model agree."""
    graphs = _apart(graph, known)
    if graph.cut_short is None and compare(known.code, graphs[0][0]).difference:
        raise InternalError(f"{known.model} with all its edits, and none of them made, is another model")
    decided: dict[int, Conformance | None] = {}
    for number in numbers:
        if number not in graphs and graph.cut_short is not None:
            continue
        edited, complete = graphs.get(number, (ModelGraph(frozenset(), {}), True))
        comparison = compare(known.code, edited)
        if comparison.difference is not None:
            decided[number] = replace(known, comparison=comparison)
        elif complete:
            decided[number] = None
    return decided


def _apart(graph: StateGraph, known: Conformance) -> dict[int, tuple[ModelGraph, bool]]:
    """Return the graph of each edited model as the mapping looks at it, and whether it is complete.

    An edit may make states differ in a variable that the mapping leaves out; they are one here, with the edges of all.
    """
    states, may_be_left_out = _looked_at(graph, known)
    expanded = len(states) if graph.expanded is None else graph.expanded
    edges: dict[Any, dict[Any, set[tuple[str, Any]]]] = {}
    open_states: dict[Any, set[Any]] = {}
    initial: dict[Any, set[Any]] = {}
    for number, (state, whole) in enumerate(zip(states, graph.states, strict=True)):
        edges.setdefault(whole[VARIABLE], {}).setdefault(state, set())
        if number >= expanded:
            open_states.setdefault(whole[VARIABLE], set()).add(state)
    for number in graph.initial:
        initial.setdefault(graph.states[number][VARIABLE], set()).add(states[number])
    for edge in graph.edges:
        if edge.action != TERMINATED:
            edges[graph.states[edge.source][VARIABLE]][states[edge.source]].add((edge.action, states[edge.target]))
    return {
        edit: (
            ModelGraph(
                frozenset(initial[edit]),
                {state: frozenset(e) for state, e in those.items() if state not in open_states.get(edit, ())},
                coarse=known.coarse,
                optional=may_be_left_out,
            ).allowing(() if known.coarse else mapping_for(known.model).STUTTERS),
            edit not in open_states,
        )
        for edit, those in edges.items()
    }


def _looked_at(graph: StateGraph, known: Conformance) -> tuple[list[Any], frozenset[Any]]:
    """Return what the mapping sees of each state, and of which of these the code need not take every edge."""
    mapping = mapping_for(known.model)
    if known.coarse:
        states, optional = [], set()
        for state in graph.states:
            try:
                view = mapping.view(state, known.config)
            except (LookupError, TypeError):  # an edit has put in what the mapping knows no place for
                states.append(("nothing that the mapping knows", frozen(state)))
                continue
            states.append(values_of(view, mapping.VARIABLES))
            if mapping.is_optional(view, known.config):
                optional.add(states[-1])
        return states, frozenset(optional)
    seen: dict[int, Any] = {}  # by identity: the same few values stand in many states

    def value_of(value: Any) -> Any:
        if id(value) not in seen:
            seen[id(value)] = frozen(value)
        return seen[id(value)]

    return [tuple(value_of(state[name]) for name in mapping.VARIABLES) for state in graph.states], frozenset()
