"""The commands `pcverify models list`, `check`, `explain`, `trace`, `graph`, `conjuncts` and `induction`."""

from __future__ import annotations

import difflib
import re
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify.claims import MAX_SECONDS, run_models
from pcverify.conformance.command import load
from pcverify.conformance.following import config_of, follow
from pcverify.conformance.mappings import MAPPINGS
from pcverify.evidence import UsageError, Verdict
from pcverify.report import lanes
from pcverify.report.terminal import width_of_terminal
from pcverify.tla import (
    DEADLOCK,
    ExpectOk,
    ExpectSampled,
    ExpectViolation,
    ModelViolated,
    dump_graph,
    find_models,
    find_toolchain,
    format_counterexample,
    load_manifest,
    run_tlc,
    to_trace,
)
from pcverify.tla.check import difference
from pcverify.tla.conjuncts_command import show_conjuncts
from pcverify.tla.counterexample import ending, headline, tasks_of
from pcverify.tla.distributed import TWO_HERE
from pcverify.tla.distributed_command import check_distributed
from pcverify.tla.induction import format_need, inductive_invariant, needs_of
from pcverify.tla.modules import comment_on, read_module

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from pcverify.evidence import Trace
    from pcverify.tla import ModelRun, Tier, TlcResult

DONE = {"done"}  # where a task is that has ended, so that nothing blocks it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to the parser of `pcverify models`."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(
        name: str, run: Callable[[argparse.Namespace], int], text: str, more: str = ""
    ) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}. {more}".strip())
        added.add_argument(
            "--models", type=Path, metavar="FOLDER", help="a folder with a manifest.json (default: ours)"
        )
        added.set_defaults(run=run)
        return added

    action("list", list_models, "show every run of TLC: what for, and what must come out")
    check = action(
        "check",
        check_models,
        "run TLC on every model, and compare with what must come out",
        "Compared are verdict, states, depth and counterexample. The longest runs begin first. "
        "Exit codes: 0 all came out as they must, 1 one did not, 2 usage, 3 nothing but that some gave "
        "no verdict.",
    )
    check.add_argument(
        "names", nargs="*", metavar="NAME", help="only the runs of this module, or the one with this config (see list)"
    )
    check.add_argument("--nightly", action="store_true", help="also the large configs, a quarter of an hour or more")
    check.add_argument("--jobs", type=int, metavar="N", help="runs of TLC at a time (default: the number of cores)")
    check.add_argument(
        "--distributed",
        action="store_true",
        help="for what is named: share the work between several processes of TLC, also on other machines; only safety",
    )
    check.add_argument(
        "--workers",
        nargs="+",
        metavar="HOST",
        default=TWO_HERE,
        help="with --distributed, the machine of each worker; those on this one (127.0.0.1) are started, for others "
        "the command is shown (default: two here)",
    )
    explain = action(
        "explain", explain_model, "show what a module is about, what it is checked for, and how to see it fail"
    )
    explain.add_argument("name", metavar="NAME", help="a module")
    trace = action(
        "trace",
        trace_model,
        "show the counterexample of a run that must find one, with a column for each task",
        "Exit codes: 0 it is the one that must come out, 1 it is another, or there is none, 2 usage, "
        "3 TLC gave no verdict.",
    )
    trace.add_argument("name", metavar="NAME", help="a broken module, or a config of one (see list)")
    trace.add_argument(
        "--on",
        metavar="CLASS",
        help="MODULE:CLASS of a queue: does its code go the same way? Exit code 1 if it does, to the end",
    )
    graph = action(
        "graph",
        graph_model,
        "count the states of a run, and the actions that lead from one to another",
        "Only for safety: liveness, SYMMETRY, VIEW and CONSTRAINT would make it another graph.",
    )
    graph.add_argument("name", metavar="NAME", help="a config, or a module that has only one (see list)")
    graph.add_argument("--dot", type=Path, metavar="FILE", help="also write the graph here, for Graphviz")
    conjuncts = action(
        "conjuncts",
        show_conjuncts,
        "show for each conjunct of each invariant a mistake that it catches and no other does",
        "An edit changes one guard or effect of the module; a write overwrites variables in a reachable state. What is "
        "listed in conjuncts.json is asked of TLC again. Exit codes: 0 all as listed, 1 one is not, 2 usage, "
        "3 TLC gave no verdict.",
    )
    conjuncts.add_argument("names", nargs="*", metavar="NAME", help="only of these modules")
    conjuncts.set_defaults(width=width_of_terminal())
    induction = action(
        "induction",
        show_needs,
        "leave out each conjunct of an inductive invariant, and show what breaks",
        "Exit codes: 0 every conjunct is needed, 1 one is not, 2 usage, 3 TLC gave no verdict.",
    )
    induction.add_argument("name", metavar="NAME", help="a module with such an invariant: ConditionQueueInductive")
    induction.add_argument("--only", nargs="+", metavar="CONJUNCT", default=(), help="leave out only these")


def list_models(options: argparse.Namespace) -> int:
    """Print the table of runs; return the exit code."""
    runs = load_manifest(find_models(options.models)).runs
    names = max(len(run.config) for run in runs)
    room = max(width_of_terminal() - names - 60, 20)
    print(f"{'config':<{names}}  tier     mode        must come out                  s  purpose")
    for run in runs:
        purpose = textwrap.shorten(run.purpose, room, placeholder=" …")
        columns = f"{run.tier:<7}  {run.mode:<10}  {expectation(run):<24}  {run.seconds:6.1f}"
        print(f"{run.config:<{names}}  {columns}  {purpose}")
    return 0


def expectation(run: ModelRun) -> str:
    """Return what must come out of a run, in a few words; with what lets TLC look at fewer states."""
    match run.expect:
        case ExpectOk(distinct):
            words = f"{distinct:,} states"
        case ExpectSampled(simulation):
            words = f"{simulation.traces:,} behaviours"
        case ExpectViolation(name, states):
            words = f"{name}, {states} states"
    return ", ".join([words, *run.reduction])


def check_models(options: argparse.Namespace) -> int:
    """Run the manifest, or the runs that are named; return the exit code."""
    folder = find_models(options.models)
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs must be 1 or more, got {options.jobs}")
    tiers: list[Tier] = ["check", "nightly"] if options.nightly else ["check"]
    wanted = None
    if options.distributed:
        every = load_manifest(folder).runs
        named = [run for name in options.names for run in find_runs(name, every)]
        return check_distributed(named, workers=options.workers, max_seconds=MAX_SECONDS["nightly"])
    if options.names:
        runs = load_manifest(folder).runs
        wanted = {run for name in options.names for run in _of_tiers(name, find_runs(name, runs), tiers)}
        tiers = sorted({run.tier for run in wanted})
    began = time.monotonic()
    select = None if wanted is None else wanted.__contains__
    outcomes = run_models(folder, tiers=tiers, jobs=options.jobs, select=select)
    differing = [outcome for outcome in outcomes if outcome.problem]
    seconds = time.monotonic() - began
    if not differing:
        print(f"All {len(outcomes)} runs came out as they must ({seconds:.0f} s).")
        return 0
    print(f"{len(differing)} of {len(outcomes)} runs did not come out as they must ({seconds:.0f} s).")
    return 3 if all(outcome.verdict is Verdict.UNKNOWN for outcome in differing) else 1


def find_runs(name: str, runs: Sequence[ModelRun]) -> list[ModelRun]:
    """Return the run with this config, or those of this module.

    Raises:
        UsageError: there is none; the message lists names that are near.
    """
    plain = name.removesuffix(".cfg").removesuffix(".tla")
    found = [run for run in runs if run.config == plain]
    found = found or [run for run in runs if plain in {run.module, run.module_path.stem}]
    if not found:
        known = list(dict.fromkeys(part for run in runs for part in (run.module, run.config)))
        near = [other for other in known if plain.lower() in other.lower()]
        near += [other for other in difflib.get_close_matches(plain, known, 5, 0.6) if other not in near]
        hint = f"; near are {', '.join(near[:8])}" if near else ""
        raise UsageError(f"no run has a module or config {name!r}{hint}. `pcverify models list` shows all")
    return found


def _of_tiers(name: str, runs: list[ModelRun], tiers: Sequence[Tier]) -> list[ModelRun]:
    """Leave out the large runs of a module where they are not asked for. A config that is named always runs."""
    if len(runs) == 1:
        return runs
    kept = [run for run in runs if run.tier in tiers]
    if not kept:
        raise UsageError(f"{name} has only large configs: add --nightly, or name one")
    return kept


def explain_model(options: argparse.Namespace) -> int:
    """Print what a module says about itself; return the exit code."""
    folder = find_models(options.models)
    every = load_manifest(folder).runs
    chosen = find_runs(options.name, every)[0]
    runs = [run for run in every if run.module == chosen.module]
    module, folders = read_module(chosen.module_path), (chosen.module_path.parent, folder)
    print(f"{chosen.module}\n\n{textwrap.indent(module.header, '  ')}\n")
    _print_rows("Constants", list(module.constants))
    names = dict.fromkeys(name for run in runs for name in run.properties)
    told = {DEADLOCK: "Checked by TLC itself: in every state some action is possible."}
    _print_rows("Properties", [(name, told.get(name) or comment_on(name, module, folders)) for name in names])
    _print_rows("Runs", [(run.config, f"{expectation(run)}, {run.seconds:.1f} s. {_what_for(run)}") for run in runs])
    variants = dict.fromkeys(run.module for run in every if run.broken)
    breaking = [name for name in variants if module.name in read_module(folder / f"{name}.tla").uses]
    ways = [(module.fails, "")] if module.fails else []
    ways += [(f"pcverify models trace {name.removeprefix('broken/')}", "") for name in breaking]
    ways += [(f"pcverify models trace {run.config}", "") for run in runs if isinstance(run.expect, ExpectViolation)]
    _print_rows("How to see it fail", ways)
    return 0


def _what_for(run: ModelRun) -> str:
    return f"{run.purpose} With {', '.join(run.substitution)}." if run.substitution else run.purpose


def _print_rows(title: str, rows: Sequence[tuple[str, str]]) -> None:
    if not rows:
        return
    print(title)
    for name, text in rows:
        for line in textwrap.wrap(name, width_of_terminal() - 2, initial_indent="  ", subsequent_indent="  "):
            print(line)
        for line in textwrap.wrap(text, width_of_terminal() - 6):
            print(f"      {line}")
    print()


def trace_model(options: argparse.Namespace) -> int:
    """Run what must be violated, and print the counterexamples; return the exit code."""
    every = load_manifest(find_models(options.models)).runs
    runs = [run for run in find_runs(options.name, every) if isinstance(run.expect, ExpectViolation)]
    if not runs:
        others = dict.fromkeys(run.module_path.stem for run in every if isinstance(run.expect, ExpectViolation))
        raise UsageError(f"{options.name} must not be violated, so there is no trace; {', '.join(others)} must be")
    toolchain, code = find_toolchain(), 0
    for run in runs:
        result = run_tlc(
            run.module_path,
            run.config_path,
            library=(run.folder,),
            toolchain=toolchain,
            deadlock=run.deadlock,
            max_seconds=MAX_SECONDS[run.tier],
            coverage=False,
        )
        print(f"{run.config}: {run.purpose}\n")
        if result.verdict is Verdict.VIOLATION:
            print(format_lanes(result, width=width_of_terminal()), end="\n\n")
            code = max(code, 0 if options.on is None else trace_on(options.on, run, result))
        if problem := difference(run, result):
            print(f"This is not what must come out: {problem}.\n")
            code = 1
    return code


def trace_on(name: str, run: ModelRun, result: TlcResult) -> int:
    """Let a class of queues go along a counterexample, print how far it does, and return 1 if it is to the end."""
    uses = [module for module in read_module(run.module_path).uses if module in MAPPINGS]
    if not uses:
        raise UsageError(f"no code is mapped to what {run.module_path.stem} is a variant of")
    config = config_of(uses[0], run.config_path)
    followed = follow(uses[0], load(name), config, result.states, width=width_of_terminal())
    print(followed.text, end="\n\n")
    return int(followed.whole)


def format_lanes(result: TlcResult, *, width: int = 100) -> str:
    """Return the counterexample of a violation with a column for each task of the model.

    A model without `pc` has no tasks: its steps then stand in one column.

    Raises:
        ValueError: if the result is no violation.
    """
    trace = to_trace(result)
    places = tasks_of(result.states[-1])
    blocked = list(places.items()) if result.violated == (DEADLOCK,) else []
    shown = lanes(
        _own_changes(trace, set(places)),
        tasks=list(places) or ["the model"],
        blocked=[(task, f"at {place}") for task, place in blocked if place.lower() not in DONE],
        width=width,
    )
    return f"{headline(result)}\n\n{shown}\n\n{ending(result)}"


def _own_changes(trace: Trace, tasks: set[str]) -> Trace:
    """Leave a task's own name out of what changes in its column, and name places in modules as those in code."""
    steps = []
    for step in trace.steps:
        effect = step.effect
        if step.task:
            effect = effect.replace(f'["{step.task}"]', "").replace(f"[{step.task}]", "")
        location = re.sub(r"^(\w+), lines? (\d+)(?:-\d+)?$", r"\1.tla:\2", step.location)
        task = step.task if tasks or step.number == 1 else "the model"
        steps.append(replace(step, effect=effect, location=location, task=task))
    return replace(trace, steps=tuple(steps), repeats_from=None)  # the last line says that, with the action


def graph_model(options: argparse.Namespace) -> int:
    """Print how large the state graph of a run is; return the exit code."""
    runs = find_runs(options.name, load_manifest(find_models(options.models)).runs)
    if len(runs) > 1:
        raise UsageError(f"{options.name} has several configs, name one: {', '.join(run.config for run in runs)}")
    (run,) = runs
    try:
        graph = dump_graph(
            run.module_path,
            run.config_path,
            library=(run.folder,),
            toolchain=find_toolchain(),
            deadlock=run.deadlock,
            max_seconds=MAX_SECONDS[run.tier],
            dot=options.dot,
        )
    except ModelViolated as violated:
        print(f"{violated}.\n\n{format_counterexample(violated.result, width=width_of_terminal())}")
        return 1
    print(f"{run.config}: {len(graph.states):,} states, {len(graph.edges):,} edges")
    print(f"{len(graph.initial):>10,}  initial states")
    print(f"{len(graph.terminal()):>10,}  states that no action leads out of")
    print("Edges by action:")
    for name, count in graph.actions().items():
        print(f"{count:>10,}  {name}")
    if options.dot:
        print(f"Written for Graphviz: {options.dot}")
    return 0


def show_needs(options: argparse.Namespace) -> int:
    """Print what each conjunct of an inductive invariant is needed for; return the exit code."""
    folder, code = find_models(options.models), 0
    module = find_runs(options.name, load_manifest(folder).runs)[0].module
    goals = [(conjunct.name, conjunct.meaning) for conjunct in inductive_invariant(module, folder) if conjunct.goal]
    _print_rows("Wanted for themselves", goals)
    needs = needs_of(
        module,
        models=folder,
        toolchain=find_toolchain(),
        max_seconds=MAX_SECONDS["nightly"],
        only=frozenset(options.only),
    )
    print("What else it takes")
    for need in needs:
        print(textwrap.indent(format_need(need, width=width_of_terminal() - 2), "  "), flush=True)
        code = code if need.needed else 1
    return code
