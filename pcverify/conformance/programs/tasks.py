"""What all these programs have in common: names of tasks, groups of them, and the exception from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TIMEOUT_S = 1.0
"""Of every timed call, in virtual seconds. With clocks apart no other would show more."""
CLOSER = "closer"
NEVER, GENTLY, IMMEDIATELY = "never", "gently", "immediately"


class Interrupted(BaseException):
    """The exception from outside: no `except Exception` catches it, as none catches Ctrl-C."""


def numbered(kind: str, count: int) -> tuple[str, ...]:
    """Return the names of so many tasks of one kind."""
    return tuple(f"{kind}-{number}" for number in range(count))


def written_out(what: str, given: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the names of tasks, where a group's name stands for its members.

    Raises:
        UsageError: there is no such task or group.
    """
    everybody = groups["all"]
    tasks = tuple(dict.fromkeys(task for each in given for task in groups.get(each, (each,))))
    for task in tasks:
        if task not in everybody:
            raise UsageError(f"{what}: there is no task {task!r}: give some of {', '.join((*everybody, *groups))}")
    return tasks


def named_set(names: Iterable[str]) -> str:
    """Return a set of strings as TLA+ writes it."""
    return "{" + ", ".join(f'"{name}"' for name in names) + "}"


def said(groups: Mapping[str, tuple[str, ...]], everybody: tuple[str, ...]) -> list[str]:
    """Return each group of tasks that is not empty in a word; with its members, unless they are all."""
    return [
        group if set(tasks) >= set(everybody) else f"{group}:{'+'.join(tasks)}"
        for group, tasks in groups.items()
        if tasks
    ]
