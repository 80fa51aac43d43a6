"""Properties catch edits by their names; a module that forbids too much is caught by what refines it."""

from pcverify.tla import Toolchain, find_models
from pcverify.tla.edited import Caught, caught_by_properties, runs_on
from pcverify.tla.edits import edits_of

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
        "HandoffQueueTrace",
    }
    assert {run.module for run in runs_on("BoundedFifo", find_models(), instances=False)} == {"BoundedFifo"}
    through = runs_on("BoundedFifo", find_models(), instances=True)
    assert {run.module for run in through} == {"ConditionQueue", "HandoffQueue", "Pipeline"}
