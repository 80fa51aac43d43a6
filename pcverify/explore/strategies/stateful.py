"""Depth-first search over states: it goes no further where it was before.

It takes the choices of `dfs`, in the same order. Before each one it computes the key of the state (see `states`), and
if a state with this key was met before, in this execution or an earlier one, all that can follow was seen there or
will be: the execution ends. So every outcome is found that `dfs` finds, in as many executions as there are ways into
states that are known, not as many as there are schedules. The idea is that of explicit-state model checkers:
Holzmann, "The Model Checker SPIN", IEEE TSE 23(5), 1997; states are not restored but run to again (Godefroid,
"Model Checking for Programming Languages using VeriSoft", POPL 1997).

A state that cannot be keyed is taken for a new one each time. That costs time, and is counted.

Loops. A way back to a state on the same path has no end of its own, and is left like any other. When all is done it is
known from which states no end can be reached: there the program goes on for ever under every schedule. If there are
such states, one more execution goes to the first of them and then on, until `max_steps` say that it is a livelock.

What OK does not show, beyond what `explore` says: that no schedule goes on for ever. A loop out of which some other
choice leads is no failure here; `dfs` follows it to `max_steps`, and says UNKNOWN. Nor does the number of executions
say anything, or how often they came to an outcome: only which outcomes there are. What a key leaves out, `states.keys`
says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.evidence import Verdict
from pcverify.explore.strategies.dfs import Dfs
from pcverify.explore.strategies.strategy import STOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.explore.engine.task import Task
    from pcverify.explore.states import StateKeys


class Stateful(Dfs):
    """Every state, and every way on from it.

    Attributes:
        states: how many different states were met; each that could not be keyed counts.
        merged: how often a way led to a state that was met before.
        unkeyed: how often a state could not be keyed.
        transitions: how many steps from one state to the next were seen.
        exhausted: whether there is nothing left to try.
    """

    name = "stateful"
    verdict = Verdict.OK
    asks_always = True
    in_driver = True

    def __init__(self) -> None:
        super().__init__()
        self.states = self.merged = self.unkeyed = self.transitions = 0
        self.keys: StateKeys = _keys()
        self._seen: dict[bytes, int] = {}
        self._before: list[list[int]] = []  # for each state, those that lead to it
        self._came: list[tuple[int, int]] = []  # for each state: from which, by which choice, it was met first
        self._ends: list[int] = []  # the states after whose last choice an execution ended
        self._at: list[int] = []  # the states on the path, as far as the execution is
        self._stopped = False
        self._to_livelock: list[int] | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """How many states there were."""
        found = f"{self.states:,} states, {self.merged:,} ways to states met before, {self.unkeyed:,} that had no key"
        if self.keys.refused:
            found += f" because of {self.keys.refused.most_common(1)[0][0]}"
        return (found,)

    def begin(self) -> bool:
        """Start at the root again; when all is done, go to where a livelock is, if there is one."""
        self._stopped = False
        if super().begin():
            return True
        if self._to_livelock is None:
            self._to_livelock = self._way_to_livelock()
            self._depth = 0
            return bool(self._to_livelock)
        return False

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the next choice on the path; beyond its end the first one, or `STOP` where this state is known."""
        if self._to_livelock is not None:
            return self._choose_for_livelock(choices)
        depth = self._depth
        if depth < len(self._path):
            return super().choose(choices, running)
        self.transitions += depth > 0
        key = self.keys.key(choices[0].execution)  # type: ignore[arg-type]
        number = None if key is None else self._seen.get(key)
        known = number is not None
        if number is None:
            number = self.states
            self.states += 1
            self._before.append([])
            self._came.append((self._at[depth - 1], self._path[depth - 1][0]) if depth else (-1, 0))
            if key is None:
                self.unkeyed += 1
            else:
                self._seen[key] = number
        if depth:
            self._before[number].append(self._at[depth - 1])
        if known:
            self.merged += 1
            self._stopped = True
            return STOP
        del self._at[depth:]
        self._at.append(number)
        return super().choose(choices, running)

    def end(self, failed: bool = False) -> None:
        """Note that there is an end here, unless it was stopped; go back to the last choice with an alternative."""
        if self._to_livelock is not None:
            return
        if not self._stopped and self._at:
            self._ends.append(self._at[len(self._path) - 1])
            self.transitions += 1
        super().end(failed)

    def _way_to_livelock(self) -> list[int]:
        """Return the choices to the first state from which no end can be reached; none if there is no such state."""
        reach = set(self._ends)
        left = list(reach)
        while left:
            fresh = [state for state in self._before[left.pop()] if state not in reach]
            reach.update(fresh)
            left += fresh
        lost = next((state for state in range(self.states) if state not in reach), None)
        way: list[int] = []
        while lost is not None and lost >= 0:
            lost, index = self._came[lost]
            way.append(index)
        return way[::-1]

    def _choose_for_livelock(self, choices: Sequence[Any]) -> int:
        way, depth = self._to_livelock or [], self._depth
        self._depth += 1
        return way[depth + 1] if depth + 1 < len(way) else 0


def _keys() -> StateKeys:
    from pcverify.explore.states import StateKeys  # noqa: PLC0415  # needs what strategies are imported by

    return StateKeys()
