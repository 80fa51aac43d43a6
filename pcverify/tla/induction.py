"""Which conjuncts an inductive invariant needs: each is left out in turn, and TLC says what no longer holds.

    for need in needs_of("ConditionQueueInductive", models=folder, toolchain=chain, max_seconds=60):
        print(format_need(need))

An invariant is inductive if it holds in the initial state, and if every step from ANY state that satisfies it ends in
one that does. TLC checks that with all states of the invariant as initial ones. A state from which a step leads out,
with that step, is a counterexample to induction: no behaviour need ever come there, but the invariant alone does not
say so.

The module that is looked at keeps to a form:

- `Inv` is a list of names: `Goals`, and what else it takes. `Goals` is a list of names: what is wanted.
- `LeftOut == TRUE` takes the place of a conjunct.
- Runs whose config says `INIT Universe` take their initial states from all values of a type. Other predicates that
  find the same states faster may rely on a conjunct, and would find no more without it.

A conjunct is needed if one of these runs, with LeftOut in its place, is violated. `Goals` are not left out: they are
what is to be shown.

What this does not show: that no smaller invariant would do (two conjuncts may be replaced by one), nor that a conjunct
that nothing breaks without is not needed at larger constants.
"""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pcverify.evidence import UsageError, Verdict
from pcverify.tla.counterexample import changes_between, tasks_of
from pcverify.tla.manifest import ExpectOk, ModelRun, load_manifest
from pcverify.tla.modules import comment_on, read_module
from pcverify.tla.result import DEADLOCK, TlcResult, TraceState
from pcverify.tla.run import run_tlc
from pcverify.tla.syntax import Definition, definitions_of, variables_of
from pcverify.tla.toolchain import Toolchain
from pcverify.tla.values import format_value

INVARIANT, GOALS, UNIVERSE, NOTHING = "Inv", "Goals", "Universe", "LeftOut"
_UNIVERSE = re.compile(rf"^INIT {UNIVERSE}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Conjunct:
    """A part of an invariant that has a name."""

    name: str
    """Its name in the module."""

    meaning: str
    """The comment at its definition."""

    goal: bool
    """Whether it is wanted for itself."""


@dataclass(frozen=True, slots=True)
class Need:
    """What happens to an inductive invariant without one of its conjuncts."""

    conjunct: Conjunct
    """The one that was left out."""

    run: ModelRun | None
    """The run that is violated then, the smallest one; None if none is."""

    result: TlcResult | None
    """Its counterexample to induction: a state and the step that leads out, or a state without a step."""

    variables: tuple[str, ...]
    """The variables that the invariant speaks of."""

    @property
    def needed(self) -> bool:
        """Whether anything breaks."""
        return self.result is not None

    @property
    def action(self) -> str:
        """The action that leads out; empty if no action is possible, or nothing breaks."""
        return self.result.states[-1].action if self.result and len(self.result.states) > 1 else ""

    @property
    def broken(self) -> str:
        """What does not hold any more: a conjunct, a goal, or `Deadlock`; empty if nothing breaks."""
        return self.result.property_name if self.result else ""


def inductive_invariant(module: str, models: Path) -> tuple[Conjunct, ...]:
    """Return the conjuncts of the invariant of a module, those that are goals first.

    Raises:
        UsageError: the module has no `Inv` and `Goals` that are lists of names.
    """
    path = models / f"{module}.tla"
    definitions = definitions_of(path.read_text(encoding="utf-8"))
    goals, rest = _names(GOALS, definitions, module), _names(INVARIANT, definitions, module)
    if rest[:1] != (GOALS,):
        raise UsageError(f"{module}: {INVARIANT} must begin with {GOALS}")
    text = read_module(path)
    return tuple(
        Conjunct(name, comment_on(name, text, (models,)), name in goals) for name in (*goals, *rest) if name != GOALS
    )


def needs_of(
    module: str, *, models: Path, toolchain: Toolchain, max_seconds: float, only: frozenset[str] = frozenset()
) -> Iterator[Need]:
    """Leave out each conjunct that is no goal, and yield what breaks, as soon as it is known.

    Args:
        module: its name.
        models: the folder of the manifest.
        toolchain: from `find_toolchain`.
        max_seconds: of each run.
        only: the names of the conjuncts to leave out; all if it is empty.

    Raises:
        UsageError: the module is not of the form above, has no run from `Universe`, or no such conjunct.
        TlcStopped: a run did not end within `max_seconds`.
    """
    rest = [conjunct for conjunct in inductive_invariant(module, models) if not conjunct.goal]
    if unknown := only - {conjunct.name for conjunct in rest}:
        raise UsageError(
            f"{module} has no conjunct {', '.join(sorted(unknown))} that could be left out; "
            f"there are {', '.join(conjunct.name for conjunct in rest)}"
        )
    runs = runs_from_universe(module, models)
    variables = _variables(module, models)
    for conjunct in rest:
        if not only or conjunct.name in only:
            yield _without(conjunct, runs, variables, toolchain, max_seconds)


def runs_from_universe(module: str, models: Path) -> tuple[ModelRun, ...]:
    """Return the runs in which a conjunct can be left out, those with the fewest states first.

    Raises:
        UsageError: there is none.
    """
    found = [
        (run.expect.distinct, run)
        for run in load_manifest(models).runs
        if run.module == module
        and isinstance(run.expect, ExpectOk)
        and _UNIVERSE.search(run.config_path.read_text(encoding="utf-8"))
    ]
    if not found:
        raise UsageError(f"no run of {module} has `INIT {UNIVERSE}`, so no conjunct can be left out")
    return tuple(run for _, run in sorted(found, key=lambda each: each[0]))


def format_need(need: Need, *, width: int = 100) -> str:
    """Return, in words, what breaks without a conjunct, with the counterexample to induction."""
    head = f"{need.conjunct.name}: {need.conjunct.meaning}"
    lines = textwrap.wrap(head, width)
    if need.result is None:
        return "\n".join([*lines, "    Not needed: without it nothing breaks in any run from all values."])
    first = need.result.states[0]
    assert need.run is not None
    what = f"no step is possible in a state, so {DEADLOCK} is violated"
    if need.action:
        what = f"{need.action} leads to a state that violates {need.broken}"
    elif need.broken != DEADLOCK:
        what = f"a state violates {need.broken}"
    texts = [f"Without it {what} ({need.run.config}).", f"Before: {'; '.join(_said(first, need.variables))}."]
    if need.action:
        changed = "; ".join(changes_between(first, need.result.states[-1]))
        texts.append(f"{need.action}: {changed}.")
    for text in texts:
        lines += textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="        ")
    return "\n".join(lines)


def _said(state: TraceState, variables: tuple[str, ...]) -> Iterator[str]:
    """Yield where each task is, and what the other variables of the invariant are."""
    holder = state.variables.get("lock")
    for task, place in tasks_of(state).items():
        yield f"{task} at {place}{', with the lock' if task == holder else ''}"
    for name in variables:
        if name not in {"pc", "lock"}:
            yield f"{name} = {format_value(state.variables[name])}"


def _without(
    conjunct: Conjunct, runs: tuple[ModelRun, ...], variables: tuple[str, ...], toolchain: Toolchain, max_seconds: float
) -> Need:
    for run in runs:
        with tempfile.TemporaryDirectory(prefix="pcverify-induction-") as folder:
            config = Path(folder) / run.config_path.name
            text = run.config_path.read_text(encoding="utf-8")
            config.write_text(f"{text}\nCONSTANT {conjunct.name} <- {NOTHING}\n", encoding="utf-8")
            result = run_tlc(
                run.module_path,
                config,
                library=(run.folder,),
                toolchain=toolchain,
                deadlock=run.deadlock,
                max_seconds=max_seconds,
                coverage=False,
            )
        if result.verdict is Verdict.VIOLATION:
            return Need(conjunct, run, result, variables)
    return Need(conjunct, None, None, variables)


def _names(name: str, definitions: dict[str, Definition], module: str) -> tuple[str, ...]:
    body = definitions[name].body if name in definitions else None
    parts = body.parts if body is not None and body.kind == "and" else ()
    if not parts or any(part.kind != "name" for part in parts):
        raise UsageError(
            f"{module} has no {name} that is a list of names, so it is no module of an inductive invariant"
        )
    return tuple(part.word for part in parts)


def _variables(module: str, models: Path) -> tuple[str, ...]:
    """Return the variables that the conjuncts speak of, in the order of their declaration."""
    names = (module, *read_module(models / f"{module}.tla").uses)
    texts = [path.read_text(encoding="utf-8") for name in names if (path := models / f"{name}.tla").is_file()]
    definitions: dict[str, Definition] = {}
    for text in reversed(texts):
        definitions |= definitions_of(text)
    words, work = set[str](), [INVARIANT]
    while work:
        name = work.pop()
        if name not in words:
            words.add(name)
            work += [node.word for node in definitions[name].body.walk()] if name in definitions else []
    return tuple(dict.fromkeys(name for text in texts for name in variables_of(text) if name in words))
