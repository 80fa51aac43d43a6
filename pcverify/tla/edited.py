"""Which edits of a module do its properties catch? Those of the manifest, at its configs, each by its name.

All edits of a module are checked in one run of TLC (`merging`): it notes what breaks an invariant or ends in a deadlock
(`noting`). For the other properties it stops at the first violation, whose first state says which edit that is; then it
runs again without.

    caught      a property that has a name, or a deadlock
    refused     TLC cannot evaluate the edited module
    survived    none of the runs finds anything

A module that is used as an instance, as BoundedFifo is, is also checked through the modules that do so, one edit at a
time: a model that forbids too much violates no property of its own, but what refines it then does something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pcverify.evidence import InternalError, Verdict
from pcverify.tla.config import read_config
from pcverify.tla.edits import Edit
from pcverify.tla.errors import ModelError
from pcverify.tla.manifest import ExpectOk, ModelRun, load_manifest
from pcverify.tla.merging import CONSTANT, VARIABLE, folder_with, last_edit, merged
from pcverify.tla.modules import read_module
from pcverify.tla.noting import NO_STEP, noted
from pcverify.tla.result import DEADLOCK, TlcResult
from pcverify.tla.run import run_tlc
from pcverify.tla.toolchain import Toolchain

Answer: TypeAlias = Literal["caught", "refused", "survived"]


@dataclass(frozen=True, slots=True)
class Caught:
    """What the properties say of one edit."""

    edit: Edit
    """What was changed."""

    answer: Answer
    """See above."""

    by: str = ""
    """The property that is violated, or what TLC says; empty if it survived."""

    run: ModelRun | None = None
    """In which run."""


_OF_ITS_OWN = re.compile(r"^\w*(Init|Next)\w* *==", re.MULTILINE)
_LEFT_OPEN = re.compile(rf"not assigned:.*\b{VARIABLE}\b", re.DOTALL)
FOUND_TOGETHER = 2
"""How many a run may find before the rest is asked one by one: each time it begins anew with all that are left."""
MAX_STATES = 4_000
"""Of a run in which all edits are checked at once: each brings about as many."""


def runs_on(module: str, models: Path, *, instances: bool, max_states: int = MAX_STATES) -> tuple[ModelRun, ...]:
    """Return the runs of the manifest on a module and those that extend it, from Init, the shortest first.

    Args:
        module: its name.
        models: the folder of the manifest.
        instances: instead, those on modules that take an instance of it.
        max_states: only runs with so many states.
    """
    texts = {path.stem: path.read_text(encoding="utf-8") for path in models.glob("*.tla")}
    instancing = {name for name, text in texts.items() if f"INSTANCE {module}" in text}
    uses = {name: read_module(models / f"{name}.tla").uses for name in texts}
    extending = {name for name in texts if module in uses[name]} - instancing
    # What has initial states or steps of its own, in the module or by INIT in a config, does not know of the variable
    # that says which edit it is.
    extending = {name for name in extending if not _OF_ITS_OWN.search(texts[name])}
    chosen = instancing if instances else {module} | extending
    runs = [
        run
        for run in load_manifest(models).runs
        if run.module in chosen
        and isinstance(run.expect, ExpectOk)
        and run.expect.distinct <= max_states
        and "INIT" not in read_config(run.config_path).statements
    ]
    return tuple(sorted(runs, key=lambda run: run.seconds))


def caught_by_properties(
    edits: Sequence[Edit], *, models: Path, toolchain: Toolchain, max_seconds: float
) -> Iterator[Caught]:
    """Yield what the properties say of each of these edits of one module, as soon as it is known.

    Raises:
        TlcStopped: a run did not end within `max_seconds`.
    """
    if not edits:
        return
    (module,) = {edit.module for edit in edits}
    left = dict(enumerate(edits, 1))
    runs = runs_on(module, models, instances=False)
    for run in runs:
        if run.module == module and left:
            for number, answer in _noted(left, run, models, toolchain, max_seconds):
                del left[number]
                yield answer
    text = (models / f"{module}.tla").read_text(encoding="utf-8")
    with folder_with(module, merged(text, edits), models) as folder:
        for run in runs:
            for number, answer in _together(left, run, folder, toolchain, max_seconds):
                del left[number]
                yield answer
    through = runs_on(module, models, instances=True)
    for edit in left.values():
        yield _alone(edit, through, models, toolchain, max_seconds)


def _noted(
    left: dict[int, Edit], run: ModelRun, models: Path, toolchain: Toolchain, max_seconds: float
) -> Iterator[tuple[int, Caught]]:
    """Yield, with their numbers, those of which a state breaks an invariant of a run, or is a deadlock there."""
    formulas = {name: name for name in read_config(run.config_path).invariants}
    if run.deadlock:
        formulas[DEADLOCK] = NO_STEP
    if not formulas:
        return
    found = noted(
        list(left.values()),
        [f"  {formula}\n" for formula in formulas.values()],
        run,
        enough=1,
        models=models,
        toolchain=toolchain,
        max_seconds=max_seconds,
    )
    names = list(formulas)
    for number, edit in list(left.items()):
        if edit.name in found.refused:
            yield number, Caught(edit, "refused", found.refused[edit.name], run)
        elif edit.name in found.broken:
            yield number, Caught(edit, "caught", names[min(found.broken[edit.name]) - 1], run)


def _together(
    left: dict[int, Edit], run: ModelRun, folder: Path, toolchain: Toolchain, max_seconds: float
) -> Iterator[tuple[int, Caught]]:
    """Yield, with their numbers, those that a run finds something of: all at a time, from the third on one by one."""
    numbers, found = sorted(left), 0
    answer: Answer
    while numbers:
        batch = numbers if found < FOUND_TOGETHER else numbers[:1]
        chosen = f"\nCONSTANT {CONSTANT} = {{{', '.join(map(str, [0, *batch]))}}}\n"
        try:
            result = _checked(run, folder, chosen, toolchain, max_seconds)
        except ModelError as error:
            if _LEFT_OPEN.search(str(error)):
                raise InternalError(f"{run.config} has a step that does not keep the number of the edit") from error
            answer, by, number = "refused", str(error), last_edit(error.printed)
        else:
            if result.verdict is not Verdict.VIOLATION:
                numbers = numbers[len(batch) :]
                continue
            answer, by, number = "caught", result.property_name, _number_of(result)
        if not number:
            raise InternalError(f"{run.config}: the module with all its edits, and none of them made, is not sound", by)
        yield number, Caught(left[number], answer, by, run)
        numbers.remove(number)
        found += 1


def _number_of(result: TlcResult) -> int:
    number = result.states[0].variables[VARIABLE]
    assert isinstance(number, int)
    return number


def _alone(edit: Edit, runs: Sequence[ModelRun], models: Path, toolchain: Toolchain, max_seconds: float) -> Caught:
    with folder_with(edit.module, edit.text, models) as folder:
        for run in runs:
            try:
                result = _checked(run, folder, "", toolchain, max_seconds)
            except ModelError as error:
                return Caught(edit, "refused", str(error), run)
            if result.verdict is Verdict.VIOLATION:
                return Caught(edit, "caught", result.property_name, run)
    return Caught(edit, "survived")


def _checked(run: ModelRun, folder: Path, more: str, toolchain: Toolchain, max_seconds: float) -> TlcResult:
    config = folder / run.config_path.name
    config.write_text(run.config_path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return run_tlc(
        folder / run.module_path.name,
        config,
        library=(folder,),
        toolchain=toolchain,
        deadlock=run.deadlock,
        max_seconds=max_seconds,
        coverage=False,
    )
