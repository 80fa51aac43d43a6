"""The models themselves: what each header says to break is noticed; variants fail for their one difference."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import DEADLOCK, find_toolchain, load_manifest, run_tlc

MODELS = Path(__file__).resolve().parents[1] / "models"
VARIANTS = [run for run in load_manifest(MODELS).runs if run.broken and "UnfairMachine" not in run.module]

# What each header says to change, as (module, the line as it stands, as it should not be, a config, what notices).
BREAKS = [
    ("BoundedFifo", "Len(queue) < Capacity ", "Len(queue) <= Capacity ", "BoundedFifo_p2c2k2i2", "BoundedSize"),
    (
        "ConditionQueue",
        "MayGoAfterWaiting(t) == MayGo(t)",
        "MayGoAfterWaiting(t) == TRUE",
        "ConditionQueue_p1c2k1i2",
        "NoUnderflow",
    ),
    (
        "Pipeline",
        "SentinelsNeeded == Cardinality(Consumers)",
        "SentinelsNeeded == Cardinality(Consumers) - 1",
        "Pipeline_p1c1k1i2",
        DEADLOCK,
    ),
    (
        "ConditionQueueLiveness",
        "    /\\ TheLockIsFair ",
        "    \\* ",
        "ConditionQueueLiveness_p2c2k1i1_timed_retry",
        "Terminates",
    ),
    (
        "HandoffQueue",
        "LetIn == waiters[NotFull] # <<>> /\\ Len(queue) <= Capacity",
        "LetIn == FALSE",
        "HandoffQueue_p2c2k1i2",
        "NobodyWaitsInVain",
    ),
    (
        "HandoffQueueLiveness",
        "    /\\ TheLockIsFair                            \\* to see it fail: leave out this line\n",
        "",
        "HandoffQueueLiveness_p2c2k1i1_timed_retry",
        "Terminates",
    ),
    (
        "ConditionQueueTrace",
        '<<"get", "c", <<"p", 1>>, TRUE>>',
        '<<"get", "c", <<"p", 2>>, TRUE>>',
        "ConditionQueueTrace_example",
        DEADLOCK,
    ),
    (
        "HandoffQueueTrace",
        '<<"hand", "p", <<<<"p", 1>>, "c">>, TRUE>>',
        '<<"hand", "p", <<<<"p", 1>>, "d">>, TRUE>>',
        "HandoffQueueTrace_example",
        DEADLOCK,
    ),
    (
        "UnfinishedTasks",
        "WakeAll(f, left = 0)",
        "WakeAll(f, FALSE)",
        "UnfinishedTasks_p1f1j2i2d2_timed",
        "NoJoinSleepsOn",
    ),
]


@pytest.mark.parametrize(("module", "line", "broken", "config", "noticed_by"), BREAKS, ids=[b[0] for b in BREAKS])
def test_the_change_that_the_header_names_is_noticed(module, line, broken, config, noticed_by, tmp_path):
    models = shutil.copytree(MODELS, tmp_path / "models")
    text = (models / f"{module}.tla").read_text()
    assert text.count(line) == 1
    assert "To see it fail" in text
    (models / f"{module}.tla").write_text(text.replace(line, broken))
    result = run_tlc(
        models / f"{module}.tla",
        models / f"{config}.cfg",
        library=(models,),
        toolchain=find_toolchain(),
        max_seconds=50,
    )
    assert result.verdict is Verdict.VIOLATION
    assert noticed_by in result.violated


@pytest.mark.parametrize("run", VARIANTS, ids=lambda run: run.config)
def test_a_variant_without_its_difference_is_sound(run, tmp_path):
    config = run.config_path.read_text()
    sound, substitutions = re.subn(r"^.*<-.*$", "", config, flags=re.MULTILINE)
    assert substitutions >= 1
    path = tmp_path / f"{run.config}.cfg"
    path.write_text(sound)
    result = run_tlc(
        run.module_path,
        path,
        library=(MODELS,),
        toolchain=find_toolchain(),
        deadlock=run.deadlock,
        max_seconds=50,
    )
    assert result.verdict is Verdict.OK
