"""Which calls of a queue other threads are in, found on their stacks.

Used where a recording begins, and never after: who waits already, and who may be about to take the lock.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

Call = tuple[int, FrameType]
"""The identity of a thread, and the frame of its call."""


class Unknown:
    """A thread that waits, and that was not found."""

    name = "unknown"


def owners_of(waiters: Iterable[Any]) -> dict[Any, Any]:
    """Return whose call each waiter is: it is a variable `waiter` of that call, or its gate is."""
    owners: dict[Any, Any] = {waiter: Unknown() for waiter in waiters}
    threads = {thread.ident: thread for thread in threading.enumerate()}
    for ident, frame in _frames() if owners else ():
        for waiter in filter(partial(_is_of, frame), owners):
            owners[waiter] = threads.get(ident) or owners[waiter]
    return owners


def calls_on(objects: tuple[Any, ...]) -> tuple[Call, ...]:
    """Return the calls of methods of these objects that other threads are in."""
    return tuple(
        (ident, frame)
        for ident, frame in _frames()
        if (me := frame.f_locals.get("self")) is not None and any(me is each for each in objects)
    )


def still_before(calls: tuple[Call, ...], waiting: tuple[Any, ...]) -> tuple[Call, ...]:
    """Return those of the calls that may not have taken the lock yet.

    Who waits has, and who calls this has too.
    """
    alive = list(_frames())
    asleep = {ident for ident, frame in alive for waiter in waiting if _is_of(frame, waiter)}
    running = {id(frame) for _, frame in alive}
    return tuple((ident, frame) for ident, frame in calls if id(frame) in running and ident not in asleep)


def _frames() -> Iterator[Call]:
    """Yield the frames of all other threads."""
    me = threading.get_ident()
    for ident, innermost in sys._current_frames().items():
        frame: FrameType | None = innermost
        while frame is not None and ident != me:
            yield ident, frame
            frame = frame.f_back


def _is_of(frame: FrameType, waiter: Any) -> bool:
    found = frame.f_locals.get("waiter")
    with suppress(Exception):  # a program may call anything so
        return found is waiter or getattr(found, "gate", None) is waiter
    return False
