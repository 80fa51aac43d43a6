"""Depth-first search: every schedule, each exactly once.

An execution follows the choices of the one before up to the last at which something is left to try, takes the next
choice there, and the first one from there on. It remembers one path, not the tree: memory is the longest execution.
The program must do the same whenever the same choices are made; what differs is noticed where the choices differ.

Nothing is left out, so nothing is saved either: the number of executions grows with the factorial of the threads.
A program with a loop that only other tasks can end has an endless first path, which `max_steps` cuts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.evidence import Verdict
from pcverify.explore.strategies.choices import departed
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.explore.engine.task import Task


class Dfs(Strategy):
    """Every schedule, in the order of the tasks' numbers.

    Attributes:
        exhausted: whether all have been run.
    """

    name = "dfs"
    verdict = Verdict.OK

    def __init__(self) -> None:
        self.exhausted = False
        self._path: list[tuple[int, list[str]]] = []  # at each choice: which of these tasks
        self._depth = 0
        self._execution: Any = None

    def begin(self) -> bool:
        """Start at the root again; False if no choice is left anywhere."""
        self._depth = 0
        self._execution = None
        return not self.exhausted

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the next choice on the path, or the first one beyond its end."""
        depth = self._depth
        self._depth = depth + 1
        self._execution = choices[0].execution
        if depth == len(self._path):
            self._path.append((0, [task.name for task in choices]))
            return 0
        index, names = self._path[depth]
        found = [task.name for task in choices]
        if found != names:
            raise departed(self._execution, names, found)
        return index

    def end(self, failed: bool = False) -> None:
        """Go back to the last choice that has an alternative, and take that."""
        path = self._path
        if self._depth < len(path):
            raise departed(self._execution, path[self._depth][1], None)
        while path:
            index, names = path.pop()
            if index + 1 < len(names):
                path.append((index + 1, names))
                return
        self.exhausted = True
