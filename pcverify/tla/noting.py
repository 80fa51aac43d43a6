r"""Which formulas do the states of each edited model break? All edits of a module are asked in one run of TLC.

A property that TLC checks stops it, and it has to be started again without the model that was found. Here a constraint
notes what a state breaks, and has TLC look no further at a model of which enough is known. That tells of formulas about
one state, and of deadlocks; of steps and behaviours it does not.

Besides edits (`edits`), single writes can be asked: in each reachable state of the module as it is, some variables are
overwritten, and what that breaks is noted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pcverify.evidence import InternalError
from pcverify.tla.edits import Edit
from pcverify.tla.errors import ModelError
from pcverify.tla.manifest import ModelRun
from pcverify.tla.merging import CONSTANT, VARIABLE, folder_with, last_edit, merged
from pcverify.tla.run import run_tlc
from pcverify.tla.syntax import variables_of
from pcverify.tla.toolchain import Toolchain

_PROPERTIES = re.compile(r"^(INVARIANTS?|PROPERT(Y|IES)|SPECIFICATION)\b.*?(?=^[A-Z]+\b|\Z)", re.MULTILINE | re.DOTALL)
_BROKEN = re.compile(r'^<<"broken", (\d+), \{([\d, ]*)\}>>$')
_TOO_LARGE = re.compile(r'^<<"too large", (\d+)>>$')
_PRIMED = re.compile(r"\b([a-z]\w*)'")
_NOTED = f"""
SPECIFICATION SpecNoted
CONSTRAINT Noted
CONSTANT Nonsense = Nonsense
CONSTANT {CONSTANT} = """
MAX_STATES = 20_000
"""States that are looked at of one edited model; of one with more it is not known what it breaks."""
NO_STEP = "ENABLED Next"
"""The formula that a deadlock breaks."""


@dataclass(slots=True)
class Noted:
    """What came out.

    Attributes:
        broken: by the name of each edit, the numbers of the formulas that were broken until enough was known.
        refused: edits that TLC cannot evaluate, with what it says.
        too_large: edits of which not all states were looked at.
        written: by the text of each write, the numbers of the formulas of which a state breaks one alone.
    """

    broken: dict[str, frozenset[int]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    too_large: set[str] = field(default_factory=set)
    written: dict[str, set[int]] = field(default_factory=dict)


def noted(
    edits: Sequence[Edit],
    formulas: Sequence[str],
    run: ModelRun,
    *,
    enough: int,
    writes: Sequence[str] = (),
    models: Path,
    toolchain: Toolchain,
    max_seconds: float,
) -> Noted:
    """Ask what each edit of a module breaks, and each write.

    Args:
        edits: of one module.
        formulas: each in lines of its own, about a state.
        run: the run of the manifest on that module, whose bounds hold.
        enough: how many formulas an edited model has to break for TLC to look no further at it.
        writes: what is written, as an action that names what changes: `lock' = "nobody"`. `Nonsense` equals nothing.
        models: the folder of the modules.
        toolchain: the Java and the jar.
        max_seconds: wall time of one run of TLC. There is one more for each edit that it cannot evaluate.

    Raises:
        TlcStopped: a run did not end within `max_seconds`.
        ModelError: TLC cannot evaluate one of the formulas after one of the writes.
    """
    text = (models / f"{run.module}.tla").read_text(encoding="utf-8")
    names = {number: edit.name for number, edit in enumerate(edits, 1)}
    bounds = _PROPERTIES.sub("", run.config_path.read_text(encoding="utf-8"))
    refused: dict[str, str] = {}
    with folder_with(run.module, merged(text, edits), models) as folder:
        path = folder / f"{run.module}Noted.tla"
        path.write_text(_module(run.module, text, len(edits), writes, formulas, enough), encoding="utf-8")
        while True:
            chosen = ", ".join(map(str, [0, *names]))
            path.with_suffix(".cfg").write_text(f"{bounds}{_NOTED}{{{chosen}}}\n", encoding="utf-8")
            found = Noted(refused=refused)
            listener = _Listener(names, dict(enumerate(writes, len(edits) + 1)), found)
            try:
                run_tlc(
                    path,
                    path.with_suffix(".cfg"),
                    library=(folder,),
                    toolchain=toolchain,
                    deadlock=False,
                    max_seconds=max_seconds,
                    coverage=False,
                    on_print=listener.take,
                )
            except ModelError as error:
                culprit = last_edit(error.printed)
                if culprit not in names:
                    raise
                refused[names.pop(culprit)] = str(error)
                continue
            if listener.of_the_module:
                broken = ", ".join(formulas[number - 1].strip() for number in sorted(listener.of_the_module))
                raise InternalError(f"{run.config}: the module as it is breaks {broken}")
            return found


class _Listener:
    """Reads what TLC prints."""

    def __init__(self, names: dict[int, str], writes: dict[int, str], found: Noted) -> None:
        self.names = names
        self.writes = writes
        self.found = found
        self.of_the_module: frozenset[int] = frozenset()

    def take(self, line: str) -> None:
        if printed := _BROKEN.match(line):
            number, broken = int(printed[1]), frozenset(map(int, printed[2].split(",")))
            if number == 0:
                self.of_the_module = broken
            elif number in self.names:
                self.found.broken[self.names[number]] = broken
            else:
                self.found.written.setdefault(self.writes[number], set()).update(broken)
        elif printed := _TOO_LARGE.match(line):
            self.found.too_large.add(self.names[int(printed[1])])


def _module(module: str, text: str, edits: int, writes: Sequence[str], formulas: Sequence[str], enough: int) -> str:
    variables = set(variables_of(text))
    definitions = [f"Formula_{number} ==\n{formula}" for number, formula in enumerate(formulas, 1)]
    steps = ["Next"]
    for number, write in enumerate(writes, edits + 1):
        written = set(_PRIMED.findall(write))
        if not written:
            raise ModelError(f"nothing is written by {write}: it needs a variable with a prime, as {min(variables)}'")
        if unknown := written - variables:
            raise ModelError(f"{module} has no variable {min(unknown)} to write to: {write}")
        others = ", ".join(sorted(variables - written))
        definitions.append(
            f"Write_{number} == {VARIABLE} = 0 /\\ {VARIABLE}' = {number} /\\ ({write}) /\\ UNCHANGED <<{others}>>\n"
        )
        steps.append(f"Write_{number}")
    broken = " \\cup ".join(
        f"(IF Formula_{number} THEN {{}} ELSE {{{number}}})" for number in range(1, len(formulas) + 1)
    )
    step = " \\/ ".join(steps)
    return f"""---- MODULE {module}Noted ----
EXTENDS {module}, FiniteSets
CONSTANT Nonsense
{"".join(definitions)}
SpecNoted == Init /\\ [][{step}]_<<vars, {VARIABLE}>>
ASSUME \\A each \\in {CONSTANT} \\cup {edits + 1}..{edits + len(writes)} :
  TLCSet(each, [broken |-> {{}}, states |-> 0])
Noted ==
  LET before == TLCGet({VARIABLE})
      here == {broken}
      now == before.broken \\cup here
  IN IF {VARIABLE} > {edits}
     THEN /\\ Cardinality(here) = 1 /\\ here \\cap before.broken = {{}} =>
               TLCSet({VARIABLE}, [before EXCEPT !.broken = now]) /\\ PrintT(<<"broken", {VARIABLE}, here>>)
          /\\ FALSE
     ELSE /\\ TLCSet({VARIABLE}, [broken |-> now, states |-> before.states + 1])
          /\\ now # before.broken => PrintT(<<"broken", {VARIABLE}, now>>)
          /\\ {VARIABLE} > 0 /\\ before.states = {MAX_STATES} => PrintT(<<"too large", {VARIABLE}>>)
          /\\ {VARIABLE} = 0 \\/ before.states < {MAX_STATES}
          /\\ Cardinality(now) < {enough}
====
"""
