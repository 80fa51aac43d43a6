r"""`docs/reading-the-specs.md` explains every operator that the modules use, where the reader first meets it.

An explanation is marked: the operator, or the form in which it stands, in bold code, as **`\in`** or **`f[x]`**.
Excerpts are blocks marked `tla` or `cfg`, and stand so in a file under `models/`; what commands print is marked
`console`, and is what they print.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pcverify import cli

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
MODULES = sorted(MODELS.glob("*.tla"))
CONFIGS = sorted(MODELS.rglob("*.cfg"))
DOCUMENT = (ROOT / "docs" / "reading-the-specs.md").read_text(encoding="utf-8")

# The operators with names that come from the standard modules; others that modules use are their own.
STANDARD = {
    "Naturals": {"Nat"},
    "Sequences": {"Seq", "Len", "Head", "Tail", "Append", "SubSeq", "SelectSeq"},
    "FiniteSets": {"Cardinality", "IsFiniteSet"},
}
# What is written with several marks, and so is explained as a whole; a pattern that finds it in a module.
FORMS = {
    "F(x) == e": r"\w\([\w, ]+\)\s*==",
    "{a, b}": r"\{[^{}:]*\}",
    "{x \\in S : p}": r"\{\w+ \\in [^{}:]*:",
    "{e : x \\in S}": r"\{[^{}:]*: \w+ \\in",
    "<<a, b>>": "<<",
    "f[x]": r"\w\[",
    "[x \\in S |-> e]": r"\|->",
    "[S -> T]": r"\[[^\[\]]*[\w}\]] -> [^\[\]]*\]",
    "[f EXCEPT ![x] = e]": "EXCEPT",
    "@": "@",
    "x'": "'",
    "M!F": r"\w!\w",
    "[][A]_v": r"\[\]\[",
    "S \\ T": r"(?<!/)\\ ",
    "\\A x \\in S : p": r"\\A\b",
    "\\E x \\in S : p": r"\\E\b",
    "IF p THEN e ELSE f": r"\bIF\b",
    "CASE p -> e [] OTHER -> f": r"\bCASE\b",
    "LET d IN e": r"\bLET\b",
    "LAMBDA x : e": r"\bLAMBDA\b",
    "INSTANCE M WITH a <- e": r"\bWITH\b",
    "WF_v(A)": r"\bWF_",
    "SF_v(A)": r"\bSF_",
}
# What stands in those forms, and is not explained by itself.
IN_FORMS = {"IF", "THEN", "ELSE", "CASE", "OTHER", "LET", "IN", "LAMBDA", "EXCEPT", "WITH", "\\A", "\\E"}
SYMBOLS_IN_FORMS = re.compile(r"<<|>>|\|->|->|<-")
SYMBOL = re.compile(r"-{4,}|={4,}|<=>|/\\|\\/|\\[a-zA-Z]+|\.\.|==|=>|<=|>=|<>|~>|[^\w\s()\[\]{}\"',:!@\\]")


def without_text(module: str) -> str:
    """Return a module without its comments and what stands in its strings."""
    module = re.sub(r"\(\*.*?\*\)|\\\*[^\n]*", " ", module, flags=re.DOTALL)
    return re.sub(r'"[^"\n]*"', '""', module)


def used(module: str) -> set[str]:
    """Return the operators, keywords and forms that a text in TLA+ uses."""
    code = without_text(module)
    forms = {form for form, pattern in FORMS.items() if re.search(pattern, code)}
    words = set(re.findall(r"\b[A-Z]{2,}\b", code)) | (set(re.findall(r"\w+", code)) & set().union(*STANDARD.values()))
    symbols = SYMBOL.findall(SYMBOLS_IN_FORMS.sub(" ", code))
    symbols = {symbol[:4] if symbol.startswith(("----", "====")) else symbol for symbol in symbols}
    text = {mark for mark in ("(* *)", "\\*") if mark[:2] in module} | ({'"a"'} if '"' in code else set())
    return forms | ((words | symbols) - IN_FORMS) | text


def used_in_configs(config: str) -> set[str]:
    """Return the keywords and forms that a config uses."""
    return set(re.findall(r"^[A-Z]{2,}\b", config, re.MULTILINE)) | ({"a <- b"} if "<-" in config else set())


def explained(text: str) -> set[str]:
    """Return what a text marks as explained."""
    return set(re.findall(r"\*\*`([^`\n]+)`\*\*", text))


def blocks(kind: str) -> list[re.Match[str]]:
    """Return the blocks of the document that are marked so."""
    return list(re.finditer(rf"^```{kind}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))


USED = set().union(*(used(path.read_text()) for path in MODULES))
USED_IN_CONFIGS = set().union(*(used_in_configs(path.read_text()) for path in CONFIGS))
EXCERPTS = blocks("tla")
CONSOLES = blocks("console")


@pytest.mark.parametrize("path", [*MODULES, *CONFIGS], ids=lambda path: path.name)
def test_every_operator_that_is_used_is_explained(path):
    found = used(path.read_text()) if path.suffix == ".tla" else used_in_configs(path.read_text())
    assert found
    assert found <= explained(DOCUMENT)


@pytest.mark.parametrize("number", range(len(EXCERPTS)))
def test_an_operator_is_explained_right_after_the_excerpt_that_it_first_stands_in(number):
    here, after = EXCERPTS[number], [*(found.start() for found in EXCERPTS), len(DOCUMENT)][number + 1]
    assert used(here[1]) <= explained(DOCUMENT[:after])


@pytest.mark.parametrize("operator", sorted(USED | USED_IN_CONFIGS))
def test_an_operator_whose_explanation_is_taken_away_is_missed(operator):
    assert (USED | USED_IN_CONFIGS) - explained(DOCUMENT.replace(f"**`{operator}`**", "")) == {operator}


def test_nothing_is_explained_that_is_not_used_and_nothing_twice():
    marks = re.findall(r"\*\*`([^`\n]+)`\*\*", DOCUMENT)
    assert sorted(marks) == sorted(USED | USED_IN_CONFIGS)


def test_modules_extend_only_those_whose_operators_are_known_here():
    ours = {path.stem for path in MODULES}
    for path in MODULES:
        extended = re.findall(r"^EXTENDS (.*)$", path.read_text(), re.MULTILINE)
        assert {name for names in extended for name in names.split(", ")} <= ours | STANDARD.keys()


def test_an_operator_that_is_new_to_the_modules_is_found():
    assert used("A == CHOOSE x \\in S : x % 2 = 1") >= {"CHOOSE", "%"}
    assert used("A == DOMAIN f \\union x ^ 2") >= {"DOMAIN", "\\union", "^"}


@pytest.mark.parametrize(
    ("block", "files"), [*((b, MODULES) for b in EXCERPTS), *((b, CONFIGS) for b in blocks("cfg"))]
)
def test_an_excerpt_stands_so_in_a_file(block, files):
    assert any(f"\n{block[1]}" in f"\n{path.read_text()}" for path in files), block[1]


def test_bounded_fifo_is_quoted_in_full():
    quoted = {line for excerpt in EXCERPTS for line in excerpt[1].splitlines()}
    code = (MODELS / "BoundedFifo.tla").read_text().splitlines()
    assert [
        line for line in code if without_text(line).strip("- ") and not line.startswith("(*") and line not in quoted
    ] == []


@pytest.mark.parametrize("number", range(len(CONSOLES)))
def test_a_command_prints_what_is_shown(number, tmp_path, monkeypatch, capsys):
    """The copy that the document makes is made and changed as it says."""
    shutil.copytree(MODELS, tmp_path / "mine")
    ((diff,),) = [re.findall(r"^-(.*)\n\+(.*)$", block[1], re.MULTILINE) for block in blocks("diff")]
    module = tmp_path / "mine" / "BoundedFifo.tla"
    assert module.read_text().count(diff[0]) == 1
    module.write_text(module.read_text().replace(*diff))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    command, _, shown = CONSOLES[number][1].partition("\n")
    if command == "$ cp -r models mine":
        return
    cli.main(command.removeprefix("$ pcverify ").split())
    assert without_seconds(capsys.readouterr().out) == without_seconds(shown)


def without_seconds(text: str) -> str:
    """Return what a command prints without how long it took, and without empty lines at its end."""
    return re.sub(r" +\d+(\.\d)? s\b", " … s", re.sub(r"\(\d+ s\)", "(… s)", text)).strip()
