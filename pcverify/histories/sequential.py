"""The sequential specification of a bounded FIFO queue: what each operation may do when nothing else happens.

It says in pure Python what `queue.Queue` of Python 3.13 does: `put`, `get`, `task_done`, `join`, `shutdown` and
the questions `qsize`, `empty`, `full`; and what our queues do besides: `put_many`, `get_many`, `drain`, a time limit
for `join`, and calls that an exception from outside interrupts. States and operations are immutable and hashable
as long as the items are, so a linearizability checker can search over them: at the moment when an operation takes
effect, the outcome seen must be one that `apply` allows in the state of that moment, and the state becomes the one
that stands beside it.

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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


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
class PutMany:
    """`put_many(items, block, timeout)`: one step where an item fits when it is called, else two, told as one."""

    items: tuple[Any, ...]
    block: bool = True
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class GetMany:
    """`get_many(most, block, timeout)`, likewise; the outcome has a tuple for the list."""

    most: int
    block: bool = True
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Drain:
    """`drain()`; the outcome has a tuple for the list."""


@dataclass(frozen=True, slots=True)
class TaskDone:
    """`task_done()`."""


@dataclass(frozen=True, slots=True)
class Join:
    """`join(timeout)`; that of `queue.Queue` has no time limit."""

    timeout: float | None = None


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


@dataclass(frozen=True, slots=True)
class GiveBack:
    """An interrupted `get` gives back the item that it had taken: it goes to the head, and there is always room."""

    item: Any


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An operation that an exception from outside interrupted: it has happened, or it has not.

    A get, a get_many or a drain has not, in the end: if it had, that was that operation and then a `GiveBack` of each
    item, the last one first, and others may have come between.
    """

    operation: Put | Get | PutMany | GetMany | Drain | TaskDone | Join | Shutdown


Operation = (
    Put | Get | PutMany | GetMany | Drain | TaskDone | Join | Shutdown | Qsize | Empty | Full | GiveBack | Interrupted
)


@dataclass(frozen=True, slots=True)
class Returned:
    """The operation returned `value`."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The operation raised an exception of the class called `name`.

    That is Empty, Full, ShutDown, TimeoutError or ValueError; or Interrupted, whatever came from outside.
    """

    name: str


Outcome = Returned | Raised
Allowed = tuple[tuple[Outcome, QueueState], ...]


def initial(maxsize: int = 0) -> QueueState:
    """Return the state of a new queue."""
    return QueueState(maxsize=maxsize)


def apply(state: QueueState, operation: Operation) -> Allowed:
    """Return every outcome that `state` allows to `operation`, each with the state after it.

    Empty for an operation that has to wait in `state`. One outcome at most, since FIFO order leaves no choice, but for
    one that was interrupted. Takes time proportional to the number of items.
    """
    rule = _RULES.get(type(operation))
    if rule is None:
        raise TypeError(f"not an operation of a queue: {operation!r}")
    return rule(state, operation)


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


def _put_many(state: QueueState, put: PutMany) -> Allowed:
    if state.is_shutdown:
        return ((Raised("ShutDown"), state),)
    if state.is_full and put.items:
        return ((Raised("ValueError"), state),) if _is_refused(put) else _give_up("Full", state, put)
    room = max(0, state.maxsize - len(state.items)) if state.maxsize > 0 else len(put.items)
    fit = put.items[:room]
    after = replace(state, items=(*state.items, *fit), unfinished=state.unfinished + len(fit))
    return ((Returned(len(fit)), after),)


def _get_many(state: QueueState, get: GetMany) -> Allowed:
    if get.most < 1:
        return ((Raised("ValueError"), state),)
    if not state.items:
        return _get(state, Get(get.block, get.timeout))
    return ((Returned(state.items[: get.most]), replace(state, items=state.items[get.most :])),)


def _join(state: QueueState, join: Join) -> Allowed:
    if join.timeout is not None and join.timeout < 0:
        return ((Raised("ValueError"), state),)
    if not state.unfinished:
        return ((Returned(), state),)
    return () if join.timeout is None else ((Raised("TimeoutError"), state),)


def _interrupted(state: QueueState, operation: Operation) -> Allowed:
    """Return that nothing has happened, and for what takes nothing each way in which it may have."""
    after = {state: None}
    if isinstance(operation, (Put, TaskDone, Shutdown)):
        after |= dict.fromkeys(then for outcome, then in apply(state, operation) if isinstance(outcome, Returned))
    elif isinstance(operation, PutMany):  # it has put some of the first
        for number in range(1, len(operation.items) + 1):
            done = apply(state, replace(operation, items=operation.items[:number]))
            after |= dict.fromkeys(then for outcome, then in done if isinstance(outcome, Returned))
    return tuple((Raised("Interrupted"), then) for then in after)


def _task_done(state: QueueState) -> Allowed:
    if state.unfinished == 0:
        return ((Raised("ValueError"), state),)
    return ((Returned(), replace(state, unfinished=state.unfinished - 1)),)


def _is_refused(operation: Put | Get | PutMany) -> bool:
    """Whether the time limit is negative and would be used; an unbounded put never uses it."""
    return operation.block and operation.timeout is not None and operation.timeout < 0


def _give_up(exception: str, state: QueueState, operation: Put | Get | PutMany) -> Allowed:
    """Return what is allowed to an operation that cannot succeed now: to fail, unless it waits for ever."""
    waits_for_ever = operation.block and operation.timeout is None
    return () if waits_for_ever else ((Raised(exception), state),)


def _shut_down(state: QueueState, immediate: bool) -> QueueState:
    if not immediate:
        return replace(state, is_shutdown=True)
    # Each discarded item counts as done, but the count may already be lower: nothing ties task_done to get.
    return replace(state, items=(), unfinished=max(0, state.unfinished - len(state.items)), is_shutdown=True)


_RULES: dict[type, Callable[[QueueState, Any], Allowed]] = {
    Put: _put,
    Get: _get,
    PutMany: _put_many,
    GetMany: _get_many,
    Drain: lambda state, _: ((Returned(state.items), replace(state, items=())),),
    TaskDone: lambda state, _: _task_done(state),
    Join: _join,
    Shutdown: lambda state, operation: ((Returned(), _shut_down(state, operation.immediate)),),
    Qsize: lambda state, _: ((Returned(len(state.items)), state),),
    Empty: lambda state, _: ((Returned(not state.items), state),),
    Full: lambda state, _: ((Returned(state.is_full), state),),
    GiveBack: lambda state, operation: ((Returned(), replace(state, items=(operation.item, *state.items))),),
    Interrupted: lambda state, operation: _interrupted(state, operation.operation),
}
