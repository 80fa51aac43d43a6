"""What ends an exploration from outside: Ctrl-C, a signal's handler, the end of a test's time.

Such an exception happens to come while a task of the program runs, and is not the program's failure. It is known by
its type, which a program does not raise for itself, or by having come through one of the handlers that stand before
all others during a run (see `signals`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.explore import signals

if TYPE_CHECKING:
    from types import TracebackType


def is_interruption(error: BaseException) -> bool:
    """Whether `error` came from outside the program."""
    return not isinstance(error, (Exception, SystemExit)) or came_by_signal(error)


def came_by_signal(error: BaseException) -> bool:
    """Whether the handler of a signal raised it."""
    at: TracebackType | None = error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == signals.__file__:
            return True
        at = at.tb_next
    return False


def describe_interruption(error: BaseException, executions: int) -> str:
    """Say it as a reason."""
    said = str(error).partition("\n")[0]
    return f"{type(error).__name__}{f' ({said})' if said else ''} after {executions:,} executions"
