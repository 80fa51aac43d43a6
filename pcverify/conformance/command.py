"""The command `pcverify conform`."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from pcverify.conformance.conforming import conform, graph_for, subject_for
from pcverify.conformance.edits_command import run_edits
from pcverify.conformance.explaining import explained
from pcverify.conformance.gate import CLASSES, LATE, configs_for, configs_for_edits, left_out
from pcverify.conformance.mappings import CONFIGS, MAPPINGS, is_coarse, mapping_for
from pcverify.conformance.reporting import COARSE, NOT_SHOWN, line, table
from pcverify.evidence import UsageError, Verdict, seconds, worst
from pcverify.report.progress import Progress
from pcverify.report.terminal import shows_colour, width_of_terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pcverify.conformance.conforming import Conformance
    from pcverify.conformance.edited import Late
    from pcverify.conformance.programs import Config

YES, NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to the parser of the command line."""
    parser.add_argument("model", metavar="MODEL", help=f"one of {', '.join(MAPPINGS)}")
    parser.add_argument(
        "subject",
        metavar="CLASS",
        nargs="?",
        help="MODULE:CLASS of a queue; default: the class that the model describes",
    )
    parser.add_argument(
        "--bounds",
        metavar="NAME=VALUE",
        nargs="+",
        help="one config instead of those of the gate, for example: producers=2 timed=consumers shutdown=gently; "
        "names of tasks are joined by +",
    )
    parser.add_argument(
        "--edits",
        metavar="PATTERN",
        nargs="*",
        help="instead, edit every guard and effect of the model once, or those whose names match, and say which of "
        "the edits make a difference: Park.*; exit code 1 if one makes none and is not listed with an argument",
    )
    parser.add_argument("--nightly", action="store_true", help="also the large configs, which take minutes")
    parser.add_argument("--max-seconds", type=seconds, default=600.0, help="wall time for each config (default 600)")
    parser.add_argument("--json", action="store_true", help="one JSON object a config instead of text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, print, and return the exit code: 0 they agree, 1 they differ, 3 it could not be found out."""
    model = mapping_for(options.model).MODULE
    make = load(options.subject or CLASSES[model][0])
    check_subject(model, make)
    if options.bounds:
        configs: list[Config] = [parse_bounds(model, options.bounds)]
    else:
        configs = list(configs_for(model, make, nightly=options.nightly))
    coarse = is_coarse(model)
    if options.edits is not None:
        if options.subject or options.bounds:
            subjects = [(make, config) for config in configs]
            return run_edits(model, subjects, options.edits, max_seconds=options.max_seconds)
        return run_edits(
            model, subjects_for(model), options.edits, late=late_for(model), max_seconds=options.max_seconds
        )
    codes = []
    for config in configs:
        result = conform_and_say_how_far(model, make, config, max_seconds=options.max_seconds)
        codes.append(result.verdict.exit_code)
        if options.json:
            print(json.dumps(as_dict(result)), flush=True)
            continue
        print(line(result), flush=True)
        if result.verdict is Verdict.VIOLATION:
            shown = explained(
                result,
                subject_for(model, make, config),
                width=width_of_terminal(),
                colour=shows_colour(sys.stdout),
            )
            print(f"\n{shown.text}\n", flush=True)
            break
        if options.bounds or result.verdict is Verdict.UNKNOWN:
            print(f"\n{table(result)}\n")
    if not options.json:
        print("\n".join(NOT_SHOWN + COARSE * coarse))
        if not options.bounds:
            print("".join(f"Left out: {words}.\n" for words in left_out(model, make)), end="")
    return worst(codes)


def conform_and_say_how_far(
    model: str, make: Callable[[int], Any], config: Config, *, max_seconds: float
) -> Conformance:
    """Compare, and say now and then on stderr how far the walk is."""
    graph = graph_for(model, config, max_seconds=max_seconds)
    progress = Progress()

    def advanced(states: int, left: int) -> None:
        progress(lambda: f"{config.name}: {states:,} states of the code, {left:,} moves left to make")

    result = conform(model, make, config, graph=graph, max_seconds=max_seconds, on_progress=advanced)
    progress.over()
    return result


def subjects_for(model: str) -> list[tuple[Callable[[int], Any], Config]]:
    """Return our own classes that a model describes, each with the configs at which edits are tried."""
    made = [load(name) for name in CLASSES[model] if name.startswith("pcverify:")]
    return [(make, config) for make in made for config in configs_for_edits(model, make)]


def late_for(model: str) -> list[Late]:
    """Return what single edits need beyond that, with the first of our classes."""
    make = load(CLASSES[model][0])
    return [(make, config, name) for name, config in LATE.get(model, {}).items()]


def load(name: str) -> Callable[[int], Any]:
    """Return a class of queues by its name, `MODULE:CLASS`.

    Raises:
        UsageError: it cannot be imported.
    """
    module, _, attribute = name.partition(":")
    if not attribute:
        raise UsageError(f"{name!r} names no class: give MODULE:CLASS, for example queue:Queue")
    try:
        found: Callable[[int], Any] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"cannot load {name}: {error}") from error
    return found


NEEDED = {
    "ConditionQueue": ("put", "get", "mutex", "queue", "maxsize", "not_empty", "not_full"),
    "HandoffQueue": ("put", "get", "mutex", "queue", "is_shutdown", "_getters", "_putters"),
    "UnfinishedTasks": ("put", "task_done", "join", "mutex", "queue", "unfinished_tasks"),
    "Pipeline": ("put", "get", "mutex", "queue", "is_shutdown"),
}
"""What a model's mapping looks at in a queue."""


def check_subject(model: str, make: Callable[[int], Any]) -> None:
    """See that a class makes queues of a design that a model can describe.

    Raises:
        UsageError: it does not.
    """
    name = getattr(make, "__qualname__", repr(make))
    try:
        queue = make(1)
    except Exception as error:
        raise UsageError(f"{name} makes no queue for one item: {name}(1) raised {error!r}") from error
    missing = [each for each in NEEDED[model] if not hasattr(queue, each)]
    if missing:
        raise UsageError(
            f"{name} is no queue that {model} describes: it has no {', '.join(missing)}; "
            f"{' and '.join(CLASSES[model])} have"
        )


def parse_bounds(model: str, words: list[str]) -> Config:
    """Return the config that words like `producers=2` describe.

    Raises:
        UsageError: a word has no such form, or names no bound.
    """
    kinds = {field.name: field.type for field in fields(CONFIGS[model])}
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in kinds:
            raise UsageError(f"--bounds: {word!r} is none of {', '.join(f'{known}=…' for known in kinds)}")
        kind = kinds[name]
        given[name] = _read(name, value, str(kind))
    config: Config = CONFIGS[model](**given)
    return config


def _read(name: str, value: str, kind: str) -> Any:
    if kind == "bool":
        if value.lower() not in YES | NO:
            raise UsageError(f"--bounds: {name} must be true or false, not {value!r}")
        return value.lower() in YES
    if kind == "int":
        least = int(name == "capacity")
        if not value.isdecimal() or int(value) < least:
            raise UsageError(f"--bounds: {name} must be a number, {least} or more, not {value!r}")
        return int(value)
    return tuple(filter(None, value.split("+"))) if kind.startswith("tuple") else value


def as_dict(result: Conformance) -> dict[str, Any]:
    """Return the counts for a machine."""
    compared = result.comparison
    return {
        "model": result.model,
        "subject": result.subject,
        "config": result.config.name,
        "verdict": result.verdict.name,
        "model_states": compared.model_states,
        "model_edges": compared.model_edges,
        "code_states": compared.code_states,
        "code_steps": compared.code_edges,
        "covered_states": compared.covered_states,
        "covered_edges": compared.covered_edges,
        "foreign": compared.foreign,
        "refused": compared.refused,
        "unkeyed": result.code.unkeyed,
        "actions": {action: list(counts) for action, counts in compared.actions.items()},
        "cut_short": result.code.cut_short,
    }
