"""A schedule as text: short, copyable into a shell, and enough to run the same execution again.

    s1:0x3.1x2.t0.c.1

Each word is a choice: the number of the task that takes a step (`0`), `t0` where the deadline of that task passes
with it, `c` where the driver let the clock go on by itself; `0x3` is three times `0`. `s1` is the version of this form.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pcverify.explore.errors import UnreadableSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = "s1"
_WORD = re.compile(r"(?:(?P<clock>c)|(?P<deadline>t?)(?P<task>\d{1,6}))(?:x(?P<times>[1-9]\d{0,8}))?")


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: a task's step, with or without its deadline passing; or, without a task, the clock alone."""

    task: int | None
    how: Literal["step", "deadline", "clock"] = "step"

    def __str__(self) -> str:
        """Return its word."""
        return "c" if self.task is None else f"{'t' if self.how == 'deadline' else ''}{self.task}"


def format_schedule(choices: Iterable[Choice]) -> str:
    """Return the choices as text."""
    words = []
    for word, same in itertools.groupby(str(choice) for choice in choices):
        times = len(list(same))
        words.append(word if times == 1 else f"{word}x{times}")
    return f"{VERSION}:{'.'.join(words)}"


def parse_schedule(text: str) -> tuple[Choice, ...]:
    """Return what `format_schedule` was given.

    Raises:
        UnreadableSchedule: `text` is not of this form.
    """
    version, colon, rest = text.strip().partition(":")
    if version != VERSION or not colon:
        raise UnreadableSchedule(f"{text!r} is not a schedule: it must begin with '{VERSION}:'")
    choices: list[Choice] = []
    for word in rest.split(".") if rest else []:
        match = _WORD.fullmatch(word)
        if match is None:
            raise UnreadableSchedule(f"{word!r} in a schedule is neither a task's number nor t with one nor c")
        if match["clock"]:
            choice = Choice(None, "clock")
        else:
            choice = Choice(int(match["task"]), "deadline" if match["deadline"] else "step")
        choices += [choice] * int(match["times"] or 1)
    return tuple(choices)
