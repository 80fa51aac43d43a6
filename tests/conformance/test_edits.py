"""A mistake in a model is reported: each guard and each effect, edited once, at the smallest config that shows it.

The whole sweep takes minutes: it runs by night. What makes no difference is in `models/survivors.json`, and why.
"""

from __future__ import annotations

from argparse import Namespace

import pytest

from pcverify import ThreadSafeQueue
from pcverify.conformance import edited, edits_command
from pcverify.conformance.command import late_for, run, subjects_for
from pcverify.conformance.conforming import conform, graph_for, subject_for
from pcverify.conformance.edited import answers, edits_for, tried, walked
from pcverify.conformance.edits_command import survivors
from pcverify.conformance.explaining import explained
from pcverify.conformance.mappings import MAPPINGS
from pcverify.conformance.programs import QueueConfig
from pcverify.evidence import UsageError
from pcverify.regress import faults
from pcverify.tla.edited import Caught

pytestmark = pytest.mark.timeout(300)  # a dozen runs of TLC, one after the other
ONE, TWO_PLACES = QueueConfig(), QueueConfig(capacity=2, puts_each=2, gets_each=2)
SHOWN = {  # where, whose step differs, and which it is
    "Init.position-1-done": (ONE, "start", ""),
    "MayGo.guard-2-negated": (ONE, "code", "Acquire"),
    "PopItem.effect-1-left-out": (ONE, "code", "Acquire"),
    "AppendItem.value-1-at-the-head": (TWO_PLACES, "code", "Acquire"),
    "Acquire.guard-2-dropped": (ONE, "model", "Acquire"),
    "Park.effect-1-left-out": (ONE, "code", "Park"),
    "Leave.choice-1-never": (ONE, "code", "Release"),
    "Next.action-3-left-out": (ONE, "code", "Wake"),
}
SILENT = {"Timeout.value-1-opposite", "ToServe.value-2-one-more"}  # nobody is timed or interrupted there
REFUSED = {"Notify.guard-1-dropped"}  # there is nobody to notify


@pytest.fixture(scope="module")
def outcomes():
    code = walked("ConditionQueue", [(ThreadSafeQueue, TWO_PLACES), (ThreadSafeQueue, ONE)])
    assert [each.config for each in code] == [ONE, TWO_PLACES]
    edits = [edit for edit in edits_for("ConditionQueue") if edit.name in {*SHOWN, *SILENT, *REFUSED}]
    return {outcome.edit.name: outcome for outcome in tried(edits, code)}


@pytest.mark.parametrize("name", SHOWN)
def test_an_edit_is_reported_with_its_step_line_and_what_is_allowed(name, outcomes):
    config, side, action = SHOWN[name]
    outcome = outcomes[name]
    assert (outcome.fate, outcome.config) == ("reported", config)
    shown = explained(outcome.result, subject_for("ConditionQueue", ThreadSafeQueue, config))
    assert (outcome.result.comparison.difference.side, shown.action) == (side, action)
    if side == "start":
        assert "The model begins with" in shown.text
    else:
        assert shown.location.startswith("thread_safe_queue.py:")
        assert ("The model allows there" if side == "code" else "The code does there") in shown.text
        assert shown.location in shown.text


def test_what_changes_nothing_is_not_reported(outcomes):
    assert {name for name, outcome in outcomes.items() if outcome.fate == "same"} == SILENT


def test_what_cannot_be_evaluated_is_refused_and_so_said(outcomes):
    assert {name for name, outcome in outcomes.items() if outcome.fate == "refused"} == REFUSED
    assert "Head to the empty sequence" in outcomes["Notify.guard-1-dropped"].words


def test_edits_are_not_tried_on_a_class_that_differs_already():
    broken = faults.apply(faults.named("lifo"), ThreadSafeQueue)
    assert conform("ConditionQueue", broken, ONE, graph=graph_for("ConditionQueue", ONE)).comparison.difference is None
    with pytest.raises(UsageError, match="does not agree with ConditionQueue as it is"):
        walked("ConditionQueue", [(broken, TWO_PLACES)])


def options(*patterns):
    return Namespace(
        model="ConditionQueue",
        subject=None,
        bounds=["consumers=1"],
        edits=list(patterns),
        nightly=False,
        max_seconds=60.0,
        json=False,
    )


def test_the_command_shows_one_edit_in_full(capsys):
    assert run(options("Park.effect-1-left-out")) == 0
    printed = capsys.readouterr().out
    assert "reported  ConditionQueue.Park.effect-1-left-out, line 169: lock' = Free → UNCHANGED lock" in printed
    assert "The model allows there:" in printed
    assert "0 of them without an argument" in printed


def test_a_survivor_without_an_argument_is_a_failure(capsys, monkeypatch):
    monkeypatch.setattr(edits_command, "survivors", dict)
    monkeypatch.setattr(edited, "caught_by_properties", lambda edits, **_: (Caught(each, "survived") for each in edits))
    assert run(options("Timeout.value-1-opposite")) == 1
    assert "NO ARGUMENT why it makes no difference" in capsys.readouterr().out


def test_a_pattern_that_matches_nothing_is_a_mistake_of_the_call():
    with pytest.raises(UsageError, match=r"no edit of ConditionQueue is called Prak\.\*"):
        run(options("Prak.*"))


@pytest.mark.parametrize("model", MAPPINGS)
def test_each_listed_survivor_is_an_edit_with_an_argument(model):
    listed = survivors()[model]
    assert listed.keys() <= {edit.name for edit in edits_for(model)}
    assert all(argument.endswith(".") and len(argument.split()) > 5 for argument in listed.values())


@pytest.mark.nightly
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("model", MAPPINGS)
def test_each_edit_of_a_model_makes_a_difference_or_is_listed(model):
    late = late_for(model)
    subjects = [*subjects_for(model), *((make, config) for make, config, _ in late)]
    code = walked(model, subjects_for(model), max_seconds=1_200)
    outcomes = list(answers(edits_for(model), code, late=late))
    assert {outcome.edit.name for outcome in outcomes if outcome.fate == "same"} == survivors()[model].keys()
    assert not [outcome.edit.name for outcome in outcomes if outcome.fate == "too large"]
    for outcome in outcomes:
        if outcome.result is not None and outcome.result.comparison.difference.side != "start":
            make = next(
                make for make, config in subjects if (make.__name__, config) == (outcome.result.subject, outcome.config)
            )
            shown = explained(outcome.result, subject_for(model, make, outcome.config))
            assert shown.action, outcome.edit.name
            assert "there:" in shown.text, outcome.edit.name
