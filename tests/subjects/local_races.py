"""Races within local code: no lock is between what one thread reads and what it writes, so `sync` cannot see them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

GLOBAL = 0


class Box:
    """Something with an attribute."""

    def __init__(self) -> None:
        self.value = 0


def both(work: Callable[[], object]) -> None:
    """Do it in two threads."""
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_two_lines() -> int:
    """Read in one line, write in the next."""
    box = Box()

    def add() -> None:
        value = box.value
        box.value = value + 1

    both(add)
    return box.value


def attribute() -> int:
    """`+=` on an attribute."""
    box = Box()

    def add() -> None:
        box.value += 1

    both(add)
    return box.value


def global_variable() -> int:
    """`+=` on a global."""
    global GLOBAL  # noqa: PLW0603  # that is the subject
    GLOBAL = 0

    def add() -> None:
        global GLOBAL  # noqa: PLW0603
        GLOBAL += 1

    both(add)
    return GLOBAL


def nonlocal_variable() -> int:
    """`+=` on a variable of the function around."""
    value = 0

    def add() -> None:
        nonlocal value
        value += 1

    both(add)
    return value


def list_item() -> int:
    """`+=` on an item of a list."""
    values = [0]

    def add() -> None:
        values[0] += 1

    both(add)
    return values[0]


def dict_item() -> int:
    """`+=` on an item of a dict."""
    values: dict[str, int] = {"key": 0}

    def add() -> None:
        values["key"] += 1

    both(add)
    return values["key"]


def check_then_act() -> int:
    """Look whether a set holds it, then add it and count."""
    seen: set[str] = set()
    counted: list[str] = []

    def add() -> None:
        if "key" not in seen:
            seen.add("key")
            counted.append("key")

    both(add)
    return len(counted)


def guarded() -> int:
    """The right twin: a lock around both."""
    box, lock = Box(), threading.Lock()

    def add() -> None:
        with lock:
            value = box.value
            box.value = value + 1

    both(add)
    return box.value


def one_call() -> int:
    """Another right twin: one call of a method that is written in C cannot be interrupted."""
    values: list[Any] = []
    both(lambda: values.append(1))
    return len(values)


WITHIN_A_LINE = (attribute, global_variable, nonlocal_variable, list_item, dict_item)
