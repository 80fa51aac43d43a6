"""Each conjunct of each invariant catches something that no other does, or is listed as implied."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pcverify.tla.conjuncts import Asked, asked, conjuncts_of, listed
from pcverify.tla.errors import ModelError
from pcverify.tla.manifest import find_models
from pcverify.tla.toolchain import Toolchain

TEXT = """---- MODULE Small ----
Inner ==
    /\\ One
    /\\ \\A t \\in Tasks : t \\in Two => LET three == 3 IN
        /\\ three = t
        /\\ Four

Whole == Inner
Part ==
    Five => Inner
Single == Six \\/ Seven
====
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with all models, to change."""
    return Path(shutil.copytree(find_models(), tmp_path / "models"))


def asked_of(module: str, models: Path, toolchain: Toolchain) -> dict[str, Asked]:
    answers = asked(module, models=models, toolchain=toolchain, max_seconds=200)
    return {each.conjunct.name: each for each in answers}


def lists(models: Path, module: str, conjunct: str, **entry: str) -> None:
    path = models / "conjuncts.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    if entry:
        known[module][conjunct] = entry
    else:
        del known[module][conjunct]
    path.write_text(json.dumps(known), encoding="utf-8")


def test_conjuncts_are_found_behind_quantifiers_implications_and_names() -> None:
    conjuncts = conjuncts_of(TEXT, ["Whole", "Part", "Single"])
    assert [(each.name, each.line, each.says) for each in conjuncts] == [
        ("Whole.1", 3, "One"),
        ("Whole.2", 5, "three = t"),
        ("Whole.3", 6, "Four"),
        ("Part.1", 3, "One"),
        ("Part.2", 5, "three = t"),
        ("Part.3", 6, "Four"),
        ("Single", 11, "Six \\/ Seven"),
    ]
    assert "Five => Inner" in conjuncts[4].alone
    assert "One" not in conjuncts[4].alone
    with pytest.raises(ModelError, match="no definition of the invariant Eight"):
        conjuncts_of(TEXT, ["Eight"])


def test_each_conjunct_of_a_small_model_is_told_apart_as_listed(toolchain: Toolchain) -> None:
    answers = asked_of("BoundedFifo", find_models(), toolchain)
    assert {name for name, each in answers.items() if not each.holds} == set()
    assert {name for name, each in answers.items() if each.told and each.told.implied} == {
        "TypeOK.4",
        "TypeOK.5",
        "TypeOK.6",
    }


def test_what_is_listed_wrongly_is_not_believed(toolchain: Toolchain, models: Path) -> None:
    run = "UnfinishedTasks_p1f1j1i2d1"
    lists(models, "UnfinishedTasks", "ParkedAreListed.1", run=run, write="calls' = calls")  # breaks nothing
    lists(models, "UnfinishedTasks", "TypeOK.2", run=run, edit="Next.action-1-left-out")  # breaks nothing
    lists(models, "UnfinishedTasks", "TypeOK.4", run=run, write="size' = 0 - 1")  # breaks another
    lists(models, "UnfinishedTasks", "NoJoinSleepsOn")  # nothing is listed
    answers = asked_of("UnfinishedTasks", models, toolchain)
    wrong = {"ParkedAreListed.1", "TypeOK.2", "TypeOK.4", "NoJoinSleepsOn"}
    assert {name for name, each in answers.items() if not each.holds} == wrong


def test_two_conjuncts_that_say_the_same_are_not_told_apart(toolchain: Toolchain, models: Path) -> None:
    path = models / "UnfinishedTasks.tla"
    text = path.read_text(encoding="utf-8")
    added = text.replace("    /\\ lock \\in Tasks", "    /\\ lock \\in {Free} \\cup Tasks\n    /\\ lock \\in Tasks")
    assert added != text
    path.write_text(added, encoding="utf-8")
    known = listed(models)["UnfinishedTasks"]["TypeOK.2"]
    lists(models, "UnfinishedTasks", "TypeOK.3", run=known.run, write=known.by)
    answers = asked_of("UnfinishedTasks", models, toolchain)
    assert not answers["TypeOK.2"].holds
    assert not answers["TypeOK.3"].holds


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"run": "UnfinishedTasks_p1f1j1i2d1", "edit": "Nothing.guard-1-dropped"}, "no edit Nothing.guard-1-dropped"),
        ({"run": "UnfinishedTasks_p9", "write": "size' = 0"}, "no run UnfinishedTasks_p9"),
        ({"run": "UnfinishedTasks_p1f1j1i2d1", "write": "seize' = 0"}, "no variable seize to write to"),
        ({"run": "UnfinishedTasks_p1f1j1i2d1", "write": "size = 0"}, "nothing is written by size = 0"),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_says_so(
    entry: dict[str, str], words: str, toolchain: Toolchain, models: Path
) -> None:
    lists(models, "UnfinishedTasks", "TypeOK.1", **entry)
    with pytest.raises(ModelError, match=words):
        asked_of("UnfinishedTasks", models, toolchain)


def test_an_entry_for_no_conjunct_is_an_error(toolchain: Toolchain, models: Path) -> None:
    lists(models, "UnfinishedTasks", "TypeOK.99", implied="Because.")
    with pytest.raises(ModelError, match=r"lists what UnfinishedTasks has not: TypeOK\.99"):
        asked_of("UnfinishedTasks", models, toolchain)


@pytest.mark.nightly
@pytest.mark.parametrize("module", ["UnfinishedTasks", "ConditionQueue", "HandoffQueue", "Pipeline"])
def test_each_conjunct_is_told_apart_as_listed(module: str, toolchain: Toolchain) -> None:
    answers = asked_of(module, find_models(), toolchain)
    assert {name for name, each in answers.items() if not each.holds} == set()
    assert all(len(each.told.implied.split()) > 5 for each in answers.values() if each.told and each.told.implied)


def test_the_document_counts_what_is_listed() -> None:
    told = [each for those in listed(find_models()).values() for each in those.values()]
    edits, implied = sum(each.is_edit for each in told), sum(bool(each.implied) for each in told)
    words = " ".join(Path("docs/models.md").read_text(encoding="utf-8").split())
    assert (
        f"of {len(told)} conjuncts, {edits} are told apart by an edit, {len(told) - edits - implied} by a write, "
        f"and {implied} are implied"
    ) in words
