"""Runs methods with real threads and explored, each side in a process of its own, and compares.

A process runs many methods, since starting one takes longer than most methods do. It leads a process group; if a
method takes longer than its limit, or brings the process down, that method is lost and the group is ended, and the
next method gets a new process.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.explore.cpython.run_one import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from tests.explore.cpython.collect import Method

ROOT = Path(__file__).absolute().parents[3]
WORKERS = 2  # processes on each side; real threads mostly sleep


@dataclass(frozen=True, slots=True)
class Comparison:
    """One method on both sides."""

    name: str
    real: Outcome
    explored: Outcome

    @property
    def kind(self) -> str:
        """`agree`, `differ`, or `excluded` if the method skips itself or real threads have no answer either."""
        agreeing = {"pass": ("OK", "SAMPLED"), "fail": ("VIOLATION",), "unsteady": ("OK", "SAMPLED", "VIOLATION")}
        if self.real.outcome not in agreeing:
            return "excluded"
        return "agree" if self.explored.outcome in agreeing[self.real.outcome] else "differ"

    def __str__(self) -> str:
        """Say in one line what each side gave."""
        return f"{self.name}: {self.real.outcome} with real threads, {self.explored.outcome}: {self.explored.reason}"


class Worker:
    """A process that runs methods, one at a time, and is replaced when one does not come back.

    Args:
        arguments: those of `run_one`.
        limit: how many seconds a method may take.
    """

    def __init__(self, arguments: Iterable[str], *, limit: float) -> None:
        self._command = [sys.executable, "-m", "tests.explore.cpython.run_one", *arguments]
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:
        """Nothing to do: the process is started when there is something to run."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the process, and whatever it has started."""
        self._end()

    def run(self, name: str, times: int) -> Outcome:
        """Run one method so many times, or under so many schedules."""
        began = time.monotonic()
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(f"{name} {times}\n".encode())
        readable, _, _ = select.select([process.stdout], [], [], self._limit)
        line = process.stdout.readline() if readable else b""
        seconds = time.monotonic() - began
        if line.endswith(b"\n"):
            return Outcome(**json.loads(line))
        self._end()
        if not readable:
            return Outcome(name, "hung", f"no answer within {self._limit:g} s", seconds)
        return Outcome(name, "died", f"the process ended with {process.returncode}", seconds)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            # A tracer would multiply the time of each schedule, and is itself something that explorations step around.
            environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd=ROOT,
                env=environment | {"PYTHONHASHSEED": "0"},
                start_new_session=True,
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run_all(
    times: Mapping[str, int],
    arguments: Iterable[str],
    *,
    limit: float,
    told: Callable[[Outcome], None] = lambda _: None,
) -> dict[str, Outcome]:
    """Run methods one after the other, each so many times, and tell of each as it ends."""
    outcomes = {}
    with Worker(arguments, limit=limit) as worker:
        for name, number in times.items():
            outcomes[name] = worker.run(name, number)
            told(outcomes[name])
    return outcomes


def compare(
    methods: Iterable[Method],
    *,
    schedules: int,
    repeats: int = 1,
    seed: int = 0,
    limit: float = 60.0,
    told: Callable[[Outcome], None] = lambda _: None,
) -> list[Comparison]:
    """Run methods on both sides at the same time, in two processes each.

    Args:
        methods: those that are excluded are not run.
        schedules: how many random schedules each is explored under; a long one under 2 % of that.
        repeats: how often each is run with real threads.
        seed: of the schedules.
        limit: how many seconds a method may take on one side.
        told: called with each outcome, from several threads.
    """
    methods = [method for method in methods if not method.excluded]
    under = {method.name: max(1, schedules // 50) if method.long else schedules for method in methods}
    sides = [(["real"], dict.fromkeys(under, repeats)), (["explored", "--seed", str(seed)], under)]
    with ThreadPoolExecutor(2 * WORKERS) as pool:
        running = [
            [
                pool.submit(run_all, dict(list(times.items())[part::WORKERS]), arguments, limit=limit, told=told)
                for part in range(WORKERS)
            ]
            for arguments, times in sides
        ]
        real, explored = ({name: one for part in side for name, one in part.result().items()} for side in running)
    return [Comparison(name, real[name], explored[name]) for name in under]
