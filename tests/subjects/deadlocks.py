"""Programs of SCTBench in which, in the end, nobody can go on.

Each pair shares one function; what the twins call it with is the bug and its fix. The originals are C programs; these
do what those do, with fewer rounds where the number of rounds is not the point.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.subjects.threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable


def _two_locks(*, same_order: bool) -> None:
    """One thread counts up, one counts down, each under two locks."""
    one, two = threading.Lock(), threading.Lock()
    counter = 0

    def count_up() -> None:
        nonlocal counter
        with one, two:
            counter += 1

    def count_down() -> None:
        nonlocal counter
        first, second = (one, two) if same_order else (two, one)
        with first, second:
            counter -= 1

    run_together(count_up, count_down)
    assert counter == 0


def deadlock01_wrong() -> None:
    """The bug: two locks, taken in opposite orders."""
    _two_locks(same_order=False)


def deadlock01_right() -> None:
    """Both threads take the locks in one order."""
    _two_locks(same_order=True)


def _two_classes(*, one_gate: bool) -> None:
    """Threads of two classes share a resource: the first of a class to enter locks it, the last to leave unlocks it."""
    resource = threading.Lock()
    gates = [threading.Lock(), threading.Lock()]  # each protects one class's number of threads inside
    inside = [0, 0]

    def visit(number: int) -> None:
        gate = gates[0] if one_gate else gates[number]
        with gate:
            inside[number] += 1
            if inside[number] == 1:
                resource.acquire()
        with gate:
            inside[number] -= 1
            if inside[number] == 0:
                resource.release()

    def class_a() -> None:
        visit(0)

    def class_b() -> None:
        visit(1)

    run_together(class_a, class_b)


def carter_wrong() -> None:
    """The bug: both classes count under one lock, and who waits for the resource keeps its holder from leaving."""
    _two_classes(one_gate=True)


def carter_right() -> None:
    """Each class counts under a lock of its own."""
    _two_classes(one_gate=False)


def _dining_philosophers(philosophers: int, *, one_turns_round: bool) -> None:
    """Each philosopher takes the fork to the right, then the one to the left, and eats once."""
    forks = [threading.Lock() for _ in range(philosophers)]

    def philosopher(seat: int) -> Callable[[], None]:
        left, right = forks[seat], forks[(seat + 1) % philosophers]
        if one_turns_round and seat == 0:
            left, right = right, left

        def dine() -> None:
            with right, left:
                pass

        return dine

    run_together(*[philosopher(seat) for seat in range(philosophers)])


def dining_wrong(philosophers: int) -> Callable[[], None]:
    """Return the program whose bug is: all philosophers hold their right forks, and wait for their left ones."""

    def program() -> None:
        _dining_philosophers(philosophers, one_turns_round=False)

    program.__name__ = f"dining_{philosophers}_wrong"
    return program


def dining_right(philosophers: int) -> Callable[[], None]:
    """Return the program in which one philosopher takes the forks the other way round."""

    def program() -> None:
        _dining_philosophers(philosophers, one_turns_round=True)

    program.__name__ = f"dining_{philosophers}_right"
    return program


def _one_item(*, consume: bool) -> None:
    """A producer waits until the store is empty, a consumer until it is not; there is an item to begin with."""
    lock = threading.Lock()  # protects stored
    empty, full = threading.Condition(lock), threading.Condition(lock)
    stored = 1

    def producer() -> None:
        nonlocal stored
        with lock:
            while stored > 0:
                empty.wait()
            stored += 1
            full.notify()

    def consumer() -> None:
        nonlocal stored
        with lock:
            while stored == 0:
                full.wait()
            if consume:
                stored -= 1
            empty.notify()

    run_together(producer, consumer)


def sync01_wrong() -> None:
    """The bug: the consumer announces that the store is empty without taking the item. Every schedule gets stuck."""
    _one_item(consume=False)


def sync01_right() -> None:
    """The consumer takes the item."""
    _one_item(consume=True)


def _several_items(*, stored: int, items: int = 2) -> None:
    """A producer fills an empty store again and again, a consumer takes as many items."""
    lock = threading.Lock()  # protects stored
    empty, full = threading.Condition(lock), threading.Condition(lock)

    def producer() -> None:
        nonlocal stored
        for _ in range(items):
            with lock:
                while stored > 0:
                    empty.wait()
                stored += 1
                full.notify()

    def consumer() -> None:
        nonlocal stored
        for _ in range(items):
            with lock:
                while stored == 0:
                    full.wait()
                stored -= 1
                empty.notify()

    run_together(producer, consumer)


def sync02_wrong() -> None:
    """The bug: two items are there to begin with, so the last one to be put finds the store full for ever."""
    _several_items(stored=2)


def sync02_right() -> None:
    """The store is empty to begin with."""
    _several_items(stored=0)


def _bounded_buffer(*, always_notify: bool) -> None:
    """A ring of two slots: one producer of three items, a consumer of one and a consumer of two."""
    slots = [-1, -1]
    lock = threading.Lock()  # protects slots, head and count
    not_empty, not_full = threading.Condition(lock), threading.Condition(lock)
    head = count = 0

    def put(item: int) -> None:
        nonlocal count
        with lock:
            while count == len(slots):
                not_full.wait()
            slots[(head + count) % len(slots)] = item
            count += 1
            if always_notify or count == 1:
                not_empty.notify()

    def get() -> int:
        nonlocal head, count
        with lock:
            while count == 0:
                not_empty.wait()
            item = slots[head]
            head = (head + 1) % len(slots)
            count -= 1
            not_full.notify()
            return item

    got: list[int] = []

    def get_one() -> None:
        got.append(get())

    def get_two() -> None:
        got.append(get())
        got.append(get())

    def produce() -> None:
        for item in range(3):
            put(item)

    run_together(get_one, get_two, produce)
    assert sorted(got) == [0, 1, 2], got


def bounded_buffer_wrong() -> None:
    """The bug: a put notifies only if the buffer was empty, so of two waiting consumers one may sleep on."""
    _bounded_buffer(always_notify=False)


def bounded_buffer_right() -> None:
    """Every put notifies."""
    _bounded_buffer(always_notify=True)
