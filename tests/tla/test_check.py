"""Runs are compared with what the manifest expects, and every difference is a problem."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import (
    ActionCount,
    ManifestError,
    ModelError,
    RunAdvanced,
    RunFinished,
    RunOutcome,
    RunStarted,
    TlcResult,
    TlcStopped,
    Toolchain,
    check_models,
    load_manifest,
    untaken_actions,
)
from pcverify.tla.check import difference
from tests.tla.samples import COUNTER_RUN, SAMPLE_RUN, SMALL_RUN, STUCK_RUN, CleanRoom

Models = Callable[..., Path]
Checked = Callable[..., TlcResult]


def expecting(run: dict[str, Any], **expect: Any) -> dict[str, Any]:
    return {**run, "expect": expect}


def problem(models: Models, checked: Checked, run: dict[str, Any]) -> str | None:
    """Return what differs between a run of the manifest and what TLC finds for it."""
    (read,) = load_manifest(models(run)).runs
    return difference(read, checked(run["module"], run["config"]))


def test_runs_that_meet_their_expectation_have_no_problem(models: Models, toolchain: Toolchain) -> None:
    outcomes = check_models(models(SMALL_RUN, COUNTER_RUN, STUCK_RUN), tiers={"check"}, max_seconds=50)
    assert [(outcome.run.config, outcome.verdict, outcome.problem) for outcome in outcomes] == [
        ("CounterSmall", Verdict.VIOLATION, None),
        ("CounterMax3", Verdict.OK, None),
        ("Stuck", Verdict.VIOLATION, None),
    ]
    assert all(outcome.seconds > 0 and outcome.error is None for outcome in outcomes)


def test_events_tell_of_begin_progress_and_end_in_the_callers_thread(models: Models, toolchain: Toolchain) -> None:
    events: list[Any] = []
    threads: set[int] = set()

    def note(event: object) -> None:
        events.append(event)
        threads.add(threading.get_ident())

    outcomes = check_models(models(COUNTER_RUN), tiers={"check"}, max_seconds=50, toolchain=toolchain, on_event=note)
    assert isinstance(events[0], RunStarted)
    assert all(isinstance(event, RunAdvanced) for event in events[1:-1])
    assert len(events) > 2
    assert events[-1] == RunFinished(outcomes[0])
    assert threads == {threading.get_ident()}


@pytest.fixture
def without_java(monkeypatch: pytest.MonkeyPatch, checked: Checked) -> None:
    """Take the results of runs from those that other tests have made."""

    def run(module: Path, config: Path, **_: object) -> TlcResult:
        return checked(module.stem, config.stem)

    monkeypatch.setattr("pcverify.tla.check.run_tlc", run)


@pytest.mark.usefixtures("without_java")
def test_the_longest_run_begins_first(models: Models, toolchain: Toolchain) -> None:
    large = {**COUNTER_RUN, "seconds": 3.5}
    two = {
        **COUNTER_RUN,
        "mode": "liveness",
        "seconds": 2,
        "config": "CounterReachesTwo",
        "properties": ["TypeOK", "ReachesTwo"],
    }
    middle = expecting(two, verdict="OK", distinct=4, depth=4)
    folder = models(SMALL_RUN, middle, large)
    begun: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, RunStarted):
            begun.append(event.run.config)

    outcomes = check_models(folder, tiers={"check"}, max_seconds=50, jobs=1, toolchain=toolchain, on_event=note)
    assert begun == ["CounterMax3", "CounterReachesTwo", "CounterSmall"]
    assert [outcome.run.config for outcome in outcomes] == ["CounterSmall", "CounterReachesTwo", "CounterMax3"]


@pytest.mark.usefixtures("without_java")
def test_only_the_asked_tiers_run(models: Models, toolchain: Toolchain) -> None:
    nightly = {**SMALL_RUN, "tier": "nightly"}
    folder = models(COUNTER_RUN, nightly)
    assert [outcome.run.tier for outcome in check_models(folder, tiers={"check"}, max_seconds=50)] == ["check"]


@pytest.mark.usefixtures("without_java")
def test_no_run_at_all_is_an_error(models: Models) -> None:
    folder = models({**SMALL_RUN, "tier": "nightly"})
    with pytest.raises(ManifestError, match=r"manifest\.json has no run of tier check$"):
        check_models(folder, tiers={"check"}, max_seconds=50)
    with pytest.raises(ManifestError, match="has no run of tier check or nightly that were chosen"):
        check_models(folder, tiers={"check", "nightly"}, max_seconds=50, select=lambda run: False)


def test_a_wrong_manifest_is_an_error_before_anything_runs(models: Models) -> None:
    with pytest.raises(ManifestError):
        check_models(models({**COUNTER_RUN, "tier": "weekly"}), tiers={"check"}, max_seconds=50)


def test_a_run_without_a_verdict_has_its_error_and_the_others_go_on(models: Models, toolchain: Toolchain) -> None:
    bad = expecting({**COUNTER_RUN, "config": "CounterNoConstant"}, verdict="OK", distinct=9, depth=9)
    outcome, other = check_models(models(bad, COUNTER_RUN), tiers={"check"}, max_seconds=50)
    assert (outcome.result, outcome.verdict) == (None, Verdict.UNKNOWN)
    assert isinstance(outcome.error, ModelError)
    assert outcome.problem is not None
    assert outcome.problem.startswith("TLC gave no verdict. Counter with CounterNoConstant.cfg: The constant")
    assert other.problem is None


def test_a_run_that_takes_too_long_is_unknown(models: Models, toolchain: Toolchain, room: CleanRoom) -> None:
    endless = {
        **expecting(COUNTER_RUN, verdict="OK", distinct=1, depth=None),
        "module": "Endless",
        "config": "Endless",
        "properties": ["Natural"],
    }
    (outcome,) = check_models(models(endless), tiers={"check"}, max_seconds=1.2)
    assert outcome.verdict is Verdict.UNKNOWN
    assert isinstance(outcome.error, TlcStopped)
    assert room.is_clean()


@pytest.mark.usefixtures("without_java")
def test_a_run_with_another_version_of_tlc_says_so_beside_its_problem(models: Models, toolchain: Toolchain) -> None:
    wrong = expecting(COUNTER_RUN, verdict="OK", distinct=5, depth=4)
    (outcome,) = check_models(models(wrong, tlc="2.16"), tiers={"check"}, max_seconds=50)
    assert outcome.problem == (
        "expected 5 distinct states, TLC found 4 (this is TLC 2.15; the expectation was measured with 2.16)"
    )


@pytest.mark.parametrize(
    ("run", "expect", "words"),
    [
        (
            COUNTER_RUN,
            {"verdict": "OK", "distinct": 5, "depth": 4},
            "expected 5 distinct states, TLC found 4",
        ),
        (
            COUNTER_RUN,
            {"verdict": "OK", "distinct": 4, "depth": 5},
            "expected a depth of 5, TLC found 4",
        ),
        (
            COUNTER_RUN,
            {"verdict": "VIOLATION", "property": "TypeOK", "states": 4},
            "expected a violation of TypeOK, TLC found none in 4 distinct states",
        ),
        (
            SMALL_RUN,
            {"verdict": "OK", "distinct": 4, "depth": 4},
            "expected no violation, TLC found Small violated after 4 states",
        ),
        (
            SMALL_RUN,
            {"verdict": "VIOLATION", "property": "TypeOK", "states": 4},
            "expected a violation of TypeOK, TLC found Small violated after 4 states",
        ),
        (
            SMALL_RUN,
            {"verdict": "VIOLATION", "property": "Deadlock", "states": 4},
            "expected a violation of Deadlock, TLC found Small violated after 4 states",
        ),
        (
            SMALL_RUN,
            {"verdict": "VIOLATION", "property": "Small", "states": 5},
            "expected a counterexample of 5 states, TLC found one of 4",
        ),
        (
            {
                **COUNTER_RUN,
                "mode": "liveness",
                "config": "CounterTwoProperties",
                "properties": ["ReachesTwo", "EventuallyStays"],
            },
            {"verdict": "VIOLATION", "property": "EventuallyStays", "states": 4},
            "expected a violation of EventuallyStays, but TLC does not say which of ReachesTwo or EventuallyStays "
            "is violated; give EventuallyStays a config of its own",
        ),
    ],
)
def test_every_difference_is_a_problem(
    models: Models, checked: Checked, run: dict[str, Any], expect: dict[str, Any], words: str
) -> None:
    assert problem(models, checked, expecting(run, **expect)) == words


def test_a_liveness_property_that_tlc_never_examined_is_a_problem(models: Models, checked: Checked) -> None:
    """TLC takes `[][x' > x]_x` for a property of steps, however the config calls it."""
    run = expecting(COUNTER_RUN, verdict="VIOLATION", property="Grows", states=5)
    run |= {"config": "CounterGrows", "properties": ["Grows"], "mode": "liveness"}
    assert problem(models, checked, run) == (
        "`mode` is liveness, but TLC looked at no property of whole behaviours: none was examined"
    )
    assert problem(models, checked, {**run, "mode": "safety"}) is None


def test_a_liveness_property_in_a_run_for_safety_is_a_problem(models: Models, checked: Checked) -> None:
    run = {**COUNTER_RUN, "config": "CounterReachesTwo", "properties": ["TypeOK", "ReachesTwo"]}
    assert (
        problem(models, checked, run) == "`mode` is safety, but a property speaks of whole behaviours: write liveness"
    )
    assert problem(models, checked, {**run, "mode": "liveness"}) is None


def test_a_property_that_the_config_does_not_hand_to_tlc_is_an_error_before_anything_runs(models: Models) -> None:
    with pytest.raises(ManifestError, match=r"lists Small, which CounterMax3\.cfg does not check"):
        check_models(models({**COUNTER_RUN, "properties": ["TypeOK", "Small"]}), tiers={"check"}, max_seconds=50)


def test_a_simulation_is_sampled_and_never_ok(models: Models, toolchain: Toolchain) -> None:
    (outcome,) = check_models(models(SAMPLE_RUN), tiers={"check"}, max_seconds=50)
    assert (outcome.verdict, outcome.problem) == (Verdict.SAMPLED, None)
    assert outcome.result is not None
    assert (outcome.result.generated, outcome.result.distinct) == (1001, 0)


@pytest.mark.parametrize(
    ("run", "expect", "words"),
    [
        (SAMPLE_RUN, {"generated": 1002}, "expected a sample of 1,002 states, TLC looked at 1,001"),
        (
            {**SAMPLE_RUN, "config": "CounterSmall", "properties": ["TypeOK", "Small"]},
            {},
            "expected no violation, TLC found Small violated after 4 states",
        ),
    ],
)
def test_a_simulation_that_comes_out_differently_is_a_problem(
    models: Models, toolchain: Toolchain, run: dict[str, Any], expect: dict[str, Any], words: str
) -> None:
    folder = models({**run, "expect": {**run["expect"], **expect}})
    (outcome,) = check_models(folder, tiers={"check"}, max_seconds=50)
    assert outcome.problem == words


def test_a_run_that_looks_at_every_state_is_no_sample(models: Models, checked: Checked) -> None:
    assert problem(models, checked, SAMPLE_RUN) == "expected a sample, TLC says OK"


def test_only_the_selected_runs_run(models: Models, toolchain: Toolchain) -> None:
    outcomes = check_models(
        models(COUNTER_RUN, SMALL_RUN), tiers={"check"}, max_seconds=50, select=lambda run: run.config == "CounterSmall"
    )
    assert [outcome.run.config for outcome in outcomes] == ["CounterSmall"]


@pytest.mark.parametrize("run", [COUNTER_RUN, SMALL_RUN, STUCK_RUN])
def test_no_difference_is_no_problem(models: Models, checked: Checked, run: dict[str, Any]) -> None:
    assert problem(models, checked, run) is None


def outcome(models: Models, checked: Checked, run: dict[str, Any]) -> RunOutcome:
    (read,) = load_manifest(models(run)).runs
    return RunOutcome(read, checked(run["module"], run["config"]), None, None, 1.0)


def test_an_action_that_no_run_takes_is_reported(models: Models, checked: Checked) -> None:
    outcomes = [outcome(models, checked, COUNTER_RUN), outcome(models, checked, SMALL_RUN)]
    assert untaken_actions(outcomes) == {"Counter": ("Overshoot",)}


def test_an_action_that_one_run_takes_is_not_reported(models: Models, checked: Checked) -> None:
    """The run that ends at a violation never comes to `Reset`; the other does."""
    small = outcome(models, checked, SMALL_RUN)
    assert untaken_actions([small]) == {"Counter": ("Reset", "Overshoot")}
    assert untaken_actions([small, outcome(models, checked, COUNTER_RUN)]) == {"Counter": ("Overshoot",)}


def test_a_module_whose_actions_are_all_taken_is_not_reported(models: Models, checked: Checked) -> None:
    assert untaken_actions([outcome(models, checked, STUCK_RUN)]) == {}


def test_broken_variants_and_runs_without_a_result_take_nothing(models: Models, checked: Checked) -> None:
    counter = outcome(models, checked, COUNTER_RUN)
    assert counter.result is not None
    everything = replace(counter.result, coverage={"Overshoot": ActionCount(1, 1), "Cut": ActionCount(0, 0)})
    broken = replace(counter, run=replace(counter.run, module="broken/Counter"), result=everything)
    failed = replace(counter, result=None)
    assert untaken_actions([counter, broken, failed]) == {"Counter": ("Overshoot",)}


def test_a_variant_in_the_folder_of_broken_ones_is_checked_against_its_parent(
    models: Models, toolchain: Toolchain
) -> None:
    jump = {
        **expecting(COUNTER_RUN, verdict="VIOLATION", property="TypeOK", states=2),
        "module": "broken/Jump",
        "config": "Jump",
    }
    folder = models(COUNTER_RUN)
    (folder / "broken").mkdir()
    (folder / "broken" / "Jump.tla").write_text(
        "---- MODULE Jump ----\nEXTENDS Counter\nJump == x' = 9\nBroken == Init /\\ [][Jump]_x\n====\n"
    )
    (folder / "broken" / "Jump.cfg").write_text("SPECIFICATION Broken\nCONSTANT Max = 3\nINVARIANT TypeOK\n")
    (folder / "CounterMax3.cfg").unlink()
    (folder / "manifest.json").write_text(json.dumps({"tlc": "2.15", "runs": [jump]}))
    (found,) = check_models(folder, tiers={"check"}, max_seconds=50)
    assert (found.problem, found.verdict) == (None, Verdict.VIOLATION)
