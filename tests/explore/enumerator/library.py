"""The modules `threading`, `queue` and `time` that a program gets.

`threading.py` and `queue.py` are the standard library's files, executed in namespaces of their own, where `_thread`,
`_queue`, `time` and `os` are replaced. What `Thread` does with locks to start and end is one operation each by
definition, so its methods are replaced too; `Timer` inherits from it.
"""

from __future__ import annotations

import _thread
import builtins
import contextlib
import queue
import threading
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from tests.explore.enumerator.primitives import TIMEOUT_MAX, Control, Lock, RLock, SimpleQueue

if TYPE_CHECKING:
    from collections.abc import Callable


class Library:
    """The modules, and what controls their primitives."""

    def __init__(self) -> None:
        self.control = Control()
        self.time = _time(self.control)
        _thread_module = _low_level(self.control)
        # Executing threading.py must not leave a hook for forks behind: so it gets an `os` that has no such thing.
        replaced = {"_thread": _thread_module, "time": self.time, "os": SimpleNamespace()}
        self.threading = execute_again(threading, replaced)
        _replace_threads(self.threading, self.control)
        empty = type("Empty", (Exception,), {})
        _queue = SimpleNamespace(SimpleQueue=lambda: SimpleQueue(self.control, empty), Empty=empty)
        self.queue = execute_again(queue, {"threading": self.threading, "time": self.time, "_queue": _queue})

    def begin(self) -> None:
        """Forget the threads of the execution before."""
        self.threading._active.clear()
        self.threading._dangling.clear()

    def call(self, program: Callable[[Any, Any, Any], Any]) -> Any:
        """Run a program, in the thread that shall be its main thread."""
        self.threading._active[_thread.get_ident()] = self.threading._main_thread
        return program(self.threading, self.queue, self.time)


def execute_again(module: ModuleType, replaced: dict[str, Any]) -> Any:
    """Execute the source of a module in a namespace of its own, where it imports `replaced` instead."""

    def import_instead(name: str, *rest: Any, **named: Any) -> Any:
        return replaced[name] if name in replaced else builtins.__import__(name, *rest, **named)

    assert module.__file__ is not None
    fresh = ModuleType(module.__name__)
    fresh.__dict__["__builtins__"] = {**vars(builtins), "__import__": import_instead}
    exec(compile(Path(module.__file__).read_bytes(), module.__file__, "exec"), fresh.__dict__)
    return fresh


def _low_level(control: Control) -> ModuleType:
    """`_thread`, with locks under control; threads are never started by it."""

    class NewLock(Lock):
        def __init__(self) -> None:
            super().__init__(control)

    module = ModuleType("_thread")
    module.__dict__.update(vars(_thread))
    module.__dict__.update(
        allocate_lock=NewLock,
        lock=NewLock,
        LockType=NewLock,
        RLock=lambda: RLock(control),
        TIMEOUT_MAX=TIMEOUT_MAX,
        _set_sentinel=NewLock,
        start_new_thread=None,
        start_joinable_thread=None,
    )
    return module


def _time(control: Control) -> ModuleType:
    """`time`: a clock that only deadlines move, and a sleep that is one."""

    def sleep(seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        control.attempt(_never, seconds > 0, seconds or -1)

    module = ModuleType("time")
    module.__dict__.update(vars(time))
    module.__dict__.update(sleep=sleep, monotonic=lambda: control.now, perf_counter=lambda: control.now)
    module.__dict__.update(time=lambda: control.now)
    return module


def _replace_threads(module: Any, control: Control) -> None:
    """Make a thread's start, end, join and `is_alive` one operation each, and no other."""

    def waiter() -> Lock:
        # Whoever calls `_allocate_lock` from here on is Condition.wait: its first acquire is no operation.
        return Lock(control, first_is_free=True)

    def started(thread: Any) -> Any:
        return thread.__dict__.get("_task")

    def start(self: Any) -> None:
        if started(self):
            raise RuntimeError("threads can only be started once")
        control.operation(_always)

        def body() -> None:
            ident = self._ident = _thread.get_ident()
            module._active[ident] = self
            with contextlib.suppress(SystemExit):
                self.run()

        assert control.run is not None
        self._task = control.run.add(body)
        self._started._flag = True

    def join(self: Any, timeout: float | None = None) -> None:
        task = started(self)
        if task is None:
            raise RuntimeError("cannot join thread before it is started")
        if task is control.me:
            raise RuntimeError("cannot join current thread")
        control.attempt(lambda: task.ended, True, -1 if timeout is None else max(timeout, 0))

    def is_alive(self: Any) -> bool:
        control.operation(_always)
        task = started(self)
        return task is not None and not task.ended

    def active_count() -> int:
        control.operation(_always)
        assert control.run is not None
        return sum(not task.ended for task in control.run.tasks)

    module._allocate_lock = waiter
    module.active_count = module.activeCount = active_count
    for method in (start, join, is_alive):
        setattr(module.Thread, method.__name__, method)


def _always() -> bool:
    return True


def _never() -> bool:
    return False
