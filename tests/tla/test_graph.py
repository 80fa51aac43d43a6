"""A state graph is complete or an error, and is read as TLC meant it."""

import pickle
import shutil
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import (
    Edge,
    Function,
    ModelError,
    ModelValue,
    ModelViolated,
    StateGraph,
    TlcCrashed,
    TlcOutputError,
    TlcStopped,
    Toolchain,
    dump_graph,
    graph_of,
)
from tests.tla.samples import MODULES, CleanRoom, java_that

p1, p2 = ModelValue("p1"), ModelValue("p2")


def dump(toolchain: Toolchain, module: str, config: Path, **options: object) -> StateGraph:
    settings: dict[str, object] = {"library": (), "max_seconds": 50, **options}
    return dump_graph(MODULES / f"{module}.tla", config, toolchain=toolchain, **settings)  # type: ignore[arg-type]


def test_states_and_edges_are_those_of_the_model(toolchain: Toolchain) -> None:
    graph = dump(toolchain, "Stuck", MODULES / "Stuck.cfg", deadlock=False)
    assert [state["parked"] for state in graph.states] == [
        frozenset(),
        frozenset({p1}),
        frozenset({p2}),
        frozenset({p1, p2}),
    ]
    assert graph.states[1]["pc"] == Function({p1: "parked", p2: "acquire"})
    assert graph.initial == (0,)
    assert graph.edges == (Edge(0, "Park", 1), Edge(0, "Park", 2), Edge(1, "Park", 3), Edge(2, "Park", 3))
    assert graph.leaving() == (graph.edges[:2], graph.edges[2:3], graph.edges[3:], ())
    assert (graph.terminal(), graph.actions()) == ((3,), {"Park": 4})


def test_a_model_of_one_variable_has_a_graph(toolchain: Toolchain) -> None:
    graph = dump(toolchain, "Counter", MODULES / "CounterMax3.cfg")
    assert [state["x"] for state in graph.states] == [0, 1, 2, 3]
    assert [edge.target for edge in graph.edges if edge.action == "Reset"] == [0]
    assert graph.terminal() == ()


@pytest.fixture(scope="module")
def edges(toolchain: Toolchain) -> StateGraph:
    return graph_of("Edges", constants={"Names": "1 .. 9"}, models=MODULES, toolchain=toolchain)


def test_there_can_be_several_initial_states(edges: StateGraph) -> None:
    assert [edges.states[number]["x"] for number in edges.initial] == [0, 1]


def test_parallel_edges_and_loops_are_all_there(edges: StateGraph) -> None:
    taken = sorted(
        (edge.action, edges.states[edge.source]["x"], edges.states[edge.target]["x"]) for edge in edges.edges
    )
    assert taken == [
        ("Also", 1, 2),
        ("Jump", 0, 2),
        ("Rest", 2, 2),
        ("Step", 0, 1),
        ("Step", 0, 2),
        ("Twice", 1, 2),
        ("Twice", 1, 2),
    ]
    (end,) = edges.terminal()
    assert edges.states[end]["x"] == 2


def test_values_over_several_lines_and_with_signs_of_the_dump_in_them_are_read(edges: StateGraph) -> None:
    assert {state["text"] for state in edges.states} == {'\n/\\ x = 7" ]; -> \\'}
    assert {state["long"] for state in edges.states} == {tuple([frozenset({"producer", "consumer"})] * 9)}


def test_a_step_without_a_name_has_the_name_that_tlc_gives_it(toolchain: Toolchain) -> None:
    graph = graph_of(
        "Edges",
        constants={"Names": "{1}"},
        models=MODULES,
        specification="SpecWithoutNames",
        deadlock=False,
        toolchain=toolchain,
    )
    assert graph.actions() == {"UnnamedAction": 2}


def test_the_same_model_has_the_same_graph_again(edges: StateGraph, toolchain: Toolchain) -> None:
    assert graph_of("Edges", constants={"Names": "1 .. 9"}, models=MODULES, toolchain=toolchain) == edges


def test_constants_can_be_any_expression_and_definitions_can_be_replaced(toolchain: Toolchain) -> None:
    graph = graph_of(
        "Counter",
        constants={"Max": "1 + 1"},
        models=MODULES,
        invariants=("TypeOK",),
        substitutions={"Reset": "Increment"},
        deadlock=False,
        toolchain=toolchain,
    )
    assert [state["x"] for state in graph.states] == [0, 1, 2]
    assert "Reset" not in graph.actions()


def test_a_violation_is_an_error_that_carries_it(toolchain: Toolchain) -> None:
    with pytest.raises(ModelViolated, match="no state graph, because Small is violated after 4 states") as raised:
        graph_of("Counter", constants={"Max": "3"}, models=MODULES, invariants=("Small",), toolchain=toolchain)
    result = raised.value.result
    assert (result.verdict, result.violated, len(result.states)) == (Verdict.VIOLATION, ("Small",), 4)
    assert len(raised.value.trace.steps) == 4
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.result, str(again)) == (result, str(raised.value))


def test_a_deadlock_is_a_violation_where_that_is_asked(toolchain: Toolchain) -> None:
    with pytest.raises(ModelViolated, match="Deadlock is violated after 3 states"):
        dump(toolchain, "Stuck", MODULES / "Stuck.cfg")


@pytest.mark.parametrize(
    "statement", ["SYMMETRY Symmetry", "VIEW OnlyX", "CONSTRAINT Small", "ACTION_CONSTRAINTS Small"]
)
def test_a_config_that_leaves_out_states_is_refused(toolchain: Toolchain, tmp_path: Path, statement: str) -> None:
    config = tmp_path / "Counter.cfg"
    config.write_text(f"SPECIFICATION Spec\nCONSTANT Max = 3\n{statement}\n")
    with pytest.raises(ModelError, match=f"no state graph with {statement.split(maxsplit=1)[0].rstrip('S')}"):
        dump(toolchain, "Counter", config)


def test_a_liveness_property_is_refused_and_one_on_steps_is_not(toolchain: Toolchain, tmp_path: Path) -> None:
    config = tmp_path / "Edges.cfg"
    config.write_text("SPECIFICATION Spec\nCONSTANT Names = {1}\nPROPERTY SmallSteps\n")
    assert len(dump(toolchain, "Edges", config).edges) == 7
    config.write_text("SPECIFICATION Spec\nCONSTANT Names = {1}\nPROPERTY Ends\n")
    with pytest.raises(ModelError, match="no state graph with a liveness property"):
        dump(toolchain, "Edges", config)


@pytest.mark.parametrize(
    ("mend", "said"),
    [
        ("sed /Reset/d", "is not complete: 4 states .* and 3 edges, where TLC counts 4 and 4"),
        ("sed 's/,style = filled]/];/'", r"is not complete: 4 states \(0 of them initial\)"),
        ("sed '/x = 2/d'", "an edge to a state '.*' that it does not have"),
        (r"sed 's/x = 2/x = 2 \& 3/'", "cannot read a TLA"),
    ],
)
def test_a_graph_that_is_not_what_tlc_counts_is_an_error(
    toolchain: Toolchain, tmp_path: Path, room: CleanRoom, mend: str, said: str
) -> None:
    script = f"""
    for argument in "$@"; do case "$argument" in *.dot) dot="$argument" ;; esac; done
    "$real" "$@"; code=$?
    {mend} "$dot" > "$dot.mended"; mv "$dot.mended" "$dot"
    exit $code
    """
    with pytest.raises(TlcOutputError, match=said):
        dump(java_that(toolchain, tmp_path, script), "Counter", MODULES / "CounterMax3.cfg")
    assert room.is_clean()


def test_a_disk_that_has_no_room_for_the_graph_is_an_error(
    toolchain: Toolchain, tmp_path: Path, room: CleanRoom
) -> None:
    """TLC says that all went well."""
    (tmp_path / "Long.tla").write_text(
        "---- MODULE Long ----\nEXTENDS Naturals\nVARIABLE x\nSpec == x = 1 /\\ [][x < 9000 /\\ x' = x + 1]_x\n====\n"
    )
    narrow = java_that(toolchain, tmp_path, 'ulimit -f 800\nexec "$real" "$@"')
    with pytest.raises(TlcCrashed, match="the state graph is cut off; make room on the disk"):
        graph_of("Long", constants={}, models=tmp_path, deadlock=False, toolchain=narrow)
    assert room.is_clean()


def test_what_tlc_has_written_can_be_kept(toolchain: Toolchain, tmp_path: Path, room: CleanRoom) -> None:
    dump(toolchain, "Counter", MODULES / "CounterMax3.cfg", dot=tmp_path / "counter.dot")
    assert (tmp_path / "counter.dot").read_text().startswith("strict digraph")
    with pytest.raises(ModelError, match="cannot write the state graph"):
        dump(toolchain, "Counter", MODULES / "CounterMax3.cfg", dot=tmp_path / "no" / "counter.dot")
    assert room.is_clean()


def test_a_run_that_takes_too_long_leaves_nothing(toolchain: Toolchain, room: CleanRoom) -> None:
    with pytest.raises(TlcStopped):
        dump(toolchain, "Endless", MODULES / "Endless.cfg", max_seconds=1.5)
    assert room.is_clean()


def test_a_module_in_the_folder_of_broken_ones_finds_its_parent(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    shutil.copy(MODULES / "Counter.tla", tmp_path)
    (tmp_path / "broken" / "Jump.tla").write_text("---- MODULE Jump ----\nEXTENDS Counter\n====\n")
    graph = graph_of("broken/Jump", constants={"Max": "1"}, models=tmp_path, toolchain=toolchain)
    assert len(graph.states) == 2


def test_a_module_that_is_not_there_is_an_error(toolchain: Toolchain) -> None:
    with pytest.raises(ModelError, match="there is no module"):
        graph_of("Absent", constants={}, models=MODULES, toolchain=toolchain)
