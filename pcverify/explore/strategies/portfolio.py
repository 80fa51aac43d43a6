"""Several strategies in turn, a slice of executions each, because none is best at everything.

What samples comes first: it finds most bugs within its first slices. Then depth-first search has a fifth of the number
(at most 1,000), so that a small program is run through completely and gets a verdict of OK. From there on small slices
alternate. Each part goes on in its next slice where it stopped in the one before, and one that has come to its end
drops out; as soon as one has run every schedule there is, all is done.

One that searches systematically drops out, too, if an execution of its makes more than 1,000 choices: it follows a
task that polls, and would never get anywhere. That execution goes on by a random walk.

Why this order: over 42 faulty programs, at most 10,000 executions each, the first failure came after 10.0 executions in
the geometric mean, and by the best part alone after 11.5 (docs/exploration.md). With depth-first search at the start it
would be some hundreds. The order was chosen on the same programs.

The same seed gives the same executions. What SAMPLED does not show: schedules that none of them came to.
"""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.strategies.bounded import Bounded
from pcverify.explore.strategies.dfs import Dfs
from pcverify.explore.strategies.pct import Pct
from pcverify.explore.strategies.random import Random
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pcverify.explore.engine.task import Task

LONGEST = 1_000


class Portfolio(Strategy):
    """Random walks, PCT, bounded and depth-first search in turn.

    Args:
        executions: how many, of all together.
        seed: any integer.

    Attributes:
        name: tells which part made the last execution.
    """

    def __init__(self, executions: int = 10_000, *, seed: int = 0) -> None:
        if executions < 1:
            raise UsageError(f"an exploration of {executions} executions shows nothing: ask for at least one")
        self.name = "portfolio"
        self.verdict = Verdict.SAMPLED
        self.exhausted = False
        self._executions = self._left = executions
        seeds = random.Random(seed).getrandbits
        self._walk = Random(executions, seed=seeds(32))
        self._parts: deque[tuple[Strategy, int, int]] = deque(  # with their first and further slices
            [
                (self._walk, 10, 10),
                (Pct(executions, depth=5, seed=seeds(32)), 20, 20),
                (Bounded(delays=2), 10, 10),
                (Pct(executions, depth=3, seed=seeds(32)), 10, 10),
                (Random(executions, seed=seeds(32), sticky=True), 40, 20),
                (Dfs(), max(10, min(executions // 5, 1_000)), 10),
            ]
        )
        self._in_slice = 0
        self._asked = 0
        self._polls = False

    @property
    def bounds(self) -> Mapping[str, int | float]:
        """How many executions."""
        return {"executions": self._executions}

    def begin(self) -> bool:
        """Go on with the part whose turn it is; False if the number is reached, or a part has run everything."""
        self._asked = 0
        self._polls = False
        while self._left and self._parts and not self.exhausted:
            part, size, further = self._parts[0]
            if self._in_slice == size:
                self._drop()
                self._parts.append((part, further, further))
            elif part.begin():
                self._in_slice += 1
                self._left -= 1
                self.name = f"portfolio ({part.name})"
                return True
            else:
                self._drop()
                self.exhausted = isinstance(part, (Dfs, Bounded)) and part.exhausted
        if self.exhausted:
            self.verdict = Verdict.OK
        else:
            self.name = "portfolio"
        return False

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return what the part returns, or the random walk once that follows a task that polls."""
        self._asked += 1
        part = self._parts[0][0]
        if self._asked > LONGEST and part.verdict is Verdict.OK:
            self._polls = True
            part = self._walk
        return part.choose(choices, running)

    def end(self, failed: bool = False) -> None:
        """Tell the part."""
        if self._polls:
            self._drop()
        else:
            self._parts[0][0].end(failed)

    def _drop(self) -> None:
        self._parts.popleft()
        self._in_slice = 0
