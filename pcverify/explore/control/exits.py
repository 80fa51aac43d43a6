"""What the interpreter calls when the main thread has ended, before it waits for the other ones.

Libraries register it by `threading._register_atexit`. What a task registers is called in the main task when the
program's function has returned, last first, and forgotten with the execution. What a module registers while it is
imported belongs to the process, and is called when that ends; but the workers of `concurrent.futures` are told to
end in each execution that has any.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.pools import end_workers
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.surroundings import Surroundings


def register_at_exit(original: Callable[..., None], function: Callable[..., Any], *arguments: Any, **more: Any) -> None:
    """`threading._register_atexit`."""
    task = getcurrent()
    if task.__class__ is not Task or sys._getframe(2).f_code.co_name == "<module>":
        original(function, *arguments, **more)
        return
    surroundings = task.execution.surroundings
    if surroundings.exiting:
        raise RuntimeError("can't register atexit after shutdown")
    surroundings.exit_calls += (partial(function, *arguments, **more),)


def run_exit_calls(surroundings: Surroundings) -> None:
    """Call what is registered, in the main task."""
    surroundings.exiting = True
    for call in reversed(surroundings.exit_calls):
        call()
    end_workers(surroundings)
