"""Strategies without the engine: tasks that are numbers of steps, and what a strategy makes of them.

Also a strategy that watches another one, to see on real programs what it was offered and what it chose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pcverify.explore.strategies import Strategy


@dataclass
class Run:
    """Stands for an execution: how many steps it took."""

    steps: int = 0


@dataclass(eq=False)
class Counted:
    """A task with so many steps; a late one cannot go on, so that a step of it is its deadline passing."""

    number: int
    left: int
    late: bool
    execution: Run
    kind: str = "acquire"

    @property
    def name(self) -> str:
        return f"task-{self.number}"

    def can_go_on(self) -> bool:
        return not self.late


class Choice(NamedTuple):
    """What a strategy was asked, and what it answered: tasks by their numbers."""

    enabled: tuple[int, ...]
    late: tuple[int, ...]
    running: int | None
    index: int

    @property
    def word(self) -> str:
        """As in a schedule."""
        number = len(self.enabled)
        return str(self.enabled[self.index]) if self.index < number else f"t{self.late[self.index - number]}"


def chosen(choices: Sequence[Any], running: Any, index: int) -> Choice:
    return Choice(
        tuple(task.number for task in choices if task.can_go_on()),
        tuple(task.number for task in choices if not task.can_go_on()),
        None if running is None else running.number,
        index,
    )


def executions(strategy: Strategy, lengths: Sequence[int], *, late: Sequence[int] = ()) -> Iterator[list[int]]:
    """Run tasks of these lengths; yield, for each execution, the numbers of the tasks in the order of their steps.

    Those in `late` wait at first, each with a deadline; the strategy is asked only where there is a choice.
    """
    while strategy.begin():
        run = Run()
        tasks = [Counted(number, length, number in late, run) for number, length in enumerate(lengths)]
        steps = []
        running: Any = None
        while choices := [task for task in tasks if task.left and not task.late] + [
            task for task in tasks if task.late
        ]:
            index = strategy.choose(choices, running) if len(choices) > 1 else 0
            running = choices[index]
            running.late = False
            running.left -= 1
            run.steps += 1
            steps.append(running.number)
        strategy.end()
        yield steps


class Watched(Strategy):
    """What another strategy does, and a record of it: its name, and a list of choices, for each execution."""

    def __init__(self, watched: Strategy) -> None:
        self.watched = watched
        self.seen: list[list[Choice]] = []
        self.names: list[str] = []
        self.name = watched.name
        self.verdict = watched.verdict
        self.shrinks = watched.shrinks
        self.in_driver = watched.in_driver

    def begin(self) -> bool:
        going_on = self.watched.begin()
        self.verdict = self.watched.verdict
        if going_on:
            self.seen.append([])
            self.names.append(self.watched.name)
        return going_on

    def choose(self, choices: Sequence[Any], running: Any) -> int:
        index = self.watched.choose(choices, running)
        if len(choices) > 1:
            self.seen[-1].append(chosen(choices, running, index))
        return index

    def end(self, failed: bool = False) -> None:
        self.watched.end(failed)


def schedules_by_cost(seen: list[list[Choice]], cost: Callable[[Choice], int]) -> list[tuple[int, tuple[str, ...]]]:
    """Return each execution's cost and its words, sorted."""
    return sorted((sum(map(cost, choices)), tuple(choice.word for choice in choices)) for choices in seen)
