"""From `HandoffQueue` to the variables of `models/HandoffQueue.tla`.

It has a lock, `mutex`, and two lists of waiters, each of which has a gate to sleep at, what it brings and what it was
given. Who serves one takes it out of the list, gives, and opens the gate; between the last two it is in `calls`.
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

MODULE = "HandoffQueue"
VARIABLES = ("pc", "lock", "waiters", "calls", "given", "todo", "queue", "shut", "held")
ACTIONS = {
    "acquire": "Acquire",
    "park": "Park",
    "parked": "Timeout",
    "woken": "Wake",
    "timedOut": "Reacquire",
    "notify": "Notify",
    "serve": "Notify",
    "release": "Release",
    "giveUp": "GiveUp",
    "drop": "Drop",
    "recover": "Recover",
    "raise": "Raise",
}
STUTTERS = {"Expire": "a getter or putter that was woken has what it waited for, and does not look at the clock"}
_INTERRUPTED_AT = frozenset({"acquire", "park", "parked", "woken", "timedOut", "notify", "release", "giveUp"})


def unread(program: QueueProgram) -> dict[type, frozenset[str]]:
    """Return the attributes on which nothing depends: the queue's counts for `stats`."""
    return unread_counts(program.queue)


def may_be_interrupted(look: Look, program: QueueProgram) -> bool:
    """Whether the model lets an exception from outside come to this task here."""
    return position(look, program) in _INTERRUPTED_AT


def position(look: Look, program: QueueProgram) -> str:
    """Return what the model calls the operation that a task is in front of; a description, if it has no such."""
    if look.kind == "end":
        return "done" if look.crashed is None else f"crashed with {type(look.crashed).__name__}"
    on_mutex = look.object is program.queue.mutex
    recovering = "_recover" in look.functions
    match look.kind:
        case "acquire" if on_mutex:
            return "recover" if recovering else "timedOut" if "_wait" in look.functions else "acquire"
        case "acquire" if look.object is getattr(_waiter(look), "gate", None):
            return "parked" if look.blocked else "woken"
        case "release" if on_mutex:
            return _releasing(look, recovering=recovering)
        case "release":
            return "serve" if recovering else "notify"
    return f"before {look.kind} of {'mutex' if on_mutex else 'another lock'}"


def _releasing(look: Look, *, recovering: bool) -> str:
    """Return why `mutex` is being released."""
    if look.raising is not None:
        interrupted = look.raising is Interrupted and not recovering
        return "drop" if interrupted else f"release because of {look.raising.__name__}"
    if recovering:
        return "raise"
    waiter = _waiter(look)
    if "_wait" in look.functions:
        return "giveUp" if _given(look) in {(), ("end",)} else "release"
    if (look.variable("put", "problem") or look.variable("get", "problem")) is not None:
        return "giveUp"
    return "release" if waiter is None else "park"


def _waiter(look: Look) -> Any:
    return look.variable("put", "waiter") or look.variable("get", "waiter")


def _given(look: Look) -> Any:
    """Return what the waiter of a task was given."""
    given = getattr(_waiter(look), "given", None)
    if given is None or type(given) is tuple:
        return given or ()
    names = (look.functions.get("put") or look.functions["get"]).f_globals
    return ("room",) if given is names["ROOM"] else ("end",) if given is names["SHUT"] else ()


def state_of(
    execution: Execution, looks: Mapping[str, Look], program: QueueProgram, config: QueueConfig
) -> dict[str, Any]:
    """Return the value of each of `VARIABLES`."""
    queue = program.queue
    pc = {name: position(look, program) for name, look in looks.items()}
    calls = tuple(
        holder_of(execution, look.object) or "nobody" for name, look in looks.items() if pc[name] in {"notify", "serve"}
    )
    recovered = {name for name in pc if pc[name] in {"serve", "raise"}}
    everybody = config.producer_names + config.consumer_names
    return {
        "pc": pc,
        "lock": (holder_of(execution, queue.mutex) or "somebody") if queue.mutex.locked() else "free",
        "waiters": {"notEmpty": _names(execution, queue._getters), "notFull": _names(execution, queue._putters)},
        "calls": calls,
        "given": {name: () if name in recovered else _given(looks[name]) for name in everybody},
        "todo": dict(program.attempts),
        "queue": tuple(queue.queue),
        "shut": queue.is_shutdown,
        "held": {
            name: _held(looks[name]) if name in config.interruptible and name not in recovered else ()
            for name in config.consumer_names
        },
    }


def _names(execution: Execution, waiters: Any) -> tuple[str, ...]:
    return tuple(holder_of(execution, waiter.gate) or "nobody" for waiter in waiters)


def _held(look: Look) -> Any:
    """Return the item that an interruptible get has taken, and neither returned nor given back."""
    item = look.variable("get", "item")
    return item if type(item) is tuple else ()
