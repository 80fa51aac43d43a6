"""What each conjunct of the inductive invariants is needed for, and that mistakes in the queues break one of them.

docs/proofs/inductive-invariants.md shows the same as tables; they are read here, so they are what comes out.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from pcverify import cli
from pcverify.evidence import UsageError
from pcverify.tla import DEADLOCK, ExpectOk, TlcResult, Toolchain, load_manifest, run_tlc
from pcverify.tla.induction import Need, format_need, inductive_invariant, needs_of, runs_from_universe

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
MODULES = ("ConditionQueueInductive", "HandoffQueueInductive")
RUNS = {run.config: run for run in load_manifest(MODELS).runs if run.module in MODULES}
DOCUMENT = (ROOT / "docs" / "proofs" / "inductive-invariants.md").read_text(encoding="utf-8")
ALL = "p1c1k1_timed_shut_immediately_interrupted"
AT = {
    "`p1c2k1`": "p1c2k1_universe",
    "`p1c1k1`, all": f"{ALL}_universe",
    "`p1c2k1`, interrupted": "p1c2k1_interrupted_c_universe",
}


def told_of(module: str) -> dict[str, tuple[str, str, str]]:
    """Return the table of needs of a module: for each conjunct the action, what it violates, and in which run."""
    section = DOCUMENT.split(f"## What else it takes: `{module.removesuffix('Inductive')}`\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| (?:`(\w+)` violates )?`(\w+)` \| ([^|]*) \|$", section, re.MULTILINE)
    return {name: (action, broken, f"{module}_{AT[at]}") for name, action, broken, at in rows}


def found(need: Need) -> tuple[str, str, str]:
    assert need.run is not None
    return need.action, need.broken, need.run.config


def needs(module: str, toolchain: Toolchain, *names: str, models: Path = MODELS) -> dict[str, Need]:
    every = needs_of(module, models=models, toolchain=toolchain, max_seconds=100, only=frozenset(names))
    return {need.conjunct.name: need for need in every}


@pytest.mark.parametrize("module", MODULES)
def test_the_document_names_each_goal_and_each_conjunct(module: str) -> None:
    conjuncts = inductive_invariant(module, MODELS)
    assert list(told_of(module)) == [conjunct.name for conjunct in conjuncts if not conjunct.goal]
    wanted = DOCUMENT.split("## What is wanted")[1].split("\n## ")[0]
    named = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", wanted, re.MULTILINE)
    design = module.removesuffix("Inductive")
    goals = [name for name, of in named if of == "both" or design in of]
    assert sorted(goals) == sorted(conjunct.name for conjunct in conjuncts if conjunct.goal)
    assert all(conjunct.meaning for conjunct in conjuncts)


OTHER_PURPOSES = ("_initiation", "_universe", "_somebody", "_listed_too")


def test_the_document_names_each_bound_with_its_number_of_states() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([\d,]+) \| (yes|) \|$", DOCUMENT, re.MULTILINE)
    told = {f"{design}Inductive_{config}": (int(states.replace(",", "")), yes) for design, config, states, yes in rows}
    assert told == {
        run.config: (run.expect.distinct, "yes" if run.tier == "check" else "")
        for run in RUNS.values()
        if isinstance(run.expect, ExpectOk) and not run.config.endswith(OTHER_PURPOSES)
    }


@pytest.mark.parametrize("run", RUNS.values(), ids=lambda run: run.config)
def test_each_run_checks_every_conjunct_or_the_goals_alone(run) -> None:
    conjuncts = inductive_invariant(run.module, MODELS)
    alone = run.config.endswith("_goals_only")
    named = tuple(conjunct.name for conjunct in conjuncts if conjunct.goal or not alone)
    instead = dict(text.split(" <- ") for text in run.substitution)
    assert run.properties == (*(instead.get(name, name) for name in named), DEADLOCK)
    left_out = re.findall(r"^ +(\w+) <- LeftOut$", run.config_path.read_text(encoding="utf-8"), re.MULTILINE)
    assert left_out == [conjunct.name for conjunct in conjuncts if alone and not conjunct.goal]


@pytest.mark.parametrize(
    ("module", "name"), [("ConditionQueueInductive", "CalledAreListed"), ("HandoffQueueInductive", "ServedMeanwhile")]
)
def test_without_this_conjunct_the_step_that_is_told_leads_out(
    module: str, name: str, toolchain: Toolchain, capsys: pytest.CaptureFixture[str]
) -> None:
    assert found(needs(module, toolchain, name)[name]) == told_of(module)[name]


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", MODULES)
def test_each_conjunct_is_needed_as_the_document_tells(module: str, toolchain: Toolchain) -> None:
    assert {name: found(need) for name, need in needs(module, toolchain).items()} == told_of(module)


def copy_with(tmp_path: Path, module: str, before: str, after: str) -> Path:
    models = shutil.copytree(MODELS, tmp_path / "models")
    text = (models / f"{module}.tla").read_text(encoding="utf-8")
    assert text.count(before) == 1
    (models / f"{module}.tla").write_text(text.replace(before, after), encoding="utf-8")
    return models


def only_run(models: Path, config: str) -> None:
    """Let the manifest have only this run, and the folder only its files."""
    manifest = json.loads((models / "manifest.json").read_text(encoding="utf-8"))
    manifest["runs"] = [run for run in manifest["runs"] if run["config"] == config]
    (models / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.rmtree(models / "broken")
    used = {"ConditionQueueInductive.tla", "ConditionQueue.tla", "BoundedFifo.tla", f"{config}.cfg", "manifest.json"}
    for path in models.iterdir():
        if path.name not in used:
            path.unlink()


def test_a_conjunct_that_follows_from_the_others_is_not_needed(
    toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    again = "\\* Nobody is to be notified while the lock is free.\nCalledInside == lock = Free => calls = <<>>\n\n"
    models = copy_with(tmp_path, MODULES[0], "\\* What is wanted, and", f"{again}\\* What is wanted, and")
    path = models / f"{MODULES[0]}.tla"
    list_ = "    /\\ OnTheRightList\n"
    path.write_text(path.read_text().replace(list_, f"    /\\ CalledInside\n{list_}", 1))
    only_run(models, f"{MODULES[0]}_p1c2k1_universe")
    need = needs(MODULES[0], toolchain, "CalledInside", models=models)["CalledInside"]
    assert not need.needed
    assert "Nobody is to be notified while the lock is free." in format_need(need)
    assert "Not needed" in format_need(need)
    monkeypatch.setenv("COLUMNS", "120")
    assert cli.main(["models", "induction", MODULES[0], "--only", "CalledInside", "--models", str(models)]) == 1
    assert "Not needed" in capsys.readouterr().out


def test_the_command_shows_the_state_and_the_step_that_leads_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    command = ["models", "induction", "ConditionQueueInductive", "--models", str(MODELS)]
    assert cli.main([*command, "--only", "EveryItemIsMet"]) == 0
    out = capsys.readouterr().out
    assert "  NoUnderflow\n      No get takes from an empty queue" in out
    assert "EveryItemIsMet: While a consumer is on the list, for each item" in out
    assert (
        "Without it Park leads to a state that violates NoLostWakeup (ConditionQueueInductive_p1c2k1_universe)." in out
    )
    (before,) = [line for line in out.splitlines() if "Before: " in line]
    assert "consumer-0 at park, with the lock;" in before
    assert 'queue = <<<<"item", 1>>>>;' in before
    assert "todo" not in before, "the invariant does not speak of it"
    assert 'Park: pc["consumer-0"]: "park" → "parked"; lock: "consumer-0" → "free".' in out


def test_what_has_no_such_invariant_is_refused(toolchain: Toolchain, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ConditionQueue has no Goals that is a list of names"):
        needs("ConditionQueue", toolchain)
    with pytest.raises(UsageError, match="no conjunct NoUnderflow that could be left out; there are OnTheRightList"):
        needs("ConditionQueueInductive", toolchain, "NoUnderflow")
    models = copy_with(tmp_path, MODULES[0], "Inv ==\n    /\\ Goals", "Inv ==\n    /\\ MutualExclusion")
    with pytest.raises(UsageError, match="Inv must begin with Goals"):
        inductive_invariant(MODULES[0], models)
    only_run(models, f"{MODULES[0]}_p2c2k2")
    with pytest.raises(UsageError, match="no run of ConditionQueueInductive has `INIT Universe`"):
        runs_from_universe(MODULES[0], models)


# The variants of models/broken, under the invariant.

VARIANTS = re.findall(
    r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", DOCUMENT.split("## That it can fail")[1], re.MULTILINE
)
QUICK = {"NotifiesOnlyWhenItWasEmpty", "NobodyIsLetIn"}


def one_step_of(variant: str, config: str, toolchain: Toolchain, folder: Path) -> TlcResult:
    """Make a variant extend the module of the invariant, and run it with what its own config substitutes."""
    text = (MODELS / "broken" / f"{variant}.tla").read_text(encoding="utf-8")
    (sound,) = re.findall(r"^EXTENDS (\w+)$", text, re.MULTILINE)
    (folder / f"{variant}.tla").write_text(text.replace(f"EXTENDS {sound}", f"EXTENDS {sound}Inductive"))
    own = sorted((MODELS / "broken").glob(f"{variant}_*.cfg"))[0].read_text(encoding="utf-8")
    substitutions = re.findall(r"^CONSTANT \w+ <- \w+$", own, re.MULTILINE)
    assert substitutions
    path = folder / "Variant.cfg"
    inductive = (MODELS / f"{sound}Inductive_{config}.cfg").read_text(encoding="utf-8")
    path.write_text("\n".join([inductive, *substitutions, ""]), encoding="utf-8")
    module = folder / f"{variant}.tla"
    return run_tlc(module, path, library=(MODELS,), toolchain=toolchain, max_seconds=100, coverage=False)


@pytest.mark.parametrize(
    ("variant", "config", "action", "violated"),
    [pytest.param(*row, marks=() if row[0] in QUICK else pytest.mark.nightly, id=row[0]) for row in VARIANTS],
)
def test_a_variant_leads_out_of_the_invariant_in_the_step_that_is_told(
    variant: str, config: str, action: str, violated: str, toolchain: Toolchain, tmp_path: Path
) -> None:
    result = one_step_of(variant, config, toolchain, tmp_path)
    assert (result.violated, [state.action for state in result.states]) == ((violated,), ["Init", action])


def test_the_document_has_thirteen_variants() -> None:
    assert len(VARIANTS) == 13


@pytest.mark.nightly
def test_a_variant_that_only_loses_an_item_does_not(toolchain: Toolchain, tmp_path: Path) -> None:
    assert not one_step_of("InterruptKeepsWhatItWasGiven", ALL, toolchain, tmp_path).violated
