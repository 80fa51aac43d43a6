r"""Does each conjunct of each invariant say something that no other says? One that a mutant breaks, and it alone, does.

An invariant is taken apart at its `/\`, also behind `\A x \in S :`, `P =>` and LET: `NoLostWakeup.2` is the second
conjunct of that invariant. Two kinds of mutants are tried:

    edit    one guard or effect of the module is another (`edits`): no state of the edited model breaks another conjunct
    write   in one reachable state, some variables are overwritten: that breaks this conjunct and no other

All are explored in one run of TLC (`noting`), which looks no further at an edited model that has broken two.

What it does not look at: properties of steps and of whole behaviours. A conjunct that is an invariant of an instance
counts as one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pcverify.tla.config import read_config
from pcverify.tla.edits import Edit, edits_of
from pcverify.tla.errors import ModelError
from pcverify.tla.manifest import ModelRun, load_manifest
from pcverify.tla.noting import noted
from pcverify.tla.syntax import Definition, Node, definitions_of
from pcverify.tla.toolchain import Toolchain


@dataclass(frozen=True, slots=True)
class Conjunct:
    """A conjunct of an invariant."""

    name: str
    """The invariant's name and its number: `NoLostWakeup.2`; the bare name if it is one."""

    line: int
    """The line in which it begins, counted from 1."""

    says: str
    """Its text, in one line."""

    alone: str
    """The invariant's formula with TRUE for all other conjuncts, in its columns."""


def conjuncts_of(text: str, invariants: Iterable[str]) -> tuple[Conjunct, ...]:
    """Return the conjuncts of these invariants of a module, in their order.

    Raises:
        ModelError: one of them is not defined there.
    """
    definitions = definitions_of(text)
    found: list[Conjunct] = []
    for name in invariants:
        if name not in definitions:
            raise ModelError(f"there is no definition of the invariant {name}")
        ways = list(_ways(definitions[name], definitions))
        for number, way in enumerate(ways, 1):
            said = f"{name}.{number}" if len(ways) > 1 else name
            _, node = way[-1]
            line = text.count("\n", 0, node.start) + 1
            words = " ".join(text[node.start : node.end].split())
            found.append(Conjunct(said, line, words, _alone(text, way)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Told:
    """What tells a conjunct from all others, or why nothing does: an entry of `models/conjuncts.json`."""

    by: str = ""
    """The name of an edit, or what is written; empty if the conjunct is implied."""

    run: str = ""
    """At the bounds of which run of the manifest."""

    implied: str = ""
    """Why there is no state that only this conjunct forbids."""

    is_edit: bool = False
    """Whether it is an edit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came out for a conjunct of a module."""

    conjunct: Conjunct
    """The conjunct."""

    told: Told | None
    """What is listed; None if nothing is."""

    holds: bool
    """Whether TLC finds it so. What is implied is argued, and holds if it is listed."""


def listed(models: Path) -> dict[str, dict[str, Told]]:
    """Return what is listed in `conjuncts.json`, by module and conjunct."""
    text = (models / "conjuncts.json").read_text(encoding="utf-8")
    return {
        module: {
            name: Told(
                each.get("edit") or each.get("write", ""), each.get("run", ""), each.get("implied", ""), "edit" in each
            )
            for name, each in those.items()
        }
        for module, those in json.loads(text).items()
    }


def asked(module: str, *, models: Path, toolchain: Toolchain, max_seconds: float) -> tuple[Asked, ...]:
    """Ask whether what is listed tells each conjunct of a module's invariants apart: one run of TLC for each config.

    Raises:
        ModelError: no run of the manifest has invariants of this module; what is listed names no such edit, run or
            conjunct; or TLC cannot evaluate it.
        TlcStopped: a run did not end within `max_seconds`.
    """
    text = (models / f"{module}.tla").read_text(encoding="utf-8")
    runs = {run.config: run for run in load_manifest(models).runs if run.module == module}
    invariants = [read_config(run.config_path).invariants for run in runs.values()]
    conjuncts = conjuncts_of(text, dict.fromkeys(name for names in invariants for name in names))
    if not conjuncts:
        raise ModelError(f"no run of the manifest has invariants of {module}")
    told = listed(models).get(module, {})
    if strange := told.keys() - {conjunct.name for conjunct in conjuncts}:
        raise ModelError(f"conjuncts.json lists what {module} has not: {', '.join(sorted(strange))}")
    edits = {edit.name: edit for edit in edits_of(module, text)}
    alone: dict[tuple[str, str], frozenset[str]] = {}
    for config in dict.fromkeys(each.run for each in told.values() if each.run):
        here = [each for each in told.values() if each.run == config]
        if missing := [each.by for each in here if each.is_edit and each.by not in edits]:
            raise ModelError(f"{module} has no edit {missing[0]}; pcverify conform {module} --edits shows them")
        if config not in runs:
            raise ModelError(f"the manifest has no run {config} of {module}")
        broken = broken_alone(
            [edits[name] for name in dict.fromkeys(each.by for each in here if each.is_edit)],
            list(dict.fromkeys(each.by for each in here if not each.is_edit)),
            conjuncts,
            runs[config],
            models=models,
            toolchain=toolchain,
            max_seconds=max_seconds,
        )
        alone |= {(config, name): those for name, those in broken.items()}
    return tuple(_asked(conjunct, told.get(conjunct.name), alone) for conjunct in conjuncts)


def _asked(conjunct: Conjunct, told: Told | None, alone: Mapping[tuple[str, str], frozenset[str]]) -> Asked:
    holds = told is not None and (bool(told.implied) or conjunct.name in alone.get((told.run, told.by), frozenset()))
    return Asked(conjunct, told, holds)


def broken_alone(
    edits: Sequence[Edit],
    writes: Sequence[str],
    conjuncts: Sequence[Conjunct],
    run: ModelRun,
    *,
    models: Path,
    toolchain: Toolchain,
    max_seconds: float,
) -> dict[str, frozenset[str]]:
    """Return for each mutant of a module the names of the conjuncts that it breaks alone.

    Args:
        edits: edits of one module. Each breaks at most one conjunct alone.
        writes: what is written, as an action that names what changes: `lock' = "nobody"`. `Nonsense` equals nothing.
        conjuncts: of invariants of that module.
        run: the run of the manifest on that module, whose bounds hold.
        models: the folder of the modules.
        toolchain: the Java and the jar.
        max_seconds: wall time of one run of TLC.

    Returns:
        By the names of the edits and the texts of the writes. Edits that have too many states, or that TLC cannot
        evaluate, are left out.

    Raises:
        TlcStopped: a run did not end within `max_seconds`.
        ModelError: TLC cannot evaluate one of the conjuncts after one of the writes.
    """
    found = noted(
        edits,
        [conjunct.alone for conjunct in conjuncts],
        run,
        enough=2,
        writes=writes,
        models=models,
        toolchain=toolchain,
        max_seconds=max_seconds,
    )

    def called(numbers: Iterable[int]) -> frozenset[str]:
        return frozenset(conjuncts[number - 1].name for number in numbers)

    none: frozenset[int] = frozenset()
    known = [edit.name for edit in edits if edit.name not in {*found.refused, *found.too_large}]
    broken = {name: found.broken.get(name, none) for name in known}
    return {
        **{name: called(numbers if len(numbers) == 1 else none) for name, numbers in broken.items()},
        **{write: called(found.written.get(write, ())) for write in writes},
    }


def _ways(
    definition: Definition, definitions: Mapping[str, Definition]
) -> Iterator[tuple[tuple[Definition, Node], ...]]:
    """Yield each conjunct with the definitions that lead to it: where a bare name is a list, it is one in that list."""
    for node in _split(definition.body):
        inner = definitions.get(node.word) if node.kind == "name" else None
        if inner is not None and not inner.parameters and inner.body.kind == "and":
            yield from (((definition, node), *rest) for rest in _ways(inner, definitions))
        else:
            yield ((definition, node),)


def _split(node: Node) -> Iterator[Node]:
    if node.kind == "and":
        for part in node.parts:
            yield from _split(part)
    elif (node.kind == "quantifier" and node.word == "\\A") or node.word == "=>" or node.kind == "let":
        yield from _split(node.parts[-1])
    else:
        yield node


def _alone(text: str, way: Sequence[tuple[Definition, Node]]) -> str:
    (definition, chosen), *rest = way
    body = definition.body
    pieces, at = [], body.start
    for node in _split(body):
        if node is not chosen or rest:
            pieces += [text[at : node.start], "TRUE" if node is not chosen else "Inner"]
            at = node.end
    pieces.append(text[at : body.end])
    column = body.start - text.rfind("\n", 0, body.start) - 1
    inner = f" LET Inner ==\n{_alone(text, rest)} IN\n" if rest else ""
    return f"{inner}{' ' * column}{''.join(pieces)}\n"
