"""Calls on a queue, each in a task of its own, and what a step of one may do to the queue.

A `Monitor` looks at the store before and after every step. Because all changes happen while a lock is held, each
step appends one item, takes one, discards all, or changes nothing; whose step it was says which it had to be. So
each check is made at the very step that breaks it, and has a name.

A call that an exception from outside interrupts has to raise that exception, and is done or not done, never half: an
item that a `get` has taken goes back to the head, not with the exception. What it owes to others it owes as ever.

It needs the store as `queue.Queue` has it (`.queue`, oldest item first). It never takes the queue's locks: it is
no task, and would wait for a task that does not run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import Empty, Full
from typing import Any

from pcverify import ShutDown
from tests.interleavings.interrupts import Interrupted

CHECKS = frozenset(
    [
        "bounded_size",
        "fifo",
        "nothing_lost",
        "nothing_doubled",
        "no_crash",
        "no_lost_wakeup",
        "liveness",
        "task_done",
        "join",
    ]
)
INTERRUPT_CHECKS = frozenset(["mutual_exclusion", "interrupt_arrives"])
"""What else can go wrong when an exception comes from outside."""


class Broken(AssertionError):
    """A check failed; `check` is its name, `rules` the length of the script after the rule that makes the queue."""

    def __init__(self, check: str, message: str, *, rules: int = 0) -> None:
        assert check in CHECKS | INTERRUPT_CHECKS, check
        super().__init__(f"{check}: {message}")
        self.check = check
        self.what = message
        self.rules = rules


@dataclass(eq=False)
class Call:
    """One call on the queue."""

    name: str
    kind: str  # put, get, task_done, join or shutdown
    text: str
    item: object = None  # what a put puts
    blocks: bool = True
    timed: bool = False
    immediate: bool = False
    task: Any = None
    interrupted: bool = False  # whether it was sent an exception
    changed: bool = False  # whether its step has happened: at the store, or for task_done and shutdown at their count
    woke: bool = False  # whether it has woken another task since
    taken: list[object] = field(default_factory=list)
    saw_nothing_unfinished: bool = False  # whether there was a moment without unfinished tasks during the call
    parked: bool = False
    woken: bool = False  # whether it was parked and is not any more
    ended: bool = False  # whether it has returned or raised
    result: Any = None
    error: BaseException | None = None

    def run(self, method: Any, *arguments: object, **keywords: Any) -> None:
        """Make the call, in its task."""
        try:
            self.result = method(*arguments, **keywords)
        except (Exception, Interrupted) as error:
            self.error = error
        self.ended = True


class Monitor:
    """Judges every step against what a bounded FIFO queue may do."""

    def __init__(self, queue: Any) -> None:
        self.queue = queue
        self.counts = self._counts()
        self.maxsize: int = queue.maxsize
        self.unfinished = 0
        self.calls: list[Call] = []
        self.returned: list[object] = []
        self.given_back = 0  # items, by gets that were interrupted: so many more than `maxsize` there may be

    def contents(self) -> list[object]:
        """What is in the store, oldest first."""
        return list(self.queue.queue)

    def in_flight(self) -> list[Call]:
        """The calls that have not ended."""
        return [call for call in self.calls if not call.ended]

    def closed(self) -> bool:
        """Whether a `shutdown` is done."""
        done = [call for call in self.calls if call.kind == "shutdown" and call.ended]
        return any(call.error is None or call.changed for call in done)

    def started(self, call: Call) -> None:
        """Hear of a new call."""
        self.calls.append(call)
        self._note_unfinished()

    def releases_its_own(self, call: Call, holders: dict[Any, Any]) -> None:
        """Judge the step that `call` is about to take, where it releases the queue's lock."""
        mutex = getattr(self.queue, "mutex", None)
        if call.task.kind == "release" and call.task.object is mutex and holders.get(mutex) is not call.task:
            whose = f"{holders[mutex].name} holds" if mutex in holders else "nobody holds"
            raise Broken("mutual_exclusion", f"{call.text} of {call.name} is about to release mutex, which {whose}")

    def stepped(self, call: Call, before: list[object]) -> list[str]:
        """Judge the step that `call` has just taken, and return what it did, in words."""
        after = self.contents()
        did = self._judge_step(call, before, after)
        counts = self._counts()
        if counts[0] < self.counts[0] and call.kind == "task_done" and not call.changed:
            call.changed = True
            self.unfinished -= 1
        call.changed |= counts[1] > self.counts[1] and call.kind == "shutdown"
        self.counts = counts
        if 0 < self.maxsize < len(after) - self.given_back:
            raise Broken("bounded_size", f"{call.name} made it {len(after)} items where {self.maxsize} fit")
        self._note_unfinished()
        if call.ended:
            did.append(self._judge_end(call))
            self._note_unfinished()
        return did

    def _judge_step(self, call: Call, before: list[object], after: list[object]) -> list[str]:
        """Judge what a step of `call` did to the store, and return that in words: nothing, or one thing."""
        if len(before) == len(after) and all(old is new for old, new in zip(before, after, strict=True)):
            return []
        did = self._judge_change(call, before, after)
        call.changed = call.kind != "get" or bool(call.taken)
        return [did]

    def _counts(self) -> tuple[int, bool]:
        return getattr(self.queue, "unfinished_tasks", 0), getattr(self.queue, "is_shutdown", False)

    def _judge_change(self, call: Call, before: list[object], after: list[object]) -> str:
        if call.kind == "put":
            return self._judge_put(call, before, after)
        if call.kind == "get":
            return self._judge_get(call, before, after)
        if call.kind == "shutdown" and call.immediate and not after:
            self.unfinished = max(0, self.unfinished - len(before))
            return f"discards {_several(before)}"
        raise Broken("nothing_lost", f"{call.text} of {call.name} made {before} into {after}")

    def _judge_put(self, call: Call, before: list[object], after: list[object]) -> str:
        if call.changed or after.count(call.item) > 1:
            raise Broken("nothing_doubled", f"{call.text} of {call.name} put its item twice: {after}")
        if any(item not in after for item in before):
            raise Broken("nothing_lost", f"{call.text} of {call.name} made {before} into {after}")
        if after != [*before, call.item]:
            raise Broken("fifo", f"{call.text} of {call.name} made {before} into {after}: new items go to the end")
        self.unfinished += 1
        return f"puts {call.item!r}"

    def _judge_get(self, call: Call, before: list[object], after: list[object]) -> str:
        if call.interrupted and call.changed and after == [*call.taken, *before]:
            call.taken = []
            self.given_back += 1
            return f"gives {after[0]!r} back"
        gone = [item for item in before if item not in after]
        if call.changed or len(gone) != 1 or len(after) != len(before) - 1:
            raise Broken("nothing_lost", f"{call.text} of {call.name} made {before} into {after}")
        if gone != before[:1]:
            raise Broken("fifo", f"{call.text} of {call.name} took {gone[0]!r}, but {before[0]!r} was there longer")
        call.taken = gone
        return f"takes {gone[0]!r}"

    def _judge_end(self, call: Call) -> str:
        if call.interrupted:
            return self._judge_interrupted(call)
        if call.error is not None:
            return self._judge_error(call, call.error)
        if call.kind == "put" and not call.changed:
            raise Broken("nothing_lost", f"{call.text} of {call.name} returned, and its item was never in the queue")
        if call.kind == "get":
            result = call.result
            if result in self.returned or result not in call.taken:
                raise Broken("nothing_doubled", f"{call.text} of {call.name} returned {result!r} and did not take it")
            self.returned.append(result)
        if call.kind == "task_done":
            self.unfinished -= not call.changed
            if self.unfinished < 0:
                raise Broken("task_done", f"{call.name} called it more often than there were items, without an error")
        if call.kind == "join" and not call.saw_nothing_unfinished:
            raise Broken("join", f"{call.name} returned from join() with {self.unfinished} unfinished tasks all along")
        return "returns"

    def _judge_error(self, call: Call, error: BaseException) -> str:
        closing = self.closed() or any(other.kind == "shutdown" and not other.ended for other in self.calls)
        expected: tuple[type[BaseException], ...] = (ShutDown,) if closing and call.kind in {"put", "get"} else ()
        if not call.blocks or call.timed:
            expected += {"put": (Full,), "get": (Empty,)}.get(call.kind, ())
        if call.kind == "task_done" and call.saw_nothing_unfinished:
            expected += (ValueError,)
        if not isinstance(error, expected):
            raise Broken("no_crash", f"{call.text} of {call.name} raised {error!r}") from error
        if call.changed:
            raise Broken("nothing_lost", f"{call.text} of {call.name} raised {error!r} after it had changed the queue")
        return f"raises {type(error).__name__}"

    def _judge_interrupted(self, call: Call) -> str:
        if not isinstance(call.error, Interrupted):
            ended = "returned all the same" if call.error is None else f"raised {call.error!r}"
            own = call.error is None or isinstance(call.error, (Full, Empty, ShutDown, ValueError))
            check = "interrupt_arrives" if own else "no_crash"
            raise Broken(check, f"{call.text} of {call.name} was interrupted, and {ended}") from call.error
        if call.kind == "get" and call.changed:
            raise Broken("nothing_lost", f"{call.text} of {call.name} was interrupted, and {call.taken[0]!r} is gone")
        return "raises Interrupted"

    def _note_unfinished(self) -> None:
        if self.unfinished <= 0:
            for call in self.calls:
                call.saw_nothing_unfinished = True


def _several(items: list[object]) -> str:
    return ", ".join(map(repr, items)) or "nothing"
