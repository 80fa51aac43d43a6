"""The manifest is held against its files, and everything that would open the gate is an error."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import (
    ExpectOk,
    ExpectSampled,
    ExpectViolation,
    ManifestError,
    Simulation,
    find_models,
    load_manifest,
)
from tests.tla.samples import COUNTER_RUN, SAMPLE_RUN, SMALL_RUN, STUCK_RUN

Models = Callable[..., Path]


def test_a_manifest_is_read(models: Models) -> None:
    folder = models(COUNTER_RUN, SMALL_RUN)
    manifest = load_manifest(folder)
    counter, small = manifest.runs
    assert (manifest.tlc, counter.module, counter.config, counter.tier) == ("2.15", "Counter", "CounterMax3", "check")
    assert (counter.deadlock, counter.properties, counter.broken) == (True, ("TypeOK",), False)
    assert counter.expect == ExpectOk(4, 4)
    assert small.expect == ExpectViolation("Small", 4)
    assert (counter.module_path, counter.config_path) == (folder / "Counter.tla", folder / "CounterMax3.cfg")
    assert (counter.mode, counter.seconds, counter.expected, counter.simulation) == ("safety", 1.0, Verdict.OK, None)
    assert small.expected is Verdict.VIOLATION
    assert str(counter) == "Counter with CounterMax3.cfg"


def test_the_config_of_a_broken_module_lies_beside_it(models: Models) -> None:
    folder = models(COUNTER_RUN)
    (folder / "broken").mkdir()
    for name in ("Counter.tla", "CounterMax3.cfg"):
        (folder / name).rename(folder / "broken" / name)
    (folder / "manifest.json").write_text(
        json.dumps({"tlc": "2.15", "runs": [{**COUNTER_RUN, "module": "broken/Counter"}]})
    )
    (run,) = load_manifest(folder).runs
    assert run.broken
    assert run.config_path == folder / "broken" / "CounterMax3.cfg"


def test_deadlock_may_stand_among_the_properties_where_it_is_checked(models: Models) -> None:
    assert load_manifest(models(STUCK_RUN)).runs[0].properties == ("TypeOK", "Deadlock")


def test_a_depth_may_be_left_open(models: Models) -> None:
    run = {**COUNTER_RUN, "expect": {"verdict": "OK", "distinct": 4, "depth": None}}
    assert load_manifest(models(run)).runs[0].expect == ExpectOk(4, None)


def test_a_simulation_says_what_it_samples(models: Models) -> None:
    (run,) = load_manifest(models(SAMPLE_RUN)).runs
    assert run.expect == ExpectSampled(Simulation(50, 20, 1), 1001)
    assert (run.expected, run.simulation) == (Verdict.SAMPLED, Simulation(50, 20, 1))


SAMPLED = SAMPLE_RUN["expect"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"why": "?"}, "unknown key why"),
        ({"module": "../Counter"}, r"`module` cannot be '\.\./Counter'"),
        ({"module": "Absent"}, r"there is no file .*Absent\.tla"),
        ({"config": "Absent"}, r"there is no file .*Absent\.cfg"),
        ({"config": "a/b"}, "`config` cannot be"),
        ({"tier": "weekly"}, "`tier` must be one of check, nightly"),
        ({"purpose": " "}, "`purpose` cannot be ' '"),
        ({"deadlock": "yes"}, "`deadlock` must be of type bool"),
        ({"deadlock": False, "properties": ["TypeOK", "Deadlock"]}, "lists Deadlock, but `deadlock` is false"),
        ({"properties": "TypeOK"}, "`properties` must be of type list"),
        ({"properties": ["TypeOK", "TypeOK"]}, "must be names, each once"),
        ({"properties": [1]}, "must be names, each once"),
        ({"properties": []}, "checks TypeOK, which `properties` does not list"),
        ({"properties": ["TypeOK", "Fifo"]}, r"lists Fifo, which CounterMax3\.cfg does not check"),
        ({"expect": {"verdict": "FINE"}}, "must be OK, SAMPLED or VIOLATION, found 'FINE'"),
        ({"mode": "quick"}, "`mode` must be one of safety, liveness, simulation, found 'quick'"),
        ({"mode": "liveness"}, r"CounterMax3\.cfg names no property of whole behaviours"),
        ({"mode": "simulation"}, "`mode` is simulation, but the expected verdict is OK"),
        ({"expect": SAMPLED}, "`mode` is safety, but the expected verdict is SAMPLED"),
        ({"mode": "simulation", "expect": {**SAMPLED, "traces": 0}}, "`traces` must be at least 1"),
        ({"mode": "simulation", "expect": {"verdict": "SAMPLED", "traces": 1}}, "missing key depth, generated, seed"),
        ({"seconds": 0}, "`seconds` must be a number of seconds above 0, found 0"),
        ({"seconds": "1"}, "`seconds` must be a number"),
        ({"seconds": True}, "`seconds` must be a number"),
        ({"expect": {"verdict": "OK", "distinct": 4}}, "missing key depth"),
        ({"expect": {"verdict": "OK", "distinct": 4, "depth": 4, "states": 1}}, "unknown key states"),
        ({"expect": {"verdict": "OK", "distinct": 0, "depth": 4}}, "`distinct` must be at least 1"),
        ({"expect": {"verdict": "OK", "distinct": True, "depth": 4}}, "`distinct` must be of type int, found True"),
        ({"expect": {"verdict": "VIOLATION", "property": "TypeOK"}}, "missing key states"),
        (
            {"expect": {"verdict": "VIOLATION", "property": "Fifo", "states": 4}},
            "violation of Fifo, which is not checked",
        ),
        (
            {"deadlock": False, "expect": {"verdict": "VIOLATION", "property": "Deadlock", "states": 4}},
            "violation of Deadlock, which is not checked",
        ),
    ],
)
def test_a_wrong_run_is_an_error_that_says_what(models: Models, change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ManifestError, match=complaint):
        load_manifest(models({**COUNTER_RUN, **change}))


VIEW_RUN = {**COUNTER_RUN, "config": "CounterViewSafety", "reduction": ["VIEW"]}


def test_a_run_states_what_lets_tlc_look_at_fewer_states(models: Models) -> None:
    counter, view = load_manifest(models(COUNTER_RUN, VIEW_RUN)).runs
    assert (counter.reduction, view.reduction) == ((), ("VIEW",))


def test_a_run_states_what_stands_in_the_place_of_definitions(models: Models) -> None:
    folder = models({**COUNTER_RUN, "substitution": ["Reset <- Overshoot", "StartsHigh = TRUE"]})
    with (folder / "CounterMax3.cfg").open("a") as config:
        config.write("CONSTANTS Reset <- Overshoot StartsHigh = TRUE\n")
    assert load_manifest(folder).runs[0].substitution == ("Reset <- Overshoot", "StartsHigh = TRUE")


@pytest.mark.parametrize("stands", ["Reset <- Overshoot", "Reset <- [Counter] Overshoot", "StartsHigh = TRUE"])
def test_a_definition_is_not_replaced_without_a_word(models: Models, stands: str) -> None:
    folder = models(COUNTER_RUN)
    with (folder / "CounterMax3.cfg").open("a") as config:
        config.write(f"CONSTANT {stands}\n")
    with pytest.raises(ManifestError, match=rf"has {re.escape(stands)}, which is no constant of the module"):
        load_manifest(folder)


def test_a_substitution_that_is_not_there_is_an_error(models: Models) -> None:
    with pytest.raises(ManifestError, match="`substitution` lists Reset <- Overshoot, which"):
        load_manifest(models({**COUNTER_RUN, "substitution": ["Reset <- Overshoot"]}))


@pytest.mark.parametrize("stands", ["TypeOK <- Small", "TypeOK <- [Counter] Small", "TypeOK = TRUE"])
def test_what_is_checked_is_never_replaced(models: Models, stands: str) -> None:
    folder = models({**COUNTER_RUN, "substitution": [stands]})
    with (folder / "CounterMax3.cfg").open("a") as config:
        config.write(f"CONSTANT {stands}\n")
    with pytest.raises(ManifestError, match=rf"has {re.escape(stands)}, so something else is checked"):
        load_manifest(folder)


def test_a_constant_of_an_extended_module_may_be_given_by_a_definition(models: Models) -> None:
    folder = models({**COUNTER_RUN, "module": "Further", "config": "Further"}, COUNTER_RUN)
    (folder / "Further.tla").write_text(
        "---- MODULE Further ----\nEXTENDS Counter\nCONSTANTS\n    Event(_),  \\* of n\n    Length\nThree == 3\n====\n"
    )
    (folder / "Further.cfg").write_text(
        "SPECIFICATION Spec\nCONSTANTS Max <- Three Length = 2 Event <- StartsHigh\nINVARIANT TypeOK\n"
    )
    assert load_manifest(folder).runs[0].substitution == ()


@pytest.mark.parametrize("statement", ["SYMMETRY", "VIEW", "CONSTRAINT", "ACTION_CONSTRAINT"])
@pytest.mark.parametrize("mode", ["safety", "liveness"])
def test_fewer_states_without_a_word_are_an_error_in_either_mode(models: Models, statement: str, mode: str) -> None:
    folder = models({**COUNTER_RUN, "mode": mode, "properties": ["TypeOK", "ReachesTwo"]})
    with (folder / "CounterMax3.cfg").open("a") as config:
        config.write(f"PROPERTY ReachesTwo\n{statement} Small\n")
    with pytest.raises(ManifestError, match=rf"CounterMax3\.cfg has {statement}, so TLC looks at fewer states"):
        load_manifest(folder)


@pytest.mark.parametrize("run", [{"mode": "liveness"}, {"mode": "simulation", "expect": SAMPLED}])
def test_fewer_states_are_only_for_safety_also_when_they_are_stated(models: Models, run: dict[str, Any]) -> None:
    folder = models({**VIEW_RUN, "properties": ["TypeOK", "ReachesTwo"], **run})
    with (folder / "CounterViewSafety.cfg").open("a") as config:
        config.write("PROPERTY ReachesTwo\n")
    with pytest.raises(ManifestError, match=f"`mode` is {run['mode']}, but .* has VIEW: that is only for safety"):
        load_manifest(folder)


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        (["VIEW", "SYMMETRY"], r"`reduction` lists SYMMETRY, which CounterViewSafety\.cfg does not have"),
        (["VIEW", "VIEW"], "`reduction` must be names, each once"),
        ("VIEW", "`reduction` must be of type list"),
        ([], "has VIEW, so TLC looks at fewer states"),
    ],
)
def test_what_is_stated_is_what_the_config_has(models: Models, stated: object, complaint: str) -> None:
    with pytest.raises(ManifestError, match=complaint):
        load_manifest(models({**VIEW_RUN, "reduction": stated}))


@pytest.mark.parametrize("key", sorted(COUNTER_RUN))
def test_every_key_of_a_run_is_needed(models: Models, key: str) -> None:
    with pytest.raises(ManifestError, match=f"missing key {key}"):
        load_manifest(models({name: value for name, value in COUNTER_RUN.items() if name != key}))


def test_a_run_that_checks_nothing_is_an_error(models: Models) -> None:
    folder = models({**COUNTER_RUN, "deadlock": False, "properties": []})
    (folder / "CounterMax3.cfg").write_text("SPECIFICATION Spec\nCONSTANT Max = 3\n")
    with pytest.raises(ManifestError, match="checks nothing"):
        load_manifest(folder)


def test_a_manifest_without_runs_is_an_error(models: Models) -> None:
    with pytest.raises(ManifestError, match="nothing would be checked"):
        load_manifest(models())


def test_an_unknown_key_at_the_top_is_an_error(models: Models) -> None:
    with pytest.raises(ManifestError, match="unknown key note"):
        load_manifest(models(COUNTER_RUN, note="?"))


def test_a_run_that_stands_there_twice_is_an_error(models: Models) -> None:
    with pytest.raises(ManifestError, match="stands there twice"):
        load_manifest(models(COUNTER_RUN, COUNTER_RUN))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "cannot read"),
        ('{"tlc": "2.15", "tlc": "2.16", "runs": []}', "the key 'tlc' stands twice"),
        ("[]", "expected an object"),
        ('{"tlc": "2.15", "runs": [1]}', "run 1: expected an object, found 1"),
    ],
)
def test_a_file_that_is_no_manifest_is_an_error(models: Models, text: str, complaint: str) -> None:
    folder = models(COUNTER_RUN)
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ManifestError, match=complaint):
        load_manifest(folder)


@pytest.mark.parametrize("name", ["Forgotten.cfg", "Forgotten.tla", "broken/Forgotten.tla"])
def test_a_file_that_no_run_names_is_an_error(models: Models, name: str) -> None:
    folder = models(COUNTER_RUN)
    (folder / "broken").mkdir()
    (folder / name).write_text("---- MODULE Forgotten ----\n====\n")
    with pytest.raises(ManifestError, match=f"no run names {name}"):
        load_manifest(folder)


def test_a_module_that_a_named_one_uses_counts_as_named(models: Models) -> None:
    folder = models(COUNTER_RUN)
    (folder / "Base.tla").write_text("---- MODULE Base ----\n====\n")
    (folder / "Middle.tla").write_text("---- MODULE Middle ----\nB == INSTANCE Base\n====\n")
    counter = folder / "Counter.tla"
    counter.write_text(counter.read_text().replace("EXTENDS Naturals", "EXTENDS Naturals,\n  Middle"))
    assert len(load_manifest(folder).runs) == 1


def test_the_models_of_a_given_folder_are_found(models: Models) -> None:
    folder = models(COUNTER_RUN)
    assert find_models(folder) == folder.resolve()


def test_a_folder_without_a_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"there is no manifest\.json in"):
        find_models(tmp_path)


@pytest.mark.parametrize("place", ["package/_models", "models"])
def test_models_are_found_in_the_package_and_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr("pcverify.tla.manifest.__file__", str(tmp_path / "package" / "tla" / "manifest.py"))
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "manifest.json").touch()
    assert find_models() == (tmp_path / place).resolve()


def test_the_models_carried_in_the_package_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcverify.tla.manifest.__file__", str(tmp_path / "package" / "tla" / "manifest.py"))
    for place in ("package/_models", "models"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "manifest.json").touch()
    assert find_models() == (tmp_path / "package" / "_models").resolve()
