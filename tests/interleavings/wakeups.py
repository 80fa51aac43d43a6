"""Whether somebody sleeps who should not: the counting form of `NoLostWakeup`, as in `models/ConditionQueue.tla`.

While a getter is parked, each item in the queue is spoken for: by a getter that was woken and has not come to it
yet, or by a putter that is still inside its call and has woken nobody yet. Dually for putters and room. A queue
that was shut down has no parked caller, and one without unfinished tasks no parked `join`, once the call that made
it so has ended. Looking at counts, and not only at who is stuck in the end, finds the step that loses the wakeup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.interleavings.operations import Broken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.interleavings.operations import Call, Monitor


def check_wakeups(monitor: Monitor) -> None:
    """Raise `Broken` if a task is parked, could go on, and nobody is on the way to wake it."""
    flight = monitor.in_flight()
    closing = [call for call in flight if call.kind == "shutdown"]
    closed = monitor.closed()
    items = len(monitor.contents())
    sides = [("get", "put", items, "item")]
    if monitor.maxsize > 0:
        sides.append(("put", "get", monitor.maxsize - items, "free place"))
    for kind, other, available, what in sides:
        parked = [call for call in flight if call.kind == kind and call.parked]
        if not parked or closing or any(call.interrupted for call in flight):
            continue  # the last of them may be on its way to wake somebody
        if closed:
            raise _lost(parked, "the queue was shut down", _latest(monitor.calls, "shutdown"))
        coming = sum(call.kind == kind and call.woken for call in flight)
        waking = sum(call.kind == other and call.changed and not call.woke for call in flight)
        if available > coming + waking:
            thing = what if available == 1 else f"{what}s"
            fact = f"the queue has {available} {thing} (on the way: {coming}, may still notify: {waking})"
            raise _lost(parked, fact, _latest(monitor.calls, other))
    joins = [call for call in flight if call.kind == "join" and call.parked]
    busy = any(call.kind == "task_done" or call.interrupted for call in flight)
    if joins and monitor.unfinished <= 0 and not closing and not busy:
        raise _lost(joins, "no task is unfinished", _latest(monitor.calls, "task_done", "shutdown"))


def _lost(parked: list[Call], fact: str, should_have: Call | None) -> Broken:
    names = ", ".join(call.name for call in parked)
    verb = "waits" if len(parked) == 1 else "wait"
    who = "" if should_have is None else f"; {should_have.name} should have woken it in its {should_have.text}"
    return Broken("no_lost_wakeup", f"{names} {verb} in {parked[0].text} although {fact}{who}")


def _latest(calls: Iterable[Call], *kinds: str) -> Call | None:
    changers = [
        call for call in calls if call.kind in kinds and (call.changed or call.kind in {"task_done", "shutdown"})
    ]
    asleep = [call for call in changers if not call.woke] or changers
    return asleep[-1] if asleep else None
