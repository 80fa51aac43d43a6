"""Executions a second of two small programs, and what a step costs as the program grows."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING, Any

from pcverify.explore import Random, explore
from tests.benchmarks.measuring import NOT_AVAILABLE, Spread, Table, Took, say, timed
from tests.benchmarks.programs import beside_blocked, contend, queue_2x2, racy_counter

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 15_000
"""Executions of `queue_2x2` a second on Python 3.11."""

TASKS = (2, 4, 8, 16, 32, 64)
TIMES = (1, 10, 100, 1_000)
BLOCKED = (1, 4, 16, 64, 256)
LONGEST = 10_000_000
"""Steps: no program here comes near."""


@cache
def available(granularity: str) -> bool:
    """Whether `explore` can be asked for it, and then does switch inside the racy counter."""
    if granularity == "sync":
        return True
    if "granularity" not in inspect.signature(explore).parameters:
        return False
    return sample(racy_counter, 200, seed=0, granularity=granularity)[2] > 1


def sample(
    program: Callable[[], Any], executions: int, *, seed: int, granularity: str = "sync"
) -> tuple[Took, int, int]:
    """Explore so many random executions; return how long that took, the steps, and how many outcomes there were.

    Raises:
        RuntimeError: the exploration ended early.
    """
    extra: dict[str, Any] = {} if granularity == "sync" else {"granularity": granularity}
    strategy = Random(executions, seed=seed)
    took, result = timed(lambda: explore(program, strategy=strategy, max_steps=LONGEST, keep_going=True, **extra))
    if result.executions != executions:
        raise RuntimeError(f"{result.executions} executions of {executions}: {result}")
    return took, result.steps, len(result.outcomes)


def executions_a_second(name: str, program: Callable[[], Any], granularity: str, repeat: int) -> dict[str, Any]:
    """Measure one program at one granularity."""
    took, _, _ = sample(program, 100, seed=0, granularity=granularity)
    executions = min(10_000, max(100, int(100 * 0.5 / took.core)))
    rates, by_the_clock, a_step, steps, outcomes = [], [], [], 0, 0
    for seed in range(repeat):
        took, steps, outcomes = sample(program, executions, seed=seed, granularity=granularity)
        rates.append(executions / took.core)
        by_the_clock.append(executions / took.clock)
        a_step.append(took.core / steps * 1e6)
        say(f"  {name}, {granularity}, {seed + 1} of {repeat}: {rates[-1]:,.0f} executions/s")
    return {
        "executions_per_second": Spread.of(rates).figures(),
        "executions_per_second_by_the_clock": Spread.of(by_the_clock).figures(),
        "microseconds_per_step": Spread.of(a_step).figures(),
        "steps_per_execution": steps / executions,
        "executions_per_repeat": executions,
        "outcomes": outcomes,
    }


def _row(name: str, granularity: str, figures: dict[str, Any]) -> list[str]:
    rate, a_step = Spread(**figures["executions_per_second"]), Spread(**figures["microseconds_per_step"])
    return [
        f"{name}, {granularity}",
        f"{rate.median:,.0f}",
        rate.range(),
        f"{figures['executions_per_second_by_the_clock']['median']:,.0f}",
        f"{figures['steps_per_execution']:.1f}",
        f"{a_step.median:.2f}",
        str(figures["outcomes"]),
    ]


COLUMNS = ("program", "executions/s", "spread", "by the clock", "steps/execution", "µs/step", "outcomes")


def queue_speed(repeat: int) -> Table:
    """Producers and consumers at `sync`."""
    figures = executions_a_second("queue 2x2", queue_2x2, "sync", repeat)
    rate = figures["executions_per_second"]["median"]
    reached = "reached" if rate >= GOAL else f"{rate / GOAL:.0%} of it"
    return Table(
        "2 producers and 2 consumers of 1 item each through queue.Queue(1), random",
        COLUMNS,
        [_row("queue 2x2", "sync", figures)],
        [f"Goal on Python 3.11: {GOAL:,} executions/s; {reached}."],
        figures | {"goal_executions_per_second": GOAL},
    )


def counter_speed(repeat: int) -> Table:
    """The racy counter at `line` and `opcode`."""
    rows, figures = [], {}
    for granularity in ("line", "opcode"):
        if available(granularity):
            figures[granularity] = executions_a_second("racy counter", racy_counter, granularity, repeat)
            rows.append(_row("racy counter", granularity, figures[granularity]))
        else:
            rows.append([f"racy counter, {granularity}", NOT_AVAILABLE, *["-"] * 5])
    notes = ["Not available: explorations cannot be asked for that, or do not switch between reading and writing then."]
    return Table("Racy counter, two threads, random", COLUMNS, rows, notes, figures)


def growth(repeat: int) -> Table:
    """What a step costs with more tasks, with longer tasks, and with more tasks that are blocked."""
    series: list[tuple[str, tuple[int, ...], Callable[[int], float]]] = [
        ("tasks, each takes a lock 3 times", TASKS, lambda size: _a_step(contend(size, 3))),
        ("times that each of 2 tasks takes a lock", TIMES, lambda size: _a_step(contend(2, size))),
        ("blocked tasks, while 2 others go on", BLOCKED, _a_step_beside),
    ]
    rows, figures = [], {}
    for name, sizes, measure in series:
        found: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(repeat):  # all sizes in each repeat: what disturbs the machine disturbs them alike
            for size in sizes:
                found[size].append(measure(size))
            say(f"  {name}, {number + 1} of {repeat}: " + ", ".join(f"{found[size][-1]:.2f}" for size in sizes))
        spreads = {size: Spread.of(values) for size, values in found.items()}
        least = min(spread.median for spread in spreads.values())
        rows += [
            [name, f"{size:,}", f"{spread.median:.2f}", spread.range(2), f"{spread.median / least:.2f}"]
            for size, spread in spreads.items()
        ]
        figures[name] = {str(size): spread.figures() for size, spread in spreads.items()}
    notes = [
        "Without what each exploration does once: it tries the program, and writes down the first schedules.",
        "Short programs cost more a step: making an execution and its threads is shared by fewer steps.",
        "Beside blocked tasks only those steps count that the two others take while all the rest are blocked.",
    ]
    columns = ("what grows", "size", "µs/step", "spread", "times the least")
    return Table("Growth of the time per step, random, sync", columns, rows, notes, figures)


def _enough(program: Callable[[], Any]) -> int:
    """Return how many executions take a fifth of a second, roughly."""
    took, _, _ = sample(program, 2, seed=0)
    return min(2_000, max(2, int(0.4 / took.core)))


def _further(program: Callable[[], Any], executions: int) -> tuple[float, int]:
    """Return what so many executions take, in seconds and in steps, without what each exploration does once."""
    fewer, before, _ = sample(program, 1, seed=1)
    more, after, _ = sample(program, 1 + executions, seed=1)
    return more.core - fewer.core, after - before


def _a_step(program: Callable[[], Any]) -> float:
    """Return the microseconds per step."""
    seconds, steps = _further(program, _enough(program))
    return seconds / steps * 1e6


def _a_step_beside(blocked: int) -> float:
    """Return the microseconds per step of two tasks beside others, from what longer tasks take more than short ones."""
    executions = _enough(beside_blocked(blocked, 2_000))
    longer, more = _further(beside_blocked(blocked, 2_000), executions)
    shorter, fewer = _further(beside_blocked(blocked, 0), executions)
    return (longer - shorter) / (more - fewer) * 1e6
