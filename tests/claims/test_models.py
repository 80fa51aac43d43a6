"""Runs of TLC are summed up by claim: a claim is met only if every run came out exactly as it must."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pcverify import cli
from pcverify.claims import ModelClaim
from pcverify.claims.models import _answer, run_models
from pcverify.evidence import Claim, Verdict
from pcverify.tla import (
    ActionCount,
    ExpectOk,
    ExpectViolation,
    ManifestError,
    ModelRun,
    RunOutcome,
    TlcResult,
    TlcStopped,
)

NEEDS_OK = ModelClaim(Claim("good", "Good?", "TLC", "small", Verdict.OK, "more"), ("Good_*",))
NEEDS_VIOLATION = ModelClaim(Claim("bad", "Caught?", "TLC", "small", Verdict.VIOLATION, "more"), ("Bad_*",))
ALL_ACTIONS = ModelClaim(Claim("actions", "Taken?", "TLC", "all", Verdict.OK, "more"), (), every_action=True)


def outcome(config, verdict, *, problem=None, distinct=10, coverage=None):
    broken = config.startswith("Bad")
    run = ModelRun(
        module="broken/Bad" if broken else "Good",
        config=config,
        tier="check",
        purpose="",
        deadlock=True,
        properties=("P",),
        expect=ExpectViolation("P", 3) if broken else ExpectOk(10, None),
        mode="safety",
        seconds=1.0,
        folder=Path(),
    )
    if verdict is Verdict.UNKNOWN:
        return RunOutcome(run, None, TlcStopped("too long"), problem or "TLC gave no verdict", 1.0)
    result = TlcResult(
        verdict=verdict,
        violated=("P",) if verdict is Verdict.VIOLATION else (),
        generated=20,
        distinct=distinct,
        depth=3,
        seconds=1.0,
        tlc="2.15",
        coverage=coverage,
    )
    return RunOutcome(run, result, None, problem, 1.0)


def test_a_claim_whose_runs_all_came_out_as_they_must_is_met():
    result = _answer(NEEDS_OK, [outcome("Good_a", Verdict.OK), outcome("Good_b", Verdict.OK)])
    assert (result.verdict, result.cases, result.unit, result.seconds, result.met) == (
        Verdict.OK,
        20,
        "states",
        2.0,
        True,
    )


def test_a_claim_about_variants_is_met_when_all_are_caught():
    result = _answer(NEEDS_VIOLATION, [outcome("Bad_a", Verdict.VIOLATION), outcome("Bad_b", Verdict.VIOLATION)])
    assert result.met


@pytest.mark.parametrize(
    ("claim", "outcomes", "verdict"),
    [
        (NEEDS_OK, [], Verdict.UNKNOWN),
        (NEEDS_OK, [outcome("Good_a", Verdict.OK), outcome("Good_b", Verdict.UNKNOWN)], Verdict.UNKNOWN),
        (
            NEEDS_OK,
            [outcome("Good_a", Verdict.OK), outcome("Good_b", Verdict.VIOLATION, problem="P")],
            Verdict.VIOLATION,
        ),
        (NEEDS_OK, [outcome("Good_a", Verdict.OK, problem="11 states, not 10")], Verdict.UNKNOWN),
        (NEEDS_VIOLATION, [], Verdict.UNKNOWN),
        (
            NEEDS_VIOLATION,
            [outcome("Bad_a", Verdict.VIOLATION), outcome("Bad_b", Verdict.OK, problem="none")],
            Verdict.OK,
        ),
        (NEEDS_VIOLATION, [outcome("Bad_a", Verdict.VIOLATION), outcome("Bad_b", Verdict.UNKNOWN)], Verdict.UNKNOWN),
        (NEEDS_VIOLATION, [outcome("Bad_a", Verdict.VIOLATION, problem="Q violated")], Verdict.UNKNOWN),
    ],
)
def test_anything_else_leaves_the_claim_unmet_and_says_why(claim, outcomes, verdict):
    result = _answer(claim, outcomes)
    assert result.verdict is verdict
    assert not result.met
    assert result.reason


def test_runs_of_other_claims_and_tiers_do_not_count():
    nightly = outcome("Good_b", Verdict.VIOLATION, problem="P")
    nightly = replace(nightly, run=replace(nightly.run, tier="nightly"))
    result = _answer(NEEDS_OK, [outcome("Good_a", Verdict.OK), nightly, outcome("Bad_a", Verdict.VIOLATION)])
    assert result.met
    assert result.cases == 10


def test_every_action_must_be_taken_in_some_run():
    taken, never = ActionCount(1, 5), ActionCount(0, 0)
    both = [
        outcome("Good_a", Verdict.OK, coverage={"Put": taken, "Get": never}),
        outcome("Good_b", Verdict.OK, coverage={"Put": never, "Get": taken}),
    ]
    result = _answer(ALL_ACTIONS, both)
    assert (result.verdict, result.cases) == (Verdict.OK, 2)
    result = _answer(ALL_ACTIONS, both[:1])
    assert result.verdict is Verdict.VIOLATION
    assert result.reason == "Good never takes Get"


def test_a_sample_meets_no_claim_that_needs_every_state():
    sampled = outcome("Good_a", Verdict.SAMPLED)
    assert not _answer(NEEDS_OK, [sampled]).met
    result = _answer(NEEDS_OK, [sampled, outcome("Good_b", Verdict.OK)])
    assert (result.verdict, result.met) == (Verdict.SAMPLED, False)


def test_a_simulation_need_not_count_actions():
    taken = outcome("Good_a", Verdict.OK, coverage={"Put": ActionCount(1, 5)})
    sampled = outcome("Good_b", Verdict.SAMPLED)
    sampled = replace(sampled, run=replace(sampled.run, mode="simulation"))
    assert _answer(ALL_ACTIONS, [taken, sampled]).verdict is Verdict.OK


def test_without_coverage_nothing_is_claimed_about_actions():
    assert _answer(ALL_ACTIONS, [outcome("Good_a", Verdict.OK)]).verdict is Verdict.UNKNOWN
    assert _answer(ALL_ACTIONS, []).verdict is Verdict.UNKNOWN


def test_progress_is_one_line_for_each_run_with_the_counterexample_of_a_surprise(small_models):
    output = io.StringIO()
    small_models.expect(distinct=4)
    run_models(small_models.folder, tiers=["check"], output=output)
    lines = output.getvalue().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("[1/1] ok     Counter ")
    assert lines[0].endswith("4 states")

    output = io.StringIO()
    small_models.expect(distinct=4, invariant="x < 2")
    run_models(small_models.folder, tiers=["check"], output=output)
    assert "[1/1] FAILED" in output.getvalue()
    assert "expected no violation, TLC found Small violated" in output.getvalue()
    assert "x: 1 → 2" in output.getvalue()


def test_a_run_that_looked_at_fewer_states_says_so_in_its_line_and_in_the_list(small_models, capsys):
    small_models.expect(distinct=1)
    with (small_models.folder / "Counter.cfg").open("a") as config:
        config.write("VIEW Small\n")  # true of all four: TLC takes them for one
    with pytest.raises(ManifestError, match="has VIEW, so TLC looks at fewer states"):
        run_models(small_models.folder, tiers=["check"])
    manifest = small_models.folder / "manifest.json"
    data = json.loads(manifest.read_text())
    data["runs"][0] |= {"reduction": ["VIEW"], "expect": {"verdict": "OK", "distinct": 1, "depth": 1}}
    manifest.write_text(json.dumps(data))
    run_models(small_models.folder, tiers=["check"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("[1/1] ok ")
    assert line.endswith("1 states, with VIEW")
    assert cli.main(["models", "list", "--models", str(small_models.folder)]) == 0
    assert "1 states, VIEW" in capsys.readouterr().out
