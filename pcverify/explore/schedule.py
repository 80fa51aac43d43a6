"""A schedule as text: short, copyable into a shell, and enough to run the same execution again.

    s2:3.11:h0:sync:0x3.1x2.t0.c.1
    s2:3.12:hr:line+queue:0x3.1x2

`s2` is the version of this form. Then comes the setting in which it was made: the version of Python; the seed of the
hashes of str and bytes, which decide the order of sets (`hr`: not known, PYTHONHASHSEED was not set); the granularity
and, joined to it by `+`, what was instrumented beside the caller's own code.

Then come the choices. Each word is one: the number of the task that takes a step (`0`), `t0` where the deadline of
that task passes with it, `c` where the driver let the clock go on by itself; `0x3` is three times `0`.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

from pcverify.evidence import UsageError
from pcverify.explore.errors import UnreadableSchedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION = "s2"
UNKNOWN_SEED = "r"
_FORM = re.compile(
    r"s2:(?P<python>\d+\.\d+):h(?P<seed>r|\d{1,10}):(?P<instrumented>[\w./%+~-]+):(?P<choices>.*)", re.ASCII
)
_WORD = re.compile(r"(?:(?P<clock>c)|(?P<deadline>t?)(?P<task>\d{1,6}))(?:x(?P<times>[1-9]\d{0,8}))?", re.ASCII)


def _seed() -> str:
    """Return the seed of this process's hashes, which is settled before the first line of Python runs."""
    if not sys.flags.hash_randomization:
        return "0"
    given = "" if sys.flags.ignore_environment else os.environ.get("PYTHONHASHSEED", "")
    return str(int(given)) if given.isdecimal() else UNKNOWN_SEED


HASH_SEED = _seed()
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: a task's step, with or without its deadline passing; or, without a task, the clock alone."""

    task: int | None
    how: Literal["step", "deadline", "clock"] = "step"

    def __str__(self) -> str:
        """Return its word."""
        return "c" if self.task is None else f"{'t' if self.how == 'deadline' else ''}{self.task}"


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a schedule was made: what else decides whether it fits.

    Attributes:
        granularity: `sync`, `line` or `opcode`.
        instrument: modules or paths that were instrumented beside the caller's own code.
        python: the version, as `3.11`; this one if not given.
        hash_seed: PYTHONHASHSEED, `r` if that is not known; this process's if not given.
    """

    granularity: str = "sync"
    instrument: tuple[str, ...] = ()
    python: str = PYTHON
    hash_seed: str = HASH_SEED

    def __str__(self) -> str:
        """Return the head of a schedule."""
        names = "+".join(quote(name, safe="/._-~") for name in (self.granularity, *self.instrument))
        return f"{VERSION}:{self.python}:h{self.hash_seed}:{names}"

    def differences(self, now: Setting) -> tuple[str, ...]:
        """Say, a sentence each, in what `now` differs."""
        found = []
        if self.python != now.python:
            found.append(f"the schedule was made on Python {self.python}, this is {now.python}")
        if self.hash_seed != now.hash_seed:
            found.append(
                f"the schedule was made with {_said(self.hash_seed)}, this is with {_said(now.hash_seed)}: sets of "
                "strings may have another order"
            )
        then, here = (_instrumented(setting) for setting in (self, now))
        if then != here:
            found.append(f"the schedule was made at {then}, this is at {here}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a text of this form says."""

    setting: Setting
    choices: tuple[Choice, ...]

    def __str__(self) -> str:
        """Return the text."""
        return format_schedule(self.choices, self.setting)


def format_schedule(choices: Iterable[Choice], setting: Setting | None = None) -> str:
    """Return the choices as text; made in this process at `sync` unless `setting` says otherwise."""
    words = []
    for word, same in itertools.groupby(str(choice) for choice in choices):
        times = len(list(same))
        words.append(word if times == 1 else f"{word}x{times}")
    return f"{Setting() if setting is None else setting}:{'.'.join(words)}"


def parse_schedule(text: str) -> Schedule:
    """Return what `format_schedule` was given.

    Raises:
        UnreadableSchedule: `text` is not of this form.
    """
    text = text.strip()
    if re.match(r"s\d+:", text) and not text.startswith(f"{VERSION}:"):
        raise UnreadableSchedule(
            f"{text!r} is a schedule of another version of this form, {text.partition(':')[0]}, and this one reads "
            f"{VERSION}: explore again, and use the schedule that comes out"
        )
    match = _FORM.fullmatch(text)
    if match is None:
        raise UnreadableSchedule(
            f"{text!r} is not a schedule: it must look like '{VERSION}:{PYTHON}:h0:sync:0x3.1', "
            "the version of Python, the hash seed, the granularity, the choices"
        )
    granularity, *instrument = (unquote(name) for name in match["instrumented"].split("+"))
    setting = Setting(granularity, tuple(instrument), match["python"], match["seed"])
    return Schedule(setting, _choices(match["choices"].split(".") if match["choices"] else ()))


def _choices(words: Sequence[str]) -> tuple[Choice, ...]:
    choices: list[Choice] = []
    for word in words:
        match = _WORD.fullmatch(word)
        if match is None:
            raise UnreadableSchedule(f"{word!r} in a schedule is neither a task's number nor t with one nor c")
        if match["clock"]:
            choice = Choice(None, "clock")
        else:
            choice = Choice(int(match["task"]), "deadline" if match["deadline"] else "step")
        choices += [choice] * int(match["times"] or 1)
    return tuple(choices)


def compare_settings(then: Setting, now: Setting) -> tuple[str, ...]:
    """Say in what the setting of a schedule differs from the one in which it is to be replayed.

    Raises:
        UsageError: it cannot fit: lines and instructions are those of one version of Python.
    """
    if then.granularity != "sync" and then.python != now.python:
        raise UsageError(
            f"the schedule was made at granularity {then.granularity} on Python {then.python}, and fits that version "
            f"only; this is {now.python}: replay it with python{then.python}, or explore again with this one"
        )
    return then.differences(now)


def _said(seed: str) -> str:
    return "PYTHONHASHSEED not set" if seed == UNKNOWN_SEED else f"PYTHONHASHSEED={seed}"


def _instrumented(setting: Setting) -> str:
    return " and ".join(filter(None, [f"granularity {setting.granularity}", ", ".join(setting.instrument)]))
