r"""All edits of a module in one module, with a variable that says which of them holds.

    text = merged(module_text, edits)       # adds `VARIABLE edit` and `CONSTANT Edits`

TLC then explores every edited model in one run: it starts with each number in `Edits`, and `edit` keeps its value.
Number 0 is the module as it is, number n the n-th edit. That is hundreds of times cheaper than a Java for each.

Of each state that TLC looks at, it first prints which edit it belongs to: where it cannot evaluate something, it does
not say in which state that was.

The place of each edit becomes `IF edit = 17 THEN …after… ELSE …before…`, the original in lines and columns of its own,
so that lists stay lists. Actions, and `Init`, get another name and are called by the old one, which adds what concerns
`edit`; so TLC still knows them by their names.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify.tla.edits import edits_of
from pcverify.tla.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pcverify.tla.edits import Edit

VARIABLE, CONSTANT = "edit", "Edits"
_SAY = f'PrintT(<<"edit", {VARIABLE}>>)'
_SAID = re.compile(r'^<<"edit", (\d+)>>$', re.MULTILINE)
_PLAIN = "Plain_"


def merged(text: str, edits: Sequence[Edit]) -> str:
    """Return a module that is all of these; the n-th where `edit` is n, counted from 1.

    Raises:
        ModelError: the module uses one of the names that this adds.
    """
    if found := re.search(rf"\b({VARIABLE}|{CONSTANT}|PrintT|{_PLAIN}\w*)\b", _without_comments(text)):
        raise ModelError(f"the module has a name of its own that this would add: {found[0]}")
    left_out = {edit.before: number for number, edit in enumerate(edits, 1) if ".action-" in edit.name}
    others = [(number, edit) for number, edit in enumerate(edits, 1) if ".action-" not in edit.name]
    others.sort(key=lambda each: (each[1].place[0], -each[1].place[1]))
    calls = {edit.before for edit in edits_of("", text) if ".action-" in edit.name}
    actions = {call.partition("(")[0]: left_out.get(call, 0) for call in sorted(calls)}
    return _with_wrapped_actions(_Places(text, others).rendered(), actions)


def last_edit(printed: str) -> int | None:
    """Return the number of the edit whose state TLC looked at last, from what it has printed; None if it says none."""
    numbers = _SAID.findall(printed)
    return int(numbers[-1]) if numbers else None


@contextmanager
def folder_with(module: str, text: str, models: Path) -> Iterator[Path]:
    """Make a folder with the modules of `models`, one of them with another text; it is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="pcverify-edited-") as name:
        folder = Path(name)
        for path in models.glob("*.tla"):
            shutil.copyfile(path, folder / path.name)
        (folder / f"{module}.tla").write_text(text, encoding="utf-8")
        yield folder


class _Places:
    """The places of edits, which lie one in another or apart, and the text around them."""

    def __init__(self, text: str, edits: Sequence[tuple[int, Edit]]) -> None:
        self.text = text
        self.left = list(reversed(edits))

    def rendered(self) -> str:
        return self.between(0, len(self.text))

    def between(self, start: int, end: int) -> str:
        """Return the text from here to there, with what is to be decided in it."""
        parts = []
        while self.left and self.left[-1][1].place[1] <= end:
            place = self.left[-1][1].place
            parts.append(self.text[start : place[0]])
            choices = []
            while self.left and self.left[-1][1].place == place:
                number, edit = self.left.pop()
                choices.append(f"IF {VARIABLE} = {number} THEN {edit.after} ELSE")
            column = place[0] - self.text.rfind("\n", 0, place[0]) - 1
            new_line = "\n" + " " * column
            parts.append(f"({new_line.join(choices)}{new_line}{self.between(*place)})")
            # One space makes room for the parenthesis: what follows keeps its column.
            start = place[1] + (self.text[place[1] : place[1] + 1] == " ")
        parts.append(self.text[start:end])
        return "".join(parts)


def _with_wrapped_actions(text: str, actions: dict[str, int]) -> str:
    """Give each action, and Init, what it says of the edit; the number is that of the edit that leaves it out, or 0."""
    for name in ("Init", *actions):
        found = re.search(rf"^{name}(\([^)]*\))?( *==)", text, re.MULTILINE)
        if found is None:
            raise ModelError(f"there is no definition of {name} that begins a line")
        call = f"{name}{found[1] or ''}"
        # The plain definition keeps its columns: its name goes into a line of its own.
        plain = f"{_PLAIN}{call} ==\n{' ' * (found.end() - found.start())}"
        number = actions.get(name)
        more = f"{VARIABLE} # {number} /\\ UNCHANGED {VARIABLE}" if number else f"UNCHANGED {VARIABLE}"
        if name == "Init":
            more = f"{VARIABLE} \\in {CONSTANT} /\\ {_SAY}"
        ends = re.compile(r"\n(?=\S)").search(text, found.end())
        assert ends is not None  # the line across at the end of the module
        body, rest = text[found.end() : ends.end()], text[ends.end() :]
        text = f"{text[: found.start()]}{plain}{body}{call} == {more} /\\ {_PLAIN}{call}\n{rest}"
    text = re.sub(r"^Next *==", lambda found: f"{found[0]} ({_SAY} /\\ FALSE) \\/", text, count=1, flags=re.MULTILINE)
    added = f"VARIABLE {VARIABLE}\nCONSTANT {CONSTANT}\n"
    text = re.sub(r"^VARIABLES?\b", lambda found: added + found[0], text, count=1, flags=re.MULTILINE)
    return re.sub(r"^EXTENDS (?!.*\bTLC\b)", "EXTENDS TLC, ", text, count=1, flags=re.MULTILINE)


def _without_comments(text: str) -> str:
    return re.sub(r"\\\*[^\n]*|\(\*.*?\*\)", " ", text, flags=re.DOTALL)
