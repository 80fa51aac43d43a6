"""Temporary keys."""

from __future__ import annotations
from typing import Any
import _thread
from pcverify.explore.signals import ENGINE
from pcverify.explore.control.clock import Moment

LOCK = type(_thread.allocate_lock())


def key_of(run: Any) -> Any:
    execution, queue = run.execution, run.program.queue

    def val(v, task):
        if v is None or type(v) in (int, str, bool):
            return v
        if isinstance(v, Moment):
            return ("t", float(v) - execution.clock.of(v.task))
        if type(v) is float:
            return v
        if type(v) is tuple:
            return tuple(val(x, task) for x in v)
        if type(v) is LOCK:
            h = execution.holders.get(v)
            return ("mutex" if v is queue.mutex else "lock", h.name if h else "")
        if type(v) is object:
            return id(v)
        if isinstance(v, BaseException):
            return type(v).__name__
        if type(v).__name__ == "_Waiter":
            return tuple(val(getattr(v, s), task) for s in type(v).__slots__ if s != "waiters")
        return type(v).__name__

    tasks = []
    for name, t in run.tasks.items():
        if t.ended:
            tasks.append(repr(t.error))
            continue
        fs = []
        f = t.gr_frame
        while f is not None:
            if not f.f_code.co_filename.startswith(ENGINE):
                loc = f.f_locals
                fs.append((f.f_code.co_name, f.f_lasti, tuple((n, val(loc[n], t)) for n in sorted(loc))))
            elif f.f_code.co_name == "lock_release":
                fs.append(str(f.f_locals["_"][:1]))
            f = f.f_back
        tasks.append(
            (
                t.kind,
                val(t.object, t),
                None if t.deadline is None else t.deadline - execution.clock.of(t),
                t.blocked,
                None if name not in run._ends else run._ends[name] - execution.clock.of(t),
                tuple(fs),
            )
        )
    lists = []
    for w in (getattr(queue, "not_full", None), getattr(queue, "not_empty", None)):
        if w is not None:
            lists.append(tuple(val(g, None) for g in w._waiters))
    for a in ("_getters", "_putters"):
        if w is None:
            lists.append(tuple((val(g.gate, None), val(g.given, None), val(g.brings, None)) for g in getattr(queue, a)))
    if hasattr(queue, "_joiners"):
        lists.append(tuple((val(g.gate, None), val(g.given, None)) for g in queue._joiners))
    else:
        lists.append(tuple(val(g, None) for g in queue.all_tasks_done._waiters))
    return (
        tuple(tasks),
        tuple(queue.queue),
        tuple(lists),
        tuple(run.program.attempts.values()),
        tuple(sorted(run.program.interrupted)),
        getattr(queue, "unfinished_tasks", 0),
        getattr(queue, "is_shutdown", None),
    )
