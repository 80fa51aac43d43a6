"""Every schedule with few preemptions, or few delays: first those with none, then with one, and so on.

Most bugs show with one or two preemptions, and of those there are polynomially many in the length of the program,
where schedules are exponentially many.

Preemptions: Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI
2007. It costs 1 to choose another task than the one that took the last step if that one could go on. Switches where it
cannot go on are free, so the number of schedules grows with the tasks all the same.

Delays: Emmi, Qadeer, Rakamaric, "Delay-Bounded Scheduling", POPL 2011. A deterministic scheduler says who is next: the
task that took the last step as long as it can go on, then the next one by number, round and round. It costs 1 to pass
over the task whose turn it is. Nothing is free, so there are fewer schedules.

Deadlines: while some task can go on it costs a preemption to let a deadline pass instead, whoever ran. For the
scheduler of delays those whose deadline would pass come last, after all that can go on.

Each schedule is run once: an execution notes every costlier alternative it passes, and these begin the next round.
So memory grows with the number of executions of all rounds but the last. The program must do the same whenever the
same choices are made; what differs is noticed where the choices differ.

What OK does not show: schedules beyond the bound, unless `exhausted` says that there are none.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.strategies.choices import departed, first_late
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pcverify.explore.engine.task import Task

    Path = list[tuple[int, tuple[str, ...]]]  # at each choice: which of these tasks
    Start = tuple[Path, int, int]  # go along a path for so many choices, then make this one


class Bounded(Strategy):
    """Every schedule within the bound, by its cost.

    Args:
        preemptions: the most preemptions.
        delays: the most delays; if given, delays are counted instead of preemptions.

    Attributes:
        spent: the cost of the execution that runs.
        exhausted: whether all schedules there are have been run, without any being cut by the bound.
    """

    verdict = Verdict.OK

    def __init__(self, *, preemptions: int = 2, delays: int | None = None) -> None:
        self._most = preemptions if delays is None else delays
        self._what = "preemptions" if delays is None else "delays"
        if self._most < 0:
            raise UsageError(f"no schedule has {self._most} {self._what}: give at least 0")
        self.name = f"{'bounded' if delays is None else 'delay'}:{self._most}"
        self.spent = 0
        self.exhausted = False
        self._costs = _preemptions if delays is None else _delays
        self._cut = False
        self._path: Path = []
        self._depth = 0
        self._execution: Any = None
        self._same: list[Start] = [([], 0, 0)]  # alternatives that cost nothing, the next one last
        self._costlier: list[deque[Start]] = [deque() for _ in range(self._most + 1)]  # by what they cost
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}  # one copy of each

    @property
    def bounds(self) -> Mapping[str, int | float]:
        """How many preemptions, or delays."""
        return {f"max_{self._what}": self._most}

    def begin(self) -> bool:
        """Go to the next start; False if there is none within the bound."""
        while not self._same:
            if self._costlier[self.spent]:
                self._same.append(self._costlier[self.spent].popleft())
            elif self.spent < self._most:
                self.spent += 1
            else:
                self.exhausted = not self._cut
                return False
        path, depth, index = self._same.pop()
        self._path = path[:depth]
        if path:
            self._path.append((index, path[depth][1]))
        self._depth = 0
        self._execution = None
        return True

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the next choice on the path; beyond its end the first that costs nothing, and note the others."""
        if len(choices) == 1:
            return 0
        depth = self._depth
        self._depth = depth + 1
        self._execution = choices[0].execution
        names = tuple([task.name for task in choices])
        if depth < len(self._path):
            index, expected = self._path[depth]
            if names != expected:
                raise departed(self._execution, expected, names)
            return index
        costs = self._costs(choices, running)
        chosen = costs.index(0)
        for index in reversed(range(len(costs))):
            cost = self.spent + costs[index]
            if index == chosen:
                continue
            if cost == self.spent:
                self._same.append((self._path, depth, index))
            elif cost <= self._most:
                self._costlier[cost].append((self._path, depth, index))
            else:
                self._cut = True
        self._path.append((chosen, self._names.setdefault(names, names)))
        return chosen

    def end(self, failed: bool = False) -> None:
        """Check that the execution came to where it was to differ from an earlier one."""
        if self._depth < len(self._path):
            raise departed(self._execution, self._path[self._depth][1], None)


def _preemptions(choices: Sequence[Task], running: Task | None) -> list[int]:
    """Return which choices are preemptions (1): at least one is not."""
    enabled = first_late(choices)
    if running in choices[:enabled]:
        return [int(task is not running) for task in choices]
    return [int(index >= enabled > 0) for index in range(len(choices))]


def _delays(choices: Sequence[Task], running: Task | None) -> list[int]:
    """Return how many tasks are passed over by each choice."""
    enabled = first_late(choices)
    turn = 0 if running is None else running.number
    passed = sum(task.number < turn for task in choices[:enabled])  # their turn comes after those of the others
    return [(index - passed) % enabled if index < enabled else index for index in range(len(choices))]
