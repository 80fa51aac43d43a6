"""Small random programs as data: program `k` is the same on every machine and every version of Python.

A program is a tuple of threads, a thread a tuple of operations on shared objects. Thread 0 is the main thread. The
first letter of an object's name is its kind: L Lock, R RLock, C Condition (its lock is an RLock), D Condition over a
Lock, E Event, S Semaphore, Q Queue(1), P SimpleQueue, B Barrier(2), T a thread by its number.

Each program has one subject, so that its threads meet, or is about deadlines on several objects. It has few operations,
so that its schedules can be counted. Times are whole units; the interpreter says how long one is.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "L": ("with", "with", "try", "timed", "timed", "locked", "acquire", "release"),
    "R": ("with", "with", "with", "try", "timed", "release"),
    "C": ("wait", "wait", "wait_timed", "notify", "notify", "notify_all"),
    "D": ("wait", "wait_timed", "wait_for", "wait_for", "tell", "tell", "notify_all"),
    "E": ("set", "set", "clear", "wait_event", "wait_event", "wait_event_timed", "is_set"),
    "S": ("down", "down", "down_timed", "try_down", "up"),
    "Q": ("put", "get", "get", "put_timed", "get_timed", "put_nowait", "get_nowait", "size", "task_done", "finish"),
    "P": ("put", "put", "get", "get_timed", "get_nowait", "size", "empty"),
    "B": ("party", "party", "party_timed", "party_timed", "abort"),
}
DEADLINES = "LLCESQB"
"""The objects of a program that is about deadlines."""
ANYWHERE = ("sleep", "sleep", "pause", "clock", "alive", "count", "join_timed")
TIMED = frozenset({"sleep", "timed", "join_timed"}) | {
    kind for kinds in KINDS.values() for kind in kinds if kind.endswith("_timed")
}
RACY = frozenset({"is_set", "clock", "count"})
"""What these tell is read beside an operation, or measured: real threads may see what no schedule here shows."""


@dataclass(frozen=True)
class Operation:
    """One thing a thread does.

    Attributes:
        kind: which; the interpreter has a method for each.
        on: the object.
        units: how long it sleeps, or waits at most.
        inside: what is done between acquire and release.
    """

    kind: str
    on: str = ""
    units: int = 0
    inside: tuple[Operation, ...] = ()

    def __str__(self) -> str:
        inside = "" if not self.inside else ": " + ", ".join(map(str, self.inside))
        return f"{self.on}.{self.kind}({self.units or ''}{inside})"


@dataclass(frozen=True)
class Generated:
    """A program.

    Attributes:
        seed: what it was made from.
        threads: what each thread does; the first is the main thread.
        timer: after how many units the last thread, which is then a `Timer`, begins; 0 if it is an ordinary one.
    """

    seed: int
    threads: tuple[tuple[Operation, ...], ...]
    timer: int = 0

    def __str__(self) -> str:
        lines = [f"{number}: " + "; ".join(map(str, thread)) for number, thread in enumerate(self.threads)]
        return f"program {self.seed}" + (f", timer {self.timer}" if self.timer else "") + "\n" + "\n".join(lines)

    def kinds(self, number: int | None = None) -> set[str]:
        """Return the kinds of operation in it, or in one of its threads."""
        threads = self.threads if number is None else (self.threads[number],)
        return {kind for thread in threads for operation in thread for kind in _kinds(operation)}

    @property
    def can_be_measured(self) -> bool:
        """Whether no schedule of real threads can show anything that its schedules at operations do not.

        Deadlines of two threads pass in the order in which they were set, as if code took no time; with real clocks
        they need not. So only one thread may have any.
        """
        timed = sum(bool(self.kinds(number) & TIMED) for number in range(len(self.threads))) + bool(self.timer)
        joined = {operation.on for thread in self.threads for operation in thread if operation.kind == "join"}
        return timed <= 1 and not self.kinds() & RACY and len(joined) == len(self.threads) - 1


def generate(seed: int) -> Generated:
    """Return program number `seed`."""
    return _Generator(seed).program()


class _Generator:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._random = Random(seed)

    def program(self) -> Generated:
        subject = self._one_of(("L", "L", "R", "C", "D", "E", "S", "Q", "Q", "P", "B", DEADLINES, DEADLINES))
        count = 3 if self._chance(0.4) else 2
        objects = [f"{letter}0" for letter in subject]
        if subject == "L" and self._chance(0.6):
            objects.append("L1")
        # Three threads with few operations have as many schedules as two with more.
        bodies = [[self._operation(objects, me) for _ in range(self._size(count))] for me in range(count)]
        timer = self._one_of((1, 2)) if self._chance(0.08) else 0
        nested = count == 3 and self._chance(0.2)
        for number in range(1, count):
            starter = bodies[1] if nested and number == 2 else bodies[0]
            starter.insert(number - 1 if starter is bodies[0] else 0, Operation("start", f"T{number}"))
        if timer and self._chance(0.6):
            bodies[0].append(Operation("cancel", f"T{count - 1}"))
        last = count if self._chance(0.85) else count - 1
        bodies[0] += [Operation("join", f"T{number}") for number in range(1, last)]
        return Generated(self.seed, tuple(map(tuple, bodies)), timer)

    def _size(self, threads: int) -> int:
        size: int = self._one_of((1, 2, 2, 3) if threads == 2 else (0, 1, 1, 1, 2))
        return size

    def _operation(self, objects: list[str], me: int, depth: int = 0) -> Operation:
        if self._chance(0.12):
            return self._anywhere(me)
        on = self._one_of(objects)
        kinds = KINDS[on[0]]
        if len(objects) > 2 and self._chance(0.6):
            kinds = tuple(kind for kind in kinds if kind in TIMED)
        kind = self._one_of(kinds)
        inside: tuple[Operation, ...] = ()
        if kind in {"with", "try", "timed"} and depth < 2 and self._chance(0.5):
            inside = (self._operation(objects, me, depth + 1),)
        return Operation(kind, on, self._units() if kind in TIMED else 0, inside)

    def _anywhere(self, me: int) -> Operation:
        kind = self._one_of(ANYWHERE)
        if kind in {"alive", "join_timed"}:
            if me != 0:
                return Operation("pause")
            return Operation(kind, "T1", self._units() if kind in TIMED else 0)
        return Operation(kind, "", self._units() if kind in TIMED else 0)

    def _units(self) -> int:
        units: int = self._one_of((1, 1, 2, 3))
        return units

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _one_of(self, things: tuple[Any, ...] | list[Any] | str) -> Any:
        # `random()` is the one method whose sequence is promised to stay the same.
        return things[int(self._random.random() * len(things))]


def _kinds(operation: Operation) -> set[str]:
    return {operation.kind}.union(*map(_kinds, operation.inside))
