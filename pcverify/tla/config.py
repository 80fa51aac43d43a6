r"""Which properties a TLC config names, and whether it lets TLC look at fewer states.

TLC reads the config itself; this reads only what a verdict has to be compared with: the names after
INVARIANT and PROPERTY, and which kinds of statements there are. Comments (`\*` to the end of the line,
`(* ... *)`) are left out.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from pcverify.tla.errors import ModelError

_COMMENT = re.compile(r"\\\*[^\n]*|\(\*.*?\*\)", re.DOTALL)
_INVARIANT = {"INVARIANT", "INVARIANTS"}
_PROPERTY = {"PROPERTY", "PROPERTIES"}
_SINGULAR = {
    "ACTION_CONSTRAINTS": "ACTION_CONSTRAINT", "CONSTANTS": "CONSTANT", "CONSTRAINTS": "CONSTRAINT",
    "INVARIANTS": "INVARIANT", "PROPERTIES": "PROPERTY",
}  # fmt: skip
_KEYWORDS = _INVARIANT | _PROPERTY | {
    "ACTION_CONSTRAINT", "ACTION_CONSTRAINTS", "CONSTANT", "CONSTANTS", "CONSTRAINT", "CONSTRAINTS",
    "INIT", "NEXT", "SPECIFICATION", "SYMMETRY", "TYPE", "TYPE_CONSTRAINT", "VIEW",
}  # fmt: skip

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

    @property
    def reductions(self) -> tuple[str, ...]:
        """Those of them that let TLC look at fewer states than the specification has, in alphabetical order."""
        return tuple(sorted(self.statements & REDUCTIONS))


def read_config(path: Path) -> ModelConfig:
    """Read the names of the properties from a config.

    Raises:
        ModelError: if the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read the config {path}: {error}") from error
    invariants: list[str] = []
    properties: list[str] = []
    statements: set[str] = set()
    keyword = ""
    for word in _COMMENT.sub(" ", text).split():
        if word in _KEYWORDS:
            keyword = word
            statements.add(_SINGULAR.get(word, word))
        elif keyword in _INVARIANT:
            invariants.append(word)
        elif keyword in _PROPERTY:
            properties.append(word)
    return ModelConfig(tuple(invariants), tuple(properties), frozenset(statements))
