r"""What a TLC config asks for: properties, values of constants, and what lets TLC look at something else.

TLC reads the config itself; this reads what a verdict has to be compared with, and what code has to be run with. It
takes words as TLC 2.15 does, and refuses what that would not take. It also refuses a comment within a comment, where
it is easily missed what is checked. Comments are `\*` to the end of the line, and `(* ... *)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from pcverify.tla.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WORD = re.compile(r'\s+|\\\*[^\n]*|\(\*.*?\*\)|"(?:[^"\\\n]|\\.)*"|\w+|<-|\(\*|.', re.DOTALL)
_INVARIANT = {"INVARIANT", "INVARIANTS"}
_PROPERTY = {"PROPERTY", "PROPERTIES"}
_CONSTANT = {"CONSTANT", "CONSTANTS"}
_OF_ONE_NAME = {"INIT", "NEXT", "SPECIFICATION", "SYMMETRY", "TYPE", "TYPE_CONSTRAINT", "VIEW"}
_SINGULAR = {
    "ACTION_CONSTRAINTS": "ACTION_CONSTRAINT", "CONSTANTS": "CONSTANT", "CONSTRAINTS": "CONSTRAINT",
    "INVARIANTS": "INVARIANT", "PROPERTIES": "PROPERTY",
}  # fmt: skip
_KEYWORDS = _INVARIANT | _PROPERTY | _CONSTANT | _OF_ONE_NAME | {
    "ACTION_CONSTRAINT", "ACTION_CONSTRAINTS", "CONSTRAINT", "CONSTRAINTS",
}  # fmt: skip
_LATER = {"ALIAS", "CHECK_DEADLOCK", "POSTCONDITION"}  # a later TLC knows them, and may then check less

REDUCTIONS = frozenset({"SYMMETRY", "VIEW", "CONSTRAINT", "ACTION_CONSTRAINT"})
"""With these TLC looks at fewer states than the specification has: it keeps one for many, or cuts some off."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What a config asks TLC to check."""

    invariants: tuple[str, ...]
    """Names after INVARIANT, in order."""

    properties: tuple[str, ...]
    """Names after PROPERTY, in order."""

    statements: frozenset[str] = frozenset()
    """The kinds of statements that stand there, in the singular: `CONSTANT`, `SYMMETRY`."""

    values: Mapping[str, str] = field(default_factory=dict)
    """What stands behind `=` for each name, without spaces: `{"a","b"}`."""

    substitutions: Mapping[str, str] = field(default_factory=dict)
    """What stands behind `<-` for each name: a definition, with its module if there is one: `[Queue] Defined`."""

    @property
    def reductions(self) -> tuple[str, ...]:
        """Those of them that let TLC look at fewer states than the specification has, in alphabetical order."""
        return tuple(sorted(self.statements & REDUCTIONS))


def read_config(path: Path) -> ModelConfig:
    """Read a config.

    Raises:
        ModelError: the file cannot be read, or TLC 2.15 would not take it so.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read the config {path}: {error}") from error
    return _Reader(path, text).config()


class _Reader:
    """Takes one word after the other."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._words: list[tuple[str, int]] = []
        self._next = 0
        for found in _WORD.finditer(text):
            word = found[0]
            if word == "(*" or (word.startswith("(*") and "(*" in word[2:]):
                self._fail(found.start(), "a comment that is not closed, or has another in it")
            if word == '"':
                self._fail(found.start(), "a string that is not closed")
            if not word.isspace() and not word.startswith(("\\*", "(*")):
                self._words.append((word, found.start()))

    def config(self) -> ModelConfig:
        statements: set[str] = set()
        names: dict[str, list[str]] = {"INVARIANT": [], "PROPERTY": []}
        values: dict[str, str] = {}
        substitutions: dict[str, str] = {}
        while self._next < len(self._words):
            keyword = self._take("a statement")
            if keyword not in _KEYWORDS:
                self._refuse(f"{keyword} begins no statement that TLC 2.15 knows")
            kind = _SINGULAR.get(keyword, keyword)
            statements.add(kind)
            if keyword in _OF_ONE_NAME:
                self._take("a name")
            while (word := self._peek()) and word not in _KEYWORDS and keyword not in _OF_ONE_NAME:
                name = self._take("a name")
                if name in _LATER:
                    self._refuse(f"{name} begins no statement that TLC 2.15 knows")
                if kind == "CONSTANT":
                    self._constant(name, values, substitutions)
                elif kind in names:
                    names[kind].append(name)
        return ModelConfig(
            tuple(names["INVARIANT"]), tuple(names["PROPERTY"]), frozenset(statements), values, substitutions
        )

    def _constant(self, name: str, values: dict[str, str], substitutions: dict[str, str]) -> None:
        """Take what stands behind the name: `= value`, `<- definition`, `(arguments) = value`."""
        if name in values or name in substitutions:
            self._refuse(f"{name} stands there twice")
        if self._peek() == "<-":
            self._take("<-")
            module = f"{self._bracketed('[', ']')} " if self._peek() == "[" else ""
            substitutions[name] = module + self._take("a definition")
            return
        arguments = self._bracketed("(", ")") if self._peek() == "(" else ""
        if self._take("= or <-") != "=":
            self._refuse(f"neither = nor <- stands behind {name}")
        module = self._bracketed("[", "]") if self._peek() == "[" else ""
        value = self._bracketed("{", "}") if self._peek() == "{" else self._take("a value")
        value += self._take("a number") if value == "-" else ""
        values[name + arguments] = module + value

    def _bracketed(self, left: str, right: str) -> str:
        words = [self._take(left)]
        depth = 1
        while depth:
            words.append(self._take(right))
            depth += (words[-1] == left) - (words[-1] == right)
        return "".join(words)

    def _peek(self) -> str:
        return self._words[self._next][0] if self._next < len(self._words) else ""

    def _take(self, what: str) -> str:
        if self._next == len(self._words):
            self._fail(len(self._text), f"it ends where {what} should stand")
        self._next += 1
        return self._words[self._next - 1][0]

    def _refuse(self, what: str) -> NoReturn:
        self._fail(self._words[self._next - 1][1], what)

    def _fail(self, place: int, what: str) -> NoReturn:
        line = self._text.count("\n", 0, place) + 1
        raise ModelError(f"cannot read the config {self._path}, line {line}: {what}")
