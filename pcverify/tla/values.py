r"""TLA+ values as Python values.

| TLA+, as TLC prints it                       | Python                          |
|----------------------------------------------|---------------------------------|
| `-3`, `TRUE`, `"park"`                       | `-3`, `True`, `"park"`          |
| a model value, `p1`                          | `ModelValue("p1")`              |
| `<<1, 2>>`                                   | `(1, 2)`                        |
| `{1, 2}`, `1..2`                             | `frozenset({1, 2})`             |
| `[kind \|-> "put"]`, `(p1 :> 1 @@ p2 :> 2)`    | a dict, which can be hashed     |

A record is a function on strings, and a function on `1..n` is a sequence: TLC prints each as the
simpler of the two, and so they arrive here. A model value is a type of its own because TLA+ holds
`p1` and `"p1"` to be different.

What this does not do: values that TLC keeps unevaluated, such as `Nat` or `[S -> T]`, are an error.
Python holds `True` and `1` to be equal, TLA+ does not let them be compared at all.
"""

import re
from dataclasses import dataclass
from typing import NoReturn, TypeAlias, Union

from pcverify.tla.errors import TlcOutputError

Value: TypeAlias = Union[int, str, bool, "ModelValue", "tuple[Value, ...]", "frozenset[Value]", "Function"]


@dataclass(frozen=True, slots=True)
class ModelValue:
    """A constant that equals nothing but itself, as a config declares with `p1 = p1`."""

    name: str

    def __str__(self) -> str:
        """Return the bare name, as TLC prints it."""
        return self.name


class Function(dict[Value, Value]):
    """A function or record: a dict that can be an element of a set, so it must not be changed."""

    def __hash__(self) -> int:  # type: ignore[override]  # dict says None: it cannot be hashed
        """Hash the pairs, in no order."""
        return hash(frozenset(self.items()))


def parse_value(text: str) -> Value:
    """Return the value that `text` denotes.

    Raises:
        TlcOutputError: if the text is not one of the forms above, with the place where it departs.
    """
    reader = _Reader(text)
    value = reader.value()
    reader.end()
    return value


def parse_state(text: str) -> dict[str, Value]:
    r"""Return the variables of a state: lines of `/\ name = value`, or a single `name = value`.

    Raises:
        TlcOutputError: if the text does not have this form.
    """
    reader = _Reader(text)
    variables: dict[str, Value] = {}
    while not reader.at_end():
        reader.skip("/\\")
        name = reader.name()
        reader.expect("=")
        variables[name] = reader.value()
    return variables


def format_value(value: Value) -> str:  # noqa: PLR0911  # one for each form
    """Return `value` in TLA+ notation, sets and functions in a stable order."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return '"' + value.translate(_ESCAPES) + '"'
        case tuple():
            return "<<" + ", ".join(map(format_value, value)) + ">>"
        case frozenset():
            return "{" + ", ".join(map(format_value, _in_order(value))) + "}"
        case dict():
            if value and all(isinstance(key, str) and _NAME.fullmatch(key) for key in value):
                return "[" + ", ".join(f"{key} |-> {format_value(item)}" for key, item in value.items()) + "]"
            pairs = (f"{format_value(key)} :> {format_value(value[key])}" for key in _in_order(value))
            return "(" + " @@ ".join(pairs) + ")"
        case _:
            return str(value)


def _in_order(values: "frozenset[Value] | Function") -> list[Value]:
    """Return the elements in an order that depends on them alone: numbers first, the rest by text."""
    return sorted(values, key=lambda value: (value, "") if _is_number(value) else (0, format_value(value)))


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\f": "\\f"})
_UNESCAPED = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"-?\d+(?!\w)")
_IDENTIFIER = re.compile(r"\w*[A-Za-z_]\w*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


class _Reader:
    """Reads values from a text, one token at a time, without looking back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip_space()

    def at_end(self) -> bool:
        return self.position == len(self.text)

    def end(self) -> None:
        if not self.at_end():
            self._fail("the end")

    def skip(self, token: str) -> bool:
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        self._skip_space()
        return True

    def expect(self, token: str) -> None:
        if not self.skip(token):
            self._fail(f"`{token}`")

    def name(self) -> str:
        found = self._match(_NAME)
        if found is None:
            self._fail("a name")
        return found.group()

    def value(self) -> Value:  # noqa: PLR0911  # one for each form
        if self.skip("<<"):
            return self._sequence()
        if self.skip("{"):
            return frozenset(self._items("}"))
        if self.skip("["):
            return self._record()
        if self.skip("("):
            return self._function()
        if string := self._match(_STRING):
            return re.sub(r"\\(.)", lambda found: _UNESCAPED.get(found[1], found[1]), string[1], flags=re.DOTALL)
        # An interval keeps its short form in TLC's output; `1..3` must not be read as the number 1.
        if number := self._match(_NUMBER):
            return self._interval(int(number.group())) if self.skip("..") else int(number.group())
        if identifier := self._match(_IDENTIFIER):
            name = identifier.group()
            return name == "TRUE" if name in {"TRUE", "FALSE"} else ModelValue(name)
        self._fail("a value")

    def _sequence(self) -> tuple[Value, ...]:
        return tuple(self._items(">>"))

    def _items(self, closing: str) -> list[Value]:
        items: list[Value] = []
        if self.skip(closing):
            return items
        while True:
            items.append(self.value())
            if self.skip(closing):
                return items
            self.expect(",")

    def _record(self) -> Function:
        fields: dict[Value, Value] = {}
        if self.skip("]"):
            return Function()
        while True:
            name = self.name()
            self.expect("|->")
            fields[name] = self.value()
            if self.skip("]"):
                return Function(fields)
            self.expect(",")

    def _function(self) -> Function:
        pairs: dict[Value, Value] = {}
        while True:
            key = self.value()
            self.expect(":>")
            pairs[key] = self.value()
            if self.skip(")"):
                return Function(pairs)
            self.expect("@@")

    def _interval(self, low: int) -> frozenset[Value]:
        number = self._match(_NUMBER)
        if number is None:
            self._fail("the end of an interval")
        return frozenset(range(low, int(number.group()) + 1))

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
            self._skip_space()
        return found

    def _skip_space(self) -> None:
        found = _SPACE.match(self.text, self.position)
        assert found is not None  # the pattern matches the empty text
        self.position = found.end()

    def _fail(self, wanted: str) -> NoReturn:
        rest = self.text[self.position : self.position + 40] or "nothing"
        raise TlcOutputError(
            f"cannot read a TLA+ value: expected {wanted} at character {self.position}, found {rest!r}", self.text
        )
