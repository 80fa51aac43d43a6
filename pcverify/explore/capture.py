"""Keeps what the program prints and logs off the terminal, ten thousand times over, and shows it once.

For the time of an exploration `sys.stdout` and `sys.stderr` are valves: what a task writes is dropped, or kept while
a counterexample is replayed; what anybody else in the process writes goes through. The same holds for the logging
handlers that exist when the exploration begins; their locks are not taken either, so a schedule does not depend on
which ones there are. Handlers and streams that the program makes for itself are its own
business, and work. So nothing is done per execution.

Not held back: what is written to a file descriptor, by C code or by another process; and streams that were bound
before the exploration, by `from sys import stdout` or as a default argument. pytest's `capsys` and `caplog` see
nothing of a program under exploration.
"""

from __future__ import annotations

import io
import logging
import sys
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from types import TracebackType

STREAMS = ("stdout", "stderr")
MOST = 20_000
"""Characters of output that a counterexample carries; the last ones, which stand nearest to the failure."""


class Capture:
    """`with Capture() as capture:` around an exploration; `capture.start()` before an execution that is to be kept."""

    def __init__(self) -> None:
        self._kept: io.StringIO | None = None
        self._streams: dict[str, Any] = {}
        self._handlers: list[logging.Handler] = []
        self._formatter = logging.Formatter("%(levelname)s %(name)s: %(message)s")

    def __enter__(self) -> Capture:
        """Put valves before the streams and the handlers."""
        try:
            for name in STREAMS:
                stream = getattr(sys, name)
                if stream is not None:
                    self._streams[name] = stream
                    setattr(sys, name, Valve(stream, self))
            for reference in list(logging._handlerList):  # type: ignore[attr-defined]
                handler = reference()
                if handler is not None and "handle" not in vars(handler):
                    self._handlers.append(handler)
                    vars(handler)["handle"] = self._handling(handler.handle)
        except BaseException:
            self._restore()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take them away again."""
        self._restore()

    def start(self) -> None:
        """Keep what is written from now on."""
        self._kept = io.StringIO()

    def stop(self) -> str:
        """Keep nothing more; return what was kept."""
        text = "" if self._kept is None else self._kept.getvalue()
        self._kept = None
        return text if len(text) <= MOST else f"… {len(text) - MOST:,} characters before this\n{text[-MOST:]}"

    def write(self, text: str) -> None:
        """Take what a task writes."""
        if self._kept is not None:
            self._kept.write(text)

    def _handling(self, original: Any) -> Any:
        def handle(record: logging.LogRecord) -> Any:
            if getcurrent().__class__ is not Task:
                return original(record)
            if self._kept is not None and getattr(record, "_pcverify_kept", None) is not self._kept:
                record._pcverify_kept = self._kept  # several handlers get the same record
                self.write(self._told(record))
            return True

        return handle

    def _told(self, record: logging.LogRecord) -> str:
        try:
            return self._formatter.format(record) + "\n"
        except Exception:  # as logging does: a message that does not fit its arguments is no failure
            return f"{record.levelname} {record.name}: {record.msg!r} with {record.args!r}\n"

    def _restore(self) -> None:
        while self._handlers:
            vars(self._handlers.pop()).pop("handle", None)
        for name in list(self._streams):
            setattr(sys, name, self._streams.pop(name))


class Valve:
    """A stream whose tasks' text goes to the capture; otherwise the real one."""

    def __init__(self, real: Any, capture: Capture, *, binary: bool = False) -> None:
        self._real = real
        self._capture = capture
        self._binary = binary

    def write(self, text: Any) -> int:
        """Write it, or keep it."""
        if getcurrent().__class__ is not Task:
            return self._real.write(text)  # type: ignore[no-any-return]
        kept: Any = bytes(text).decode(errors="backslashreplace") if self._binary else text
        if not isinstance(kept, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._capture.write(kept)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Flush the real one, unless a task asks for it."""
        if getcurrent().__class__ is not Task:
            self._real.flush()

    def close(self) -> None:
        """Close the real one, unless a task asks for it."""
        if getcurrent().__class__ is not Task:
            self._real.close()

    @property
    def buffer(self) -> Valve:
        """A valve before the stream of bytes below."""
        return Valve(self._real.buffer, self._capture, binary=True)

    def __getattr__(self, name: str) -> Any:
        """Return what the real one has."""
        return getattr(self._real, name)

    def __iter__(self) -> Any:
        """Iterate over the real one, which says that it cannot be read."""
        return iter(self._real)
