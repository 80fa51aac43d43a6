"""What a task cannot do under control: it is refused by name, before anything is done.

Processes, sockets, waiting for files and for signals, and the loop of asyncio: all of it waits for something that the
scheduler cannot see, and would stop every task. What returns at once is let through, as far as that can be known
beforehand: a `select` with a timeout of zero, `os.waitpid` with WNOHANG, `os.read` of what is there, a lock of
`multiprocessing` that is free. What is not here, such as C code that blocks by itself, is noticed by the watchdog.
"""

from __future__ import annotations

import builtins
import os
import select
import stat
import sys
import types
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.everything import Control
    from pcverify.explore.control.redirect import Redirection

CHILD = "waits for a process"
NO_WAIT = getattr(os, "WNOHANG", 0)
OF_OS = {
    "fork": "forks the process",
    "forkpty": "forks the process",
    "posix_spawn": "starts a process",
    "posix_spawnp": "starts a process",
    "system": "starts a process",
    "wait": CHILD,
    "waitpid": CHILD,
    "waitid": CHILD,
    "wait3": CHILD,
    "wait4": CHILD,
}
OF_SIGNAL = dict.fromkeys(("pause", "sigwait", "sigwaitinfo", "sigtimedwait"), "waits for a signal")
OF_SOCKETS = {
    "_accept": "waits for a connection",
    "connect": "connects a socket",
    "connect_ex": "connects a socket",
    **dict.fromkeys(("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into"), "reads a socket"),
    **dict.fromkeys(("send", "sendall", "sendto", "sendmsg"), "writes to a socket"),
}
_select: Any = select.select


def redirect_escapes(redirection: Redirection) -> None:
    """Refuse what is always loaded."""
    for module, names in ((os, OF_OS), (sys.modules["_signal"], OF_SIGNAL), (builtins, {"input": "waits for input"})):
        for name, what in names.items():
            function = getattr(module, name, None)
            if type(function) is types.BuiltinFunctionType:  # else somebody has put another one there
                redirection.function(function, _refusing(what, f" ({module.__name__.strip('_')}.{name})"))
    redirection.function(os.read, _read)
    redirection.function(select.select, _select_files)
    if hasattr(select, "epoll"):
        _refuse_poll(redirection, select.epoll, "epoll", 0)
    if hasattr(select, "poll"):
        _refuse_poll(redirection, type(select.poll()), "poll", 0)
    if hasattr(select, "kqueue"):
        _refuse_poll(redirection, select.kqueue, "kqueue", 2, method="control")


def redirect_processes(redirection: Redirection, module: Any) -> None:
    """Refuse what `subprocess` and `multiprocessing` start processes by."""
    redirection.function(module.fork_exec, _refusing("starts a process"))


def redirect_sockets(redirection: Redirection, module: Any) -> None:
    """Refuse to wait for a socket."""
    methods = dict(vars(module.socket))
    redirection.methods(
        module.socket, {name: _method(methods[name], what) for name, what in OF_SOCKETS.items() if name in methods}
    )


def redirect_asyncio(redirection: Control, module: Any) -> None:
    """Refuse to run an event loop."""
    redirection.python_method(module.BaseEventLoop, "run_forever", _refusing("runs an event loop of asyncio"))


def redirect_semaphores(redirection: Redirection, module: Any) -> None:
    """Refuse to wait for a lock that processes share."""
    methods = dict(vars(module.SemLock))

    def acquire(self: Any, block: bool = True, timeout: Any = None) -> Any:
        task = getcurrent()
        if task.__class__ is not Task or not block:
            return methods["acquire"](self, block, timeout)
        if not methods["acquire"](self, False):
            task.execution.refuse(task, "waits for a lock of multiprocessing")
        return True

    def enter(self: Any) -> Any:
        return acquire(self)

    redirection.methods(module.SemLock, {"acquire": acquire, "__enter__": enter})


def _refusing(what: str, where: str = "") -> Callable[..., Any]:
    def refuse(original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        task = getcurrent()
        if task.__class__ is Task and not (what == CHILD and _is_only_a_look(arguments)):
            task.execution.refuse(task, f"{what}{where}")
        return original(*arguments, **keywords)

    return refuse


def _is_only_a_look(arguments: tuple[Any, ...]) -> bool:
    """Whether the last argument says that a function that waits for a process returns at once."""
    return len(arguments) > 0 and isinstance(arguments[-1], int) and arguments[-1] > 0 and bool(arguments[-1] & NO_WAIT)


def _method(original: Any, what: str) -> Callable[..., Any]:
    def refuse(self: Any, *arguments: Any, **keywords: Any) -> Any:
        task = getcurrent()
        if task.__class__ is Task:
            task.execution.refuse(task, what)
        return original(self, *arguments, **keywords)

    return refuse


def _read(original: Callable[..., bytes], *arguments: Any) -> bytes:
    task = getcurrent()
    if task.__class__ is Task and arguments and isinstance(arguments[0], int) and _would_wait(arguments[0]):
        task.execution.refuse(task, "waits for what others write (os.read)")
    return original(*arguments)


def _would_wait(file: int) -> bool:
    try:
        mode = os.fstat(file).st_mode
        return not stat.S_ISREG(mode) and not _select([file], [], [], 0)[0]
    except (OSError, ValueError):
        return False


def _select_files(original: Callable[..., Any], *arguments: Any) -> Any:
    task = getcurrent()
    if task.__class__ is Task and (len(arguments) < 4 or arguments[3] != 0):
        task.execution.refuse(task, "waits for files (select.select)")
    return original(*arguments)


def _refuse_poll(redirection: Redirection, cls: type, name: str, place: int, method: str = "poll") -> None:
    """Refuse a method whose argument at `place` is a timeout, unless that is zero."""
    original = vars(cls)[method]

    def poll(self: Any, *arguments: Any, **keywords: Any) -> Any:
        task = getcurrent()
        timeout = arguments[place] if len(arguments) > place else keywords.get("timeout")
        if task.__class__ is Task and timeout != 0:
            task.execution.refuse(task, f"waits for files (select.{name})")
        return original(self, *arguments, **keywords)

    redirection.methods(cls, {method: poll})


LATE: dict[str, Callable[[Any, Any], None]] = {
    "_posixsubprocess": redirect_processes,
    "_socket": redirect_sockets,
    "_multiprocessing": redirect_semaphores,
    "asyncio.base_events": redirect_asyncio,
}
