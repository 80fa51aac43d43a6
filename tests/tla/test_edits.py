"""Edits change one place each, reach every action, and are the same in one module as each by itself."""

import re
from collections.abc import Mapping

import pytest

from pcverify.tla import ModelError, StateGraph, Toolchain, find_models, graph_of
from pcverify.tla.edits import Edit, edits_of
from pcverify.tla.merging import last_edit, merged
from pcverify.tla.syntax import definitions_of, variables_of

MODULES = ("BoundedFifo", "ConditionQueue", "HandoffQueue", "Pipeline", "UnfinishedTasks")
SMALL = r"""---- MODULE Small ----
EXTENDS Naturals, Sequences
CONSTANT Most
VARIABLES pc, queue
Positions == {"putting", "done"}
TypeOK == pc \in Positions
Init == pc = "putting" /\ queue = <<>>
MayPut == Len(queue) < Most
Put ==
    /\ pc = "putting" /\ MayPut
    /\ queue' = Append(queue, Len(queue) + 1)
    /\ UNCHANGED pc
End ==
    /\ pc \in {"putting", "done"}
    /\ pc' = "done"
    /\ queue' = IF queue = <<>>
                THEN queue
                ELSE Tail(queue)
Next == Put \/ End
Spec == Init /\ [][Next]_<<pc, queue>>
====
"""


def text_of(module: str) -> str:
    return (find_models() / f"{module}.tla").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def edits() -> Mapping[str, tuple[Edit, ...]]:
    return {module: edits_of(module, text_of(module)) for module in MODULES}


def test_every_kind_of_edit_is_made() -> None:
    assert [(edit.name, edit.before, edit.after) for edit in edits_of("Small", SMALL)] == [
        ("Init.position-1-done", '"putting"', '"done"'),
        ("MayPut.guard-1-dropped", "Len(queue) < Most", "TRUE"),
        ("MayPut.guard-1-negated", "Len(queue) < Most", "~(Len(queue) < Most)"),
        ("MayPut.bound-1-moved", "Len(queue) < Most", "Len(queue) <= Most"),
        ("Put.guard-1-dropped", 'pc = "putting"', "TRUE"),
        ("Put.guard-1-negated", 'pc = "putting"', 'pc # "putting"'),
        ("Put.position-1-done", '"putting"', '"done"'),
        ("Put.guard-2-dropped", "MayPut", "TRUE"),
        ("Put.guard-2-negated", "MayPut", "~(MayPut)"),
        ("Put.effect-1-left-out", "queue' = Append(queue, Len(queue) + 1)", "UNCHANGED queue"),
        ("Put.value-1-at-the-head", "Append(queue, Len(queue) + 1)", "<<Len(queue) + 1>> \\o queue"),
        ("Put.value-2-no-more", "Len(queue) + 1", "Len(queue)"),
        ("End.guard-1-dropped", 'pc \\in {"putting", "done"}', "TRUE"),
        ("End.guard-1-negated", 'pc \\in {"putting", "done"}', 'pc \\notin {"putting", "done"}'),
        ("End.set-1-without-putting", '{"putting", "done"}', '{"done"}'),
        ("End.set-1-without-done", '{"putting", "done"}', '{"putting"}'),
        ("End.position-1-done", '"putting"', '"done"'),
        ("End.position-2-putting", '"done"', '"putting"'),
        ("End.effect-1-left-out", 'pc\' = "done"', "UNCHANGED pc"),
        ("End.position-3-putting", '"done"', '"putting"'),
        ("End.effect-2-left-out", "queue' = IF queue = <<>> THEN queue ELSE Tail(queue)", "UNCHANGED queue"),
        ("End.choice-1-always", "queue = <<>>", "TRUE"),
        ("End.choice-1-never", "queue = <<>>", "FALSE"),
        ("End.value-1-all-of-it", "Tail(queue)", "queue"),
        ("Next.action-1-left-out", "Put", "FALSE"),
        ("Next.action-2-left-out", "End", "FALSE"),
    ]


@pytest.mark.parametrize("module", MODULES)
def test_an_edit_changes_one_place_and_has_a_name_of_its_own(
    module: str, edits: Mapping[str, tuple[Edit, ...]]
) -> None:
    text = text_of(module)
    assert (
        len({edit.name for edit in edits[module]}) == len({edit.text for edit in edits[module]}) == len(edits[module])
    )
    for edit in edits[module]:
        start, end = edit.place
        assert edit.text == text[:start] + edit.after.ljust(end - start) + text[end:] != text
        assert " ".join(text[start:end].split()) == edit.before
        assert edit.line == text[:start].count("\n") + 1


@pytest.mark.parametrize("module", MODULES)
def test_each_action_has_edited_guards_and_effects(module: str, edits: Mapping[str, tuple[Edit, ...]]) -> None:
    """The end changes nothing, so there is no effect to edit."""
    kinds: dict[str, set[str]] = {}
    for edit in edits[module]:
        definition, kind = re.match(r"(\w+)\.(\w+)-", edit.name).groups()  # type: ignore[union-attr]
        kinds.setdefault(definition, set()).add(kind)
    definitions = definitions_of(text_of(module))
    following = [definitions[name].body for name in ("Next", "Steps") if name in definitions]
    actions = {node.word for body in following for node in body.walk() if node.kind in {"call", "name"}}
    actions = (actions & definitions.keys()) - {"Steps"}
    assert len(kinds["Next"]) == 1
    for action in actions - {"Tasks", "Producers", "Consumers", "Workers", "Bosses"}:
        assert "guard" in kinds[action], action
        assert ("effect" in kinds[action]) == (action != "Terminated"), action


def test_what_a_module_declares_is_read() -> None:
    assert variables_of(SMALL) == ("pc", "queue")
    assert list(definitions_of(SMALL)) == ["Positions", "TypeOK", "Init", "MayPut", "Put", "End", "Next"]


def test_what_cannot_be_read_is_an_error_with_its_line() -> None:
    with pytest.raises(ModelError, match="line 8: cannot read '\\)' there"):
        edits_of("Small", SMALL.replace("Len(queue) <", "Len(queue)) <"))


def test_a_name_that_merging_adds_must_not_be_there() -> None:
    with pytest.raises(ModelError, match="a name of its own that this would add: edit"):
        merged(SMALL.replace("queue", "edit"), ())


def graph(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain, text: str, **constants: str) -> StateGraph:
    folder = tmp_path_factory.mktemp("edited")
    (folder / "Small.tla").write_text(text)
    return graph_of(
        "Small", constants={"Most": "2", **constants}, models=folder, deadlock=False, toolchain=toolchain, partial=True
    )


TRIED = ("Put.value-1-at-the-head", "End.value-1-all-of-it", "End.set-1-without-done", "Next.action-1-left-out")


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> StateGraph:
    edits = edits_of("Small", SMALL)
    edits = tuple(edit for edit in edits if edit.name in TRIED)
    numbers = map(str, range(1, len(edits) + 1))
    return graph(tmp_path_factory, toolchain, merged(SMALL, edits), Edits="{0, " + ", ".join(numbers) + "}")


def edges_of(graph: StateGraph, edit: int | None) -> set[tuple[str, str, str]]:
    def said(number: int) -> str:
        return repr([graph.states[number]["pc"], graph.states[number]["queue"]])

    return {
        (said(edge.source), edge.action, said(edge.target))
        for edge in graph.edges
        if edit is None or graph.states[edge.source]["edit"] == edit
    }


@pytest.mark.parametrize("name", ["", *TRIED])
def test_an_edit_among_all_does_what_it_does_alone(
    name: str, together: StateGraph, tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> None:
    edits = [edit for edit in edits_of("Small", SMALL) if edit.name in TRIED]
    number = next((number for number, edit in enumerate(edits, 1) if edit.name == name), 0)
    text = edits[number - 1].text if number else SMALL
    assert together.cut_short is None
    assert edges_of(together, number) == edges_of(graph(tmp_path_factory, toolchain, text), None) != set()


def test_tlc_says_which_edit_it_cannot_evaluate(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> None:
    edits = edits_of("Small", SMALL)
    (wrong,) = [number for number, edit in enumerate(edits, 1) if edit.name == "End.choice-1-never"]
    found = graph(tmp_path_factory, toolchain, merged(SMALL, edits), Edits=f"{{0, {wrong}, {len(edits)}}}")
    assert isinstance(found.cut_short, ModelError)
    assert last_edit(found.cut_short.printed) == wrong
    assert found.expanded is not None
    assert found.expanded < len(found.states)
