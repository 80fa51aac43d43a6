"""A counterexample of a broken variant on real code: a class with that mistake goes along to the end, others do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pcverify import HandoffQueue, ThreadSafeQueue, cli
from pcverify.conformance.following import config_of, follow
from pcverify.conformance.programs import QueueConfig, UnfinishedConfig
from pcverify.evidence import UsageError
from pcverify.regress import faults
from pcverify.tla import find_toolchain, load_manifest, run_tlc

MODELS = Path(__file__).resolve().parents[2] / "models"
SAME = [  # a variant's config, the model, the class, and the fault that is the same mistake
    ("NoNotifyInPut_p1c1k1i1_NoLostWakeup", "ConditionQueue", ThreadSafeQueue, "drop-notify-in-put"),
    ("NoNotifyInGet_p1c1k1i2_NoLostWakeup", "ConditionQueue", ThreadSafeQueue, "drop-notify-in-get"),
    ("NoNotifyInTaskDone_p1f1j1i1d1_NoJoinSleepsOn", "UnfinishedTasks", ThreadSafeQueue, "drop-notify-in-task-done"),
    ("LastComeFirstServed_p1c2k1i1_NoOvertaking", "HandoffQueue", HandoffQueue, "last-come-first-served"),
]


def counterexample(name):
    run = next(run for run in load_manifest(MODELS).runs if run.config == name)
    result = run_tlc(
        run.module_path,
        run.config_path,
        library=(run.folder,),
        toolchain=find_toolchain(),
        deadlock=run.deadlock,
        max_seconds=50,
    )
    return run, result.states


@pytest.mark.parametrize(("name", "model", "make", "fault"), SAME, ids=[each[0] for each in SAME])
def test_a_class_with_the_mistake_goes_along_to_the_end_and_a_sound_one_does_not(name, model, make, fault):
    run, states = counterexample(name)
    config = config_of(model, run.config_path)
    wrong = follow(model, faults.apply(faults.named(fault), make), config, states, width=100)
    assert wrong.whole
    assert len(wrong.steps) == len(states) - 1
    assert [step.action for step in wrong.steps] == [state.action for state in states[1:]]
    assert fault in wrong.text
    assert "it makes the same mistake" in wrong.text
    sound = follow(model, make, config, states, width=100)
    assert not sound.whole
    assert f"It does not take step {len(sound.steps) + 2}, " in sound.text
    assert "It can do there:" in sound.text


def test_a_config_is_read_as_the_bounds_of_the_program():
    path = MODELS / "broken" / "InterruptLosesItem_p1c1k1i1_interrupted_c_NothingLost.cfg"
    assert config_of("ConditionQueue", path) == QueueConfig(interruptible=("consumers",))
    path = MODELS / "UnfinishedTasks_p1f1j2i2d2_timed_handoff.cfg"
    expected = UnfinishedConfig(joiners=2, puts_each=2, dones_each=2, timed=("all",), hands_over=True)
    assert config_of("UnfinishedTasks", path) == expected


CONSTANTS = """CONSTANTS Producers = {"producer-0"} Consumers = {"consumer-0"} PutsEach = 3 GetsEach = 1
    Timed = {} \\* Impatient = {"consumer-0"}
    Impatient = {} Retry = FALSE Interruptible = {} Shutdown = "never" (* Capacity = 5
    Capacity = 6 *)
CONSTANT Capacity = 2 \\* two places
CONSTANT Item <- AnItem
"""


def test_a_config_is_read_as_tlc_reads_it(tmp_path):
    path = tmp_path / "Written.cfg"
    path.write_text(CONSTANTS)
    assert config_of("ConditionQueue", path) == QueueConfig(capacity=2, puts_each=3)


@pytest.mark.parametrize(
    ("stands", "instead", "complaint"),
    [
        ("PutsEach = 3", "", r"Written\.cfg gives PutsEach no value"),
        ("Timed = {}", "Timed <- Some", r"Written\.cfg gives Timed no value"),
        ("PutsEach = 3", "PutsEach = three", "PutsEach is three; code can follow only numbers"),
        ("Timed = {}", "Timed = {c0}", r"Timed is \{c0\}; code can follow only numbers"),
        ('Producers = {"producer-0"}', 'Producers = {"me"}', "can follow only names as producer-0"),
    ],
)
def test_what_code_cannot_be_run_with_is_an_error(stands, instead, complaint, tmp_path):
    path = tmp_path / "Written.cfg"
    assert CONSTANTS.count(stands) == 1
    path.write_text(CONSTANTS.replace(stands, instead))
    with pytest.raises(UsageError, match=complaint):
        config_of("ConditionQueue", path)


def test_the_command_says_where_the_code_goes_another_way(capsys):
    assert cli.main(["models", "trace", "InterruptSwallowsWakeup", "--on", "queue:Queue", "--models", str(MODELS)]) == 0
    assert "It does not take step 5, Interrupt" in capsys.readouterr().out


def test_the_command_refuses_a_model_without_code(capsys):
    assert cli.main(["models", "trace", "OneSentinelTooFew", "--on", "queue:Queue", "--models", str(MODELS)]) == 2
    assert "cannot go along step by step with Pipeline" in capsys.readouterr().err
