"""A model ends only where its tasks have ended: that `Terminated` hides no deadlock is seen without asking TLC for one.

`Terminated` is a step that changes nothing, so that TLC takes the end for no deadlock. Written too generously it would
switch the check for deadlocks off. So each state that only such a step leaves, and each in which `Terminated` is taken,
is looked at here, by another definition of the end; and each edit of `Terminated` that lets it happen more often is
shown to be noticed: by this, or by a variant whose deadlock is found no more.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import ExpectViolation, dump_graph, find_toolchain, load_manifest, run_tlc
from pcverify.tla.config import read_config
from pcverify.tla.edits import edits_of
from pcverify.tla.merging import folder_with

MODELS = Path(__file__).resolve().parents[1] / "models"
RUNS = {run.config: run for run in load_manifest(MODELS).runs}
CONFIGS = [
    "BoundedFifo_p2c2k2i2",
    "BoundedFifo_p2c2k1i2_shut_immediately_interrupted",
    "ConditionQueue_p2c1k1i1_timed_shut_gently",
    "HandoffQueue_p2c1k1i1_timed_shut_gently",
    "UnfinishedTasks_p1f1j2i2d2_timed",
    "UnfinishedTasks_p1f1j2i2d2_shut_interrupted_handoff",
    "Pipeline_p1c1k1i2_abort",
    "Pipeline_p2c1k1i2_shutdown",
    "PipelineByShutdown_p2c2k1i2",
    "PipelineOverConditionQueue_p2c1k1i2",
]
# What notices that an edit lets the model end too early: a config above, or a variant that does not deadlock any more.
NOTICED = {
    ("BoundedFifo", "Terminated.guard-1-dropped"): "BoundedFifo_p2c2k2i2",
    ("BoundedFifo", "Terminated.guard-2-dropped"): "BoundedFifo_p2c2k1i2_shut_immediately_interrupted",
    ("BoundedFifo", "Terminated.guard-4-dropped"): "BoundedFifo_p2c2k1i2_shut_immediately_interrupted",
    ("BoundedFifo", "Terminated.guard-5-dropped"): "BoundedFifo_p2c2k2i2",
    ("ConditionQueue", "Terminated.guard-1-dropped"): "ConditionQueue_p2c1k1i1_timed_shut_gently",
    ("HandoffQueue", "Terminated.guard-1-dropped"): "HandoffQueue_p2c1k1i1_timed_shut_gently",
    ("UnfinishedTasks", "Terminated.guard-1-dropped"): "UnfinishedTasks_p1f1j2i2d2_timed",
    ("UnfinishedTasks", "Terminated.guard-2-dropped"): "UnfinishedTasks_p1f1j2i2d2_timed",
    ("UnfinishedTasks", "Terminated.guard-4-dropped"): "UnfinishedTasks_p1f1j2i2d2_timed",
    ("UnfinishedTasks", "Terminated.guard-5-dropped"): "NoNotifyInTaskDone_p1f1j1i1d1_deadlock",
    ("UnfinishedTasks", "Terminated.bound-1-moved"): "NoNotifyInTaskDone_p1f1j1i1d1_deadlock",
    ("Pipeline", "AllEnded.guard-1-dropped"): "Pipeline_p1c1k1i2_abort",
    ("Pipeline", "AllEnded.guard-2-dropped"): "Pipeline_p1c1k1i2_abort",
    ("Pipeline", "AllEnded.guard-3-dropped"): "Pipeline_p2c1k1i2_shutdown",
    ("Pipeline", "Terminated.guard-1-dropped"): "Pipeline_p1c1k1i2_abort",
}
QUICK = {
    ("HandoffQueue", "Terminated.guard-1-dropped"),
    ("UnfinishedTasks", "Terminated.guard-1-dropped"),
    ("UnfinishedTasks", "Terminated.guard-5-dropped"),
}
ENDS = ("Terminated.", "AllEnded.")
IMPLIED = {("Pipeline", "Terminated.guard-2-dropped")}
LATER = {("Pipeline", "AllEnded.set-1-without-idle"), ("Pipeline", "AllEnded.position-2-limited")}  # ends no earlier


def has_ended(module, state, constants):
    """Return whether every task has come to its end; a queue that is none's, whether nothing can be done with it."""
    if module == "BoundedFifo":
        empty = state["queue"] == () and not any(state["held"].values())
        nothing_to_put = all(int(constants["PutsEach"]) in sent for sent in state["sent"].values())
        return empty and (nothing_to_put if constants["Shutdown"] == '"never"' else state["shut"])
    late = {task: at for task, at in state["pc"].items() if at != "done"}
    if module == "UnfinishedTasks":  # who waits for what nobody will finish is not stuck by a mistake of the queue
        return all(task.startswith("joiner") and at == "parked" for task, at in late.items()) and (
            not late or state["unfinished"] > 0
        )
    return all((task, at) == ("user", "idle") for task, at in late.items())  # a user need not ask for anything


def too_early(run, folder):
    """Return the states that are the end to the model, or that nothing else leaves, though its tasks have not ended."""
    graph = dump_graph(
        folder / f"{run.module}.tla",
        run.config_path,
        library=(folder,),
        toolchain=find_toolchain(),
        max_seconds=50,
    )
    ends = {edge.source for edge in graph.edges if edge.action == "Terminated"} | set(graph.terminal())
    assert ends
    constants = read_config(run.config_path).values
    return [graph.states[number] for number in ends if not has_ended(run.module, graph.states[number], constants)]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_model_ends_only_where_its_tasks_have_ended(config):
    assert too_early(RUNS[config], MODELS) == []


def test_every_edit_that_survives_at_the_end_is_noticed_here_or_argued_away():
    survivors = json.loads((MODELS / "survivors.json").read_text())
    at_the_end = {(module, name) for module, those in survivors.items() for name in those if name.startswith(ENDS)}
    assert at_the_end == NOTICED.keys() | IMPLIED | LATER


@pytest.mark.parametrize(
    ("edited", "config"),
    [pytest.param(*each, marks=() if each[0] in QUICK else pytest.mark.nightly) for each in NOTICED.items()],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else value,
)
def test_an_end_that_comes_too_early_is_noticed(edited, config):
    module, name = edited
    run = RUNS[config]
    edit = next(edit for edit in edits_of(module, (MODELS / f"{module}.tla").read_text()) if edit.name == name)
    with folder_with(module, edit.text, MODELS) as folder:
        if not run.broken:
            assert too_early(run, folder)
            return
        toolchain = find_toolchain()
        result = run_tlc(run.module_path, run.config_path, library=(folder,), toolchain=toolchain, max_seconds=50)
    assert isinstance(run.expect, ExpectViolation)
    assert result.verdict is Verdict.OK
