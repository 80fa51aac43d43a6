"""Puts a process under control: everything that tasks see differently, in one place.

It costs some milliseconds, so whoever runs many executions does it once for all of them. In between nobody is a task,
and everybody sees the originals.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from pcverify.explore.control import escapes, pools, threads
from pcverify.explore.control.clock import redirect_clocks
from pcverify.explore.control.crossing import Crossing
from pcverify.explore.control.dates import bound_class_methods, redirect_dates, redirect_datetime
from pcverify.explore.control.escapes import redirect_escapes
from pcverify.explore.control.exits import register_at_exit
from pcverify.explore.control.late import redirect_when_loaded
from pcverify.explore.control.locks import redirect_locks
from pcverify.explore.control.randomness import redirect_randomness
from pcverify.explore.control.redirect import Redirection
from pcverify.explore.control.simple_queues import redirect_simple_queues
from pcverify.explore.engine.switching import getcurrent, require_greenlet
from pcverify.explore.engine.task import Unwound

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.granularity import Instrumentation


class Control(Redirection):
    """The redirection of everything, and where `threading.local` is swapped under it."""

    crossing: Crossing | None = None

    def entry(self, table: dict[str, Any], name: str, value: Any) -> None:
        """Add an entry to a dict that has none of that name."""
        self.on_end(lambda: table.pop(name, None))
        table[name] = value

    def on_end(self, undo: Callable[[], Any]) -> None:
        """Call this at the end, before what was redirected until now is undone."""
        self._undo.append(undo)


def redirect_everything(instrumentation: Instrumentation | None = None) -> Control:
    """Put this process under control. `end()` of what is returned undoes it.

    Args:
        instrumentation: what will look into the code of tasks, if anything does.

    Raises:
        MissingGreenlet: greenlet is not installed.
        UnknownBuild: this Python is not one that can be put under control.
        AlreadyRunning: it is under control already.
    """
    require_greenlet()
    redirection = Control()
    if instrumentation is not None:
        redirection.in_tasks = instrumentation.unseen_in_tasks
    redirection.begin()
    try:
        crossing_here(redirection, getcurrent())
        redirect_clocks(redirection)
        redirect_dates(redirection)
        threads.redirect_threads(redirection)
        redirection.python_method(MODULE, "_register_atexit", register_at_exit)
        redirect_randomness(redirection)
        redirect_escapes(redirection)
        redirect_when_loaded(redirection, LATE)
        redirect_unraisable(redirection)
        methods = redirect_locks(redirection) | redirect_simple_queues(redirection)
        redirection.bound_methods(methods | bound_class_methods())
    except BaseException:
        redirection.end()
        raise
    return redirection


def crossing_here(redirection: Redirection, driver: Any) -> Crossing:
    """Return where `threading.local` is swapped in the OS thread of this greenlet, which calls this.

    Raises:
        UnknownBuild: it cannot be found on this Python.
    """
    assert isinstance(redirection, Control)
    crossing = redirection.crossing
    if crossing is None or crossing.driver is not driver:
        crossing = redirection.crossing = Crossing()
    return crossing


def redirect_unraisable(redirection: Redirection) -> None:
    """Say nothing where a finaliser is ended because its execution is over."""
    real = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if not issubclass(unraisable.exc_type, Unwound):
            real(unraisable)

    redirection.name(sys, "unraisablehook", hook)


MODULE: Any = threading  # functions of a module are redirected as methods of a class are
LATE: dict[str, Callable[[Any, Any], None]] = {
    "_datetime": redirect_datetime,
    "concurrent.futures._base": pools.redirect_base,
    pools.FUTURES: pools.redirect_futures,
    "multiprocessing.pool": pools.redirect_pool,
    "multiprocessing.queues": pools.redirect_pipes,
    **escapes.LATE,
}
