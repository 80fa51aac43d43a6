"""Runs test methods one after the other, as whoever started this process asks for them.

    echo test.test_queue.PyQueueTest.test_basic 3 | python -m tests.explore.cpython.run_one real
    echo test.test_queue.PyQueueTest.test_basic 100 | python -m tests.explore.cpython.run_one explored --seed 0

Each line of the input is a dotted name (module.Class.method) and how often to run it: with real threads so many times,
explored under so many random schedules. Each line of the output is what came of it, as JSON. A method that never
ends, or that brings the process down, gives no line: whoever waits for it ends the process and starts another one.

A method is run as `unittest` runs it, with `setUp`, `tearDown` and cleanups; its first exception then goes on to the
caller. To an exploration it is an ordinary program that fails if the method fails.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import sys
import time
import unittest
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pcverify.evidence import Verdict
from pcverify.explore import Random, explore

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_STEPS = 1_000_000  # test_many_threads of SimpleQueue hands on 10,000 items
MAX_DELAY = 0.0  # they sleep until others must have come somewhere, and assert it: time passes when nobody can run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one method.

    Attributes:
        name: its dotted name.
        outcome: with real threads `pass`, `fail`, `skip` or `unsteady`; explored, the verdict. Of either side also
            `error` (running it was not possible), `hung` and `died`.
        reason: the first line of what is said about that.
        seconds: how long it took.
    """

    name: str
    outcome: str
    reason: str = ""
    seconds: float = 0.0


class _Kept(unittest.TestResult):
    """Keeps exceptions as they are, where the standard result keeps text."""

    def __init__(self) -> None:
        super().__init__()
        self.raised: list[BaseException] = []

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802  # the name is unittest's
        self.raised.append(err[1])

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self.raised.append(err[1])

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self.raised.append(err[1])

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self.raised.append(unittest.SkipTest(reason))


def program_of(name: str) -> Callable[[], None]:
    """Return the method as a program: it raises what the method, its `setUp` or its `tearDown` raises."""
    module_name, class_name, method = name.rsplit(".", 2)
    case = getattr(importlib.import_module(module_name), class_name)

    def program() -> None:
        result = _Kept()
        case(method).run(result)
        if result.raised:
            raise result.raised[0]

    return program


def run_with_real_threads(name: str, *, repeats: int) -> Outcome:
    """Run a method as it stands, so many times."""
    program = program_of(name)
    seen: dict[str, str] = {}
    for _ in range(repeats):
        try:
            program()
        except unittest.SkipTest as error:
            return Outcome(name, "skip", _first_line(error))
        except Exception as error:
            seen["fail"] = _first_line(error)
        else:
            seen["pass"] = ""
    return Outcome(name, next(iter(seen)) if len(seen) == 1 else "unsteady", seen.get("fail", ""))


def run_explored(name: str, *, schedules: int, seed: int) -> Outcome:
    """Run a method under random schedules."""
    program = program_of(name)

    def same_each_time() -> None:
        random.seed(seed)  # some methods draw how long they sleep
        program()

    result = explore(same_each_time, strategy=Random(schedules, seed=seed), max_steps=MAX_STEPS, max_delay=MAX_DELAY)
    reason = result.reason
    if result.counterexample is not None:
        reason = _blocked(result.counterexample) or result.counterexample.message
    if result.verdict is Verdict.UNKNOWN and "nothing to interleave" in reason:  # it passed, and says what that shows
        return Outcome(name, Verdict.SAMPLED.value, reason)
    return Outcome(name, result.verdict.value, reason.partition("\n")[0])


def _blocked(counterexample: Any) -> str:
    """Return who is blocked on what, of a deadlock."""
    told = "; ".join(f"{task} {why}" for task, why in counterexample.blocked)
    return f"deadlock: {told}" if told else ""


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def main(arguments: list[str] | None = None) -> None:
    """Answer each line of the input by one of the output."""
    parser = argparse.ArgumentParser(
        description="Run test methods, whose names come line by line, each with a number of runs."
    )
    parser.add_argument("side", choices=["real", "explored"])
    parser.add_argument("--seed", type=int, default=0, help="of the schedules")
    options = parser.parse_args(arguments)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the tests print is no answer
    for line in sys.stdin:
        name, times = line.split()
        began = time.perf_counter()
        try:
            if options.side == "real":
                outcome = run_with_real_threads(name, repeats=int(times))
            else:
                outcome = run_explored(name, schedules=int(times), seed=options.seed)
        except BaseException as error:
            outcome = Outcome(name, "error", _first_line(error))
        answer = asdict(outcome) | {"seconds": time.perf_counter() - began}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
