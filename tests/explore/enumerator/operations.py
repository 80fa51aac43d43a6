"""One execution: real OS threads, of which exactly one runs at a time, the one that was handed the token.

A thread's token is a real lock, held unless it is the thread's turn. Before each operation the running thread asks
who goes next, releases that one's token and waits for its own. `ready` says whether the operation can be done now;
one with a deadline can be chosen although it is not ready, when its deadline is the next to pass: then it is late.

No lock here protects anything else: only the holder of the token touches what the threads share.
"""

from __future__ import annotations

import _thread
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0  # seconds for one execution: used up only by a mistake in here


class Abandoned(BaseException):
    """Thrown into the threads of an execution that is stuck, to end them."""


@dataclass(frozen=True)
class Rules:
    """What may happen; anything but the defaults is wrong, to see that a comparison notices.

    Attributes:
        early: a deadline may pass while somebody can run.
        fair: of those who can acquire a lock, only who has waited longest may.
        in_order: only the earliest pending deadline may pass.
    """

    early: bool = True
    fair: bool = False
    in_order: bool = True


class Task:
    """A thread of the program, in front of its next operation."""

    def __init__(self, number: int, body: Callable[[], Any]) -> None:
        self.number = number
        self.body = body
        self.token = _held()
        self.gone = _held()  # released when the thread has unwound
        self.ready: Callable[[], bool] = _always
        self.deadline: float | None = None
        self.queued_for: object = None
        self.since = 0
        self.late = False
        self.ended = False


class Run:
    """One execution along `path`, its first choices (each: which, of how many); beyond them always the first."""

    def __init__(self, path: list[tuple[int, int]], rules: Rules) -> None:
        self.path = path
        self.rules = rules
        self.taken: list[tuple[int, int]] = []
        self.now = 0.0
        self.tasks: list[Task] = []
        self.current: Task | None = None
        self.failure: str | None = None
        self.abandoned = False
        self.fault: BaseException | None = None
        self._steps = 0
        self._over = _held()

    def execute(self, body: Callable[[], Any]) -> str:
        """Run `body` and all threads that it starts to their ends; return the outcome."""
        results: list[Any] = []
        self.add(lambda: results.append(body()))
        self._hand_to_next()
        over = self._over.acquire(timeout=PATIENCE)
        stuck = any(not task.ended for task in self.tasks)
        self._end_threads()
        if self.fault is not None:
            raise self.fault
        assert over, "the enumerator hangs"
        if self.failure is not None:
            return f"EXC:{self.failure}"
        return "DEADLOCK" if stuck else repr(results[0])

    def add(self, body: Callable[[], Any]) -> Task:
        """Make a thread that runs `body` when it is chosen."""
        task = Task(len(self.tasks), body)
        self.tasks.append(task)
        _thread.start_new_thread(self._bootstrap, (task,))
        return task

    def operation(self, ready: Callable[[], bool], deadline: float | None = None, *, queued_for: object = None) -> bool:
        """Wait until chosen. Return True if the operation is to be done now, False if its deadline has passed."""
        task = self.current
        assert task is not None
        if self.abandoned:
            return True
        task.ready, task.deadline, task.queued_for, task.since = ready, deadline, queued_for, self._steps
        self._hand_to_next(task)
        if self.abandoned:
            raise Abandoned
        return not task.late

    def _bootstrap(self, task: Task) -> None:
        task.token.acquire()
        try:
            if self.abandoned:
                raise Abandoned
            try:
                task.body()
            except Abandoned:
                raise
            except BaseException as error:
                self.failure = self.failure or type(error).__name__
            self.operation(_always)
            task.ended = True
            self._hand_to_next()
        except Abandoned:
            pass
        except BaseException as error:
            self.fault = error
            self._over.release()
        finally:
            task.gone.release()

    def _hand_to_next(self, running: Task | None = None) -> None:
        """Choose, and give the chosen one the token; come back when `running` has it again."""
        chosen = self._choose()
        if chosen is None:
            self._over.release()
        elif chosen is running:
            return
        else:
            chosen.token.release()
        if running is not None:
            running.token.acquire()

    def _choose(self) -> Task | None:
        choices = self._choices()
        if not choices:
            self.current = None
            return None
        depth = len(self.taken)
        index, count = self.path[depth] if depth < len(self.path) else (0, len(choices))
        assert count == len(choices), "the program is not deterministic"
        self.taken.append((index, len(choices)))
        self._steps += 1
        task, late = choices[index]
        task.late = late
        if late:
            assert task.deadline is not None
            self.now = max(self.now, task.deadline)
        self.current = task
        return task

    def _choices(self) -> list[tuple[Task, bool]]:
        """Who can go next, and whether by its deadline."""
        waiting = [task for task in self.tasks if not task.ended]
        able = [task for task in waiting if task.ready()]
        if self.rules.fair:
            able = [task for task in able if not _is_behind(task, able)]
        if able and not self.rules.early:
            return [(task, False) for task in able]
        unable = [task for task in waiting if task.deadline is not None and not task.ready()]
        if unable and self.rules.in_order:
            earliest = min(task.deadline for task in unable if task.deadline is not None)
            unable = [task for task in unable if task.deadline == earliest]
        return [(task, False) for task in able] + [(task, True) for task in unable]

    def _end_threads(self) -> None:
        """End whoever is stuck, one after the other: each unwinds with nobody else running."""
        self.abandoned = True
        for task in self.tasks:
            if not task.ended:
                self.current = task
                task.token.release()
                assert task.gone.acquire(timeout=PATIENCE), "a thread of the enumerator does not end"
        self.current = None


def _held() -> _thread.LockType:
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock


def _always() -> bool:
    return True


def _is_behind(task: Task, able: list[Task]) -> bool:
    """Whether somebody else has waited longer for the same lock."""
    return task.queued_for is not None and any(
        other.queued_for is task.queued_for and other.since < task.since for other in able
    )
