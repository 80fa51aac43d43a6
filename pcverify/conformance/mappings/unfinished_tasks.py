"""From `task_done` and `join` of either queue to the variables of `models/UnfinishedTasks.tla`.

A queue with conditions keeps the joiners in the list of `all_tasks_done`; `HandoffQueue` has them in one of its own,
and tells them to go when it takes them out. Both take one out just before they wake it. `queue.Queue` does so just
after, and writes the count only when all are woken: nobody can see either, for it holds `mutex`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.conformance.counts import unread_counts
from pcverify.conformance.looking import holder_of
from pcverify.conformance.programs import Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pcverify.conformance.looking import Look
    from pcverify.conformance.programs import UnfinishedConfig, UnfinishedProgram
    from pcverify.explore.engine.execution import Execution

MODULE = "UnfinishedTasks"
VARIABLES = ("pc", "lock", "waiters", "calls", "told", "late", "todo", "unfinished", "size", "shut")
ACTIONS = {
    "acquire": "Acquire",
    "park": "Park",
    "parked": "Timeout",
    "woken": "Wake",
    "reacquire": "Reacquire",
    "timedOut": "Reacquire",
    "notify": "Notify",
    "again": "Notify",
    "release": "Release",
    "complain": "Complain",
    "giveUp": "GiveUp",
    "recover": "Recover",
    "raise": "Raise",
}
STUTTERS = {"Expire": "a joiner of HandoffQueue that was told to go does not look at the clock"}
_OF_JOIN = frozenset({"acquire", "parked", "woken", "reacquire", "timedOut", "park", "release", "giveUp"})
_OF_OTHERS = frozenset({"acquire", "notify", "release", "complain"})


def unread(program: UnfinishedProgram) -> dict[type, frozenset[str]]:
    """Return the attributes on which nothing depends: the queue's counts for `stats`."""
    return unread_counts(program.queue)


def may_be_interrupted(look: Look, program: UnfinishedProgram) -> bool:
    """Whether the model lets an exception from outside come to this task here."""
    places = _OF_JOIN if look.name.startswith("joiner") else _OF_OTHERS
    return position(look, program) in places


def position(look: Look, program: UnfinishedProgram) -> str:  # noqa: PLR0911  # one for each position
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
        case "acquire" if look.object is _gate(look):
            return "parked" if look.blocked else "woken"
        case "release" if on_mutex:
            return _releasing(look, recovering=recovering)
        case "release":
            return "again" if look.name in program.interrupted else "notify"
    return f"before {look.kind} of {'mutex' if on_mutex else 'another lock'}"


def _gate(look: Look) -> Any:
    if "wait" in look.functions:
        return look.variable("wait", "waiter")
    return getattr(look.variable("join", "waiter"), "gate", None)


def _was_woken(look: Look) -> bool | None:
    """Return whether a task that takes `mutex` again was woken; None if it takes it for the first time."""
    if "wait" in look.functions:
        return bool(look.variable("wait", "gotit"))
    waiter = look.variable("join", "waiter")
    if waiter is None:
        return None
    return bool(getattr(waiter, "woken", False))


def _releasing(look: Look, *, recovering: bool) -> str:  # noqa: PLR0911  # one for each position
    """Return why `mutex` is being released."""
    if look.raising is Interrupted or recovering:
        return "raise"
    if look.raising is not None:
        return "complain" if look.raising is ValueError else f"release because of {look.raising.__name__}"
    if "wait" in look.functions:
        return "park"
    if look.variable("put", "problem") is not None or look.variable("join", "unfinished") is not None:
        return "giveUp"
    waiter = look.variable("join", "waiter")
    if waiter is None:
        return "release"
    if not hasattr(waiter, "given"):
        return "park" if waiter.gate in waiter.waiters else "release"
    if "_wait" not in look.functions:
        return "park"
    return "release" if _told(look) else "giveUp"


def _told(look: Look) -> bool:
    """Return whether a joiner of `HandoffQueue` was told to go."""
    frame = look.functions.get("join")
    waiter = look.variable("join", "waiter")
    return frame is not None and hasattr(waiter, "given") and waiter.given is frame.f_globals["ROOM"]


def state_of(
    execution: Execution, looks: Mapping[str, Look], program: UnfinishedProgram, config: UnfinishedConfig
) -> dict[str, Any]:
    """Return the value of each of `VARIABLES`."""
    queue = program.queue
    pc = {name: position(look, program) for name, look in looks.items()}
    listed = queue._joiners if hasattr(queue, "_joiners") else queue.all_tasks_done._waiters
    waiters = tuple(holder_of(execution, getattr(each, "gate", each)) or "nobody" for each in listed)
    calls: tuple[str, ...] = ()
    unfinished = queue.unfinished_tasks
    for name, look in looks.items():
        if pc[name] in {"notify", "again"}:
            unfinished = look.variable("task_done", "unfinished") or 0 if "task_done" in look.functions else unfinished
            called = holder_of(execution, look.object) or "nobody"
            waiters = waiters if called in waiters else (called, *waiters)
            calls = waiters[: look.variable("notify", "n")]
    return {
        "pc": pc,
        "lock": (holder_of(execution, queue.mutex) or "somebody") if queue.mutex.locked() else "free",
        "waiters": waiters,
        "calls": calls,
        "told": {name: _told(looks[name]) for name in config.joiner_names},
        "late": {name: _is_late(looks[name], pc[name]) for name in config.joiner_names},
        "todo": dict(program.attempts),
        "unfinished": unfinished,
        "size": len(queue.queue),
        "shut": getattr(queue, "is_shutdown", False),
    }


def _is_late(look: Look, at: str) -> bool:
    """Return whether the deadline of the wait that a joiner is in has passed."""
    ends = getattr(look.variable("join", "waiter"), "deadline", None)
    return at == "timedOut" or (at in {"woken", "reacquire"} and ends is not None and look.now >= ends)
