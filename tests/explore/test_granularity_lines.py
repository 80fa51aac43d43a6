"""`line`: which points there are, the same on each Python, whether code was seen before or not."""

import threading
from collections.abc import Callable

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Replay, explore
from tests.subjects import programs


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

        programs.run(add, add)
        return box[0]

    result = explore(program, granularity="line", strategy="random", max_executions=200, keep_going=True)
    assert set(result.counts()) == {"2", "3"}
