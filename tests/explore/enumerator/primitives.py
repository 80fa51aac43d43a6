"""Lock, RLock and SimpleQueue, over which the standard library's own code builds everything else.

Outside an execution, while a module is loaded, they work but are no operations.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.explore.enumerator.operations import Run, Task

TIMEOUT_MAX = 1e9


class Control:
    """What connects primitives to the execution that is under way."""

    run: Run | None = None

    def operation(self, ready: Callable[[], bool], deadline: float | None = None, *, queued_for: object = None) -> bool:
        """Hand the token over; True if the operation is to be done now, False if its deadline has passed."""
        run = self.run
        return True if run is None or run.current is None else run.operation(ready, deadline, queued_for=queued_for)

    def attempt(self, ready: Callable[[], bool], blocking: bool, timeout: float, *, queued_for: object = None) -> bool:
        """Do an operation that waits for `ready`, for so long; whether it became so. `timeout` -1 is for ever."""
        if not blocking or timeout == 0:
            self.operation(_always)
            return ready()
        return self.operation(ready, None if timeout == -1 else self.now + timeout, queued_for=queued_for)

    @property
    def now(self) -> float:
        """The time of the execution in seconds."""
        return 0.0 if self.run is None else self.run.now

    @property
    def me(self) -> Task | None:
        """Whose turn it is."""
        return None if self.run is None else self.run.current

    @property
    def unwinding(self) -> bool:
        """Whether threads that are stuck are being ended: then nothing waits, and nothing is checked."""
        return self.run is not None and self.run.abandoned


class Lock:
    """`_thread.lock`."""

    def __init__(self, control: Control, *, first_is_free: bool = False) -> None:
        self._control = control
        self._first_is_free = first_is_free  # the first acquire is no operation
        self._held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        check(blocking, timeout)
        if self._first_is_free:
            self._first_is_free = False
            self._held = True
            return True
        if not self._control.attempt(lambda: not self._held, blocking, timeout, queued_for=self):
            return False
        self._held = True
        return True

    def release(self) -> None:
        self._control.operation(_always)
        if not self._held and not self._control.unwinding:
            raise RuntimeError("release unlocked lock")
        self._held = False

    def locked(self) -> bool:
        self._control.operation(_always)
        return self._held

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_owned(self) -> bool:
        """Instead of `Condition._is_owned`, which tries to acquire: no operation."""
        return self._held


class RLock:
    """`_thread.RLock`."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._holder: Task | None = None
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        check(blocking, timeout)
        if not self._is_owned():
            if not self._control.attempt(lambda: self._holder is None, blocking, timeout, queued_for=self):
                return False
            self._holder = self._control.me
        self._depth += 1
        return True

    def release(self) -> None:
        if not self._is_owned():
            if self._control.unwinding:
                return
            raise RuntimeError("cannot release un-acquired lock")
        if self._depth == 1:
            self._control.operation(_always)
            self._holder = None
        self._depth -= 1

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_owned(self) -> bool:
        return self._depth > 0 and self._holder is self._control.me

    def _release_save(self) -> int:
        depth, self._depth = self._depth, 1
        self.release()
        return depth

    def _acquire_restore(self, depth: int) -> None:
        self.acquire()
        self._depth = depth


class SimpleQueue:
    """`_queue.SimpleQueue`."""

    def __init__(self, control: Control, empty: type[Exception]) -> None:
        self._control = control
        self._empty = empty
        self._items: deque[Any] = deque()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        self._control.operation(_always)
        self._items.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if block and timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        if not self._control.attempt(lambda: bool(self._items), block, -1 if timeout is None else timeout):
            raise self._empty
        return self._items.popleft()

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def empty(self) -> bool:
        return self.qsize() == 0

    def qsize(self) -> int:
        self._control.operation(_always)
        return len(self._items)


def check(blocking: bool, timeout: float) -> None:
    """Raise what `_thread.lock.acquire` raises."""
    if not blocking and timeout != -1:
        raise ValueError("can't specify a timeout for a non-blocking call")
    if timeout < 0 and timeout != -1:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")


def _always() -> bool:
    return True
