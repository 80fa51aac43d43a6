"""A folder of models in which one module is an edited one, and what the properties of the manifest say of it."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify.evidence import Verdict
from pcverify.tla.check import difference
from pcverify.tla.errors import ModelError, TlcStopped
from pcverify.tla.manifest import load_manifest
from pcverify.tla.modules import read_module
from pcverify.tla.run import run_tlc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pcverify.tla.edits import Edit
    from pcverify.tla.manifest import ModelRun
    from pcverify.tla.process import Stop
    from pcverify.tla.toolchain import Toolchain


@contextmanager
def edited_folder(edit: Edit, models: Path) -> Iterator[Path]:
    """Make a folder with the modules of `models`, one of them edited; it is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="pcverify-edited-") as name:
        folder = Path(name)
        for module in models.glob("*.tla"):
            shutil.copyfile(module, folder / module.name)
        (folder / f"{edit.module}.tla").write_text(edit.text, encoding="utf-8")
        yield folder


def runs_on(module: str, models: Path) -> tuple[ModelRun, ...]:
    """Return the runs of the manifest, those of `make check` on sound modules, that an edit of a module can change.

    These are its own and those of the modules that use it, directly or not; the shortest first.
    """
    uses = {path.stem: read_module(path).uses for path in models.glob("*.tla")}
    affected = {module}
    while more := {name for name, used in uses.items() if affected & set(used)} - affected:
        affected |= more
    runs = [run for run in load_manifest(models).runs if run.module in affected and run.tier == "check"]
    return tuple(sorted(runs, key=lambda run: (run.module != module, run.seconds)))


def first_complaint(
    edit: Edit,
    runs: tuple[ModelRun, ...],
    *,
    models: Path,
    toolchain: Toolchain,
    max_seconds: float,
    stop: Stop | None = None,
) -> tuple[str, ModelRun, str] | None:
    """Run these one after the other on an edited module, until one complains.

    Returns:
        What complains, with the run, and its words: `property` with its name, `refused` with the words of TLC, `count`
        if the only thing that differs is the number of states or the depth, `too large` if the run did not end in
        time. A property goes before the others, a refusal before a count. None if all runs come out as before.
    """
    second: list[tuple[str, ModelRun, str]] = []
    with edited_folder(edit, models) as folder:
        for run in runs:
            try:
                result = run_tlc(
                    folder / run.module_path.name,
                    run.config_path,
                    library=(folder,),
                    toolchain=toolchain,
                    deadlock=run.deadlock,
                    max_seconds=max_seconds,
                    coverage=False,
                    stop=stop,
                )
            except ModelError as error:
                return "refused", run, str(error)
            except TlcStopped as error:
                second.append(("too large", run, str(error)))
                continue
            if result.verdict is Verdict.VIOLATION:
                return "property", run, result.property_name
            if words := difference(run, result):
                second.append(("count", run, words))
    return second[0] if second else None
