"""Threads as tasks see them: start, join, is_alive and identity; and what is refused.

`Thread.start` in a task makes a task instead of an OS thread. Everything else of `Thread` is the real one: its name,
its `run`, subclasses. Start, join, `is_alive` and the end of a thread are one operation each. An exception that a
thread does not catch is a failure of the program; it reaches `threading.excepthook` only if the program has put its
own there.
"""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
import types
from functools import partial
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.control.locks import is_locked
from pcverify.explore.control.redirect import Redirection
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

_counter: Any = threading._counter  # type: ignore[attr-defined]
_limbo_lock: Any = threading._active_limbo_lock  # type: ignore[attr-defined]
_dangling: Any = threading._dangling  # type: ignore[attr-defined]
_active: dict[int, threading.Thread] = threading._active  # type: ignore[attr-defined]
ENDED: Any = None  # from 3.13 on: the handle of a thread that has ended
if sys.version_info >= (3, 13):
    ENDED = threading._make_thread_handle(1)  # type: ignore[attr-defined]
    ENDED._set_done()


def redirect_threads(redirection: Redirection) -> None:
    """Let threads that a task starts be tasks."""
    for name, replacement in METHODS.items():
        redirection.python_method(threading.Thread, name, redirection.in_tasks(replacement))
    redirection.name(threading, "_counter", next_thread_number)
    redirection.name(threading, "_active_limbo_lock", LimboLock())
    redirection.name(threading, "_dangling", Dangling())
    redirection.function(_thread.get_ident, _identity)
    redirection.function(_thread.get_native_id, _identity)
    redirection.function(_thread._count, _count)
    redirection.function(_thread.start_new_thread, start_new_thread)
    if _thread.start_new is not _thread.start_new_thread:
        redirection.function(_thread.start_new, start_new_thread)
    if sys.version_info >= (3, 13):
        redirection.function(
            _thread.start_joinable_thread, _refusing("starts a thread by _thread.start_joinable_thread")
        )


def thread_init(
    original: Callable[..., None],
    self: Any,
    group: None = None,
    target: Any = None,
    name: Any = None,
    args: Any = (),
    kwargs: Any = None,
    *,
    daemon: bool | None = None,
) -> None:
    """`Thread.__init__`, without what only an OS thread needs: that is most of its time."""
    task = getcurrent()
    if task.__class__ is not Task or group is not None:
        original(self, group, target, name, args, kwargs, daemon=daemon)
        return
    if not name:
        name = f"Thread-{threading._counter()}"  # type: ignore[attr-defined]
        if hasattr(target, "__name__"):
            name += f" ({target.__name__})"
    self._target = target
    self._name = str(name)
    self._args = args
    self._kwargs = {} if kwargs is None else kwargs
    self._daemonic = task.thread._daemonic if daemon is None else daemon  # type: ignore[attr-defined]
    self._ident = self._native_id = self._tstate_lock = self._invoke_excepthook = None
    self._started = Started()
    self._stderr = sys.stderr
    if ENDED is None:
        self._is_stopped = False
    else:
        self._handle = threading._ThreadHandle()  # type: ignore[attr-defined]
    self._initialized = True


def look_ended(thread: Any) -> None:
    """Let a thread look as if it had ended, also to those who look into it, and after the run."""
    if ENDED is None:
        thread._is_stopped = True
    else:
        thread._handle = ENDED


class Started:
    """What is needed of the event that says whether a thread was started, without a lock."""

    __slots__ = ("_flag", "left_behind")

    def __init__(self) -> None:
        self._flag = False
        self.left_behind = False  # whether its execution was over before the thread had ended

    def is_set(self) -> bool:
        """Whether it was."""
        return self._flag

    def set(self) -> None:
        """It was."""
        self._flag = True

    def clear(self) -> None:
        """It was not."""
        self._flag = False


def thread_start(original: Callable[..., None], self: Any) -> None:
    """`Thread.start`."""
    task = getcurrent()
    if task.__class__ is not Task:
        if self._initialized and type(self._started) is Started:
            threading.Thread.__init__(
                self, None, self._target, self._name, self._args, self._kwargs, daemon=self.daemon
            )
        original(self)
        return
    if not self._initialized:
        raise RuntimeError("thread.__init__() not called")
    if self._started.is_set():
        raise RuntimeError("threads can only be started once")
    task.operation("start-thread", self)
    if isinstance(start := vars(threading)[STARTING], types.FunctionType):
        start()  # the program has put its own there, to see what happens when it fails
    self._started._flag = True
    task.execution.add_task(self._name, types.MethodType(run_thread, self), self)


def run_thread(thread: Any) -> None:
    """Call the thread's `run` as the interpreter does, the hooks included."""
    try:
        thread.run()
    except SystemExit:
        pass
    except Exception as error:
        task = getcurrent()
        task.execution.failed(task, error)
        if threading.excepthook is not task.execution.excepthook:
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, thread)))


class RawThread:
    """Stands for a `threading.Thread` where there is none: a thread that was started by `_thread` alone."""

    daemon = _daemonic = True  # the interpreter does not wait for it

    def __init__(self, name: str) -> None:
        self.name = name


def start_new_thread(original: Callable[..., int], function: Any, args: Any = (), kwargs: Any = None) -> int:
    """`_thread.start_new_thread`."""
    task = getcurrent()
    if task.__class__ is not Task or not callable(function):
        return original(function, args, *(() if kwargs is None else (kwargs,)))
    execution = task.execution
    thread: Any = RawThread(f"raw-{len(execution.tasks)}")
    task.operation("start-thread", None)
    execution.enter(thread.name, partial(run_raw, function, args, kwargs or {}), thread)
    return execution.tasks[-1].ident


def run_raw(function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Call the function of a raw thread as the interpreter does."""
    with contextlib.suppress(SystemExit):
        function(*args, **kwargs)


def thread_join(original: Callable[..., None], self: Any, timeout: float | None = None) -> None:
    """`Thread.join`."""
    task = getcurrent()
    if task.__class__ is not Task:
        target = _task_of(self)
        if target is None or task is not target.execution.driver:
            original(self, timeout)
        elif not target.ended:
            raise UsageError(f"the driver would wait for ever for {target.name}; step that task instead")
        return
    if not self._initialized:
        raise RuntimeError("Thread.__init__() not called")
    if not self._started.is_set():
        raise RuntimeError("cannot join thread before it is started")
    target = task.execution.tasks_by_thread.get(self)
    if target is task:
        raise RuntimeError("cannot join current thread")
    if target is None:
        refuse_if_left_behind(task, self)
        if _runs_outside(self):
            task.execution.refuse(task, f"joins {self.name}, a thread that runs outside")
    else:
        _join_task(task, target, timeout)


def refuse_if_left_behind(task: Task, thread: Any, *, ended: bool = False) -> None:
    """End the execution if a thread is one of an earlier execution that had not ended there; or was any, if `ended`."""
    started = thread._started
    if type(started) is Started and thread not in task.execution.tasks_by_thread and (started.left_behind or ended):
        what = f"uses {thread.name}, which was started in an earlier execution"
        task.execution.refuse(task, f"{what}: the program keeps threads between executions")


def _join_task(task: Task, target: Task, timeout: float | None) -> None:
    if timeout is not None and timeout <= 0:
        task.operation("join-now", target)
        task.failed_try = not target.ended
        return
    task.kind = "join"
    task.object = target
    if timeout is not None:
        task.deadline = task.execution.clock.now + timeout
    if not target.ended:
        task.execution.block(task)
    task.pause()
    if timeout is not None:
        task.gave_up()


def thread_is_alive(original: Callable[..., bool], self: Any) -> bool:
    """`Thread.is_alive`."""
    task = getcurrent()
    target = _task_of(self)
    if target is None or (task.__class__ is not Task and task is not target.execution.driver):
        if task.__class__ is not Task:
            return original(self)
        refuse_if_left_behind(task, self)
        return _runs_outside(self)
    if task.__class__ is Task:
        task.operation("is_alive", self)
    return not target.ended


def enter_active(thread: Any, ident: int) -> None:
    """Register a thread under the identity of its task."""
    thread._ident = thread._native_id = ident
    _active[ident] = thread


def leave_active(task: Task) -> None:
    """Note that a thread has ended: undo `enter_active`, and what `current_thread` has entered for a raw thread."""
    thread: Any = task.thread
    if thread.__class__ is not RawThread:
        look_ended(thread)
        if task.execution.unwinding and type(thread._started) is Started:
            thread._started.left_behind = True
    elif KEEPS_DUMMIES and not task.execution.unwinding:
        return
    _active.pop(task.ident, None)


def forget_raw(task: Task) -> None:
    """Drop what the standard library keeps for a raw thread that has ended: Python up to 3.12 never does."""
    thread: Any = task.thread
    if thread.__class__ is RawThread:
        _active.pop(task.ident, None)


def next_thread_number() -> Any:
    """`threading._counter`: number the threads of an execution from 1, so that they are called the same each time."""
    task = getcurrent()
    if task.__class__ is not Task:
        return _counter()
    execution = task.execution
    execution.threads_named += 1
    return execution.threads_named


class LimboLock:
    """`threading._active_limbo_lock`, which `active_count` and `enumerate` hold for a moment: one operation."""

    def __enter__(self) -> Any:
        """In a task the operation, else the real one."""
        task = getcurrent()
        if task.__class__ is Task:
            finaliser = sys._getframe(1).f_code.co_name == "__del__"  # no operation belongs there
            return None if finaliser else task.operation("threads", None)
        return _limbo_lock.__enter__()

    def __exit__(self, *error: object) -> None:
        """In a task nothing, else the real one."""
        if getcurrent().__class__ is not Task:
            _limbo_lock.__exit__(*error)

    def acquire(self, *arguments: Any) -> Any:
        """As the real one; tasks do not call it."""
        return _limbo_lock.acquire(*arguments)

    def release(self) -> None:
        """As the real one; tasks do not call it."""
        _limbo_lock.release()


def _runs_outside(thread: Any) -> bool:
    """Whether an OS thread runs; what `is_alive` says, without the lock that it tries up to Python 3.12."""
    if not thread._started.is_set():
        return False
    if sys.version_info >= (3, 13):
        return not thread._handle.is_done()
    return not thread._is_stopped and thread._tstate_lock is not None and is_locked(thread._tstate_lock)


class Dangling:
    """`threading._dangling`, a weak set of all threads, for debugging: without those that tasks make.

    A signal whose handler raises in the callback of a weak reference is lost, and each thread of each execution would
    bring one: Ctrl-C would often do nothing.
    """

    def add(self, thread: threading.Thread) -> None:
        """Add it, unless a task makes it."""
        if getcurrent().__class__ is not Task:
            _dangling.add(thread)

    def __len__(self) -> int:
        """As the real one."""
        return len(_dangling)

    def __iter__(self) -> Any:
        """As the real one."""
        return iter(_dangling)

    def __eq__(self, other: object) -> bool:
        """As the real one."""
        return bool(_dangling == (_dangling if other is self else other))

    __hash__ = None  # type: ignore[assignment]  # as the real one

    def __getattr__(self, name: str) -> Any:
        """Return what the real one has."""
        return getattr(_dangling, name)


def _task_of(thread: threading.Thread) -> Task | None:
    redirection = Redirection.in_force
    if redirection is None or redirection.execution is None:
        return None
    return redirection.execution.tasks_by_thread.get(thread)  # type: ignore[no-any-return]


def _identity(original: Callable[[], int]) -> int:
    task = getcurrent()
    return task.ident if task.__class__ is Task else original()


def _count(original: Callable[[], int]) -> int:
    """`_thread._count`: how many threads run beside the main one."""
    task = getcurrent()
    if task.__class__ is not Task:
        return original()
    return sum(other.begun and not other.ended for other in task.execution.tasks[1:])


def _refusing(what: str) -> Callable[..., Any]:
    def refuse(original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        task = getcurrent()
        if task.__class__ is Task:
            task.execution.refuse(task, what)
        return original(*arguments, **keywords)

    return refuse


KEEPS_DUMMIES = sys.version_info < (3, 13)
STARTING = "_start_joinable_thread" if sys.version_info >= (3, 13) else "_start_new_thread"
METHODS: dict[str, Callable[..., Any]] = {
    "__init__": thread_init,
    "start": thread_start,
    "join": thread_join,
    "is_alive": thread_is_alive,
}
