"""A monitor for queues that hand over: one step of a call may be two operations, its own and that of one who waits.

A put that finds a getter waiting gives its item to that one: both take effect at once, and the item is never in the
store. A get that finds a putter waiting puts that one's item as well. The monitor takes such a step apart, and judges
each operation by itself, in the order in which they are as if nobody had waited.
"""

from __future__ import annotations

from typing import Any

from pcverify.pipeline.handoff_queue import ROOM
from pcverify.pipeline.store import NOTHING
from tests.interleavings.operations import Broken, Call, Monitor


def monitor_for(queue: Any) -> Monitor:
    """Return a monitor of the kind that the queue needs."""
    hands_over = hasattr(queue, "_getters") and not hasattr(queue, "not_empty")
    return HandingMonitor(queue) if hands_over else Monitor(queue)


class HandingMonitor(Monitor):
    """Knows of each one who waits which call it is, from the step in which it came into the list."""

    def __init__(self, queue: Any) -> None:
        super().__init__(queue)
        self._calls: dict[Any, Call] = {}  # by the one who waits in a list

    def _judge_step(self, call: Call, before: list[object], after: list[object]) -> list[str]:
        listed = {*self.queue._getters, *self.queue._putters}
        served = [(waiter, owner) for waiter, owner in self._calls.items() if waiter not in listed]
        let_in = [owner for waiter, owner in served if waiter.given is ROOM]
        handed = [(owner, waiter.given) for waiter, owner in served if owner.kind == "get" and waiter.holds]
        for waiter, owner in served:
            del self._calls[waiter]
            if owner.ended and waiter.given is not NOTHING:
                raise Broken("nothing_lost", f"{call.text} of {call.name} serves {owner.name}, which has ended")
        self._calls |= {waiter: call for waiter in listed if waiter not in self._calls}
        did = []
        now = before
        if call.kind == "put" and any(call.item is item for item in [*after, *(item for _, item in handed)]):
            now, words = self._one(call, now, now if call.changed else [*now, call.item])
            did += words
        elif call.kind == "get" and call.interrupted and call.taken and self._is_back(call, after, handed):
            now, words = self._one(call, now, [*call.taken, *now])
            did += words
        elif call.kind == "get" and len(after) < len(before) + len(let_in):
            now, words = self._one(call, now, now[1:])
            did += words
        for other in let_in:
            now, words = self._one(other, now, [*now, other.item])
            did += [f"for {other.name}: {word}" for word in words]
        for other, item in handed:
            if now[:1] != [item]:
                raise Broken("fifo", f"{call.text} of {call.name} handed {item!r} to {other.name} before {now}")
            now, words = self._one(other, now, now[1:])
            did += [f"for {other.name}: {word}" for word in words]
        return did + super()._judge_step(call, now, after)

    @staticmethod
    def _is_back(call: Call, after: list[object], handed: list[tuple[Call, object]]) -> bool:
        """Whether what a get has taken is in the queue again, or went to another one."""
        return any(call.taken[0] is item for item in [*after, *(item for owner, item in handed if owner is not call)])

    def _one(self, call: Call, before: list[object], after: list[object]) -> tuple[list[object], list[str]]:
        """Judge one operation, and return what is in the queue after it, and what it did."""
        return after, super()._judge_step(call, before, after)
