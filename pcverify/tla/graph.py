r"""The whole state graph of a model: every state that TLC reaches, and every action between two of them.

    graph = graph_of("ConditionQueue", constants={"Capacity": "1", ...})
    for edge in graph.edges:
        graph.states[edge.source]["pc"], edge.action, graph.states[edge.target]["pc"]

TLC writes it with `-dump dot,actionlabels` while it checks the model. What it writes is only read as far as TLC
writes it, and believed only if it is complete: the run was a pass, each of the distinct states that it counted is
there, and each state that it generated is an initial one or the end of an edge. A run that found a violation has
seen only a part of the graph, and raises `ModelViolated`.

An edge carries the name of its action and no parameters: which task took it follows from what it changes. Two edges
may differ in nothing at all, if an action leads to the same state in two ways.

Refused, because the graph would be another one than the specification's: SYMMETRY and VIEW (TLC keeps one state for
many, and an edge may end in another state than the action led to), CONSTRAINT (states are cut off), and liveness
properties (TLC adds edges of its own).

The same model gives the same graph, numbers included, on every machine: TLC looks at states breadth first, one
worker, one hash function. 40,000 states with 100,000 edges take TLC a few seconds, and so does reading them.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pcverify.evidence import Verdict
from pcverify.tla.config import read_config
from pcverify.tla.counterexample import to_trace
from pcverify.tla.errors import ModelError, ModelViolated, TlcCrashed, TlcOutputError, TlcStopped
from pcverify.tla.manifest import find_models
from pcverify.tla.process import Stop
from pcverify.tla.result import TlcResult
from pcverify.tla.run import TlcProgress, run_tlc
from pcverify.tla.toolchain import Toolchain, find_toolchain
from pcverify.tla.values import Value, parse_state

_ONE_FOR_MANY = {"SYMMETRY", "VIEW"}
_EDGE = re.compile(r'(-?\d+) -> (-?\d+) \[label="([^"]*)"')
_STATE = re.compile(r'(-?\d+) \[label="(.*)"(?:\];|(,style = filled\]))\n')
_BETWEEN_VARIABLES = "\\n/\\\\ "  # a line's end and `/\ `, as dot escapes them
_ESCAPED = re.compile(r"\\(.)")
_END = "}\n}"
# A constant that a config can hold; another stands in a module of its own, and the config names it.
_ATOM = r'(?:-?\d+|"[^"\\]*"|\w+)'
_PLAIN = re.compile(rf"{_ATOM}|\{{\s*(?:{_ATOM}(?:\s*,\s*{_ATOM})*)?\s*\}}")


@dataclass(frozen=True, slots=True)
class Edge:
    """One action that leads from one state to another, or back to the same."""

    source: int
    """The number of the state in which it is taken."""

    action: str
    """Its name; `UnnamedAction` for a step that the module gives none."""

    target: int
    """The number of the state it leads to."""


@dataclass(frozen=True, slots=True)
class StateGraph:
    """All reachable states of a model. A state's number is its place in `states`."""

    states: tuple[dict[str, Value], ...]
    """The variables of each state, nearest to an initial one first. Values are shared, so they must not be changed."""

    initial: tuple[int, ...]
    """The numbers of the initial states."""

    edges: tuple[Edge, ...]
    """Each action that can be taken in each state, in the order in which TLC took them."""

    cut_short: ModelError | TlcStopped | None = None
    """What kept TLC from looking at every state, if a part of the graph was asked for; None if it did look at all."""

    expanded: int | None = None
    """All edges are there of so many states, the first ones; None if of all."""

    def leaving(self) -> tuple[tuple[Edge, ...], ...]:
        """Return the edges that leave each state, by its number."""
        leaving: list[list[Edge]] = [[] for _ in self.states]
        for edge in self.edges:
            leaving[edge.source].append(edge)
        return tuple(map(tuple, leaving))

    def terminal(self) -> tuple[int, ...]:
        """Return the numbers of the states that no edge leaves, but for edges back to the same state."""
        left = {edge.source for edge in self.edges if edge.source != edge.target}
        return tuple(number for number in range(len(self.states)) if number not in left)

    def actions(self) -> dict[str, int]:
        """Return how many edges each action has, the most frequent first."""
        return dict(Counter(edge.action for edge in self.edges).most_common())


def dump_graph(  # noqa: PLR0913  # all but two by keyword
    module_path: Path,
    config_path: Path,
    *,
    library: Sequence[Path],
    toolchain: Toolchain,
    deadlock: bool = True,
    max_seconds: float,
    on_progress: Callable[[TlcProgress], None] | None = None,
    stop: Stop | None = None,
    dot: Path | None = None,
    partial: bool = False,
) -> StateGraph:
    """Check one module with one config, and return its state graph.

    Args:
        module_path: the `.tla` file.
        config_path: the `.cfg` file.
        library: folders in which TLC looks for other modules, after the module's own.
        toolchain: the Java and the jar, from `find_toolchain`.
        deadlock: whether a state without a successor is a violation.
        max_seconds: wall time after which TLC is ended; reading the graph comes on top.
        on_progress, stop: as for `run_tlc`.
        dot: where to put what TLC has written, for Graphviz; nowhere if None.
        partial: return what is known so far where TLC, on its way, cannot evaluate the module or does not end in time.

    Raises:
        ModelViolated: TLC found a violation; the error carries it.
        ModelError: also if the config asks for SYMMETRY, VIEW, a CONSTRAINT or liveness.
        TlcCrashed: also if the disk had no room for the graph.
        TlcOutputError: also if the graph is not what TLC has counted.
        TlcStopped, ToolUnusable: as for `run_tlc`.
    """
    run = f"{module_path.stem} with {config_path.name}"
    for statement in read_config(config_path).reductions:
        why = "TLC then keeps one state for many" if statement in _ONE_FOR_MANY else "TLC then cuts states off"
        raise ModelError(f"{run}: no state graph with {statement}: {why}; remove it from the config")
    with tempfile.TemporaryDirectory(prefix="pcverify-graph-") as folder:
        file = Path(folder, "graph.dot")
        try:
            result = run_tlc(
                module_path,
                config_path,
                library=library,
                toolchain=toolchain,
                deadlock=deadlock,
                max_seconds=max_seconds,
                coverage=False,
                dump=file,
                on_progress=on_progress,
                stop=stop,
            )
        except (ModelError, TlcStopped) as error:
            if not partial or not file.exists():
                raise
            return _read(file, run, cut_short=error)
        # TLC writes a graph of its own for the liveness properties, where there are any.
        if Path(folder, "graph_liveness.dot").exists():
            raise ModelError(
                f"{run}: no state graph with a liveness property: TLC then adds edges; use a config for safety"
            )
        if result.verdict is not Verdict.OK:
            raise ModelViolated(
                f"{run}: no state graph, because {result.property_name} is violated after {len(result.states)} states",
                to_trace(result),
                result,
            )
        graph = _read(file, run)
        _require_all_of_it(graph, result, run)
        if dot is not None:
            _copy(file, dot)
    return graph


def graph_of(  # noqa: PLR0913  # all but one by keyword
    module: str,
    *,
    constants: Mapping[str, str],
    models: Path | None = None,
    specification: str = "Spec",
    invariants: Sequence[str] = (),
    substitutions: Mapping[str, str] | None = None,
    deadlock: bool = True,
    max_seconds: float = 120.0,
    toolchain: Toolchain | None = None,
    stop: Stop | None = None,
    partial: bool = False,
) -> StateGraph:
    """Return the state graph of a module for constants that no config names.

    Args:
        module: its name, with `broken/` before it for a broken variant.
        constants: a TLA+ expression for each constant, such as `{"Capacity": "1", "Producers": '{"p0", "p1"}'}`.
            As in a config, a bare name is a model value, not a definition of the module.
        models: the folder of the modules; `find_models()` if None.
        specification: the name of the formula to check.
        invariants: names of formulas that every state must satisfy.
        substitutions: the name of a definition for each one that it replaces, as `<-` does in a config.
        deadlock: whether a state without a successor is a violation.
        max_seconds: wall time after which TLC is ended.
        toolchain: the Java and the jar; found by `find_toolchain` if None.
        stop: lets another thread end the run.
        partial: as for `dump_graph`.

    Raises:
        As `dump_graph`.
    """
    models = models or find_models()
    module_path = models / f"{module}.tla"
    if not module_path.is_file():
        raise ModelError(f"there is no module {module_path}")
    with tempfile.TemporaryDirectory(prefix="pcverify-config-") as folder:
        config, wrapper = _write_config(module_path.stem, constants, specification, invariants, substitutions or {})
        checked = Path(folder, f"{module_path.stem}{'WithConstants' if wrapper else ''}.tla")
        if wrapper:
            checked.write_text(wrapper, encoding="utf-8")
        config_path = checked.with_suffix(".cfg")
        config_path.write_text(config, encoding="utf-8")
        return dump_graph(
            checked if wrapper else module_path,
            config_path,
            library=(module_path.parent, models),
            toolchain=toolchain or find_toolchain(),
            deadlock=deadlock,
            max_seconds=max_seconds,
            stop=stop,
            partial=partial,
        )


def _write_config(
    module: str,
    constants: Mapping[str, str],
    specification: str,
    invariants: Sequence[str],
    substitutions: Mapping[str, str],
) -> tuple[str, str]:
    """Return the text of a config, and of a module around the given one if a constant is too much for a config."""
    named = {name: text for name, text in constants.items() if not _PLAIN.fullmatch(text.strip())}
    lines = [f"SPECIFICATION {specification}"]
    for name, text in constants.items():
        lines.append(f"CONSTANT {name} <- Given_{name}" if name in named else f"CONSTANT {name} = {text.strip()}")
    lines += [f"CONSTANT {name} <- {other}" for name, other in substitutions.items()]
    lines += [f"INVARIANT {name}" for name in invariants]
    definitions = "".join(f"Given_{name} == {text}\n" for name, text in named.items())
    wrapper = f"---- MODULE {module}WithConstants ----\nEXTENDS {module}\n{definitions}====\n" if named else ""
    return "\n".join(lines) + "\n", wrapper


def _read(file: Path, run: str, cut_short: ModelError | TlcStopped | None = None) -> StateGraph:
    """Read what TLC has written: a line for each state when it is first seen, and one for each edge.

    TLC looks at the states in the order in which it has seen them. So where it was cut short, all edges are there of
    the states before the one that it was looking at.
    """
    numbers: dict[str, int] = {}
    states: list[dict[str, Value]] = []
    initial: list[int] = []
    edges: list[tuple[str, str, str]] = []
    # The same few texts stand in many states: each is parsed once.
    parsed: dict[str, dict[str, Value]] = {}
    tail = ""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if found := _EDGE.match(line):
                edges.append((found[1], found[3], found[2]))
            elif found := _STATE.match(line):
                if found[1] in numbers:
                    continue
                numbers[found[1]] = len(states)
                if found[3]:
                    initial.append(len(states))
                state: dict[str, Value] = {}
                for text in found[2].split(_BETWEEN_VARIABLES):
                    if text not in parsed:
                        parsed[text] = parse_state(_ESCAPED.sub(_unescape, text))
                    state |= parsed[text]
                states.append(state)
            tail = (tail + line)[-len(_END) :]
    if cut_short is not None:
        edges = [edge for edge in edges if edge[2] in numbers]
        sources = [numbers[source] for source, _, _ in edges]
        if sources != sorted(sources):
            raise TlcOutputError(f"{run}: TLC did not look at the states in their order")
        joined = tuple(Edge(numbers[source], action, numbers[target]) for source, action, target in edges)
        return StateGraph(tuple(states), tuple(initial), joined, cut_short, sources[-1] if sources else 0)
    if tail != _END:
        # TLC does not notice that it could not write it.
        raise TlcCrashed(f"{run}: the state graph is cut off; make room on the disk, or set TMPDIR to another")
    try:
        joined = tuple(Edge(numbers[source], action, numbers[target]) for source, action, target in edges)
    except KeyError as error:
        raise TlcOutputError(f"{run}: the state graph has an edge to a state {error} that it does not have") from None
    return StateGraph(tuple(states), tuple(initial), joined)


def _unescape(found: "re.Match[str]") -> str:
    return "\n" if found[1] == "n" else found[1]


def _require_all_of_it(graph: StateGraph, result: TlcResult, run: str) -> None:
    """Raise unless the graph has the states and the edges that TLC has counted."""
    if result.initial is None:
        raise TlcOutputError(f"{run}: TLC does not say how many initial states there are")
    edges = result.generated - result.initial
    if not graph.initial or (len(graph.states), len(graph.edges)) != (result.distinct, edges):
        raise TlcOutputError(
            f"{run}: the state graph is not complete: {len(graph.states):,} states ({len(graph.initial):,} of them "
            f"initial) and {len(graph.edges):,} edges, where TLC counts {result.distinct:,} and {edges:,}"
        )


def _copy(file: Path, target: Path) -> None:
    try:
        target.write_bytes(file.read_bytes())
    except OSError as error:
        raise ModelError(f"cannot write the state graph: {error}") from error
