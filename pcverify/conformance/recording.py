"""What the threads of an application do to one of its queues, recorded while the application runs.

    recording = record(queue, "queue.trace")    # ends with the process, or by `with`, or by `recording.stop()`

Real threads, at production speed. What happens to a queue happens while its lock is held, in sections from where a
thread takes the lock to where it frees it. So the lock is put into one that looks at the end of each section what has
changed: the items, by a deque that notes what enters and leaves it; and who waits, by the wait lists. The order of
sections is the order in which they happened, with no clock. `pcverify validate` asks whether the model of the queue can
do the same.

Nothing of the queue's code is replaced, and the wait lists are only read: a thread that sleeps when a recording begins
or ends notices nothing. A thread that is about to take the lock when a recording begins takes it as it was before, and
is not seen; so nothing counts before such calls have ended, or sleep. Works on `ThreadSafeQueue`, `HandoffQueue` and
`queue.Queue`, and on subclasses that keep their items in a deque. Standard library only.

Not recorded: a call that changed nothing (`Full`, `Empty`, `qsize`), what a call is given and returns, `task_done` and
`join`, whether a wait has a time limit, and whether a thread that was taken off a wait list was in fact woken. While
it is recorded, a queue does not keep its promise about exceptions from outside (Ctrl-C): one that comes within the
lines here may leave an item twice, or the lock held.

The words of a trace are in `trace`.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from dataclasses import dataclass
from inspect import Parameter, signature
from itertools import chain
from threading import current_thread
from typing import TYPE_CHECKING, Any

from pcverify.conformance.calls import calls_on, owners_of, still_before
from pcverify.conformance.items import Items
from pcverify.conformance.sections import Names, Said, Section, events_in, events_of
from pcverify.conformance.trace import End, Header, Waiting, lines
from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Recording", "record"]

SEVERAL, RECOVERS = "several items in one step", "an exception that came while it was in the queue"
REPLACED = "another deque in place of the queue's own"
_NOTHING = object()


def record(queue: Any, path: str | Path, *, max_sections: int = 1_000_000) -> Recording:
    """Record what threads do to a queue from now on, until `stop`, the end of `with`, or the end of the process.

    Costs about a microsecond for each put and each get; memory for each until it ends, since the file is written then.

    Args:
        queue: a `ThreadSafeQueue`, a `HandoffQueue`, a `queue.Queue`, or a subclass that keeps its items in a deque. It
            may be in use, and threads may wait in it.
        path: the file for the trace; it is made now, and replaced if it is there.
        max_sections: after so many nothing more is recorded, and the trace says so.

    Raises:
        UsageError: the queue is none of these, or is recorded already.
        OSError: the file cannot be written.
    """
    return Recording(queue, path, max_sections=max_sections)


class _Lock:
    """The lock of a queue, and a look at the queue at the beginning and the end of each section."""

    def __init__(self, lock: Any, recording: Recording) -> None:
        self.lock = lock
        self._acquire, self._release = lock.acquire, lock.release
        self._begins, self._ends = recording.section_begins, recording.section_ends

    def __enter__(self) -> bool:
        self._acquire()
        return self._taken()

    def _taken(self) -> bool:
        try:
            self._begins()
        except BaseException:
            self._release()
            raise
        return True

    def __exit__(self, *_: object) -> None:
        try:
            self._ends()
        finally:
            self._release()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        return self.lock.acquire(blocking, timeout) and self._taken()

    def release(self) -> None:
        self.__exit__()

    def stop(self) -> None:
        """Be the lock and nothing more; who has asked for this one already still frees it."""
        self._begins = self._ends = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.lock, name)


def _spelled_out(section: tuple[Any, Any] | list[Said]) -> list[Said]:
    if isinstance(section, list):
        return section
    thread, step = section
    return [(thread, "put" if step > 0 else "get", {"item": abs(step)})]


@dataclass(frozen=True, slots=True)
class _Shutdown:
    """A call of `shutdown`: whether it is asked to let the items go, None if that is not known."""

    immediate: bool | None


_PLAIN = signature(lambda immediate=False: immediate)


def _asked(does: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> _Shutdown:
    """Return what a call of `shutdown` asks for, by its argument `immediate`."""
    try:
        takes = signature(does)
        kinds = [parameter.kind for parameter in takes.parameters.values()]
        if kinds[:1] == [Parameter.VAR_POSITIONAL]:
            takes = _PLAIN  # it hands on what it is given
        bound = takes.bind(*arguments, **keywords)
    except (TypeError, ValueError):  # the call is wrong, or it is not known what it takes
        return _Shutdown(None)
    bound.apply_defaults()
    immediate = bound.arguments.get("immediate")
    return _Shutdown(None if immediate is None else bool(immediate))


_MARKED: dict[str, Callable[..., str | _Shutdown]] = {
    "_put_some": lambda *_: SEVERAL,
    "_get_some": lambda *_: SEVERAL,
    "_recover": lambda *_: RECOVERS,
    "shutdown": _asked,
}
"""The methods that may do what the models leave out, and what a call of each is."""


class Recording:
    """A recording. It has begun, or begins when all calls have ended that may know the lock only as it was before.

    Attributes:
        sections: how many were recorded so far.
    """

    def __init__(self, queue: Any, path: str | Path, *, max_sections: int = 1_000_000) -> None:
        lock = getattr(queue, "mutex", None)
        if isinstance(lock, _Lock):
            raise UsageError(f"this {type(queue).__name__} is recorded already: stop that recording first")
        items = getattr(queue, "queue", None)
        if lock is None or type(items) is not deque or items.maxlen is not None:
            raise UsageError(
                f"cannot record a {type(queue).__name__}: it needs a lock `mutex`, and a deque `queue` without "
                "`maxlen` that holds the items, first in, first out, as queue.Queue, ThreadSafeQueue and HandoffQueue "
                "have them"
            )
        self._queue = queue
        self._path = path
        self._max_sections = max_sections
        self._full = False
        self._inside: dict[int, str | _Shutdown] = {}  # by threads: which call they are in, of those that are marked
        try:
            waits = hasattr(queue, "not_empty")
            self._getters: deque[Any] = queue.not_empty._waiters if waits else queue._getters
            self._putters: deque[Any] = queue.not_full._waiters if waits else queue._putters
            self._unfinished: int = queue.unfinished_tasks
            self._capacity: int = max(queue.maxsize, 0)
        except AttributeError as error:
            raise UsageError(
                f"cannot record a {type(queue).__name__}, which lacks what a queue has: {error}"
            ) from error
        self._conditions = [vars(queue).get(name) for name in ("not_empty", "not_full", "all_tasks_done")]
        self._lock = _Lock(lock, self)
        self._replaced: dict[str, tuple[Any, Any]] = {}  # methods: by names what is there now, and what the queue had
        with lock:
            self._look_anew()
            with open(path, "w", encoding="utf-8") as file:
                file.write(next(lines(self._header, (), None)))
            self._count_anew()
            try:
                self._hook(lock)
            except BaseException:
                self._give_back()
                raise
        atexit.register(self.stop)

    def _look_anew(self) -> None:
        """Take the queue as it stands for the beginning."""
        queue = self._queue
        self._sections: list[tuple[Any, Any] | list[Said]] = []  # of one step: the thread and the step
        self._shut = bool(getattr(queue, "is_shutdown", False))
        self._unfinished = queue.unfinished_tasks
        self._seen = (deque(self._getters), deque(self._putters))
        self._waited = any(self._seen)
        self._owners = owners_of(chain(*self._seen))
        self._names = Names()
        names = tuple(base.__name__ for base in type(queue).__mro__)
        self._header = Header(names, self._capacity, len(queue.queue), self._waiting())

    def _count_anew(self) -> None:
        """Number the items that are there."""
        self._items = self._queue.queue = Items(self._queue.queue)
        self._steps = self._items.steps

    def _hook(self, lock: Any) -> None:
        self._exchange(lock, self._lock)
        for name, what in _MARKED.items():
            if hasattr(self._queue, name):
                self._replace(name, what)
        self._before = calls_on((self._queue, *filter(None, self._conditions)))

    def _exchange(self, old: Any, new: Any) -> None:
        for holder in (self._queue, *filter(None, self._conditions)):
            for name, value in list(vars(holder).items()):
                if value is old:
                    vars(holder)[name] = new
            for name in ("acquire", "release"):
                if getattr(old, name) == vars(holder).get(name):  # a Condition has those of its lock
                    vars(holder)[name] = getattr(new, name)

    def _replace(self, name: str, what: Callable[..., str | _Shutdown]) -> None:
        own = vars(self._queue)
        ours = self._noting(what, getattr(self._queue, name))
        self._replaced[name] = ours, own.get(name, _NOTHING)
        own[name] = ours

    def _give_back(self) -> None:
        """Make the queue as it was, but for what others have put there since."""
        queue, own = self._queue, vars(self._queue)
        self._exchange(self._lock, self._lock.lock)
        for name, (ours, before) in self._replaced.items():
            if own.get(name) is ours:
                del own[name]
                if before is not _NOTHING:
                    own[name] = before
        if queue.queue is self._items:
            queue.queue = deque(self._items)

    def _noting(self, what: Callable[..., str | _Shutdown], does: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same, during which sections are marked: they may do what the models leave out."""

        def method(*arguments: Any, **keywords: Any) -> Any:
            me = threading.get_ident()
            outer = self._inside.get(me)
            self._inside[me] = outer if isinstance(outer, _Shutdown) else what(does, arguments, keywords)
            try:
                return does(*arguments, **keywords)
            finally:
                if outer is None:
                    self._inside.pop(me, None)
                else:
                    self._inside[me] = outer

        return method

    # Called with the lock held.

    def section_begins(self) -> None:
        """See whether the recording can begin."""
        if self._before:
            self._before = still_before(self._before, self._all_who_wait())
            self._look_anew()
            self._count_anew()

    def section_ends(self) -> None:
        """Note what the section has changed."""
        queue, steps = self._queue, self._steps
        unfinished = queue.unfinished_tasks
        counted = unfinished - self._unfinished
        self._unfinished = unfinished
        if (
            self._getters
            or self._putters
            or self._waited
            or self._inside
            or self._before
            or getattr(queue, "is_shutdown", False) is not self._shut
            or len(steps) != 1
            or type(steps[0]) is not int
            or counted != (steps[0] > 0)
        ):
            self._look(counted)
        elif len(self._sections) < self._max_sections:
            self._sections.append((current_thread(), steps.pop()))
        else:
            steps.clear()
            self._full = True

    def _look(self, counted: int) -> None:
        """Note the section, if it has changed anything."""
        if self._before:
            return
        if self._queue.queue is not self._items:
            self._steps.append(REPLACED)
        getters, putters = self._seen
        if (
            self._steps
            or counted > 0
            or self._getters != getters
            or self._putters != putters
            or getattr(self._queue, "is_shutdown", False) is not self._shut
        ):
            self._note(current_thread(), counted)

    def _note(self, thread: Any, counted: int) -> None:
        """Note a section; whatever goes wrong here, the application goes on."""
        try:
            section = self._section(thread, counted)
            said = list(events_in(section, self._items.new_number))
        except Exception as error:
            said = [(thread, "other", {"what": f"the recorder failed: {error!r}"})]
        if len(self._sections) < self._max_sections:
            self._sections.append(said)
        else:
            self._full = True

    def _section(self, thread: Any, counted: int) -> Section:
        steps = tuple(self._steps)
        self._steps.clear()
        before, now = self._seen, self._seen
        owners: dict[Any, Any] = {}
        if self._getters != before[0] or self._putters != before[1]:
            now = self._seen = (deque(self._getters), deque(self._putters))
            came = [waiter for side, old in zip(now, before, strict=True) for waiter in side if waiter not in old]
            self._owners.update(dict.fromkeys(came, thread))
            owners = {waiter: self._owners[waiter] for waiter in chain(*before, *now)}
            self._owners = {waiter: owners[waiter] for waiter in chain(*now)}
        self._waited = any(now)
        shuts = bool(getattr(self._queue, "is_shutdown", False)) and not self._shut
        self._shut = self._shut or shuts
        outside = self._inside.get(threading.get_ident()) if self._inside else None
        immediate = None
        if isinstance(outside, _Shutdown):
            immediate = outside.immediate
            outside = None if shuts else "a second shutdown, or what one does besides"
        return Section(thread, steps, before, now, owners, counted, shuts, immediate, outside)

    def _all_who_wait(self) -> tuple[Any, ...]:
        joiners = self._conditions[2]._waiters if self._conditions[2] else getattr(self._queue, "_joiners", ())
        return (*self._getters, *self._putters, *joiners)

    def _waiting(self) -> Waiting:
        getters, putters = (tuple(self._names.of(self._owners[waiter]) for waiter in side) for side in self._seen)
        return Waiting(getters, putters, self._shut)

    # The end.

    @property
    def sections(self) -> int:
        """How many were recorded so far."""
        return len(self._sections)

    def stop(self) -> None:
        """End the recording, give the queue back as it was, and write the trace. A second call does nothing."""
        atexit.unregister(self.stop)
        queue = self._queue
        with self._lock:
            if vars(queue)["mutex"] is not self._lock:
                return
            if queue.queue is not self._items:
                self._look(0)
            self._give_back()
            self._lock.stop()
            numbers = tuple(self._items.numbers)
            end = None if self._full else End(numbers, self._waiting())
        sections = map(_spelled_out, self._sections)
        with open(self._path, "w", encoding="utf-8") as file:
            file.writelines(lines(self._header, events_of(sections, self._names), end))

    def __enter__(self) -> Recording:
        """Return this; it has begun already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the recording."""
        self.stop()
