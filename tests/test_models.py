"""The models themselves: what each header says to break is noticed; variants fail for their one difference.

And the law of the queue with one condition, point by point: free of deadlock exactly if the queue has room for half
the threads.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import DEADLOCK, ExpectViolation, TlcResult, find_toolchain, load_manifest, run_tlc
from pcverify.tla.conjuncts import listed

MODELS = Path(__file__).resolve().parents[1] / "models"
VARIANTS = [run for run in load_manifest(MODELS).runs if run.broken and "Unfair" not in run.module]

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
        "SentinelsNeeded == ConsumerCount ",
        "SentinelsNeeded == ConsumerCount - 1 ",
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
        "HandoffQueueForever",
        "    /\\ WokenTasksRun                            \\* to see it fail: leave out this line\n",
        "",
        "HandoffQueueForever_p2c2k1i1",
        "NobodyStarves",
    ),
    (
        "PipelineOverConditionQueue",
        "InsideAgain(t) == Inner!Acquire(t) \\/ Inner!Reacquire(t)",
        "InsideAgain(t) == Inner!Acquire(t)",
        "PipelineOverConditionQueue_p2c1k1i2",
        DEADLOCK,
    ),
    (
        "PipelineByShutdown",
        'GoTo(Coordinator, "sent")',
        'GoTo(Coordinator, "sentinel")',
        "PipelineByShutdown_p1c1k1i2_refusing_c0_abort_liveness",
        "Terminates",
    ),
    (
        "ConditionQueueTrace",
        '<<"get", "c", <<"p", 1>>>>',
        '<<"get", "c", <<"p", 2>>>>',
        "ConditionQueueTrace_example",
        DEADLOCK,
    ),
    (
        "HandoffQueueTrace",
        '<<"hand", "p", <<<<"p", 1>>, "c">>>>',
        '<<"hand", "p", <<<<"p", 1>>, "d">>>>',
        "HandoffQueueTrace_example",
        DEADLOCK,
    ),
    (
        "ConditionQueueInductive",
        "        /\\ ~Listed(t)                           \\* to see it fail: leave out this line\n",
        "",
        "ConditionQueueInductive_p1c2k2_timed",
        "NoLostWakeup",
    ),
    (
        "HandoffQueueInductive",
        '{"parked", "woken", "timedOut", "recover", "release", "giveUp"}',
        '{"parked", "woken", "recover", "release", "giveUp"}',
        "HandoffQueueInductive_p1c1k1_timed_shut_immediately_interrupted",
        "GivenInACall",
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


def extended(module: str) -> list[str]:
    """Return a module and those that it extends, to any depth, the nearest first."""
    text = (MODELS / f"{module}.tla").read_text()
    names = re.findall(r"\w+", " ".join(re.findall(r"^EXTENDS (.*)$", text, re.MULTILINE)))
    ours = [name for name in names if (MODELS / f"{name}.tla").is_file()]
    return [module, *(name for nearest in ours for name in extended(nearest))]


def test_no_property_is_only_ever_seen_to_hold_in_its_module():
    """Each is seen to fail in the module that promises it, or in one that this extends.

    Of inductive invariants `tests/tla/test_induction.py` asks more: what breaks without each conjunct.
    """
    runs = [run for run in load_manifest(MODELS).runs if not run.module.endswith("Inductive")]
    violated = [(run.module, run.expect.property_name) for run in runs if isinstance(run.expect, ExpectViolation)]
    seen = {(extended(module)[1], name) for module, name in violated}
    seen |= {(module, noticed_by) for module, _, _, _, noticed_by in BREAKS}
    for module, those in listed(MODELS).items():
        seen |= {(module, name.partition(".")[0]) for name, told in those.items() if not told.implied}
    holding = {(run.module, name) for run in runs if not run.broken for name in run.properties}
    assert {
        (module, name) for module, name in holding if not any((base, name) in seen for base in extended(module))
    } == set()


@pytest.mark.nightly
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


# Threads that put and get for ever, so that how many attempts they have plays no part; nothing looks at the items.
FOR_EVER = """\
SPECIFICATION Spec
CONSTANTS
    Producers = {producers}
    Consumers = {consumers}
    Capacity = {capacity}
    PutsEach = 1
    GetsEach = 1
    Timed = {{}}
    Impatient = {{}}
    Retry = FALSE
    Interruptible = {{}}
    Shutdown = "never"
    History = FALSE
    Leave <- ComesAgain
    Item <- AnItem
"""
ONE_CONDITION = "    NotFull <- TheOneCondition\n"
# Not only by night: on both sides of the law, where it is tightest, for two, three and four threads.
QUICK = {(1, 1, 1), (1, 2, 1), (2, 1, 1), (1, 2, 2), (2, 2, 1), (2, 2, 2)}
# What docs/models.md shows: for so many producers and consumers, and capacity 1, 2 and 3, what came out.
TABLE = {
    (int(producers), int(consumers), capacity): cell.strip()
    for producers, consumers, cells in re.findall(
        r"^\| (\d), (\d) \|(.*)\|$", (MODELS.parent / "docs" / "models.md").read_text(), re.MULTILINE
    )
    for capacity, cell in enumerate(cells.split("|"), 1)
}


def run_for_ever(producers: int, consumers: int, capacity: int, substitution: str, folder: Path) -> TlcResult:
    """Let each of these threads call put or get for ever. Deadlock is all that is checked."""

    def named(kind: str, count: int) -> str:
        return "{" + ", ".join(f'"{kind}-{number}"' for number in range(count)) + "}"

    config = folder / "ForEver.cfg"
    constants = {"producers": named("producer", producers), "consumers": named("consumer", consumers)}
    config.write_text(FOR_EVER.format(capacity=capacity, **constants) + substitution)
    module = MODELS / "broken" / "OneCondition.tla"
    return run_tlc(module, config, library=(MODELS,), toolchain=find_toolchain(), max_seconds=55, coverage=False)


@pytest.mark.parametrize(
    ("producers", "consumers", "capacity"),
    [pytest.param(*point, marks=() if point in QUICK else pytest.mark.nightly) for point in TABLE],
)
def test_one_condition_is_free_of_deadlock_exactly_if_half_the_threads_have_room(
    producers, consumers, capacity, tmp_path
):
    result = run_for_ever(producers, consumers, capacity, ONE_CONDITION, tmp_path)
    if 2 * capacity >= producers + consumers:
        found = (Verdict.OK, (), f"{result.distinct:,} states")
    else:
        found = (Verdict.VIOLATION, (DEADLOCK,), f"deadlock, {len(result.states)}")
    assert (result.verdict, result.violated, TABLE[producers, consumers, capacity]) == found


def test_the_table_has_every_point_with_up_to_six_threads():
    pairs = {(producers, threads - producers) for threads in range(2, 7) for producers in range(1, threads)}
    assert TABLE.keys() == {(*pair, capacity) for pair in pairs for capacity in (1, 2, 3)}


@pytest.mark.parametrize(
    ("producers", "consumers", "capacity"),
    [
        pytest.param(*point, marks=() if point in QUICK else pytest.mark.nightly)
        for point, cell in TABLE.items()
        if cell.startswith("deadlock")
    ],
)
def test_with_two_conditions_the_same_threads_never_deadlock(producers, consumers, capacity, tmp_path):
    assert run_for_ever(producers, consumers, capacity, "", tmp_path).verdict is Verdict.OK
