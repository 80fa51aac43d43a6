"""Pools of threads: the exit of `concurrent.futures`, and what `multiprocessing.pool.ThreadPool` waits on.

Both are ordinary code over locks, queues and threads, and run as they are, except in three places.

- When the program's function has returned, the main task does what the interpreter does before it waits for threads:
  it tells the workers of every `ThreadPoolExecutor` to end. The module knows those of the whole process; a task sees
  only those of its own execution, and what the module notes about the end of the process is taken back.
- The handler of a `ThreadPool` waits on a pipe; a task waits for the queue behind that pipe.
- A pool that is kept from one execution to the next has lost its threads, and would never do anything.
"""

from __future__ import annotations

import functools
import sys
import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.locks import HELD
from pcverify.explore.control.simple_queues import FINALISERS
from pcverify.explore.control.threads import refuse_if_left_behind
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.everything import Control
    from pcverify.explore.control.redirect import Redirection
    from pcverify.explore.control.surroundings import Surroundings

FUTURES = "concurrent.futures.thread"


# concurrent.futures


def redirect_futures(redirection: Control, module: Any) -> None:
    """Let `_threads_queues` of `concurrent.futures.thread` be one of its own for each execution."""
    redirection.name(module, "_threads_queues", Workers(module._threads_queues))
    redirection.name(module.ThreadPoolExecutor, "submit", _checked(vars(module.ThreadPoolExecutor)["submit"]))
    real = module.ThreadPoolExecutor._counter

    def next_pool_number() -> int:
        task = getcurrent()
        if task.__class__ is not Task:
            return real()  # type: ignore[no-any-return]
        task.execution.surroundings.pools_named += 1
        return task.execution.surroundings.pools_named - 1

    redirection.name(module.ThreadPoolExecutor, "_counter", staticmethod(next_pool_number))


class Workers:
    """Which worker has which queue: those of the execution in a task, the process's own elsewhere."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __setitem__(self, thread: Any, queue: Any) -> None:
        """Note a worker."""
        task = getcurrent()
        if task.__class__ is not Task:
            self._real[thread] = queue
            return
        surroundings = task.execution.surroundings
        if surroundings.workers is None:
            surroundings.workers = weakref.WeakKeyDictionary()
        surroundings.workers[thread] = queue

    def __getattr__(self, name: str) -> Any:
        """Return what the one that is meant has."""
        task = getcurrent()
        return getattr(self._real if task.__class__ is not Task else task.execution.surroundings.workers or {}, name)

    def __len__(self) -> int:
        """As the one that is meant."""
        return self.__getattr__("__len__")()  # type: ignore[no-any-return]

    def __iter__(self) -> Any:
        """As the one that is meant."""
        return self.__getattr__("__iter__")()

    def __getitem__(self, thread: Any) -> Any:
        """As the one that is meant."""
        return self.__getattr__("__getitem__")(thread)


def end_workers(surroundings: Surroundings) -> None:
    """Do what `concurrent.futures` does when the interpreter ends, in the main task, for the workers there are."""
    module: Any = sys.modules.get(FUTURES)
    if surroundings.workers is None or module is None:
        return
    surroundings.after += (partial(setattr, module, "_shutdown", module._shutdown),)
    module._python_exit()


def _checked(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def submit(self: Any, /, *arguments: Any, **keywords: Any) -> Any:
        task = getcurrent()
        if task.__class__ is Task:
            for thread in self._threads:
                refuse_if_left_behind(task, thread, ended=True)
        return original(self, *arguments, **keywords)

    return submit


def redirect_base(redirection: Control, module: Any) -> None:
    """Let futures that tasks make be in the order in which they were made: as they are, it is that of addresses."""
    redirection.python_method(module.Future, "__init__", _number)
    redirection.on_end(lambda: delattr(module.Future, "__hash__"))
    module.Future.__hash__ = _hash
    redirection.python_method(module._AcquireFutures, "__init__", _sort)


def _number(original: Callable[..., None], self: Any) -> None:
    original(self)
    task = getcurrent()
    if task.__class__ is Task:
        task.execution.surroundings.futures_made = self._number = task.execution.surroundings.futures_made + 1


def _hash(future: Any) -> int:
    number = vars(future).get("_number")
    return object.__hash__(future) if number is None else number


def _sort(original: Callable[..., None], self: Any, futures: Any) -> None:
    if getcurrent().__class__ is Task:
        self.futures = sorted(futures, key=hash)
    else:
        original(self, futures)


# multiprocessing.pool


def redirect_pool(redirection: Redirection, module: Any) -> None:
    """Let tasks wait for a pool's changes where OS threads wait for its pipe."""
    real = vars(module.Pool)["_wait_for_updates"]

    def wait_for_updates(sentinels: Any, change_notifier: Any, timeout: float | None = None) -> None:
        task = getcurrent()
        if task.__class__ is not Task:
            real.__func__(sentinels, change_notifier, timeout)
            return
        execution = task.execution
        task.kind = "get"
        task.object = change_notifier
        task.deadline = None if timeout is None else execution.clock.now + timeout
        if change_notifier.empty():
            execution.block(task)
        task.pause()
        task.gave_up()
        while not change_notifier.empty():
            change_notifier.get()

    redirection.name(module.Pool, "_wait_for_updates", staticmethod(wait_for_updates))
    redirection.python_method(module.Pool, "_check_running", _check_running)


def redirect_pipes(redirection: Redirection, module: Any) -> None:
    """Let a task that waits for a pool's changes know of them."""
    HELD[module.SimpleQueue] = lambda queue: bool(queue.empty())
    redirection.python_method(module.SimpleQueue, "put", _put_change)


def _put_change(original: Callable[..., None], self: Any, item: Any) -> None:
    """`multiprocessing.queues.SimpleQueue.put`, which a pool calls, also when it is collected: no operation then."""
    task = getcurrent()
    if task.__class__ is not Task:
        original(self, item)
        return
    if sys._getframe(2).f_code.co_name not in FINALISERS:
        task.operation("put", self)
    original(self, item)
    task.execution.unblock(self)


def _check_running(original: Callable[..., None], self: Any) -> None:
    task = getcurrent()
    if task.__class__ is Task:
        refuse_if_left_behind(task, self._worker_handler, ended=True)
    original(self)
