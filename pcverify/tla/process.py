"""Runs one child process: hands on its lines, keeps a deadline, and never leaves it behind.

The child gets a session of its own, so that Ctrl-C in a terminal reaches only Python, which then
ends the child and all that it started. One thread starts, reads, ends and reaps a child: no signal
is ever sent to a process that another thread may have reaped, whose number may be someone else's.

`Stop` lets another thread ask for the end. It is a pipe: every reader waits for its child's output
and for the pipe at once, so the end comes promptly and nothing polls.

What this cannot do: if Python itself is killed (SIGKILL, or SIGTERM without a handler), nothing here
runs any more. `run` therefore also tells TLC to stop by itself some time after its limit.
"""

import codecs
import contextlib
import os
import selectors
import signal
import subprocess
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType


class DeadlineReached(Exception):
    """The child did not end in time. It has been ended."""


class Stopped(Exception):
    """Another thread asked for the end. The child has been ended."""


class Stop:
    """Asks every child that was started with it to end, from any thread."""

    def __init__(self) -> None:
        """Open the pipe; `with` closes it."""
        self._read, self._write = os.pipe()
        self._requested = False
        self._close = weakref.finalize(self, _close, self._read, self._write)

    def request(self) -> None:
        """Ask for the end. Children started later end at once."""
        # The byte is never read: the pipe stays readable for every child, for ever.
        os.write(self._write, b"x")
        self._requested = True

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the end is asked for."""
        return self._read

    def __enter__(self) -> "Stop":
        """Return this."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the pipe; after a request only when nobody can wait for it any more.

        Ctrl-C may strike while a thread is being started, so that nobody knows of it: it must still hear of the end.
        """
        if not self._requested:
            self._close()


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def run_child(
    command: Sequence[str | Path],
    *,
    folder: Path,
    max_seconds: float,
    on_line: Callable[[str], None],
    stop: Stop | None = None,
) -> int:
    """Run a command to its end and return its exit code, negative for a signal.

    Args:
        command: the program and its arguments.
        folder: its working directory.
        max_seconds: wall time after which it is ended.
        on_line: gets each line of its output and errors, in this thread.
        stop: lets another thread ask for the end.

    Raises:
        DeadlineReached: it did not end within `max_seconds`.
        Stopped: the end was asked for.

    Whatever is raised, also by `on_line` or by Ctrl-C, the child is gone when this returns.
    """
    deadline = time.monotonic() + max_seconds
    child = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _read_lines(child, deadline, on_line, stop)
        try:
            return child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise DeadlineReached from None
    finally:
        _end(child)


def _read_lines(
    child: "subprocess.Popen[bytes]", deadline: float, on_line: Callable[[str], None], stop: Stop | None
) -> None:
    assert child.stdout is not None  # it was opened as a pipe
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    unfinished = ""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        if stop is not None:
            selector.register(stop, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            ready = {key.fileobj for key, _ in selector.select(max(0.0, left))}
            if stop is not None and stop in ready:
                raise Stopped
            # The limit holds also for a child that never falls silent.
            if left <= 0:
                raise DeadlineReached
            if child.stdout not in ready:
                continue
            block = os.read(child.stdout.fileno(), 1 << 16)
            *lines, unfinished = (unfinished + decode(block, final=not block)).split("\n")
            for line in lines:
                on_line(line)
            if not block:
                if unfinished:
                    on_line(unfinished)
                return


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the child's whole session if it still runs, and reap it."""
    # Only this thread reaps the child, so while `returncode` is None its number is still its own.
    if child.returncode is None:
        # On macOS a group of which only an unreaped child is left answers with a PermissionError.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert child.stdout is not None
    child.stdout.close()
