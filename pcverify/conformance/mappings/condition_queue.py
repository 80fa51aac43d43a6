"""From `ThreadSafeQueue`, and from `queue.Queue`, to the variables of `models/ConditionQueue.tla`.

Both classes have a lock, `mutex`, and two conditions whose lists hold the locks that waiters sleep on. Where they
differ: `ThreadSafeQueue` takes a waiter out of its list just before it wakes it, while it holds `mutex` and nobody can
see that; to the model it is in the list until then. `queue.Queue` sleeps inside `Condition.wait`, and has nothing that
sets right what an interrupted call has begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.conformance.counts import unread_counts
from pcverify.conformance.looking import holder_of
from pcverify.conformance.programs import Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pcverify.conformance.looking import Look
    from pcverify.conformance.programs import QueueConfig, QueueProgram
    from pcverify.explore.engine.execution import Execution

MODULE = "ConditionQueue"
VARIABLES = ("pc", "lock", "waiters", "calls", "late", "todo", "queue", "shut", "held")
ACTIONS = {
    "acquire": "Acquire",
    "park": "Park",
    "parked": "Timeout",
    "woken": "Wake",
    "reacquire": "Reacquire",
    "timedOut": "Reacquire",
    "notify": "Notify",
    "serve": "Notify",
    "release": "Release",
    "giveUp": "GiveUp",
    "drop": "Drop",
    "recover": "Recover",
    "raise": "Raise",
}
STUTTERS: dict[str, str] = {}
_INTERRUPTED_AT = frozenset(
    {"acquire", "park", "parked", "woken", "reacquire", "timedOut", "notify", "release", "giveUp"}
)
REFUSALS = frozenset({"Full", "Empty", "ShutDown"})


def unread(program: QueueProgram) -> dict[type, frozenset[str]]:
    """Return the attributes on which nothing depends: the queue's counts for `stats`."""
    return unread_counts(program.queue)


def may_be_interrupted(look: Look, program: QueueProgram) -> bool:
    """Whether the model lets an exception from outside come to this task here."""
    return position(look, program) in _INTERRUPTED_AT


def position(look: Look, program: QueueProgram) -> str:  # noqa: PLR0911  # one for each position
    """Return what the model calls the operation that a task is in front of; a description, if it has no such."""
    if look.kind == "end":
        return "done" if look.crashed is None else f"crashed with {type(look.crashed).__name__}"
    on_mutex = look.object is program.queue.mutex
    recovering = "_recover" in look.functions
    match look.kind:
        case "acquire" if on_mutex and recovering:
            return "recover"
        case "acquire" if on_mutex:
            woken = _was_woken(look)
            return "acquire" if woken is None else "reacquire" if woken else "timedOut"
        case "acquire" if _gate(look) is look.object:
            return "parked" if look.blocked else "woken"
        case "release" if on_mutex and recovering and look.raising is None:
            return "raise"
        case "release" if on_mutex:
            return _releasing(look)
        case "release" if "notify" in look.functions:
            return "serve" if recovering else "notify"
    return f"before {look.kind} of {'mutex' if on_mutex else 'another lock'}"


def _releasing(look: Look) -> str:
    """Return why `mutex` is being released by a call that does not recover."""
    raised = look.raising
    if raised is Interrupted:
        return "drop"
    if raised is not None:
        return "giveUp" if raised.__name__ in REFUSALS else f"release because of {raised.__name__}"
    if "wait" in look.functions or _is_listed(look):
        return "park"
    for function in ("put", "get"):
        problem = look.variable(function, "problem")
        if problem is not None:
            return "giveUp"
    return "release"


def _gate(look: Look) -> Any:
    """Return the lock that a task sleeps on."""
    if "wait" in look.functions:
        return look.variable("wait", "waiter")
    return getattr(_waiter(look), "gate", None)


def _waiter(look: Look) -> Any:
    return look.variable("put", "waiter") or look.variable("get", "waiter")


def _was_woken(look: Look) -> bool | None:
    """Return whether a task that takes `mutex` again was woken; None if it takes it for the first time."""
    if "wait" in look.functions:
        return bool(look.variable("wait", "gotit"))
    waiter = _waiter(look)
    return None if waiter is None else bool(waiter.woken)


def _is_listed(look: Look) -> bool:
    waiter = _waiter(look)
    return waiter is not None and waiter.gate in waiter.waiters


def state_of(
    execution: Execution, looks: Mapping[str, Look], program: QueueProgram, config: QueueConfig
) -> dict[str, Any]:
    """Return the value of each of `VARIABLES`."""
    queue = program.queue
    pc = {name: position(look, program) for name, look in looks.items()}
    waiters = {"notEmpty": _names(execution, queue.not_empty), "notFull": _names(execution, queue.not_full)}
    calls: tuple[str, ...] = ()
    for name, look in looks.items():
        if pc[name] in {"notify", "serve"}:
            calls = _complete(execution, look, queue, waiters)
    return {
        "pc": pc,
        "lock": (holder_of(execution, queue.mutex) or "somebody") if queue.mutex.locked() else "free",
        "waiters": waiters,
        "calls": calls,
        "late": {
            name: pc[name] in {"woken", "reacquire", "timedOut"} and _is_late(look) for name, look in looks.items()
        },
        "todo": dict(program.attempts),
        "queue": tuple(queue.queue),
        "shut": getattr(queue, "is_shutdown", False),
        "held": {
            name: _held(looks[name]) if name in config.interruptible and pc[name] not in {"serve", "raise"} else ()
            for name in config.consumer_names
        },
    }


def _names(execution: Execution, condition: Any) -> tuple[str, ...]:
    return tuple(holder_of(execution, gate) or "nobody" for gate in condition._waiters)


def _complete(execution: Execution, look: Look, queue: Any, waiters: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return whom a task is about to notify, and let the one who is next be in its list still."""
    notify = look.functions["notify"].f_locals
    mine = "notEmpty" if notify["self"] is queue.not_empty else "notFull"
    called = holder_of(execution, look.object) or "nobody"
    if called not in waiters[mine]:
        waiters[mine] = (called, *waiters[mine])
    calls = waiters[mine][: notify["n"]]
    if mine == "notEmpty":
        if "_serve" in look.functions:
            room = queue.maxsize - look.variable("_serve", "size")
            calls += waiters["notFull"][: max(room, 0)]
        elif "shutdown" in look.functions:
            calls += waiters["notFull"]
    return calls


def _is_late(look: Look) -> bool:
    """Return whether the deadline of the wait that a task is in has passed."""
    ends = (
        getattr(_waiter(look), "deadline", None) or look.variable("put", "endtime") or look.variable("get", "endtime")
    )
    return ends is not None and look.now >= ends


def _held(look: Look) -> Any:
    """Return the item that an interruptible get has taken, and neither returned nor given back."""
    item = look.variable("get", "item")
    return item if type(item) is tuple else ()
