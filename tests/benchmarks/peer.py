"""Run one explorer on one program, once, and print how that went as JSON.

    python -m tests.benchmarks.peer pcverify queue sync 5000
    frontrun python -m tests.benchmarks.peer frontrun queue opcode 300

`tests.benchmarks.peers` starts this in fresh processes. Each explorer is used as its documentation says, in its
fastest random mode; what is timed is its one call. Which outcomes there are is found in a second, shorter run, where
noting them would slow the first.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.programs import COUNTING, EXCHANGING, Counter, Exchange, queue_2x2, racy_counter

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS: dict[str, Callable[[], Any]] = {"queue": queue_2x2, "counter": racy_counter}
PARTS: dict[str, tuple[type[Exchange] | type[Counter], tuple[Callable[[Any], None], ...]]] = {
    "queue": (Exchange, EXCHANGING),
    "counter": (Counter, COUNTING),
}


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run went. `outcomes` is None where the explorer has no way to tell."""

    executions: int
    seconds: float
    outcomes: list[str] | None


def pcverify(program: str, granularity: str, executions: int) -> Ran:
    """`explore` with `Random`. `sync` is what it does by itself."""
    from pcverify.explore import Random, explore

    extra: dict[str, Any] = {} if granularity == "sync" else {"granularity": granularity}
    strategy = Random(executions, seed=1)
    began = time.perf_counter()
    result = explore(PROGRAMS[program], strategy=strategy, keep_going=True, **extra)
    seconds = time.perf_counter() - began
    return Ran(result.executions, seconds, sorted(each.outcome for each in result.outcomes))


def frontrun(program: str, granularity: str, executions: int) -> Ran:
    """`frontrun.explore(strategy="random")`, under its command; without watching sockets and files, which is faster.

    It takes state, workers and an invariant instead of a program; the invariant here sees the state and always holds.
    """
    assert granularity == "opcode", "frontrun knows no other"
    library = importlib.import_module("frontrun")
    state, workers = PARTS[program]
    outcomes = set()

    def invariant(state: Exchange | Counter) -> bool:
        outcomes.add(repr(state.outcome()))
        return True

    began = time.perf_counter()
    result = library.explore(
        setup=state,
        workers=list(workers),
        invariant=invariant,
        strategy="random",
        max_attempts=executions,
        seed=1,
        detect_io=False,
    )
    seconds = time.perf_counter() - began
    if not result.property_holds:
        raise RuntimeError(result.explanation)
    return Ran(result.num_explored, seconds, sorted(outcomes))


def interleave_test(program: str, granularity: str, executions: int) -> Ran:
    """`interleave_test.explore` with its default strategy, random."""
    library = importlib.import_module("interleave_test")
    function = PROGRAMS[program]
    began = time.perf_counter()
    result = library.explore(function, iterations=executions, seed=1, granularity=granularity)
    seconds = time.perf_counter() - began
    outcomes = set()
    library.explore(lambda: outcomes.add(repr(function())), iterations=200, seed=1, granularity=granularity)
    return Ran(result.schedules_run, seconds, sorted(outcomes))


def ploom(program: str, granularity: str, executions: int) -> Ran:
    """`ploom.check`, on a counter that was rewritten for it; it has no random search, so this is the exhaustive one."""
    assert (program, granularity) == ("counter", "rewritten"), "ploom sees neither threading nor queue"
    library = importlib.import_module("ploom")

    def rewritten() -> None:
        counter = library.SharedCell(0)

        def work() -> None:
            value = counter.read()
            counter.write(value + 1)

        threads = [library.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    try:
        statistics = library.check(rewritten, config=library.Config(max_executions=executions))
    except library.IncompleteExplorationError as ended:  # at max_executions, as asked for
        statistics = ended.statistics
    return Ran(statistics.executions, statistics.elapsed, None)


EXPLORERS: dict[str, Callable[[str, str, int], Ran]] = {
    "pcverify": pcverify,
    "frontrun": frontrun,
    "interleave-test": interleave_test,
    "ploom": ploom,
}


if __name__ == "__main__":
    _, explorer, program, granularity, executions = sys.argv
    print(json.dumps(asdict(EXPLORERS[explorer](program, granularity, int(executions)))))
