"""Queues that are wrong where a comparison of positions and lists alone would not look; and what is no queue at all."""

from __future__ import annotations

from queue import Queue

import pytest

from pcverify import HandoffQueue, ThreadSafeQueue, cli
from pcverify.conformance import walk as walking
from pcverify.conformance.comparing import ModelGraph, compare
from pcverify.conformance.conforming import conform, graph_for, subject_for
from pcverify.conformance.explaining import explained
from pcverify.conformance.gate import configs_for, left_out
from pcverify.conformance.programs import PipelineConfig, QueueConfig
from pcverify.conformance.walk import CodeGraph, Move
from pcverify.evidence import Verdict
from pcverify.regress import faults

ONE = QueueConfig()
TWO_ITEMS = QueueConfig(capacity=2, puts_each=2, gets_each=2)


def returns(what):
    """Return queues of which a get takes an item and returns something else."""

    def get(self, block=True, timeout=None):
        return what(super(type(self), self).get(block, timeout))

    return [type("Returns", (base,), {"get": get}) for base in (ThreadSafeQueue, HandoffQueue, Queue)]


def told(model, make, config, graph=None):
    """Return what is told of the first difference; there must be one."""
    result = conform(model, make, config, graph=graph)
    assert result.verdict is Verdict.VIOLATION
    return explained(result, subject_for(model, make, config)).text


WRONG_ITEMS = {
    "nothing": (lambda _item: None, ONE),
    "an item that nobody put": (lambda item: (item[0], 2), ONE),
    "the item that is next": (lambda item: (item[0], 3 - item[1]), TWO_ITEMS),
    "the first item again": (lambda item: (item[0], 1), TWO_ITEMS),
}


@pytest.mark.parametrize("number", range(3), ids=["ThreadSafeQueue", "HandoffQueue", "Queue"])
@pytest.mark.parametrize("what", WRONG_ITEMS)
def test_a_get_that_returns_another_item_than_it_took_is_reported(what, number):
    wrong, config = WRONG_ITEMS[what]
    model = "HandoffQueue" if number == 1 else "ConditionQueue"
    words = told(model, returns(wrong)[number], config, graph_for(model, config))
    assert "pc[consumer-0]: release → crashed with WrongItem" in words


class LosesIfNobodyWaited(ThreadSafeQueue):
    def put(self, item, block=True, timeout=None):
        super().put(item, block, timeout)
        if self._waits == 0 and list(self.queue) == [item] and item[1] == 2:
            self.queue.clear()


def test_what_depends_on_a_count_is_reported():
    config = QueueConfig(capacity=2, puts_each=2, gets_each=1)
    assert "queue: ⟨⟨producer-0, 2⟩⟩ → ⟨⟩" in told("ConditionQueue", LosesIfNobodyWaited, config)


class SetsNothingRight(ThreadSafeQueue):
    def _recover(self, waiter, *taken):
        pass


def test_a_class_of_anybody_that_sets_right_what_is_interrupted_is_interrupted():
    assert configs_for("ConditionQueue", SetsNothingRight) == configs_for("ConditionQueue", ThreadSafeQueue)
    assert left_out("ConditionQueue", SetsNothingRight) == ()
    assert "Interrupt" in told("ConditionQueue", SetsNothingRight, QueueConfig(interruptible=("all",)))


def test_what_is_left_out_for_a_class_is_said(capsys):
    assert cli.main(["conform", "UnfinishedTasks", "queue:Queue"]) == 0
    out = capsys.readouterr().out
    assert "Left out: exceptions from outside, after which it sets nothing right: --bounds interruptible=all." in out
    assert "Left out: a join with a timeout, which it does not have." in out


class Renamed(HandoffQueue):
    pass


def test_a_design_is_not_known_by_its_name():
    for model in ("UnfinishedTasks", "Pipeline"):
        assert configs_for(model, Renamed) == configs_for(model, HandoffQueue)


@pytest.mark.parametrize(
    ("fault", "waits", "allowed"),
    [
        ("drop-notify-in-put", "consumer-0 is at get", "Get(consumer-0)"),
        ("drop-notify-in-get", "coordinator is at sentinel", "PutSentinel(coordinator)"),
    ],
)
def test_a_pipeline_that_comes_to_no_end_is_reported_with_who_has_not_ended(fault, waits, allowed):
    config = PipelineConfig(puts_each=2)
    words = told("Pipeline", faults.apply(faults.named(fault), ThreadSafeQueue), config, graph_for("Pipeline", config))
    assert "From here on the code comes to no end, after " in words
    ended, _, left = words.partition("Whoever has not ended:\n")[2].partition("The model allows there:\n")
    assert f"  {waits}\n" in ended
    assert f"  {allowed}: " in left


def test_a_state_of_which_the_mapping_makes_no_sense_is_a_difference():
    make = faults.apply(faults.named("woken-waiter-stays-listed"), HandoffQueue)
    (config, *_) = configs_for("Pipeline", HandoffQueue)
    assert "  a state of which the mapping makes no sense: KeyError: ''" in told("Pipeline", make, config)


def test_a_model_that_may_begin_elsewhere_too_differs():
    code = CodeGraph(states=["here", "there"], edges=[[("Go", Move("a", "step"), 1)], []], paths=[(), ()])
    edges = {"here": frozenset({("Go", "there")}), "there": frozenset(), "elsewhere": frozenset({("Go", "there")})}
    agreeing = compare(code, ModelGraph(frozenset({"here"}), edges))
    assert agreeing.difference is None
    more = compare(code, ModelGraph(frozenset({"here", "elsewhere"}), edges))
    assert more.difference is not None
    assert more.difference.side == "start"


def test_steps_that_change_nothing_and_lead_to_no_end_are_no_end():
    """A coarse comparison: the code goes round in a circle where the model would go on."""
    around = [("spin", Move("a", "step"), 1)]
    code = CodeGraph(states=["here"] * 3 + ["there"], edges=[[*around, ("go", Move("b", "step"), 3)], around, [], []])
    model = ModelGraph(frozenset({"here"}), {"here": frozenset({("Go", "there")}), "there": frozenset()}, coarse=True)
    difference = compare(code, model).difference
    assert difference is not None
    assert (difference.side, difference.path) == ("stuck", (0, 1))


class Spins(ThreadSafeQueue):
    def get(self, block=True, timeout=None):
        while not self.queue:
            pass
        return super().get(block, timeout)


def test_code_that_comes_to_no_operation_is_unknown_with_the_line_that_it_is_at(monkeypatch, capsys):
    monkeypatch.setattr(walking, "MAX_SILENCE", 0.5)
    assert cli.main(["conform", "ConditionQueue", f"{__name__}:Spins", "--bounds", "producers=1"]) == 3
    assert "consumer-0 is stuck at test_wrong_subjects.py:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("ConditionQueue queue:SimpleQueue", "SimpleQueue makes no queue for one item"),
        ("ConditionQueue os:sep", "'/' makes no queue for one item"),
        ("ConditionQueue pcverify:HandoffQueue", "it has no not_empty, not_full; pcverify:ThreadSafeQueue and queue:Q"),
        ("HandoffQueue queue:Queue --bounds producers=1", "is no queue that HandoffQueue describes: it has no "),
        ("ConditionQueue --bounds retry=on", "retry must be true or false, not 'on'"),
        ("ConditionQueue --bounds producers=-1", "producers must be a number, 0 or more, not '-1'"),
        ("ConditionQueue --bounds capacity=0", "capacity must be a number, 1 or more, not '0'"),
    ],
)
def test_what_is_no_queue_and_no_bound_is_refused(arguments, words, capsys):
    assert cli.main(["conform", *arguments.split()]) == 2
    assert words in capsys.readouterr().err
