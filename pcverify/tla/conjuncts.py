r"""Does each conjunct of each invariant say something that no other says? One that an edit breaks, and it alone, does.

An invariant is taken apart at its `/\`, also behind `\A x \in S :`, `P =>` and LET; `NoLostWakeup.2` is the second.
All edits of a module are explored in one run of TLC (`merging`); each part that a state breaks adds an edge from the
state to itself with that part's name. So of each edited model it is known which parts break in all its states.

What it does not look at: properties of steps and of whole behaviours; parts of invariants of an instance count as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pcverify.evidence import InternalError
from pcverify.tla.edited import folder_with
from pcverify.tla.edits import Edit
from pcverify.tla.errors import ModelError
from pcverify.tla.graph import StateGraph, graph_of
from pcverify.tla.merging import CONSTANT, VARIABLE, last_edit, merged
from pcverify.tla.syntax import Definition, Node, definitions_of
from pcverify.tla.toolchain import Toolchain

_BREAKS = "Breaks_"


@dataclass(frozen=True, slots=True)
class Part:
    """A conjunct of an invariant."""

    name: str
    """The invariant's name and its number: `NoLostWakeup.2`; the bare name if it is one."""

    line: int
    """The line in which it begins, counted from 1."""

    says: str
    """Its text, in one line."""

    definition: str
    """A definition of it alone: the invariant's, with TRUE for all others."""


def parts_of(text: str, invariants: Iterable[str]) -> tuple[Part, ...]:
    """Return the conjuncts of these invariants of a module, in their order.

    Raises:
        ModelError: one of them is not defined there.
    """
    definitions = definitions_of(text)
    parts: list[Part] = []
    for name in invariants:
        if name not in definitions:
            raise ModelError(f"there is no definition of the invariant {name}")
        nodes = list(_conjuncts(definitions[name].body))
        for number, node in enumerate(nodes, 1):
            said = f"{name}.{number}" if len(nodes) > 1 else name
            line = text.count("\n", 0, node.start) + 1
            words = " ".join(text[node.start : node.end].split())
            parts.append(Part(said, line, words, _alone(text, definitions[name], nodes, node, said)))
    return tuple(parts)


def broken_parts(
    edits: Sequence[Edit],
    parts: Sequence[Part],
    constants: Mapping[str, str],
    *,
    models: Path,
    toolchain: Toolchain,
    max_seconds: float,
) -> dict[str, frozenset[str]]:
    """Return, for each edit of one module, the names of the parts that some state of it breaks.

    An edit with which TLC does not come to an end, or that it cannot evaluate, is left out.
    """
    (module,) = {edit.module for edit in edits}
    text = (models / f"{module}.tla").read_text(encoding="utf-8")
    left = set(range(1, len(edits) + 1))
    found: dict[str, frozenset[str]] = {}
    with folder_with(module, merged(text, edits), models) as folder:
        (folder / f"{module}InParts.tla").write_text(_in_parts(module, parts), encoding="utf-8")
        while left:
            graph = graph_of(
                f"{module}InParts",
                constants={**constants, CONSTANT: "{" + ", ".join(map(str, sorted(left))) + "}"},
                models=folder,
                specification="SpecInParts",
                deadlock=False,
                max_seconds=max_seconds,
                toolchain=toolchain,
                partial=True,
            )
            if graph.cut_short is None:
                broken = _broken(graph)
                return found | {edits[number - 1].name: frozenset(broken.get(number, ())) for number in left}
            culprit = last_edit(graph.cut_short.printed) if isinstance(graph.cut_short, ModelError) else None
            if culprit not in left and isinstance(graph.cut_short, ModelError):
                raise InternalError("TLC does not say which edit it cannot evaluate", str(graph.cut_short))
            left -= {culprit} if culprit is not None else _largest(graph)
    return found


def _conjuncts(node: Node) -> Iterator[Node]:
    if node.kind == "and":
        for part in node.parts:
            yield from _conjuncts(part)
    elif (node.kind == "quantifier" and node.word == "\\A") or node.word == "=>" or node.kind == "let":
        yield from _conjuncts(node.parts[-1])
    else:
        yield node


def _alone(text: str, definition: Definition, nodes: Sequence[Node], node: Node, name: str) -> str:
    body = definition.body
    pieces, at = [], body.start
    for other in nodes:
        if other is not node:
            pieces += [text[at : other.start], "TRUE"]
            at = other.end
    pieces.append(text[at : body.end])
    column = body.start - text.rfind("\n", 0, body.start) - 1
    plain = f"Part_{name.replace('.', '_')}"
    step = f"{_BREAKS}{name.replace('.', '_')} == ~{plain} /\\ UNCHANGED <<vars, {VARIABLE}>>"
    return f"{plain} ==\n{' ' * column}{''.join(pieces)}\n{step}\n"


def _in_parts(module: str, parts: Sequence[Part]) -> str:
    steps = " \\/ ".join(f"{_BREAKS}{part.name.replace('.', '_')}" for part in parts)
    definitions = "\n".join(part.definition for part in parts)
    return (
        f"---- MODULE {module}InParts ----\nEXTENDS {module}\n{definitions}\n"
        f"NextInParts == Next \\/ {steps}\nSpecInParts == Init /\\ [][NextInParts]_vars\n====\n"
    )


def _broken(graph: StateGraph) -> dict[int, set[str]]:
    broken: dict[int, set[str]] = defaultdict(set)
    for edge in graph.edges:
        if edge.action.startswith(_BREAKS):
            number = graph.states[edge.source][VARIABLE]
            assert isinstance(number, int)
            broken[number].add(edge.action.removeprefix(_BREAKS).replace("_", "."))
    return broken


def _largest(graph: StateGraph) -> set[int]:
    """Return the edit with the most states so far, which keeps TLC from an end."""
    counts: dict[int, int] = defaultdict(int)
    for state in graph.states:
        number = state[VARIABLE]
        assert isinstance(number, int)
        counts[number] += 1
    return {max(counts, key=counts.__getitem__)}
