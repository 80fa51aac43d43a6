"""The commands `pcverify explore` and `pcverify replay`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pdb
import shlex
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError, seconds
from pcverify.explore.locating import locate
from pcverify.explore.saved import FOLDER, KEPT_BOUNDS, explore_remembering, load, replay
from pcverify.explore.schedule import parse_schedule
from pcverify.explore.signals import ENGINE
from pcverify.report.progress import Progress
from pcverify.report.terminal import shows_colour, width_of_terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pcverify.explore.engine.execution import Execution
    from pcverify.explore.result import Exploration

OPTIONS = (
    "strategy",
    "granularity",
    "max_executions",
    "max_seconds",
    "max_steps",
    "max_delay",
    "max_idle",
    "max_silence",
    "seed",
)


def add_arguments(explore_parser: argparse.ArgumentParser, replay_parser: argparse.ArgumentParser) -> None:
    """Describe both commands to the parser of the command line."""
    parser = explore_parser
    parser.add_argument(
        "program", metavar="PROGRAM", help="FILE.py::FUNCTION, FILE.py::CLASS::METHOD or MODULE:FUNCTION"
    )
    parser.add_argument(
        "--strategy",
        metavar="NAME",
        help="portfolio (default), random, sticky, pct[:DEPTH], bounded[:PREEMPTIONS], delay[:DELAYS], dfs, stateful, "
        "hypothesis",
    )
    parser.add_argument(
        "--granularity",
        choices=("sync", "line", "opcode"),
        help="where switches can happen: before "
        "operations on locks, threads and clocks (default), before each line, or each instruction",
    )
    parser.add_argument(
        "--instrument",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="at line and opcode, look into this one, too; can be given again",
    )
    parser.add_argument(
        "--max-executions", type=int, metavar="N", help="end after so many (default: 1,000 where sampling)"
    )
    parser.add_argument(
        "--max-seconds", type=seconds, metavar="S", help="end after so many of real time (default: no bound)"
    )
    _add_bounds(parser)
    parser.add_argument(
        "--max-silence",
        type=float,
        metavar="S",
        help="real seconds without an operation after which the program is out of control (default: 10)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of the strategy (default: 0)")
    parser.add_argument(
        "--keep-going", action="store_true", help="count all outcomes instead of ending with the first failure"
    )
    parser.add_argument("--outcomes", action="store_true", help="print what the executions came to, and how often")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.set_defaults(run=run_explore)

    parser = replay_parser
    parser.add_argument("schedule", metavar="SCHEDULE", help="a file that was saved in .pcverify, or a schedule's text")
    parser.add_argument("program", metavar="PROGRAM", nargs="?", help="what to run, if the schedule is a text")
    _add_bounds(parser)
    parser.add_argument("--pdb", action="store_true", help="stop in the debugger where it fails")
    parser.add_argument("--json", action="store_true", help="print one JSON object, and nothing else")
    parser.set_defaults(run=run_replay)


def _add_bounds(parser: argparse.ArgumentParser) -> None:
    """Describe those that decide what may happen at a step, and so whether a schedule fits."""
    parser.add_argument(
        "--max-steps", type=int, metavar="N", help="of one execution, then it must end fairly (default: 10,000)"
    )
    parser.add_argument(
        "--max-delay",
        type=float,
        metavar="S",
        help="virtual seconds for which a deadline may pass while others can run; inf for ever (default: 1)",
    )
    parser.add_argument(
        "--max-idle", type=float, metavar="S", help="a wait of more virtual seconds is a stall (default: 3,600)"
    )


def run_explore(options: argparse.Namespace) -> int:
    """Explore a program; return the exit code."""
    _fix_hashes()
    with _alone(options.json):
        program, given = locate(options.program)
    given |= _given(options, OPTIONS)
    given |= {"instrument": options.instrument} if options.instrument else {}
    given |= {"keep_going": True} if options.keep_going else {}

    def command(path: Path | None, schedule: str) -> str:
        if path is not None:
            return f"pcverify replay {FOLDER}/{path.name}"
        return shlex.join(["pcverify", "replay", schedule, options.program, *_bounds_of(options)])

    if callable(given.get("strategy")):
        given["strategy"] = given["strategy"]()
    progress = Progress()

    def advanced(executions: int, seconds: float) -> None:
        progress(lambda: f"{executions:,} executions in {seconds:.0f} s, {executions / seconds:,.0f} a second")

    hear = None if options.json else advanced
    with _alone(options.json):
        result = explore_remembering(program, options.program, command=command, progress=hear, **given)
    if not options.json:
        progress.over()
    if options.outcomes and not options.json:
        _print_outcomes(result)
    return _report(result, as_json=options.json)


def run_replay(options: argparse.Namespace) -> int:
    """Run a program by a schedule; return the exit code."""
    schedule, target, bounds = _read(options.schedule, options.program)
    seed = parse_schedule(schedule).setting.hash_seed
    _fix_hashes(seed if seed.isdecimal() else "0")
    with _alone(options.json):
        program, decorated = locate(target)
        bounds = {name: decorated[name] for name in KEPT_BOUNDS if name in decorated} | bounds
        bounds |= _given(options, KEPT_BOUNDS)
        result = replay(program, schedule, inspect=_debug if options.pdb else None, **bounds)
    if result.counterexample is not None:
        program_given = [options.program] if options.program else []
        command = shlex.join(["pcverify", "replay", options.schedule, *program_given, *_bounds_of(options)])
        result = replace(result, counterexample=replace(result.counterexample, command=command))
    return _report(result, as_json=options.json)


def _read(schedule: str, program: str | None) -> tuple[str, str, dict[str, Any]]:
    """Return the schedule, the program that it belongs to, and the bounds that hold for it."""
    file = Path(schedule)
    if file.suffix == ".json" or file.is_file():
        try:
            kept = load(file)
        except OSError:
            raise UsageError(f"there is no file {file}: was the failure mended, and the file removed?") from None
        if kept.arguments and program is None:
            raise UsageError(
                f"{file} is of a test that pytest calls with arguments ({kept.arguments}): run the test with pytest, "
                "which tries what is saved first"
            )
        return kept.schedule, program or kept.program, kept.bounds
    if program is None:
        raise UsageError("a schedule does not say what it belongs to: give the program behind it, FILE.py::FUNCTION")
    return schedule, program, {}


def _given(options: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    """Return the options that were given, of these, as arguments of `explore`."""
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return given | {name: None for name in ("max_delay", "max_idle") if given.get(name) == float("inf")}


def _bounds_of(options: argparse.Namespace) -> list[str]:
    """Return the options without which a schedule would not fit, as they were given."""
    given = [(name, getattr(options, name)) for name in KEPT_BOUNDS]
    return [part for name, value in given if value is not None for part in (f"--{name.replace('_', '-')}", str(value))]


def _alone(as_json: bool) -> contextlib.AbstractContextManager[Any]:
    """Let what others print go to stderr, if stdout is for one JSON object."""
    return contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext()


def _report(result: Exploration, *, as_json: bool) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what the program printed may not fit the encoding
    if as_json:
        print(json.dumps(result.to_json()))
    else:
        print(result.format(width_of_terminal(), colour=shows_colour(sys.stdout)))
    return result.exit_code


def _print_outcomes(result: Exploration) -> None:
    print("Outcomes, how often, and the first schedule of each:")
    for outcome in sorted(result.outcomes, key=lambda each: -each.count):
        print(f"  {outcome.count:>9,}  {outcome.outcome}")
        print(f"  {'':>9}  {outcome.schedule}")


def _debug(execution: Execution) -> None:
    """Stop in the debugger at the exception, or where a task is stuck, if possible one that does not just join."""
    if execution.failure is not None:
        pdb.post_mortem(execution.failure[1].__traceback__)
        return
    stuck = sorted(execution.blocked, key=lambda task: task.kind == "join")
    stuck = stuck or [task for task in execution.tasks if task.begun and not task.ended]  # of a livelock
    for task in stuck:
        print(f"{task.name} {execution.blocked_on(task) or 'can go on'}")
    if stuck:
        frame = stuck[0].gr_frame
        while frame.f_back is not None and frame.f_code.co_filename.startswith((ENGINE, threading.__file__)):
            frame = frame.f_back
        debugger = pdb.Pdb()
        debugger.reset()
        debugger.interaction(frame, None)


def _fix_hashes(seed: str = "0") -> None:
    """Begin anew with known hashes of strings, unless they are: else a set's order differs from one run to the next."""
    if sys.flags.hash_randomization and "PYTHONHASHSEED" not in os.environ and _is_the_program():
        sys.stdout.flush()
        os.execve(
            sys.executable, [sys.executable, "-m", "pcverify", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": seed}
        )


def _is_the_program() -> bool:
    """Whether this process was started as `pcverify`, and is not somebody else's that calls us."""
    return Path(sys.argv[0]).name in {"pcverify", "pcverify.exe"} or Path(sys.argv[0]).parent.name == "pcverify"
