"""How many schedules producers and a consumer on a bounded queue have, by a model that shares nothing with the engine.

Each task is a list of operations on locks, written by hand from the code of a textbook queue (one mutex, two
conditions, `while`); `queue.Queue` and `ThreadSafeQueue` both have these. A state is where each task stands, what is
in the queue, who holds the mutex and who waits. The number of schedules is the number of paths through the graph of
states to its ends, which is summed up state by state, so nothing is ever run.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Task(NamedTuple):
    """Where a task stands: the operation it is in front of, and how many items it has still to put or get."""

    at: str
    left: int
    awake: bool = False  # its private lock was released by a notify


class State(NamedTuple):
    """The consumer is task 0, and main; the others are producers."""

    tasks: tuple[Task, ...]
    size: int = 0
    holder: int | None = None
    waiting: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())  # on not_empty, on not_full, longest first


def schedules(producers: int, items: int, capacity: int) -> int:
    """Return the number of schedules."""

    @cache
    def paths(state: State) -> int:
        following = [step(state, number, capacity) for number in range(len(state.tasks)) if can_step(state, number)]
        return sum(map(paths, following)) if following else 1

    consumer = Task("begin", producers * items)
    return paths(State((consumer, *[Task("unborn", items)] * producers)))


def can_step(state: State, number: int) -> bool:
    """Whether the operation can be done now."""
    at, _, awake = state.tasks[number]
    if at in {"acquire", "reacquire"}:
        return state.holder is None
    if at == "wake":
        return awake
    if at.startswith("join"):
        return state.tasks[int(at[4:])].at == "gone"
    return at not in {"gone", "unborn"}


def step(state: State, number: int, capacity: int) -> State:
    """Do the operation and what follows up to the next one."""
    tasks, size, holder, waiting = list(state.tasks), state.size, state.holder, list(state.waiting)
    at, left, _ = tasks[number]
    producers = len(tasks) - 1
    mine, other = (0, 1) if number == 0 else (1, 0)
    if at == "begin":
        at = "start1" if number == 0 else "acquire"
    elif at.startswith("start"):
        born = int(at[5:])
        tasks[born] = tasks[born]._replace(at="begin")
        at = f"start{born + 1}" if born < producers else "acquire"
    elif at in {"acquire", "reacquire"}:
        holder = number
        if size == (0 if number == 0 else capacity):
            at = "park"
            waiting[mine] = (*waiting[mine], number)  # before the mutex is released
        else:
            size += -1 if number == 0 else 1
            at = "notify" if waiting[other] else "release"
    elif at == "park":
        holder, at = None, "wake"
    elif at == "wake":
        at = "reacquire"
    elif at == "notify":
        first, *rest = waiting[other]
        waiting[other] = tuple(rest)
        tasks[first] = tasks[first]._replace(awake=True)
        at = "release"
    elif at == "release":
        holder, left = None, left - 1
        at = "acquire" if left else ("join1" if number == 0 else "end")
    elif at.startswith("join"):
        joined = int(at[4:])
        at = f"join{joined + 1}" if joined < producers else "end"
    elif at == "end":
        at = "gone"
    tasks[number] = Task(at, left)
    return State(tuple(tasks), size, holder, (waiting[0], waiting[1]))
