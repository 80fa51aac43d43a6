"""Properties catch edits by their names; a module that forbids too much is caught by what refines it."""

import json

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import Toolchain, find_models, load_manifest, run_tlc
from pcverify.tla.edited import Caught, caught_by_properties, runs_on
from pcverify.tla.edits import edits_of
from pcverify.tla.merging import folder_with

MODELS = find_models()

CAUGHT = {
    "Put.guard-2-dropped": "BoundedSize",
    "Put.value-1-at-the-head": "Fifo",
    "ShutDown.effect-2-left-out": "NothingLost",
    "GiveBack.effect-2-left-out": "NothingTwice",
    "Next.action-6-left-out": "Deadlock",
    "Put.guard-1-negated": "Deadlock",
}


def asked(toolchain: Toolchain, module: str, *names: str) -> dict[str, Caught]:
    edits = edits_of(module, (find_models() / f"{module}.tla").read_text(encoding="utf-8"))
    chosen = [edit for edit in edits if not names or edit.name in names]
    found = caught_by_properties(chosen, models=find_models(), toolchain=toolchain, max_seconds=300)
    return {caught.edit.name: caught for caught in found}


def test_an_edit_is_caught_by_the_property_that_it_breaks(toolchain: Toolchain) -> None:
    found = asked(toolchain, "BoundedFifo", *CAUGHT)
    assert {name: caught.by for name, caught in found.items()} == CAUGHT


def test_what_forbids_too_much_is_caught_by_a_refinement(toolchain: Toolchain) -> None:
    (caught,) = asked(toolchain, "BoundedFifo", "Next.action-4-left-out").values()
    assert (caught.answer, caught.by) == ("caught", "RefinesBoundedFifo")
    assert caught.run is not None
    assert caught.run.module in {"ConditionQueue", "HandoffQueue"}


def test_the_runs_of_a_module_are_its_own_and_those_of_what_extends_it() -> None:
    assert {run.module for run in runs_on("HandoffQueue", find_models(), instances=False)} == {
        "HandoffQueue",
        "HandoffQueueLiveness",
    }
    assert {run.module for run in runs_on("BoundedFifo", find_models(), instances=False)} == {"BoundedFifo"}
    through = runs_on("BoundedFifo", find_models(), instances=True)
    assert {run.module for run in through} == {"ConditionQueue", "HandoffQueue", "Pipeline"}


def test_an_atomic_queue_that_allows_more_lets_a_variant_pass(toolchain: Toolchain) -> None:
    """Why an edit that no property catches is noticed all the same."""
    text = (MODELS / "BoundedFifo.tla").read_text(encoding="utf-8")
    (edit,) = (edit for edit in edits_of("BoundedFifo", text) if edit.name == "Put.guard-1-dropped")
    (run,) = (run for run in load_manifest(MODELS).runs if run.module == "broken/PutAfterShutdown")
    verdicts = []
    for changed in (text, edit.text):
        with folder_with("BoundedFifo", changed, MODELS) as folder:
            result = run_tlc(
                run.module_path,
                run.config_path,
                library=(folder,),
                toolchain=toolchain,
                deadlock=run.deadlock,
                max_seconds=60,
            )
        verdicts.append(result.verdict)
    assert verdicts == [Verdict.VIOLATION, Verdict.OK]


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_each_edit_of_the_atomic_queue_is_caught_or_listed(toolchain: Toolchain) -> None:
    edits = edits_of("BoundedFifo", (MODELS / "BoundedFifo.tla").read_text(encoding="utf-8"))
    found = caught_by_properties(edits, models=MODELS, toolchain=toolchain, max_seconds=300)
    listed = json.loads((MODELS / "survivors.json").read_text(encoding="utf-8"))["BoundedFifo"]
    assert {caught.edit.name for caught in found if caught.answer == "survived"} == listed.keys()
