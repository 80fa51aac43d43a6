"""Puts a process under control: everything that tasks see differently, in one place.

It costs some milliseconds, so whoever runs many executions does it once for all of them. In between nobody is a task,
and everybody sees the originals.
"""

from __future__ import annotations

from pcverify.explore import threads
from pcverify.explore.clock import redirect_clocks
from pcverify.explore.primitives import redirect_locks
from pcverify.explore.redirect import Redirection
from pcverify.explore.simple_queues import redirect_simple_queues
from pcverify.explore.switching import require_greenlet


def redirect_everything() -> Redirection:
    """Put this process under control. `end()` of what is returned undoes it.

    Raises:
        MissingGreenlet: greenlet is not installed.
        UnknownBuild: this Python is not one that can be put under control.
        AlreadyRunning: it is under control already.
    """
    require_greenlet()
    redirection = Redirection()
    redirection.begin()
    try:
        redirect_clocks(redirection)
        threads.redirect_threads(redirection)
        redirection.bound_methods(redirect_locks(redirection) | redirect_simple_queues(redirection))
    except BaseException:
        redirection.end()
        raise
    return redirection
