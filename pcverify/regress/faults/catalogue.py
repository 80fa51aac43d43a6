"""The faults. Add one here, with a name that says what is wrong.

The first group can be seen in a history of one call after the other; the second only when calls overlap, some of them
also alone, because a wait that timed out is an overlap with the clock; the third when an exception from outside comes.
Where a fault is no more than something left out, this says what, in each shape of code; `mistakes` has the others.
"""

from __future__ import annotations

import ast

from pcverify.evidence import UsageError
from pcverify.regress.faults.edits import dropping, either, emptying, never, replacing, text
from pcverify.regress.faults.mistakes import (
    STORES,
    TAKES,
    accept_negative,
    always_block,
    capacity_off_by_one,
    enlists,
    if_for_while,
    last_come_first_served,
    lets_go_before,
    lifo,
    one_condition,
    recovers_without,
    stops_half_way,
    swallow_wakeup,
)
from pcverify.regress.faults.mutation import Fault

DOWN = ("shutdown", "_close")


def _forgets_the_end(node: ast.If) -> bool:
    return "self.is_shutdown" in text(node.test) and "ShutDown" in text(node.body[0])


FAULTS: tuple[Fault, ...] = (
    # Seen in a history of one call after the other.
    Fault("capacity-off-by-one", "put lets one item more in than fit", capacity_off_by_one),
    Fault("lifo", "get returns the item that came last", lifo),
    Fault(
        "drop-item",
        "put counts an item and does not keep it",
        either("store in put", replacing(("put",), STORES, lambda _store, _block: [ast.Pass()])),
    ),
    Fault(
        "double-item",
        "put keeps an item twice",
        either("store in put", replacing(("put",), STORES, lambda store, _block: [store, store])),
    ),
    Fault(
        "task-done-never-complains",
        "task_done may be called too often",
        either(
            "raise in task_done", never(("task_done",), lambda node: text(node.body[0]).startswith("raise ValueError"))
        ),
    ),
    Fault(
        "unfinished-not-counted",
        "put does not count an unfinished task",
        either("count of unfinished tasks in put", dropping(("put",), "self.unfinished_tasks += 1")),
    ),
    Fault("nowait-waits", "put and get wait although they were told not to", always_block),
    Fault("accept-negative-timeout", "put and get take a negative timeout for zero", accept_negative),
    Fault(
        "shutdown-forgets-puts",
        "put goes on after a shutdown",
        either("check for a shutdown in put", never(("put",), _forgets_the_end)),
    ),
    Fault(
        "immediate-shutdown-keeps-items",
        "an immediate shutdown discards nothing",
        either("case of an immediate shutdown", never(DOWN, lambda node: text(node.test) == "immediate")),
    ),
    # Seen when calls overlap.
    Fault("one-condition", "putters and getters share one condition, and notify wakes any of them", one_condition),
    Fault("if-for-while-in-put", "a woken put does not look again", if_for_while("put")),
    Fault("if-for-while-in-get", "a woken get does not look again", if_for_while("get")),
    Fault(
        "drop-notify-in-put",
        "put wakes no getter",
        either("wakeup in put", dropping(("put",), "self.not_empty.notify()", "getter.gate.release()")),
    ),
    Fault(
        "drop-notify-in-get",
        "get wakes no putter",
        either("wakeup in get", dropping(("get",), "self.not_full.notify()", "putter.gate.release()")),
    ),
    Fault(
        "check-outside-lock-in-put",
        "put lets go of the lock after its check",
        lets_go_before("put", STORES, "store after a check"),
    ),
    Fault(
        "check-outside-lock-in-get",
        "get lets go of the lock after its check",
        lets_go_before("get", TAKES, "taking after a check"),
    ),
    Fault(
        "enlist-outside-lock-in-put",
        "put lets go of the lock after it found no room, and waits then",
        lets_go_before("put", enlists, "wait after a check"),
    ),
    Fault(
        "enlist-outside-lock-in-get",
        "get lets go of the lock after it found no item, and waits then",
        lets_go_before("get", enlists, "wait after a check"),
    ),
    Fault("swallow-wakeup", "a waiter whose time is up does not look again, though it was notified", swallow_wakeup),
    Fault(
        "timed-out-waiter-stays-listed",
        "who gives up waiting can still be woken, or served, in another's place",
        either("leaving of the list", dropping(("put", "get", "join", "_wait"), "waiter.leave()")),
    ),
    Fault(
        "woken-waiter-stays-listed",
        "who was woken, or served, can be so again, in another's place",
        either(
            "taking out of the list",
            dropping(("notify",), "del waiters[0]"),
            dropping(("put", "get"), "del self._getters[0]", "del self._putters[0]"),
        ),
    ),
    Fault("last-come-first-served", "who waits shortest is served first", last_come_first_served),
    Fault(
        "drop-notify-in-task-done",
        "the last task_done wakes no join",
        either(
            "wakeup in task_done",
            dropping(("task_done",), "self.all_tasks_done.notify_all()", "_open_all(self._joiners, ROOM)"),
        ),
    ),
    Fault(
        "drop-notify-getters-in-shutdown",
        "a shutdown wakes no getter",
        either("wakeup of getters", dropping(DOWN, "self.not_empty.notify_all()", "_open_all(self._getters, SHUT)")),
    ),
    Fault(
        "drop-notify-putters-in-shutdown",
        "a shutdown wakes no putter",
        either("wakeup of putters", dropping(DOWN, "self.not_full.notify_all()", "_open_all(self._putters, SHUT)")),
    ),
    Fault(
        "drop-notify-joiners-in-shutdown",
        "an immediate shutdown wakes no join",
        either("wakeup of joins", dropping(DOWN, "self.all_tasks_done.notify_all()", "_open_all(self._joiners, ROOM)")),
    ),
    # Seen when an exception from outside comes, the first also in what takes several items at a time.
    Fault(
        "serve-wakes-nobody",
        "who is interrupted passes no wakeup on, and put_many and get_many wake nobody",
        either("_serve", emptying("_serve", "pass")),
    ),
    Fault(
        "interrupted-get-gives-nothing-back",
        "an interrupted get keeps the item that it has taken",
        recovers_without(1, "giving back of what get has taken"),
    ),
    Fault(
        "interrupted-get-keeps-what-it-was-handed",
        "an interrupted get keeps the item that it was served with",
        either("property holds of a waiter", emptying("holds", "return ()")),
    ),
    Fault(
        "interrupted-waiter-stays-listed",
        "who is interrupted while it waits can still be woken, or served, in another's place",
        recovers_without(0, "recovery of a waiter"),
    ),
    Fault(
        "interrupted-shutdown-wakes-some",
        "a shutdown or a last task_done that is interrupted wakes only those it came to",
        stops_half_way,
    ),
)


def named(name: str) -> Fault:
    """Return the fault called `name`.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    for fault in FAULTS:
        if fault.name == name:
            return fault
    raise UsageError(f"no fault is called {name!r}; there are: {', '.join(fault.name for fault in FAULTS)}")
