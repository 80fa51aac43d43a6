"""The documents of proofs name what there is, and explain all that is checked; the table of steps is made again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pcverify.conformance.programs import QueueConfig
from pcverify.tla import find_models, load_manifest
from pcverify.tla.graph import graph_of

ROOT = Path(__file__).resolve().parents[2]
PROOFS = sorted((ROOT / "docs" / "proofs").glob("*.md"))
MODELS = find_models()
PROVED = ("ConditionQueue", "HandoffQueue", "Pipeline", "BoundedFifo")
NAME = re.compile(r"`([A-Z][A-Za-z0-9]+)`")
ALL = ("all",)
CONFIGS = (
    QueueConfig(producers=2, gets_each=2, interruptible=ALL),
    QueueConfig(consumers=2, puts_each=2, timed=ALL, interruptible=("consumers",), shutdown="immediately"),
)


def names_in_models() -> set[str]:
    names = {path.stem for path in MODELS.rglob("*.tla")}
    for path in MODELS.rglob("*.cfg"):
        names |= set(re.findall(r"^ +([A-Z]\w*) +=", path.read_text(encoding="utf-8"), re.MULTILINE))
    for path in MODELS.rglob("*.tla"):
        names |= set(re.findall(r"^([A-Z]\w*)(?:\([^)]*\))? *==", path.read_text(encoding="utf-8"), re.MULTILINE))
    return names


@pytest.mark.parametrize("document", PROOFS, ids=lambda path: path.stem)
def test_each_name_in_a_proof_is_one_of_the_models_or_of_the_code(document):
    code = {"ThreadSafeQueue", "HandoffQueue", "True", "False", "None", "Full", "Empty", "ShutDown", "Deadlock"}
    named = set(NAME.findall(document.read_text(encoding="utf-8")))
    assert named - names_in_models() - code == set()


def test_each_property_and_action_that_is_checked_is_explained():
    text = "\n".join(path.read_text(encoding="utf-8") for path in (*PROOFS, ROOT / "docs" / "models.md"))
    named = set(NAME.findall(text)) | set(re.findall(r"^\| (?:`?)([A-Z]\w+)", text, re.MULTILINE))
    in_proofs = set(NAME.findall("\n".join(path.read_text(encoding="utf-8") for path in PROOFS)))
    properties = {name for run in load_manifest(MODELS).runs for name in run.properties}
    assert properties - named - {"Deadlock"} == set()
    for module in PROVED:
        own = {name for run in load_manifest(MODELS).runs if run.module == module for name in run.properties}
        assert own - in_proofs - {"Deadlock"} == set(), module
        actions = set(re.findall(r"\b([A-Z]\w+)(?:\(\w+\))?", next_of(module))) - {"Next"}
        assert actions - in_proofs == set(), module


def next_of(module: str) -> str:
    """What `Next` of a module is made of: with `Steps`, if it is in two."""
    text = (MODELS / f"{module}.tla").read_text(encoding="utf-8")
    found = [re.search(rf"^{name} ==\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL) for name in ("Steps", "Next")]
    body = "\n".join(each[1] for each in found if each)
    return re.sub(r"\\E \w+ \\in [\w \\]+:|\\\*.*|\bSteps\b|\bUNCHANGED\b", "", body)


def seen(model: str, state: dict[str, Any], interruptible: tuple[str, ...]) -> dict[str, Any]:
    """The state of the atomic queue that this is, from the words of refinement.md."""
    queue, held = state["queue"], dict(state["held"])
    if model == "HandoffQueue":
        calls, given = state["calls"], state["given"]
        if calls and given[calls[0]] != ("end",):
            handed = given[calls[0]]
            queue = queue[:-1] if handed == ("room",) else (handed, *queue)
        for getter in held.keys() & set(interruptible):
            if len(given[getter]) == 2 and calls != (getter,):
                held[getter] = given[getter]
    return {"queue": queue, "held": held, **{name: state[name] for name in ("shut", "sent", "received", "discarded")}}


def step(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The step of the atomic queue between two of its states."""
    changed = {name for name in before if before[name] != after[name]}
    shorter, longer = after["queue"] == before["queue"][1:], before["queue"] == after["queue"][1:]
    at_the_end = after["queue"][:-1] == before["queue"]
    steps = {
        "nothing": not changed,
        "Put": changed == {"queue", "sent"} and at_the_end,
        "Get": changed in ({"queue", "held"}, {"queue", "received"}) and shorter,
        "Return": changed == {"held", "received"},
        "GiveBack": changed == {"queue", "held"} and longer and not shorter,
        "ShutDown": "shut" in changed and after["shut"],
    }
    return " ".join(name for name, holds in steps.items() if holds) or f"another: {sorted(changed)}"


@pytest.mark.parametrize(("model", "column"), [("ConditionQueue", 1), ("HandoffQueue", 2)])
def test_each_action_is_the_steps_of_the_atomic_queue_that_the_table_names(model, column):
    found: dict[str, set[str]] = {}
    for config in CONFIGS:
        graph = graph_of(model, constants=config.constants() | {"History": "TRUE"}, deadlock=False)
        for edge in graph.edges:
            before, after = (
                seen(model, dict(graph.states[number]), config.interruptible) for number in (edge.source, edge.target)
            )
            found.setdefault(edge.action, set()).add(step(before, after))
    listed: dict[str, set[str]] = {}
    for row in re.findall(r"^\| `.*\|$", (ROOT / "docs" / "proofs" / "refinement.md").read_text(), re.MULTILINE):
        cells = row.strip("|").split("|")
        steps = set(re.findall(r"`(\w+)`|(nothing)", cells[column]))
        for action in NAME.findall(cells[0]):
            listed[action] = {first or second for first, second in steps}
    assert found == {action: steps for action, steps in listed.items() if action in found}
    assert listed.keys() - found.keys() == ({"Expire"} if model == "HandoffQueue" else set())


def test_a_step_that_the_atomic_queue_has_not_is_no_step():
    before = {"queue": (("p", 1), ("p", 2)), "held": {}, "shut": False, "sent": {}, "received": {}, "discarded": {}}
    assert step(before, before) == "nothing"
    assert step(before, {**before, "queue": (("p", 1),), "received": {"p": {2}}}).startswith("another")
