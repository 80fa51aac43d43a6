"""`line`: which points there are, the same on each Python, whether code was seen before or not."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Replay, explore
from tests.subjects import programs

EXPECTED = json.loads((Path(programs.__file__).parent / "expected.json").read_text())
BESIDE_PLAIN_CODE = {
    "event_polling": {"0"},
    "recursion": {
        "('busy', 'busy', 'deep')",
        "('busy', 'deep', 'busy')",
        "('busy', 'deep', 'got')",
        "('got', 'busy', 'deep')",
    },
}
"""Outcomes that only a switch between an operation and the plain code beside it can bring, and so not `sync`."""


def run(target: Callable[[], object], *others: Callable[[], object]) -> None:
    threads = [threading.Thread(target=other) for other in others]
    for thread in threads:
        thread.start()
    target()
    for thread in threads:
        thread.join()


def lost_update() -> int:
    x = 0

    def add() -> None:
        nonlocal x
        mine = x
        x = mine + 1

    run(add, add)
    return x


def check_then_act() -> tuple[str, tuple[str, ...]]:
    table: dict[str, str] = {}
    winners: list[str] = []

    def claim(name: str) -> None:
        if "key" not in table:
            table["key"] = name
            winners.append(name)

    run(lambda: claim("a"), lambda: claim("b"))
    return table["key"], tuple(winners)


def torn_read() -> tuple[int, int]:
    low, high = 0, 0
    seen: list[tuple[int, int]] = []

    def write() -> None:
        nonlocal low, high
        low = 1
        high = 1

    def read() -> None:
        first = high
        second = low
        seen.append((first, second))

    run(write, read)
    return seen[0]


def orders(*winners: str) -> set[str]:
    """Each of two claims first or second in the list, or alone."""
    return {f"('{last}', {tuple(order)!r})" for last, order in [winner.split(":") for winner in winners]}


@pytest.mark.parametrize(
    ("program", "executions", "found"),
    [
        (lost_update, 210, {"1", "2"}),
        (check_then_act, 1972, orders("a:ab", "a:a", "a:ba", "b:ab", "b:ba", "b:b")),
        (torn_read, 462, {"(0, 0)", "(0, 1)", "(1, 1)"}),
    ],
)
def test_every_schedule_is_run_and_no_other(program: Callable[[], object], executions: int, found: set[str]) -> None:
    """Counted over real threads that are stopped before each line and each operation of these functions."""
    result = explore(program, granularity="line", strategy="dfs", max_delay=None, keep_going=True)
    assert (result.verdict, result.executions, set(result.counts())) == (Verdict.OK, executions, found)


@pytest.mark.parametrize("granularity", ["line", "opcode"])
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_random_walk_finds_only_what_can_happen(name: str, granularity: str) -> None:
    result = explore(
        getattr(programs, name),
        granularity=granularity,
        strategy="random",
        max_executions=150,
        max_delay=None,
        keep_going=True,
    )
    assert result.verdict is not Verdict.UNKNOWN, result.reason
    assert set(result.counts()) <= set(EXPECTED[name]["outcomes"]) | BESIDE_PLAIN_CODE.get(name, set())


@pytest.mark.parametrize("name", ["if_queue_1x2", "swallowed_wakeup"])
def test_a_deadlock_that_is_found_among_lines_happens_again(name: str) -> None:
    """On 3.10 and 3.11 a task that another one switched to in a trace function was not traced from there on."""
    program = getattr(programs, name)
    result = explore(program, granularity="line", strategy="random", max_executions=200, max_delay=None)
    assert result.verdict is Verdict.VIOLATION, result.reason
    again = explore(program, strategy=Replay(result.schedule), max_delay=None)
    assert again.counts() == {"DEADLOCK": 1}


def steps_of(body: Callable[[list[int]], object], times: int = 1) -> int:
    """How many steps `times` calls add to a program of two threads."""

    def program(calls: int) -> None:
        items = [1, 2, 3]
        thread = threading.Thread(target=items.copy)
        thread.start()
        for _ in range(calls):
            body(items[:])
        thread.join()

    def steps(calls: int) -> int:
        return explore(lambda: program(calls), granularity="line", strategy="random", max_executions=1).steps

    return steps(times) - steps(0)


def loop_in_one_line(items: list[int]) -> None:
    while items: items.pop()  # fmt: skip  # noqa: E701


def loop_in_two_lines(items: list[int]) -> None:
    while items:
        items.pop()


def generator(items: list[int]) -> None:
    list(item for item in items)  # noqa: C400


one_line = lambda items: items.copy()  # noqa: E731
three_lines = lambda items: (  # noqa: E731
    items.copy(),
    items.copy(),
)


@pytest.mark.parametrize(
    ("body", "lines"),
    [(loop_in_one_line, 3), (loop_in_two_lines, 7), (generator, 5), (one_line, 1), (three_lines, 3)],
)
def test_each_line_is_a_step_each_time_it_begins(body: Callable[[list[int]], object], lines: int) -> None:
    """As many as `sys.settrace` reports on each Python; and two for the loop of the caller."""
    assert steps_of(body) == lines + 2
    assert steps_of(body, 3) == 3 * (lines + 2)


def test_a_loop_that_spins_in_one_line_is_left_when_others_run() -> None:
    def program() -> None:
        ready: list[int] = []

        def wait() -> None:
            while not ready: pass  # fmt: skip  # noqa: E701

        thread = threading.Thread(target=wait)
        thread.start()
        ready.append(1)
        thread.join()

    result = explore(program, granularity="line", strategy="random", max_executions=50, max_steps=500)
    assert result.verdict is Verdict.SAMPLED, result.reason


def test_what_a_lambda_reads_can_have_changed_since_its_line_began() -> None:
    def program() -> int:
        box = [0]
        read = lambda: box[0]  # noqa: E731

        def add() -> None:
            box[0] = box[0] + read() + 1

        run(add, add)
        return box[0]

    result = explore(program, granularity="line", strategy="random", max_executions=200, keep_going=True)
    assert set(result.counts()) == {"2", "3"}
