"""Queues that are wrong in one of the ways in which people get them wrong.

Each pair shares one program; what the twins call it with is the bug and its fix. The queues hold items in a deque, so
one that lets a getter go on without an item fails with an IndexError; the others leave somebody asleep for ever.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Literal

from tests.subjects.threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable


def _two_getters(*, look_again: bool) -> None:
    """One putter puts two items; a getter that finds none waits."""
    items: deque[int] = deque()
    not_empty = threading.Condition()  # protects items
    got: list[int] = []

    def get() -> None:
        with not_empty:
            if look_again:
                while not items:
                    not_empty.wait()
            elif not items:
                not_empty.wait()
            got.append(items.popleft())

    def put() -> None:
        for item in range(2):
            with not_empty:
                items.append(item)
                not_empty.notify()

    run_together(get, get, put)
    assert sorted(got) == [0, 1], got


def if_for_while_wrong() -> None:
    """The bug: a woken getter does not look again, though another may have taken the item that it was woken for."""
    _two_getters(look_again=False)


def if_for_while_right() -> None:
    """A woken getter looks again."""
    _two_getters(look_again=True)


def _one_condition(*, wake_all: bool) -> None:
    """A queue of one item, on which putters and getters wait in one condition: two of each, one item each."""
    items: deque[int] = deque()
    changed = threading.Condition()  # protects items

    def wake() -> None:
        if wake_all:
            changed.notify_all()
        else:
            changed.notify()

    def put() -> None:
        with changed:
            while items:
                changed.wait()
            items.append(0)
            wake()

    def get() -> None:
        with changed:
            while not items:
                changed.wait()
            items.popleft()
            wake()

    run_together(get, get, put, put)


def one_condition_wrong() -> None:
    """The bug: a notification may go to one of the own side, who has no use for it and goes back to sleep."""
    _one_condition(wake_all=False)


def one_condition_right() -> None:
    """Everybody is notified."""
    _one_condition(wake_all=True)


def _bounded_queue(*, get_notifies: bool) -> None:
    """A queue of one item, a condition for each side: one putter, one getter, two items."""
    items: deque[int] = deque()
    lock = threading.Lock()  # protects items
    not_empty, not_full = threading.Condition(lock), threading.Condition(lock)
    got: list[int] = []

    def put() -> None:
        for item in range(2):
            with lock:
                while items:
                    not_full.wait()
                items.append(item)
                not_empty.notify()

    def get() -> None:
        for _ in range(2):
            with lock:
                while not items:
                    not_empty.wait()
                got.append(items.popleft())
                if get_notifies:
                    not_full.notify()

    run_together(put, get)
    assert got == [0, 1], got


def missing_notify_wrong() -> None:
    """The bug: a get does not notify, so a putter that found the queue full sleeps on."""
    _bounded_queue(get_notifies=False)


def missing_notify_right() -> None:
    """A get notifies."""
    _bounded_queue(get_notifies=True)


def _one_put(*, append_first: bool) -> None:
    """A put appends under the lock, and notifies under the lock, but does not hold it from the one to the other."""
    items: deque[int] = deque()
    not_empty = threading.Condition()  # protects items

    def append() -> None:
        with not_empty:
            items.append(0)

    def notify() -> None:
        with not_empty:
            not_empty.notify()

    def put() -> None:
        for step in (append, notify) if append_first else (notify, append):
            step()

    def get() -> None:
        with not_empty:
            while not items:
                not_empty.wait()
            items.popleft()

    run_together(get, put)


def notify_before_append_wrong() -> None:
    """The bug: a getter may be woken, find nothing and go back to sleep before the item is there."""
    _one_put(append_first=False)


def notify_before_append_right() -> None:
    """The item is there before anybody is notified."""
    _one_put(append_first=True)


def _look_then_wait(*, in_one: bool) -> None:
    """A getter looks under the lock, and waits under the lock."""
    items: deque[int] = deque()
    not_empty = threading.Condition()  # protects items

    def get() -> None:
        with not_empty:
            empty = not items
            if empty and in_one:
                not_empty.wait()
        if empty and not in_one:
            with not_empty:
                not_empty.wait()
        with not_empty:
            items.popleft()

    def put() -> None:
        with not_empty:
            items.append(0)
            not_empty.notify()

    run_together(get, put)


def look_then_wait_wrong() -> None:
    """The bug: the getter lets go of the lock between looking and waiting, and misses what is put in between."""
    _look_then_wait(in_one=False)


def look_then_wait_right() -> None:
    """The getter holds the lock until it waits. (`if` is enough: nobody else gets.)"""
    _look_then_wait(in_one=True)


def _hasty_and_patient(*, looks_before_it_leaves: bool) -> None:
    """One getter gives up after a while, the other does not. A second item is put if the hasty one took the first."""
    items: deque[int] = deque()
    not_empty = threading.Condition()  # protects items
    hasty_got: list[int] = []

    def hasty() -> None:
        with not_empty:
            while not items:
                in_time = not_empty.wait(timeout=0.5)
                if not in_time and not (looks_before_it_leaves and items):
                    return
            hasty_got.append(items.popleft())

    def patient() -> None:
        with not_empty:
            while not items:
                not_empty.wait()
            items.popleft()

    def put(item: int) -> None:
        with not_empty:
            items.append(item)
            not_empty.notify()

    hasty_thread = threading.Thread(target=hasty, name="hasty")
    patient_thread = threading.Thread(target=patient, name="patient")
    hasty_thread.start()
    patient_thread.start()
    put(0)
    hasty_thread.join()
    if hasty_got:
        put(1)
    patient_thread.join()


def swallowed_wakeup_wrong() -> None:
    """The bug: a getter whose time is up leaves without looking, and may take a wakeup with it that another needed.

    `Condition.wait` stays among those that a `notify` may choose until it has the lock again, and returns False all the
    same if its time was up by then.
    """
    _hasty_and_patient(looks_before_it_leaves=False)


def swallowed_wakeup_right() -> None:
    """A getter whose time is up looks for an item before it leaves."""
    _hasty_and_patient(looks_before_it_leaves=True)


def _shutdown(*, wake: Literal["one", "all"]) -> None:
    """Two getters wait for an item or for the end; the queue is shut down."""
    items: deque[int] = deque()
    changed = threading.Condition()  # protects items and closed
    closed = False

    def get() -> None:
        with changed:
            while not items and not closed:
                changed.wait()

    def shut_down() -> None:
        nonlocal closed
        wake_them: Callable[[], None] = changed.notify_all if wake == "all" else changed.notify
        with changed:
            closed = True
            wake_them()

    run_together(get, get, shut_down)


def shutdown_wakes_one_wrong() -> None:
    """The bug: the end concerns everybody, but one is notified."""
    _shutdown(wake="one")


def shutdown_wakes_one_right() -> None:
    """Everybody is notified."""
    _shutdown(wake="all")
