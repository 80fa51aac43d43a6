"""What tasks tell of themselves: that they begin, fail and end; and what each execution has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.explore.control import threads
from pcverify.explore.control.surroundings import Surroundings
from pcverify.explore.engine.scheduler import Scheduler
from pcverify.explore.engine.task import Task, Unwound
from pcverify.explore.errors import OutOfControl

if TYPE_CHECKING:
    import contextvars
    import threading
    from collections.abc import Callable


class Run(Scheduler):
    """A controlled run as its tasks see it.

    Attributes:
        holders: which task holds which lock.
        depths: how often, for those that can be held more than once.
        released_for_others: locks that were held before the run, and that a task released.
        tasks_by_thread: which task stands for which thread.
        threads_named: how many threads were given a number.
        excepthook: `threading.excepthook` as it was before the run.
        surroundings: what the process has once, and each execution anew.
    """

    __slots__ = (
        *("_idle", "_names", "_raw", "depths", "excepthook", "holders", "released_for_others", "surroundings"),
        *("tasks_by_thread", "threads_named"),
    )

    def __init__(
        self,
        *,
        max_steps: int,
        max_delay: float | None,
        max_idle: float | None,
        idle: list[Task] | None,
        clocks_apart: bool,
    ) -> None:
        super().__init__(max_steps=max_steps, max_delay=max_delay, max_idle=max_idle, clocks_apart=clocks_apart)
        self.holders: dict[Any, Task] = {}
        self.depths: dict[Any, int] = {}
        self.released_for_others: list[Any] = []
        self.tasks_by_thread: dict[threading.Thread, Task] = {}
        self.threads_named = 0
        self.excepthook: Any = None
        self.surroundings = Surroundings()
        self._names: set[str] = set()
        self._raw: list[Task] = []  # those of threads that no `threading.Thread` stands for
        self._idle = idle

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks, those that have ended too, in the order in which they were made."""
        return tuple(self._tasks)

    def add_task(self, name: str, function: Callable[[], Any], thread: threading.Thread) -> Task:
        """Make a task for a thread that is being started."""
        number = 2
        unique = name
        while unique in self._names:
            unique, number = f"{name}#{number}", number + 1
        ident = len(self._tasks) + 1
        threads.enter_active(thread, ident)
        return self._add(unique, function, thread, ident)

    def enter(self, name: str, function: Callable[[], Any], thread: Any) -> None:
        """Make a task for a thread that no `threading.Thread` stands for."""
        self._raw.append(self._add(name, function, thread, len(self._tasks) + 1))

    def _add(
        self,
        name: str,
        function: Callable[[], Any],
        thread: threading.Thread,
        ident: int,
        context: contextvars.Context | None = None,
    ) -> Task:
        idle = self._idle
        task = idle.pop() if idle else Task(self, again=idle is not None)
        number = len(self._tasks)
        self._tasks.append(task)
        task.begin(self, number, name, function, thread, ident, context)
        self._names.add(name)
        self.tasks_by_thread[thread] = task
        task.attends = number == 0 or not thread._daemonic  # type: ignore[attr-defined]
        self._attending += task.attends
        self.ready.append(task)
        return task

    def task_ended(self, task: Task) -> Any:
        """Note that a task has taken its last step. Returns who goes on."""
        self.ready.remove(task)
        self.gone(task)
        self.unblock(task)
        return self.next(task) if self._attending else self.driver

    def gone(self, task: Task) -> None:
        """Note that a task does nothing any more."""
        task.ended = True
        if task.ident == task.number + 1:
            threads.leave_active(task)
        self._attending -= task.attends

    def failed(self, task: Task, error: BaseException) -> None:
        """Remember an exception that a task did not catch, and the first one of the execution."""
        task.error = error
        if self.failure is None:
            self.failure = task, error
        if not self._keep_going:
            self.stop()

    def refuse(self, task: Task, what: str) -> None:
        """End the execution: the running task is about to do what cannot be controlled."""
        self._ended_by = OutOfControl(f"{task.name} {what}")
        self.stop()
        raise Unwound

    def end_by(self, error: BaseException) -> None:
        """Let the driver raise `error` at the next step; another OS thread may call this."""
        if self._ended_by is None:
            self._ended_by = error
        self.stop()

    @property
    def was_ended(self) -> bool:
        """Whether there is something for the driver to raise."""
        return self._ended_by is not None
