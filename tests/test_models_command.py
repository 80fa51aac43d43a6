"""The commands `pcverify models …`: what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pcverify import cli

MODELS = ["--models", str(Path(__file__).resolve().parents[1] / "models")]


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")


def models(*arguments: str) -> int:
    return cli.main(["models", *arguments, *MODELS])


def test_list_shows_each_run_and_what_must_come_out(capsys):
    assert models("list") == 0
    lines = capsys.readouterr().out.splitlines()
    runs = json.loads((Path(MODELS[1]) / "manifest.json").read_text())["runs"]
    assert len(lines) == len(runs) + 1
    (line,) = [line for line in lines if line.startswith("OneCondition_p1c2k1i2_deadlock")]
    assert "nightly  safety      Deadlock, 17 states" in line
    assert max(map(len, lines)) <= 168  # the longest name, and 100 more


def test_check_runs_only_the_config_that_is_named(capsys):
    assert models("check", "Pipeline_p1c1k1i2.cfg") == 0
    out = capsys.readouterr().out
    assert "[1/1] ok     Pipeline_p1c1k1i2 " in out
    assert "All 1 runs came out as they must" in out


def test_check_runs_all_configs_of_a_module_that_is_named(capsys):
    assert models("check", "--nightly", "broken/NoNotifyInPut", "OneSentinelTooFew") == 0
    assert "All 3 runs came out as they must" in capsys.readouterr().out
    assert models("check", "broken/NoNotifyInPut", "OneSentinelTooFew") == 0
    assert "All 2 runs came out as they must" in capsys.readouterr().out


def test_a_name_that_nothing_has_is_an_error_that_lists_near_ones(capsys):
    assert models("check", "NoNotifyInPot") == 2
    errors = capsys.readouterr().err
    assert "no run has a module or config 'NoNotifyInPot'; near are broken/NoNotifyInPut" in errors
    assert models("explain", "zzz") == 2
    assert "near are" not in capsys.readouterr().err


def test_explain_shows_header_constants_properties_runs_and_how_it_fails(capsys):
    assert models("explain", "ConditionQueue") == 0
    out = capsys.readouterr().out
    assert "The textbook bounded queue: one lock, and two conditions on it" in out
    assert "  Timed\n      the tasks whose waits have a timeout\n" in out
    assert "  NoUnderflow\n      No get takes from an empty queue (IndexError in Python).\n" in out
    assert "  Fifo\n      " in out, "its comment stands in the module that it is taken from"
    assert "  ConditionQueue_p1c1k1i2\n      38 states" in out
    assert "To see it fail: in MayGoAfterWaiting, write TRUE for MayGo(t)." in out
    assert "  pcverify models trace IfInsteadOfWhile\n" in out
    assert "(*" not in out


def test_trace_has_a_column_for_each_task(capsys):
    assert models("trace", "IfInsteadOfWhile_p1c2k1i1_NoUnderflow") == 0
    out = capsys.readouterr().out
    assert "NoUnderflow is violated: a behaviour of 10 states." in out
    columns = ["producer-0", "│", "consumer-0", "│", "consumer-1"]
    (header,) = [line for line in out.splitlines() if line.split() == columns]
    (notify,) = [line for line in out.splitlines() if "Notify" in line]
    assert notify.index("Notify") == header.index("producer-0"), "it stands with the one that notifies"
    assert "NoUnderflow fails at state 10." in out


def test_trace_of_a_deadlock_says_who_is_where(capsys):
    assert models("trace", "NoNotifyInPut_p1c1k1i1_deadlock") == 0
    out = capsys.readouterr().out
    assert "Blocked at the end:\n  consumer-0  at parked\n" in out
    assert "producer-0  at" not in out, "it is done"
    assert "No action is possible in state 5." in out


def test_trace_of_a_behaviour_without_end_says_where_it_leads_back(capsys):
    assert models("trace", "UnfairMachine_p1c1k1i1_timed_retry_FairSpec") == 0
    assert "leads back to state" in capsys.readouterr().out


def test_trace_of_the_pipeline_has_a_column_for_each_thread(capsys):
    assert models("trace", "OneSentinelTooFew") == 0
    out = capsys.readouterr().out
    columns = {"consumer-0", "consumer-1", "producer-0", "coordinator"}
    assert any(columns <= set(line.split()) for line in out.splitlines())
    assert "Deadlock after 18 states." in out


def test_what_must_not_be_violated_has_no_trace(capsys):
    assert models("trace", "BoundedFifo") == 2
    assert "BoundedFifo must not be violated, so there is no trace; OneCondition" in capsys.readouterr().err


def test_graph_counts_states_and_edges_by_action(capsys, tmp_path):
    assert models("graph", "ConditionQueue_p1c1k1i2", "--dot", str(tmp_path / "queue.dot")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ConditionQueue_p1c1k1i2: 38 states, ")
    assert ["1", "initial", "states"] in [line.split() for line in lines]
    edges = int(lines[0].split()[-2])
    assert edges == sum(int(line.split()[0]) for line in lines[4:-1])
    assert (tmp_path / "queue.dot").read_text().startswith("strict digraph")


def test_graph_needs_a_config_for_safety_that_is_not_violated(capsys):
    assert models("graph", "ConditionQueue") == 2
    assert "has several configs, name one: ConditionQueue_p1c1k1i2" in capsys.readouterr().err
    assert models("graph", "Pipeline_p2c2k1i2_liveness") == 2
    assert "no state graph with a liveness property" in capsys.readouterr().err
    assert models("graph", "OneSentinelTooFew") == 1
    assert "Deadlock is violated after 18" in capsys.readouterr().out


@pytest.mark.parametrize("action", ["list", "check", "explain", "trace", "graph"])
def test_each_command_has_help(action, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["models", action, "--help"])
    assert ended.value.code == 0
    assert f"usage: pcverify models {action}" in capsys.readouterr().out
