"""Exceptions from outside, as a signal's handler raises them, and the places in a call at which one can come.

An exception comes instead of the operation that a call is about to do, or just after it if that releases a lock: no
interpreter delivers one in between. So with operations on locks as steps there are nine places, in a queue that has
one lock and its conditions. What each of them breaks, and what it does not, stands in `test_interrupts.py`.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from pcverify.explore.engine.describe import Labels, operation_of

if TYPE_CHECKING:
    from types import FrameType

    from tests.interleavings.operations import Call


class Place(Enum):
    """Where a call is when the exception comes."""

    ENTERING = "before it has the lock: nothing has happened yet"
    LEAVING = "where it has just released the lock: all has happened"
    CARRYING = "the same in a get that has taken an item, which goes with the exception"
    PARKING = "within Condition.wait, which has just released the lock, and does not take it again before it raises"
    PARKED = "asleep in Condition.wait; it leaves the condition's list before anybody else goes on"
    LINGERING = "the same, but others go on before it has left the list: they may choose it to be woken"
    WOKEN = "asleep, and notified: what it was woken for is there, and whoever else waits for that is not told"
    REACQUIRING = "on the way back from Condition.wait, which raises without the lock that the caller releases"
    NOTIFYING = "within notify, which has woken one and keeps its entry in the list; notify_all stops after that one"


_ANY_CALL = frozenset({Place.ENTERING, Place.LEAVING})
_WAITING = _ANY_CALL | {Place.PARKING, Place.PARKED, Place.LINGERING, Place.WOKEN, Place.REACQUIRING}
PLACES = {  # which calls come to which places
    "put": _WAITING | {Place.NOTIFYING},
    "get": _WAITING | {Place.NOTIFYING, Place.CARRYING},
    "join": _WAITING,
    "task_done": _ANY_CALL | {Place.NOTIFYING},
    "shutdown": _ANY_CALL | {Place.NOTIFYING},
}
WORDS = {  # of the story
    Place.ENTERING: "is interrupted before it has {}",
    Place.LEAVING: "is interrupted as it releases {}",
    Place.CARRYING: "is interrupted as it releases {}",
    Place.PARKING: "is interrupted as it parks on {}",
    Place.PARKED: "is interrupted while parked on {}",
    Place.LINGERING: "is interrupted while parked on {}",
    Place.WOKEN: "is interrupted on its way from {}",
    Place.REACQUIRING: "is interrupted before it has {} again",
    Place.NOTIFYING: "is interrupted as it notifies {}",
}
AT_OPERATION = {
    "acquire": Place.ENTERING,
    "park": Place.PARKING,
    "reacquire": Place.REACQUIRING,
    "notify": Place.NOTIFYING,
}


class Interrupted(BaseException):
    """The exception from outside: no `except Exception` catches it, as none catches Ctrl-C."""


class _Nameless(Labels):
    """Names nothing: to look for a name takes long."""

    def of(self, thing: object, frame: FrameType | None) -> str:
        return ""


_NAMELESS = _Nameless()


def places_of(call: Call, *, lock_is_free: bool) -> list[Place]:
    """Return the places at which a call would be interrupted now: two for one that is parked, as others may do."""
    kind, _ = operation_of(call.task, _NAMELESS)
    if kind == "wake":
        if call.parked or call.task.timed_out:
            return [Place.PARKED, Place.LINGERING] if lock_is_free else [Place.LINGERING]
        return [Place.WOKEN]
    if kind == "release":
        return [Place.CARRYING if call.kind == "get" and call.changed else Place.LEAVING]
    return [AT_OPERATION[kind]] if kind in AT_OPERATION else []


def object_of(call: Call) -> str:
    """Return the name of the lock or condition that a call is in front of an operation on."""
    return operation_of(call.task, Labels())[1]
