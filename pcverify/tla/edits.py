r"""Every guard and every effect of every action of a module, edited once: what a check must be able to tell apart.

    for edit in edits_of("ConditionQueue", text):
        print(edit.name, edit.line, edit.before, "→", edit.after)

Edited is what `Init` and `Next` come to: actions, and the definitions that they use. Each edit changes one place:

- a guard: left out, or negated; the bound of a comparison moved by one; an element taken out of `\in {…}`;
- a choice (IF, CASE): always, or never;
- an effect: left out, so that the variables stay as they are; a value in it changed: the other end of a sequence, the
  other operand first, one more or no less, TRUE for FALSE, another position of a task;
- an action: left out of `Next`, or of a list that `Next` names.

Not edited: UNCHANGED, without which a step would be undefined; definitions that depend on no variable and no
parameter, which are names for constants; and what instances of other modules define.

The same text gives the same edits, with the same names. Whether an edit changes anything is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pcverify.tla.syntax import Node, definitions_of, variables_of

_BOUNDS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OPPOSITES = {"=": "#", "#": "=", "\\in": "\\notin", "\\notin": "\\in", "TRUE": "FALSE", "FALSE": "TRUE"}
_COMPARISONS = {*_BOUNDS, "=", "#", "\\in", "\\notin", "\\subseteq", "=>", "<=>"}
_DROPPED = {"and": "TRUE", "or": "FALSE"}


@dataclass(frozen=True, slots=True)
class Edit:
    """A module that differs from a given one in one place."""

    module: str
    """The module's name."""

    name: str
    """What is edited and how: `Park.guard-1-dropped`. One of its kind in the module."""

    line: int
    """The line in which the place begins, counted from 1."""

    before: str
    """What stands there, in one line."""

    after: str
    """What stands there after the edit."""

    place: tuple[int, int]
    """Where it begins and ends in the text of the module."""

    text: str
    """The whole module after the edit."""

    @property
    def definition(self) -> str:
        """The name of the definition that is edited."""
        return self.name.partition(".")[0]


def edits_of(module: str, text: str) -> tuple[Edit, ...]:
    """Return every edit of a module, in the order of its text.

    Args:
        module: its name.
        text: all of it. Its next-state relation must be called `Next`, its initial predicate `Init`.

    Raises:
        ModelError: the module has a form that `syntax` does not know.
    """
    edits = list(_Editor(module, text).all())
    unique = {edit.text: edit for edit in reversed(edits) if edit.text != text}
    return tuple(edit for edit in edits if unique.get(edit.text) is edit)


class _Editor:
    def __init__(self, module: str, text: str) -> None:
        self.module, self.text = module, text
        self.definitions = definitions_of(text)
        self.variables = variables_of(text)
        self.positions = self._positions()
        self.lists = self._lists_of_actions()
        self.inside = ""
        self.spots: dict[tuple[str, str], list[int]] = {}

    def all(self) -> Iterator[Edit]:
        reached = self._reached("Init") | self._reached("Next")
        for name, definition in self.definitions.items():
            if name not in reached or not (definition.parameters or self._depends(definition.body)):
                continue
            self.inside = name
            yield from self.any(definition.body)

    # What the module says.

    def _reached(self, name: str) -> set[str]:
        found: set[str] = set()
        work = [name]
        while work:
            name = work.pop()
            if name in found or name not in self.definitions:
                continue
            found.add(name)
            work += [node.word for node in self.definitions[name].body.walk() if node.kind in {"name", "call"}]
        return found

    def _lists_of_actions(self) -> frozenset[str]:
        """Return `Next`, and the names in it that come to nothing but such a list again."""
        found: set[str] = set()
        work = ["Next"] * ("Next" in self.definitions)
        while work:
            name = work.pop()
            found.add(name)
            for node in self._listed(self.definitions[name].body):
                inner = self.definitions.get(node.word)
                if inner is None or inner.parameters or inner.body.kind != "or":
                    continue
                if all(part.word in self.definitions for part in self._listed(inner.body)):
                    work.append(node.word)
        return frozenset(found)

    def _listed(self, node: Node) -> Iterator[Node]:
        if node.kind == "or":
            for part in node.parts:
                yield from self._listed(part)
        elif node.kind == "quantifier":
            yield from self._listed(node.parts[-1])
        else:
            yield node

    def _positions(self) -> tuple[str, ...]:
        """Return where a task can be: the strings in those sets of several that TypeOK names."""
        found: set[str] = set()
        for name in self._reached("TypeOK"):
            for node in self.definitions[name].body.walk():
                if node.kind == "set" and len(node.parts) > 1:
                    found.update(part.word for part in node.parts if part.kind == "string")
        return tuple(sorted(found))

    def _depends(self, node: Node) -> bool:
        names = {part.word for part in node.walk() if part.kind in {"name", "call"}}
        reached = set().union(*map(self._reached, names)) if names else set()
        used = {part.word for name in reached for part in self.definitions[name].body.walk()}
        return bool((names | used) & set(self.variables))

    def assigned(self, node: Node) -> tuple[str, ...]:
        """Return the variables that a formula gives values to, in the order of their declaration."""
        match node.kind:
            case "infix" if node.word == "=" and self._primed(node.parts[0]):
                found = {node.parts[0].parts[0].word}
            case "prefix" if node.word == "UNCHANGED":
                found = {part.word for part in node.walk() if part.word in self.variables}
            case "and" | "or" | "quantifier" | "let":
                found = {name for part in node.parts for name in self.assigned(part)}
            case "if":
                found = {*self.assigned(node.parts[1]), *self.assigned(node.parts[2])}
            case "case":
                found = {name for part in node.parts[1::2] for name in self.assigned(part)}
            case "call" | "name" if node.word in self.definitions:
                found = set(self.assigned(self.definitions[node.word].body))
            case _:
                found = set()
        return tuple(name for name in self.variables if name in found)

    def _primed(self, node: Node) -> bool:
        return node.kind == "prime" and node.parts[0].word in self.variables

    def is_formula(self, node: Node) -> bool:  # noqa: PLR0911  # one for each form
        match node.kind:
            case "and" | "or":
                return True
            case "quantifier":
                return node.word != "CHOOSE"
            case "infix":
                return node.word in _COMPARISONS
            case "prefix":
                return node.word in {"~", "UNCHANGED"}
            case "if" | "case":
                return self.is_formula(node.parts[1])
            case "let":
                return self.is_formula(node.parts[-1])
            case "call" | "name" if node.word in self.definitions:
                return self.is_formula(self.definitions[node.word].body)
            case _:
                return False

    def leaves_alone(self, node: Node) -> bool:
        """Whether this is the name of an UNCHANGED."""
        return node.word in self.definitions and self.definitions[node.word].body.word == "UNCHANGED"

    def is_foreign(self, node: Node) -> bool:
        """Whether a formula is, or comes to, one of an instance: what that gives values to is not known here."""
        if node.kind in {"and", "or"}:
            return any(map(self.is_foreign, node.parts))
        if node.kind in {"call", "name"} and node.word in self.definitions:
            return self.is_foreign(self.definitions[node.word].body)
        return node.kind in {"call", "name"} and "!" in node.word

    # The edits.

    def edit(self, kind: str, node: Node, how: str, after: str) -> Edit:
        spots = self.spots.setdefault((self.inside, kind), [])
        if node.start not in spots:
            spots.append(node.start)
        number = spots.index(node.start) + 1
        # Padded, so that lists further to the right keep their columns.
        text = self.text[: node.start] + after.ljust(node.end - node.start) + self.text[node.end :]
        line = self.text.count("\n", 0, node.start) + 1
        before, place = " ".join(self.said(node).split()), (node.start, node.end)
        return Edit(self.module, f"{self.inside}.{kind}-{number}-{how}", line, before, after, place, text)

    def said(self, node: Node) -> str:
        return self.text[node.start : node.end]

    def any(self, node: Node) -> Iterator[Edit]:
        yield from self.formula(node, "and") if self.is_formula(node) else self.value(node)

    def formula(self, node: Node, within: str) -> Iterator[Edit]:  # noqa: PLR0912  # one for each form
        """Edit a formula that stands in a conjunction or a disjunction: effects where there are some, else a guard."""
        changes = self.assigned(node)
        match node.kind:
            case "and" | "or":
                for part in node.parts:
                    yield from self.formula(part, node.kind)
            case "if" | "case":
                yield from self.branches(node)
            case "let":
                for part in node.parts[:-1]:
                    yield from self.any(part.parts[0])
                yield from self.formula(node.parts[-1], within)
            case "quantifier" if changes or self.inside in self.lists:
                yield from self.formula(node.parts[-1], "and")
            case "prefix" if node.word == "UNCHANGED":
                return
            case "infix" if changes:
                yield self.edit("effect", node, "left-out", f"UNCHANGED {changes[0]}")
                yield from self.any(node.parts[1])
            case "infix" if self.inside == "Init":
                yield from self.any(node.parts[1])
            case "name" if node.word in self.lists:
                return
            case "call" | "name" if self.inside in self.lists:
                yield self.edit("action", node, "left-out", "FALSE")
            case "call" | "name" if self.is_foreign(node) or (changes and self.leaves_alone(node)):
                return
            case "call" | "name" if changes:
                yield self.edit("effect", node, "left-out", f"UNCHANGED <<{', '.join(changes)}>>")
                for part in node.parts:
                    yield from self.any(part)
            case _:
                yield from self.guard(node, within)

    def guard(self, node: Node, within: str) -> Iterator[Edit]:
        yield self.edit("guard", node, "dropped", _DROPPED[within])
        yield self.edit("guard", node, "negated", self.negation(node))
        yield from self.parts_of_guard(node)

    def parts_of_guard(self, node: Node) -> Iterator[Edit]:
        """Edit what stands in a guard: the whole was negated already."""
        if node.word == "~" or node.kind == "quantifier":
            for part in node.parts[:-1]:
                yield from self.value(part)
            node = node.parts[-1]
        if node.word in _BOUNDS:
            yield from self.value(node)
        elif node.kind in {"and", "or", "if", "case", "let", "quantifier"}:
            yield from self.formula(node, "and")
        else:
            yield from self.elements(node)
            for part in node.parts:
                yield from self.any(part)

    def negation(self, node: Node) -> str:
        if node.word == "~":
            return self.said(node.parts[0])
        if node.kind == "infix" and node.word in _OPPOSITES:
            return self.joined(node.parts[0], _OPPOSITES[node.word], node.parts[1])
        return f"~({self.said(node)})"

    def joined(self, left: Node, word: str, right: Node) -> str:
        return f"{self.said(left)} {word} {self.said(right)}"

    def choice(self, node: Node) -> Iterator[Edit]:
        yield self.edit("choice", node, "always", "TRUE")
        yield self.edit("choice", node, "never", "FALSE")
        if node.kind in {"and", "or"}:
            yield from self.formula(node, node.kind)
        else:
            yield from self.parts_of_guard(node)

    def branches(self, node: Node) -> Iterator[Edit]:
        conditions, values = (
            (node.parts[:1], node.parts[1:]) if node.kind == "if" else (node.parts[::2], node.parts[1::2])
        )
        for condition in conditions:
            if condition.kind != "other":
                yield from self.choice(condition)
        for value in values:
            yield from self.formula(value, "and") if self.is_formula(value) else self.value(value)

    def elements(self, node: Node) -> Iterator[Edit]:
        """Take each element out of the set that something is asked to be in."""
        if node.word in {"\\in", "\\notin"} and node.parts[1].kind == "set" and len(node.parts[1].parts) > 1:
            for gone in node.parts[1].parts:
                kept = ", ".join(self.said(part) for part in node.parts[1].parts if part is not gone)
                how = gone.word or self.said(gone).strip("<>")
                yield self.edit("set", node.parts[1], f"without-{how or 'empty'}", f"{{{kept}}}")

    def value(self, node: Node) -> Iterator[Edit]:  # noqa: PLR0912  # one for each form
        parts = node.parts
        match node.kind:
            case "infix" if node.word in _BOUNDS:
                yield self.edit("bound", node, "moved", self.joined(parts[0], _BOUNDS[node.word], parts[1]))
            case "infix" if node.word in {"+", "-"} and parts[1].kind == "number":
                yield self.edit("value", node, "no-more" if node.word == "+" else "no-less", self.said(parts[0]))
                parts = parts[:1]
            case "infix" if node.word in {"-", "\\cap", "\\"}:
                yield self.edit("value", node, "first-only", self.said(parts[0]))
            case "infix" if node.word == "\\o":
                yield self.edit("value", node, "swapped", self.joined(parts[1], "\\o", parts[0]))
            case "infix" if node.word == "\\cup":
                yield self.edit("value", node, "first-only", self.said(parts[0]))
                yield self.edit("value", node, "second-only", self.said(parts[1]))
            case "call" if node.word == "Append":
                yield self.edit("value", node, "at-the-head", f"<<{self.said(parts[1])}>> \\o {self.said(parts[0])}")
            case "call" if node.word in {"Tail", "SelectSeq"}:
                yield self.edit("value", node, "all-of-it", self.said(parts[0]))
            case "call" if node.word == "Head":
                yield self.edit("value", node, "the-last", f"{self.said(parts[0])}[Len({self.said(parts[0])})]")
            case "name" if node.word in {"TRUE", "FALSE"}:
                yield self.edit("value", node, "opposite", _OPPOSITES[node.word])
            case "number":
                yield self.edit("value", node, "one-more", str(int(node.word) + 1))
            case "string" if node.word in self.positions:
                others = self.positions
                other = others[(others.index(node.word) + 1) % len(others)]
                yield self.edit("position", node, other, f'"{other}"')
            case "if" | "case":
                yield from self.branches(node)
                return
            case "index":  # a component of a pair is no count
                parts = tuple(part for part in parts if part.kind != "number")
            case "function" | "comprehension":  # `x \in S` there is no question
                parts = tuple(part.parts[1] if part.word == "\\in" else part for part in parts)
        for part in parts:
            yield from self.any(part)
