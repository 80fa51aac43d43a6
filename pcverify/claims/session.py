"""Runs a program in a session of its own, and leaves nothing behind of what it started.

For pytest, whose workers start TLC, each in a further session (see `pcverify.tla.process`). Who is interrupted, by
Ctrl-C or SIGTERM, hands that on to the whole session, as a terminal would: so workers end what they have started. After
some seconds what is left of the session is killed, and on Linux, where one can read with which environment a process
was started, also each process that carries the mark of this run, whatever its session and its parent.

What this cannot do: anything, if it is killed itself; elsewhere than on Linux, find what a worker that did not end in
time has put into another session. TLC then ends by itself some time after its limit.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_GRACE = 5.0  # seconds in which the program may end by itself, after it was interrupted
_MAX_DYING = 5.0  # seconds in which what was killed must be gone


def run_in_session(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> int:
    """Run a command to its end and return its exit code, negative for a signal.

    Args:
        command: the program and its arguments.
        folder: its working directory.
        environment: all of it.

    Whatever is raised, such as by Ctrl-C, nothing of it goes on when this returns.
    """
    mark = f"PCVERIFY_RUN_{uuid.uuid4().hex}"  # a name of its own for each run: one may be started by a test of another
    child = subprocess.Popen(command, cwd=folder, env={**environment, mark: "1"}, start_new_session=True)
    try:
        return child.wait()
    except BaseException:
        _interrupt(child)
        raise
    finally:
        _kill_marked(f"{mark}=1".encode())


def _interrupt(child: subprocess.Popen[bytes]) -> None:
    """Interrupt the session, and kill what is left of it after a while; at once, if this is interrupted in turn."""
    try:
        _signal_session(child, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(MAX_GRACE)
    finally:
        # The child may have been reaped, but no process gets its number while there is one in its session.
        _signal_session(child, signal.SIGKILL)
        child.wait()


def _signal_session(child: subprocess.Popen[bytes], number: int) -> None:
    # On macOS a group of which only an unreaped child is left answers with a PermissionError.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _kill_marked(mark: bytes) -> None:
    """Kill each process that was started with this in its environment, until there is none: they may start others."""
    deadline = time.monotonic() + _MAX_DYING
    while (left := _marked(mark)) and time.monotonic() < deadline:
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.02)


def _marked(mark: bytes) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it has ended, or is somebody else's
            if mark in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found
