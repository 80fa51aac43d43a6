"""What a module says to its readers: its header, its constants, and the comment at each definition.

This reads the layout that the modules of a folder keep, not TLA+: the header is the comment between the
first line and EXTENDS; a comment above a definition, or behind it on its line, belongs to it. A module
laid out otherwise gives less text, never an error.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_HEADER = re.compile(
    r"^-{4,} MODULE .*?\n(.*?)^(?:EXTENDS|CONSTANT|VARIABLE|ASSUME|LOCAL|INSTANCE|\w+\s*==)", re.S | re.M
)
_CONSTANTS = re.compile(r"^CONSTANTS?\b(.*?)(?=^\S|\Z|\n[ \t]*\n)", re.S | re.M)
_DEFINITION = re.compile(r"^(\w+)(?:\([^)]*\))?\s*==(.*)$")
_USES = re.compile(r"\bEXTENDS\s+(\w+(?:\s*,\s*\w+)*)|\bINSTANCE\s+(\w+)")
_FAILS = "To see it fail"


@dataclass(frozen=True, slots=True)
class ModuleText:
    """One module, as text for people."""

    name: str
    """Its name."""

    header: str
    """What it is about, without what makes it fail; paragraphs with an empty line between them."""

    fails: str
    """The paragraph that says what to change to see it fail; empty if there is none."""

    constants: tuple[tuple[str, str], ...]
    """The names that stand on one line, and the comment behind them."""

    comments: dict[str, str]
    """The comment of each definition; empty if it has none."""

    uses: tuple[str, ...]
    """The modules that it extends or takes an instance of."""


def read_module(path: Path) -> ModuleText:
    """Read the text of a module."""
    text = path.read_text(encoding="utf-8")
    found = _HEADER.search(text)
    paragraphs = _uncommented(found[1]).split("\n\n") if found else []
    fails = [part for part in paragraphs if part.lstrip().startswith(_FAILS)]
    header = [part for part in paragraphs if part not in fails]
    return ModuleText(
        name=path.stem,
        header="\n\n".join(header).strip("\n"),
        fails=" ".join(" ".join(fails).split()),
        constants=_constants(text),
        comments=_comments(text),
        uses=tuple(name for pair in _USES.findall(text) for part in pair for name in re.findall(r"\w+", part)),
    )


def comment_on(name: str, module: ModuleText, folders: Iterable[Path]) -> str:
    """Return the comment at a definition, in the module or in one that it uses; empty if there is none."""
    folders = tuple(folders)
    if comment := module.comments.get(name):
        return comment
    for used in module.uses:
        path = next((folder / f"{used}.tla" for folder in folders if (folder / f"{used}.tla").is_file()), None)
        if path is not None and (comment := comment_on(name, read_module(path), folders)):
            return comment
    return ""


def _uncommented(text: str) -> str:
    """Return the text of comments: without their marks, an empty comment line as an empty line."""
    lines = [re.sub(r"^[ \t]*(?:\(\*|\\\*) ?|[ \t]*\*\)[ \t]*$", "", line).rstrip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _constants(text: str) -> tuple[tuple[str, str], ...]:
    constants: list[tuple[str, str]] = []
    for found in _CONSTANTS.finditer(text):
        for line in found[1].splitlines():
            names, _, comment = line.partition("\\*")
            if names.strip(" ,\t"):
                constants.append((names.strip(" ,\t"), comment.strip()))
    return tuple(constants)


def _comments(text: str) -> dict[str, str]:
    comments: dict[str, str] = {}
    above: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith(("\\*", "(*")) and not line.startswith(" "):
            above.append(stripped)
            continue
        if found := _DEFINITION.match(line):
            behind = found[2].partition("\\*")[2].strip()
            comments[found[1]] = " ".join(_uncommented("\n".join(above)).split()) or behind
        above = []
    return comments
