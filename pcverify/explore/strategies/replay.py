"""The one execution that a schedule describes.

If the program does not offer what the schedule says, the replay ends there with an error that tells both, instead of
running some other execution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import Verdict
from pcverify.explore.errors import ReplayDeparted
from pcverify.explore.schedule import Choice, parse_schedule
from pcverify.explore.strategies.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pcverify.explore.engine.task import Task


class Replay(Strategy):
    """One execution, as `schedule` says.

    Attributes:
        schedule: what the text says: the choices, and the setting in which they were made.

    Raises:
        UnreadableSchedule: it is not one.
    """

    name = "replay"
    asks_always = True
    in_driver = False
    shrinks = False
    verdict = Verdict.SAMPLED

    def __init__(self, schedule: str) -> None:
        self.schedule = parse_schedule(schedule)
        self._choices = self.schedule.choices
        self._step = 0
        self._begun = False

    def begin(self) -> bool:
        """There is one execution."""
        first = not self._begun
        self._begun = True
        return first

    def choose(self, choices: Sequence[Task], running: Task | None) -> int:
        """Return the index of what the schedule says.

        Raises:
            ReplayDeparted: it is not among the choices, or the schedule is over.
        """
        offered = [Choice(task.number, "step" if task.can_go_on() else "deadline") for task in choices]
        self._step += 1
        if self._step > len(self._choices):
            raise ReplayDeparted(self._step, "the end of the execution", _named(choices))
        wanted = self._choices[self._step - 1]
        if wanted not in offered:
            raise ReplayDeparted(self._step, _described(wanted, choices), _named(choices))
        return offered.index(wanted)

    @property
    def over(self) -> bool:
        """Whether the schedule is used up."""
        return self._step == len(self._choices)

    def end(self, failed: bool = False) -> None:
        """Check that the schedule was used up.

        Raises:
            ReplayDeparted: it was not.
        """
        if self._step < len(self._choices):
            expected = _described(self._choices[self._step], ())
            raise ReplayDeparted(self._step + 1, expected, "the end of the execution")


def _described(choice: Choice, choices: Sequence[Task]) -> str:
    if choice.task is None:
        return "the clock to go on by itself (only whoever drives an Execution can do that)"
    names = {task.number: task.name for task in choices[0].execution.tasks} if choices else {}
    name = names.get(choice.task, f"task {choice.task}")
    return f"the deadline of {name} to pass" if choice.how == "deadline" else f"a step of {name}"


def _named(choices: Sequence[Task]) -> str:
    return " or ".join(
        f"a step of {task.name}" if task.can_go_on() else f"the deadline of {task.name}" for task in choices
    )
