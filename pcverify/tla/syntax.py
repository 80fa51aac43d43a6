r"""The definitions of a module as trees, each node with the place in the text that it was read from.

This reads the part of TLA+ in which the modules of `models` are written, as far as edits of single expressions need
it: definitions, conjunctions and disjunctions by their columns, IF, CASE, LET, quantifiers, functions, EXCEPT. What
it does not know is an error with the line, never a guess. It knows nothing of levels or types; TLC's parser judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NoReturn

from pcverify.tla.errors import ModelError

_TOKEN = re.compile(
    r"""\s+|\\\*[^\n]*|\(\*.*?\*\)|-{4,}|={4,}|"[^"]*"|\d+|[A-Za-z_]\w*
    |<=>|\|->|==|=>|<<|>>|<>|~>|<=|>=|/=|/\\|\\/|->|<-|\[\]|\.\.|\\[A-Za-z]+|.""",
    re.DOTALL | re.VERBOSE,
)
_SPACE = re.compile(r"\s|\\\*|\(\*")
_SECTIONS = {"EXTENDS", "CONSTANT", "CONSTANTS", "VARIABLE", "VARIABLES", "ASSUME"}
_IF = {"IF": "THEN", "THEN": "ELSE", "ELSE": ""}
_LEVELS = {"=>": 1, "<=>": 1, "\\/": 3, "/\\": 4} | dict.fromkeys(
    ("=", "#", "/=", "<", ">", "<=", ">=", "\\in", "\\notin", "\\subseteq"), 5
)
_LEVELS |= {"\\cup": 8, "\\cap": 8, "\\": 8, "\\X": 8, "..": 9, "+": 10, "-": 10, "\\o": 13, "*": 13}
_COMPARISON = 5
_TIGHT = 14
_JUNCTIONS = {"/\\": "and", "\\/": "or"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign."""

    text: str
    start: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    r"""An expression.

    Attributes:
        kind: `and`, `or`, `infix`, `prefix`, `prime`, `name`, `call`, `index`, `string`, `number`, `if`, `case`,
            `other`, `let`, `define`, `quantifier`, `lambda`, `set`, `comprehension`, `tuple`, `function`, `except`.
        start, end: its place in the text of the module.
        word: the operator, or the name: `\in`, `Head`.
        parts: the expressions in it, in the order of the text; of `case`, conditions and values in turn.
    """

    kind: str
    start: int
    end: int
    word: str
    parts: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield this and all that is in it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition of a module: its name, whether it has parameters, and what it is defined as."""

    name: str
    parameters: bool
    body: Node


def definitions_of(text: str) -> dict[str, Definition]:
    """Return what a module defines, by name, apart from instances of other modules and temporal formulas.

    Raises:
        ModelError: something stands there that this does not know.
    """
    tokens = _tokens(text)
    heads = [number for number in range(len(tokens)) if _begins_part(tokens, number)]
    found: dict[str, Definition] = {}
    for head, end in zip(heads, [*heads[1:], len(tokens)], strict=True):
        part = tokens[head:end]
        equals = next((at for at, token in enumerate(part) if token.text == "=="), None)
        if part[0].text in _SECTIONS or equals is None or equals + 1 == len(part):
            continue
        body = part[equals + 1 :]
        if body[0].text != "INSTANCE" and not _is_temporal(body):
            found[part[0].text] = Definition(part[0].text, equals > 1, _Parser(text, body).whole())
    return found


def variables_of(text: str) -> tuple[str, ...]:
    """Return the names of the variables that a module declares."""
    return _declared(text, {"VARIABLE", "VARIABLES"})


@lru_cache(maxsize=64)
def constants_of(text: str) -> tuple[str, ...]:
    """Return the names of the constants that a module declares, operators among them."""
    return _declared(text, {"CONSTANT", "CONSTANTS"})


def _declared(text: str, sections: set[str]) -> tuple[str, ...]:
    tokens = _tokens(text)
    heads = [number for number in range(len(tokens)) if _begins_part(tokens, number)]
    names: list[str] = []
    for head, end in zip(heads, [*heads[1:], len(tokens)], strict=True):
        if tokens[head].text in sections:
            names += [token.text for token in tokens[head + 1 : end] if token.text not in {",", "(", ")", "_"}]
    return tuple(names)


def _tokens(text: str) -> list[Token]:
    begins = re.search(r"\bMODULE\b.*", text)
    tokens = []
    for found in _TOKEN.finditer(text, begins.end() if begins else 0):
        if not _SPACE.match(found[0]):
            tokens.append(Token(found[0], found.start(), found.start() - text.rfind("\n", 0, found.start()) - 1))
    return tokens


def _begins_part(tokens: list[Token], number: int) -> bool:
    """Whether a definition, a section or a line across begins here: in this layout, in the first column."""
    return tokens[number].column == 0


def _is_temporal(body: list[Token]) -> bool:
    """Whether this is a formula about behaviours: `[][A]_v`, `<>P`, `P ~> Q`, `WF_v(A)`."""
    texts = [token.text for token in body]
    return ("[]", "[") in pairwise(texts) or any(text.startswith(("<>", "~>", "WF_", "SF_")) for text in texts)


class _Parser:
    """Reads one expression. `edge` is the column of the innermost list: what is not right of it ends the item."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text, self.tokens = text, tokens
        self.at = 0
        self.edge = -1

    def whole(self) -> Node:
        node = self.expression()
        rest = [token for token in self.tokens[self.at :] if not token.text.startswith(("----", "===="))]
        if rest:
            self.fail(rest[0])
        return node

    def fail(self, token: Token | None) -> NoReturn:
        place = token.start if token else self.tokens[-1].start
        line = self.text.count("\n", 0, place) + 1
        raise ModelError(f"line {line}: cannot read {token.text if token else 'the end'!r} there")

    def peek(self) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return "" if token is None or token.column <= self.edge else token.text

    def take(self, wanted: str = "") -> Token:
        if not self.peek() or (wanted and self.peek() != wanted):
            self.fail(self.tokens[self.at] if self.at < len(self.tokens) else None)
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self, text: str) -> bool:
        if self.peek() != text:
            return False
        self.at += 1
        return True

    def node(self, kind: str, start: int, word: str = "", *parts: Node) -> Node:
        last = self.tokens[self.at - 1]
        return Node(kind, start, last.start + len(last.text), word, parts)

    def expression(self, level: int = 1) -> Node:
        start = self.tokens[self.at].start if self.at < len(self.tokens) else 0
        left = self.list_of(self.peek()) if self.peek() in _JUNCTIONS else self.prefixed()
        while (word := self.peek()) in _LEVELS and _LEVELS[word] >= level:
            self.take()
            right = self.expression(_LEVELS[word] + 1)
            if word in _JUNCTIONS:
                kind = _JUNCTIONS[word]
                parts = left.parts if left.kind == kind and left.word == "" else (left,)
                left = self.node(kind, start, "", *parts, right)
            else:
                left = self.node("infix", start, word, left, right)
        return left

    def list_of(self, sign: str) -> Node:
        first, outer = self.tokens[self.at], self.edge
        items = []
        while self.peek() == sign and self.tokens[self.at].column == first.column:
            self.take()
            self.edge = first.column
            items.append(self.expression())
            self.edge = outer
        return self.node(_JUNCTIONS[sign], first.start, "list", *items)

    def prefixed(self) -> Node:
        word = self.peek()
        start = self.tokens[self.at].start if word else 0
        if word in {"~", "UNCHANGED", "SUBSET", "DOMAIN", "-"}:
            self.take()
            operand = self.expression(_COMPARISON if word == "~" else _TIGHT)
            return self.node("prefix", start, word, operand)
        reading = {"IF": self.choice, "CASE": self.case, "LET": self.let, "LAMBDA": self.binder}
        reading |= dict.fromkeys(("\\A", "\\E", "CHOOSE"), self.binder)
        return reading[word]() if word in reading else self.postfixed()

    def choice(self) -> Node:
        start = self.tokens[self.at].start
        parts = []
        for word in _IF:
            self.take(word)
            parts.append(self.expression())
        return self.node("if", start, "", *parts)

    def case(self) -> Node:
        start = self.take("CASE").start
        parts: list[Node] = []
        while True:
            at = self.tokens[self.at].start
            parts.append(self.node("other", at) if self.skip("OTHER") else self.expression())
            self.take("->")
            parts.append(self.expression())
            if not self.skip("[]"):
                return self.node("case", start, "", *parts)

    def let(self) -> Node:
        start = self.take("LET").start
        parts: list[Node] = []
        while not self.skip("IN"):
            name = self.take()
            if self.skip("("):
                self.listed(")")
            self.take("==")
            parts.append(self.node("define", name.start, name.text, self.expression()))
        return self.node("let", start, "", *parts, self.expression())

    def binder(self) -> Node:
        first = self.take()
        parts = []
        while not self.skip(":"):
            self.take()
            if self.skip("\\in"):
                parts.append(self.expression(_COMPARISON + 1))
            self.skip(",")
        kind = "lambda" if first.text == "LAMBDA" else "quantifier"
        body = self.expression()
        return self.node(kind, first.start, first.text, *parts, body)

    def postfixed(self) -> Node:
        start = self.tokens[self.at].start if self.peek() else 0
        node = self.plain()
        while True:
            if self.skip("'"):
                node = self.node("prime", start, "", node)
            elif self.peek() == "[" and node.kind in {"name", "index", "prime"}:
                self.take()
                node = self.node("index", start, "", node, *self.listed("]"))
            else:
                return node

    def plain(self) -> Node:  # noqa: PLR0911  # one for each form
        token = self.take()
        start, word = token.start, token.text
        if word == "(":
            inner = self.expression()
            self.take(")")
            return inner
        if word == "<<":
            return self.node("tuple", start, "", *self.listed(">>"))
        if word == "{":
            return self.set_from(start)
        if word == "[":
            return self.function_from(start)
        if word[0] == '"':
            return self.node("string", start, word[1:-1])
        if word.isdigit():
            return self.node("number", start, word)
        if not re.match(r"[A-Za-z_@]", word):
            self.fail(token)
        while self.skip("!"):
            word += "!" + self.take().text
        if self.skip("("):
            return self.node("call", start, word, *self.listed(")"))
        return self.node("name", start, word)

    def listed(self, end: str) -> list[Node]:
        parts: list[Node] = []
        while not self.skip(end):
            parts.append(self.expression())
            if self.peek() != end:
                self.take(",")
        return parts

    def set_from(self, start: int) -> Node:
        parts: list[Node] = []
        while not self.skip("}"):
            parts.append(self.expression())
            if self.skip(":"):
                parts.append(self.expression())
                self.take("}")
                return self.node("comprehension", start, "", *parts)
            if self.peek() != "}":
                self.take(",")
        return self.node("set", start, "", *parts)

    def function_from(self, start: int) -> Node:
        first = self.expression()
        parts = [first]
        if self.skip("EXCEPT"):
            while True:
                self.take("!")
                while self.skip("["):
                    parts += self.listed("]")
                self.take("=")
                parts.append(self.expression())
                if not self.skip(","):
                    break
            self.take("]")
            return self.node("except", start, "", *parts)
        word = self.take().text
        if word not in {"|->", "->"}:
            self.fail(self.tokens[self.at - 1])
        parts.append(self.expression())
        if word == "|->" and first.kind == "name":
            while self.skip(","):
                parts.append(self.expression())
                self.take("|->")
                parts.append(self.expression())
            self.take("]")
            return self.node("record", start, "", *parts)
        self.take("]")
        return self.node("function", start, word, *parts)
