"""The sequential specification of a bounded FIFO queue: what each operation may do when nothing else happens.

It says in pure Python what `queue.Queue` of Python 3.13 does: `put`, `get`, `task_done`, `join`, `shutdown` and
the questions `qsize`, `empty`, `full`. States and operations are immutable and hashable as long as the items
are, so a linearizability checker can search over them: at the moment when an operation takes effect, the
outcome seen must be one that `apply` allows in the state of that moment, and the state becomes the one that
stands beside it.

Two rules cover blocking. An operation that cannot complete in a state has no outcome there: it takes effect
later, in another state, or never. A call with a time limit may give up, but only in a state in which it could
not have succeeded: `get(timeout=1)` raises `Empty` at a moment when the queue is empty, and at no other.

Exceptions are told by the names of their classes, because `queue.ShutDown` exists only since Python 3.13.
Items are compared with `==`, as part of states; give each item of a history a value of its own.

What it leaves out: how long anything takes, which of several waiting calls goes first, a `maxsize` that
changes later, a time limit that is no number, and whoever reaches into the attribute `queue`. An
implementation that agrees with it one call at a time may still fail when calls overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class QueueState:
    """All that later operations can notice.

    Attributes:
        items: what is in the queue, the next one to leave first.
        maxsize: how many items fit; zero or less means that any number does.
        unfinished: items put for which nobody has called `task_done` yet.
        is_shutdown: whether `shutdown` was called.
    """

    items: tuple[Any, ...] = ()
    maxsize: int = 0
    unfinished: int = 0
    is_shutdown: bool = False

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another item."""
        return 0 < self.maxsize <= len(self.items)


@dataclass(frozen=True, slots=True)
class Put:
    """`put(item, block, timeout)`; `put_nowait(item)` is `Put(item, block=False)`."""

    item: Any
    block: bool = True
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Get:
    """`get(block, timeout)`; `get_nowait()` is `Get(block=False)`."""

    block: bool = True
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class TaskDone:
    """`task_done()`."""


@dataclass(frozen=True, slots=True)
class Join:
    """`join()`."""


@dataclass(frozen=True, slots=True)
class Shutdown:
    """`shutdown(immediate)`."""

    immediate: bool = False


@dataclass(frozen=True, slots=True)
class Qsize:
    """`qsize()`."""


@dataclass(frozen=True, slots=True)
class Empty:
    """`empty()`; the exception of the same name is `Raised("Empty")`."""


@dataclass(frozen=True, slots=True)
class Full:
    """`full()`; the exception of the same name is `Raised("Full")`."""


Operation = Put | Get | TaskDone | Join | Shutdown | Qsize | Empty | Full


@dataclass(frozen=True, slots=True)
class Returned:
    """The operation returned `value`."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The operation raised an exception of the class called `name`: Empty, Full, ShutDown or ValueError."""

    name: str


Outcome = Returned | Raised
Allowed = tuple[tuple[Outcome, QueueState], ...]


def initial(maxsize: int = 0) -> QueueState:
    """Return the state of a new queue."""
    return QueueState(maxsize=maxsize)


def apply(state: QueueState, operation: Operation) -> Allowed:
    """Return every outcome that `state` allows to `operation`, each with the state after it.

    Empty for an operation that has to wait in `state`. This specification allows one outcome at most, since
    FIFO order leaves no choice; callers must not count on that, because other specifications do allow more.
    Takes time proportional to the number of items.
    """
    match operation:
        case Put():
            return _put(state, operation)
        case Get():
            return _get(state, operation)
        case TaskDone():
            return _task_done(state)
        case Join():
            return () if state.unfinished else ((Returned(), state),)
        case Shutdown(immediate=immediate):
            return ((Returned(), _shut_down(state, immediate)),)
        case Qsize() | Empty() | Full():
            return ((Returned(_answer(state, operation)), state),)
    raise TypeError(f"not an operation of a queue: {operation!r}")


def _put(state: QueueState, put: Put) -> Allowed:
    if state.is_shutdown:
        return ((Raised("ShutDown"), state),)
    if state.maxsize > 0 and _is_refused(put):
        return ((Raised("ValueError"), state),)
    if state.is_full:
        return _give_up("Full", state, put)
    return ((Returned(), replace(state, items=(*state.items, put.item), unfinished=state.unfinished + 1)),)


def _get(state: QueueState, get: Get) -> Allowed:
    if state.is_shutdown and not state.items:
        return ((Raised("ShutDown"), state),)
    if _is_refused(get):
        return ((Raised("ValueError"), state),)
    if not state.items:
        return _give_up("Empty", state, get)
    first, *rest = state.items
    return ((Returned(first), replace(state, items=tuple(rest))),)


def _task_done(state: QueueState) -> Allowed:
    if state.unfinished == 0:
        return ((Raised("ValueError"), state),)
    return ((Returned(), replace(state, unfinished=state.unfinished - 1)),)


def _answer(state: QueueState, question: Qsize | Empty | Full) -> int | bool:
    match question:
        case Qsize():
            return len(state.items)
        case Empty():
            return not state.items
        case Full():
            return state.is_full


def _is_refused(operation: Put | Get) -> bool:
    """Whether the time limit is negative and would be used; an unbounded put never uses it."""
    return operation.block and operation.timeout is not None and operation.timeout < 0


def _give_up(exception: str, state: QueueState, operation: Put | Get) -> Allowed:
    """Return what is allowed to an operation that cannot succeed now: to fail, unless it waits for ever."""
    waits_for_ever = operation.block and operation.timeout is None
    return () if waits_for_ever else ((Raised(exception), state),)


def _shut_down(state: QueueState, immediate: bool) -> QueueState:
    if not immediate:
        return replace(state, is_shutdown=True)
    # Each discarded item counts as done, but the count may already be lower: nothing ties task_done to get.
    return replace(state, items=(), unfinished=max(0, state.unfinished - len(state.items)), is_shutdown=True)
