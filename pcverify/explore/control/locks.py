"""`threading.Lock` and `threading.RLock` as tasks see them.

A lock stays the real lock, and its own bit is its state: so a lock that the driver made, or that was there before
the run, is what it was. But a task never waits in it: it is suspended before each operation until it is chosen and
the operation can be done. An `RLock` belongs to an OS thread, and all tasks share one; so which task holds it, and
how often, is kept beside it. Acquiring again what one holds and releasing all but the last hold is no operation.

Whoever is not a task (the driver, pytest, a tracer, other OS threads) gets the real thing.
"""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.control.redirect import Redirection
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task
from pcverify.explore.signals import is_tracer

if TYPE_CHECKING:
    from collections.abc import Callable

LOCK: Any = type(_thread.allocate_lock())
RLOCK: Any = _thread.RLock
WAIT = threading.Condition.wait.__code__

_acquire, _release, _locked = (LOCK.__dict__[name] for name in ("acquire", "release", "locked"))
_r_acquire, _r_release, _r_owned = (RLOCK.__dict__[name] for name in ("acquire", "release", "_is_owned"))
_r_save, _r_restore = RLOCK.__dict__["_release_save"], RLOCK.__dict__["_acquire_restore"]
_r_count: Any = RLOCK.__dict__.get("_recursion_count")
_allocate: Any = _thread.allocate_lock
TRACED = False  # whether coverage or a debugger looks on


def _lock_held(lock: Any) -> bool:
    return bool(_locked(lock))


HELD: dict[Any, Callable[[Any], bool]] = {LOCK: _lock_held}
"""For each type of what tasks wait for: whether they have to."""


def is_held(on: Any) -> bool:
    """Whether a task that is in front of waiting for this has to wait."""
    held = HELD.get(type(on)) or next(HELD[cls] for cls in type(on).__mro__ if cls in HELD)
    return held(on)


def redirect_locks(redirection: Redirection) -> dict[type, dict[str, Any]]:
    """Put the two lock types under control; return what their methods were replaced by."""
    global TRACED  # noqa: PLW0603  # an attribute of anything would be slower, and this is asked at each operation
    monitoring = getattr(sys, "monitoring", None)
    TRACED = sys.gettrace() is not None or any(monitoring and monitoring.get_tool(tool) for tool in range(6))
    lock: dict[str, Any] = dict.fromkeys(("acquire", "acquire_lock", "__enter__"), lock_acquire)
    lock |= dict.fromkeys(("release", "release_lock", "__exit__"), lock_release)
    lock |= dict.fromkeys(("locked", "locked_lock"), lock_locked)
    rlock: dict[str, Any] = dict.fromkeys(("acquire", "__enter__"), rlock_acquire)
    rlock |= dict.fromkeys(("release", "__exit__"), rlock_release)
    rlock |= {"_is_owned": rlock_is_owned, "_release_save": rlock_release_save}
    rlock |= {"_acquire_restore": rlock_acquire_restore}
    if _r_count is not None:
        rlock["_recursion_count"] = rlock_recursion_count
    for replacements in (lock, rlock):
        in_place = {function: redirection.in_tasks(function) for function in set(replacements.values())}
        replacements.update((name, in_place[function]) for name, function in list(replacements.items()))
    redirection.methods(LOCK, lock)
    redirection.methods(RLOCK, rlock)
    redirection.python_method(threading.Condition, "_is_owned", condition_is_owned)
    for module, name in ((threading, "_allocate_lock"), (_thread, "allocate_lock")):
        redirection.name(module, name, allocate_lock)
    return {LOCK: lock, RLOCK: rlock}


# threading.Lock


def lock_acquire(self: Any, blocking: bool = True, timeout: float = -1) -> bool:
    """`Lock.acquire` and `Lock.__enter__`."""
    task = getcurrent()
    if task.__class__ is not Task or (TRACED and is_tracer(sys._getframe(1))):
        if blocking and timeout == -1:
            if _acquire(self, False):
                return True
            _refuse_to_hang(self)
        return bool(_acquire(self, blocking, timeout))
    execution = task.execution
    if self is task.new_lock and task.made_at == execution.steps and _acquire(self, False):  # nobody else knows it yet
        execution.holders[self] = task
        return True
    if (timeout != -1 or not blocking) and _never_waits(_acquire, self, blocking, timeout):
        task.operation("try-acquire", self)
        if not _acquire(self, False):
            task.failed_try = True
            return False
    else:
        task.kind = "acquire"
        task.object = self
        deadline = None if timeout == -1 else execution.clock.now + timeout
        while True:
            task.deadline = deadline
            if _locked(self):
                task.waiter = self if execution.holders.get(self) is task else task.waiter
                execution.block(task)
            task.pause()
            if deadline is not None and task.gave_up():
                return False
            if _acquire(self, False):
                break  # else another OS thread was quicker
    execution.holders[self] = task
    if len(execution.ready) > 1:
        execution.taken(self, task)
    return not execution.disturbed or bool(task.done(True))


def lock_release(self: Any, *_: Any) -> None:
    """`Lock.release` and `Lock.__exit__`."""
    task = getcurrent()
    if task.__class__ is not Task or (TRACED and is_tracer(sys._getframe(1))):
        _release(self)
        return
    execution = task.execution
    if execution.unwinding:
        if execution.holders.get(self) is task and _locked(self):
            del execution.holders[self]
            _release(self)
        return
    task.kind = "release"
    task.object = self
    task.pause()
    _release(self)
    holder = execution.holders.pop(self, None)
    if holder is None:
        execution.released_for_others.append(self)
    elif holder is not task:
        holder.waiter = self
    execution.unblock(self)
    if execution.disturbed:
        task.done()


def lock_locked(self: Any) -> bool:
    """`Lock.locked`."""
    task = getcurrent()
    if task.__class__ is Task and not (TRACED and is_tracer(sys._getframe(1))):
        task.operation("locked", self)
    return bool(_locked(self))


def is_locked(lock: Any) -> bool:
    """Return the state of a plain lock; no operation of anybody."""
    return bool(_locked(lock))


def release_for_good(lock: Any) -> None:
    """Release a lock that a task still holds when its execution is over."""
    if type(lock) is LOCK:
        if _locked(lock):
            _release(lock)
    elif _r_owned(lock):
        _r_release(lock)


def take_back(lock: Any) -> None:
    """Let a lock be held again that was held when the execution began, and that a task released."""
    _acquire(lock, False)


# threading.RLock


def rlock_acquire(self: Any, blocking: bool = True, timeout: float = -1) -> bool:
    """`RLock.acquire` and `RLock.__enter__`."""
    task = _calling_task()
    if task is None:
        return bool(_r_acquire(self, blocking, timeout))
    execution = task.execution
    if execution.holders.get(self) is task:
        execution.depths[self] += 1
        return True
    if (timeout != -1 or not blocking) and _never_waits(_r_acquire, self, blocking, timeout):
        task.operation("try-acquire", self)
        if _rlock_held(self):
            task.failed_try = True
            return False
    else:
        task.kind = "acquire"
        task.object = self
        deadline = None if timeout == -1 else execution.clock.now + timeout
        while True:
            task.deadline = deadline
            if _rlock_held(self):
                execution.block(task)
            task.pause()
            if deadline is not None and task.gave_up():
                return False
            if not _rlock_held(self):
                break
    _r_acquire(self)
    execution.holders[self] = task
    execution.depths[self] = 1
    if len(execution.ready) > 1:
        execution.taken(self, task)
    return not execution.disturbed or bool(task.done(True))


def rlock_release(self: Any, *_: Any) -> None:
    """`RLock.release` and `RLock.__exit__`."""
    task = _calling_task()
    if task is None:
        _r_release(self)
        return
    execution = task.execution
    if execution.holders.get(self) is not task:
        if execution.unwinding:
            return
        raise RuntimeError("cannot release un-acquired lock")
    if execution.depths[self] > 1:
        execution.depths[self] -= 1
        return
    if not execution.unwinding:
        task.operation("release", self)
    del execution.holders[self], execution.depths[self]
    _r_release(self)
    execution.unblock(self)
    if execution.disturbed:
        task.done()


def rlock_is_owned(self: Any) -> bool:
    """`RLock._is_owned`, which `Condition` asks."""
    task = _calling_task()
    if task is None:
        return bool(_r_owned(self))
    return task.execution.holders.get(self) is task


def rlock_recursion_count(self: Any) -> int:
    """`RLock._recursion_count`."""
    task = _calling_task()
    if task is None:
        return int(_r_count(self))
    execution = task.execution
    return execution.depths[self] if execution.holders.get(self) is task else 0


def rlock_release_save(self: Any) -> Any:
    """`RLock._release_save`: let go of all holds at once, for `Condition.wait`."""
    task = _calling_task()
    if task is None:
        return _r_save(self)
    execution = task.execution
    if execution.holders.get(self) is not task:
        raise RuntimeError("cannot release un-acquired lock")
    depth = execution.depths[self]
    execution.depths[self] = 1
    rlock_release(self)
    return depth


def rlock_acquire_restore(self: Any, state: Any) -> None:
    """`RLock._acquire_restore`: take it, and hold it as often as before."""
    task = _calling_task()
    if task is None:
        _r_restore(self, state)
        return
    rlock_acquire(self)
    task.execution.depths[self] = state


def _rlock_held(lock: Any) -> bool:
    """Whether anybody holds it: a task or the driver (both as this OS thread), or another OS thread."""
    if _r_owned(lock):
        return True
    if not _r_acquire(lock, False):
        return True
    _r_release(lock)
    return False


HELD[RLOCK] = _rlock_held
HELD[Task] = lambda task: not task.ended


# Two ways to use a lock that are no operation


def condition_is_owned(original: Callable[..., bool], self: Any) -> bool:
    """`Condition._is_owned` over a plain lock, which tries to acquire it to find out."""
    if getcurrent().__class__ is Task and type(self._lock) is LOCK:
        return bool(_locked(self._lock))
    return bool(original(self))


def allocate_lock() -> Any:
    """`_thread.allocate_lock`: note the lock, which its maker may acquire before anybody else knows it."""
    lock = _allocate()
    task = getcurrent()
    if task.__class__ is Task:
        task.new_lock = lock
        task.made_at = task.execution.steps
        if sys._getframe(1).f_code is WAIT:
            task.waiter = lock
    return lock


def _calling_task() -> Any:
    """Return the task whose code called the method that calls this; None if it is not a task's.

    A tracer runs on the stack of whoever it traces, and may take locks of its own: these are no operations.
    """
    task = getcurrent()
    if task.__class__ is not Task or (TRACED and is_tracer(sys._getframe(2))):
        return None
    return task


def _never_waits(acquire: Callable[..., bool], lock: Any, blocking: bool, timeout: float) -> bool:
    """Whether acquire(blocking, timeout) only tries. Lets the original raise if that is no valid call."""
    if not blocking:
        if timeout != -1:
            acquire(lock, blocking, timeout)
        return True
    if not 0 <= timeout <= threading.TIMEOUT_MAX:
        acquire(lock, blocking, timeout)
    return timeout == 0


def _refuse_to_hang(lock: Any) -> None:
    """Raise if the driver is about to wait for a lock that a task holds: no task would ever run again."""
    redirection = Redirection.in_force
    execution = None if redirection is None else redirection.execution
    holder = None if execution is None else execution.holders.get(lock)
    if execution is not None and holder is not None and getcurrent() is execution.driver:
        raise UsageError(f"the driver would wait for ever for a lock that {holder.name} holds; step that task first")
