"""Programs of SCTBench that come in sizes: few threads do the harm, and more of them make it harder to find.

Who checks is started last. The more threads are started before it, the longer all of them have to be kept from doing
their second step, so a random walk needs some two to four times as many executions for each further thread. One
preemption is enough whatever their number: of one thread between its two steps, in favour of the one that checks.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from tests.subjects.cells import Cell, Counter
from tests.subjects.threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


def _named(name: str, function: Callable[[], None]) -> Callable[[], None]:
    function.__name__ = name
    return function


def _reorder(setters: int, checkers: int, *, together: bool) -> None:
    """Setters store 1, then -1 elsewhere; checkers say that they see both stores or none."""
    pair: AbstractContextManager[object] = threading.Lock() if together else contextlib.nullcontext()
    a, b = Cell(0), Cell(0)

    def set_both() -> None:
        with pair:
            a.store(1)
            b.store(-1)

    def check() -> None:
        with pair:
            none = a.load() == 0 and b.load() == 0
            assert none or (a.load() == 1 and b.load() == -1), "one store was seen, the other was not"

    run_together(*[set_both] * setters, *[check] * checkers)


def reorder_wrong(setters: int, checkers: int) -> Callable[[], None]:
    """Return the program whose bug is: the two stores are two steps, and a check may come between the first of each."""
    name = f"reorder_{setters + checkers}_wrong"
    return _named(name, lambda: _reorder(setters, checkers, together=False))


def reorder_right(setters: int, checkers: int) -> Callable[[], None]:
    """Return the program in which a lock makes one step of both stores, and one of the check."""
    name = f"reorder_{setters + checkers}_right"
    return _named(name, lambda: _reorder(setters, checkers, together=True))


def _two_stages(writers: int, *, nested: bool) -> None:
    """Writers set one value, then another from it, each under its lock; a reader says that the second follows."""
    first_lock, second_lock = threading.Lock(), threading.Lock()  # protect first and second
    first = second = 0

    def second_stage() -> None:
        nonlocal second
        with second_lock:
            second = first + 1

    def write() -> None:
        nonlocal first
        with first_lock:
            first = 1
            if nested:
                second_stage()
        if not nested:
            second_stage()

    def read() -> None:
        with first_lock:
            seen = first
        if seen == 0:
            return
        with second_lock:
            assert second == seen + 1, "the first stage was seen, the second was not"

    run_together(*[write] * writers, read)


def twostage_wrong(writers: int) -> Callable[[], None]:
    """Return the program whose bug is: a reader may come between the first writer's two stages."""
    return _named(f"twostage_{writers + 1}_wrong", lambda: _two_stages(writers, nested=False))


def twostage_right(writers: int) -> Callable[[], None]:
    """Return the program in which a writer holds the first lock until the second stage is done."""
    return _named(f"twostage_{writers + 1}_right", lambda: _two_stages(writers, nested=True))


def _wrong_lock(others: int, *, same_lock: bool) -> None:
    """A thread adds one under a lock and says that nobody else did; the others add one under theirs."""
    lock = threading.Lock()
    other_lock = lock if same_lock else threading.Lock()
    value = Counter(0)

    def add_and_check() -> None:
        with lock:
            before = value.load()
            value.add(1)
            assert value.load() == before + 1, "somebody else added too"

    def add() -> None:
        with other_lock:
            value.add(1)

    run_together(add_and_check, *[add] * others)


def wronglock_wrong(others: int) -> Callable[[], None]:
    """Return the program whose bug is: the others hold a lock, but not the one that protects the value."""
    return _named(f"wronglock_{others}_wrong", lambda: _wrong_lock(others, same_lock=False))


def wronglock_right(others: int) -> Callable[[], None]:
    """Return the program in which all hold one lock."""
    return _named(f"wronglock_{others}_right", lambda: _wrong_lock(others, same_lock=True))
