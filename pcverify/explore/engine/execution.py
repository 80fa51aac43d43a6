"""One controlled run of a program, one step at a time.

    with Execution() as execution:
        q = ThreadSafeQueue(1)
        producer = execution.spawn(lambda: q.put("a"), "producer-0")
        while producer in execution.enabled:
            print(execution.step(producer))

Every task is a greenlet, and all of them share the OS thread of whoever drives the execution. The driver is no task:
it sees the real locks, threads and clocks, and so does everybody else in the process. A task is suspended before
each operation; `step` lets it do that one and the local code up to the next.

The driver may call what takes a lock only while no task holds that lock. Nothing here chooses: see `strategies`.

What it does not control: blocking calls other than those of `threading` and `time.sleep` (see `escapes`), finalisers,
and switches inside the local code between two operations. What it cannot control and does notice ends the execution
with `OutOfControl`.
"""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any

from pcverify.evidence import Trace, UsageError
from pcverify.explore.control import threads
from pcverify.explore.control.everything import crossing_here, redirect_everything
from pcverify.explore.control.locks import release_for_good, take_back
from pcverify.explore.engine import describe
from pcverify.explore.engine.run import Run
from pcverify.explore.engine.scheduler import CLOCK_ALONE
from pcverify.explore.engine.step import Blocked, Step
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task, Unwound
from pcverify.explore.errors import AlreadyRunning, OutOfControl, TooManySteps
from pcverify.explore.schedule import Choice, format_schedule

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pcverify.explore.control.redirect import Redirection
    from pcverify.explore.granularity import Instrumentation
    from pcverify.explore.schedule import Setting


class Execution(Run):
    """One controlled run.

    Args:
        max_steps: how many steps there may be; one more raises `TooManySteps`.
        redirection: what `redirect_everything` returned, if the caller has done that; it stays as it is.
        record: whether `step` says what it did and `trace` remembers it. Costs some 20 microseconds a step.
        instrumentation: what looks into the code of tasks, if anything does; it was begun, and stays as it is.
        idle: greenlets that can serve again; those that come to their end are added. None if they are not to.
        clocks_apart: whether each task has a time of its own, so that deadlines pass in any order.

    Attributes:
        steps: how many steps were taken.
        failure: the first task that failed, and its exception.
    """

    __slots__ = ("_adopted", "_labels", "_owns_redirection", "_record", "_recorded", "_redirection")

    def __init__(
        self,
        *,
        max_steps: int = 10_000,
        max_delay: float | None = None,
        max_idle: float | None = None,
        redirection: Redirection | None = None,
        record: bool = True,
        idle: list[Task] | None = None,
        instrumentation: Instrumentation | None = None,
        clocks_apart: bool = False,
    ) -> None:
        super().__init__(
            max_steps=max_steps, max_delay=max_delay, max_idle=max_idle, idle=idle, clocks_apart=clocks_apart
        )
        self.instrumentation = instrumentation
        self._redirection = redirection
        self._owns_redirection = redirection is None
        self._record = record
        self._recorded: list[Step] = []
        self._adopted: Task | None = None
        self._labels: describe.Labels | None = None

    def __enter__(self) -> Execution:
        """Begin it: put the process under control.

        Raises:
            MissingGreenlet, UnknownBuild, AlreadyRunning: see `redirect_everything`.
        """
        if self.driver is not None:
            raise AlreadyRunning("an Execution can be entered once: make another one")
        if self._redirection is None:
            self._redirection = redirect_everything()
        elif self._redirection.execution is not None:
            raise AlreadyRunning("another controlled execution is under way in this process: end it first")
        self._redirection.execution = self
        self.signals = self._redirection.signals
        self.signals.on_arrival = self.stop
        self.driver = getcurrent()
        self.crossing = crossing_here(self._redirection, self.driver)
        self.place = self.crossing.begin()
        self.excepthook = threading.excepthook
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it: unwind every task that has not ended, and leave the process as it was."""
        try:
            self._unwind_tasks()
        finally:
            self.crossing.end()
            if self.surroundings.after:
                self.surroundings.end()
            if self._adopted is not None:
                self._adopted.see(None)
            for lock in list(self.holders):
                release_for_good(lock)
            for lock in self.released_for_others:
                take_back(lock)
            self.holders.clear()
            for task in self._raw:
                threads.forget_raw(task)
            assert self._redirection is not None
            self._redirection.execution = None
            self._choose = None
            if self._owns_redirection:
                self._redirection.end()

    def _unwind_tasks(self) -> None:
        self.unwinding = self.disturbed = True
        self.next = self._stay
        stubborn = []
        for task in self._tasks:
            if not task.ended:
                if task.begun:
                    task.use_storage()
                    task.throw(Unwound)
                    if not task.ended:
                        stubborn.append(task.name)
                if not task.ended:
                    self.gone(task)
        if self._idle is not None:
            self._idle += [task for task in self._tasks if task.again and task.ended]
        if stubborn:
            raise UsageError(f"{stubborn[0]} cannot be ended: it goes on after every exception, BaseException included")

    # What the driver does.

    def spawn(self, function: Callable[[], Any], name: str) -> Task:
        """Make a task that will call `function`; it does nothing until it is stepped.

        Raises:
            UsageError: the name is taken, or a task calls this: a task starts a `threading.Thread`.
        """
        self._must_be_driver("spawn")
        if name in self._names:
            raise UsageError(f"there is a task called {name!r} already; give this one another name")
        thread: Any = threading.Thread(name=name)
        thread._started._flag = True
        return self.add_task(name, function, thread)

    def adopt(self, function: Callable[[], Any], name: str) -> Task:
        """Make a task that is, to the program, the thread that drives this execution."""
        self._must_be_driver("adopt")
        context = contextvars.copy_context()
        task = self._add(name, function, threading.current_thread(), threading.get_ident(), context)
        self.crossing.share()
        task.see(self.crossing)
        self._adopted = task
        return task

    def step(self, task: Task) -> Step | None:
        """Let a task do its operation and the local code up to the next one.

        A task that cannot go on, and has the earliest deadline of those that cannot, steps by its deadline passing.

        Returns:
            what it did; None unless this execution records.

        Raises:
            UsageError: it can take no step now.
            TooManySteps: there were `max_steps` steps already.
            OutOfControl: it did something that the scheduler cannot control.
        """
        self._must_be_driver("step")
        if task not in self.choices():
            raise UsageError(
                f"{task.name} cannot take a step: it {'has ended' if task.ended else self.blocked_on(task)}"
            )
        if not self._record:
            self.take(task)
            return None
        kind, label = describe.operation_of(task, self._names_of_objects())
        location = describe.location_of(task)
        before, tasks = self.enabled, self.tasks
        woken = describe.waiting_tasks(task.object, self.tasks) if kind == "notify" else ()
        passed = task.timed_out or task.blocked
        self.take(task)
        effects = []
        if passed and kind != "sleep":
            effects.append("its deadline has passed")
        elif task.failed_try:
            effects.append("in vain")
        effects += [f"wakes {other.name}" for other in woken]
        enabled = self.enabled
        effects += [
            f"lets {other.name} go on" for other in enabled if other in tasks and other not in (task, *before, *woken)
        ]
        if task.error is not None and self.failure == (task, task.error) and kind != "end":
            effects.append(f"raises {task.error!r}")
        return self._note(task, kind, label, location, "\n".join(effects))

    def take(self, task: Task) -> None:
        """Do what `step` does, for a task that is known to be one of the `choices`; record nothing."""
        if self.steps >= self.max_steps:
            raise TooManySteps(
                f"an execution took more than {self.max_steps:,} steps: a livelock? else raise max_steps"
            )
        self.steps += 1
        if task.blocked:
            self._log.append(~task.number)
            self._pass_deadline(task)
        else:
            self._log.append(task.number)
        task.failed_try = False
        task.handling = None
        task.switch()
        self.crossing.come_back()
        self.raise_what_came()

    def advance_clock(self) -> None:
        """Let the earliest pending deadline pass, and those that are at the same time; no task runs.

        Raises:
            UsageError: no deadline is pending.
        """
        self._must_be_driver("advance_clock")
        self.look_again()
        late = self.earliest()
        if not late:
            raise UsageError("no deadline is pending: no task waits with a timeout for what it cannot have now")
        for task in late:
            self._pass_deadline(task)
        self._log.append(CLOCK_ALONE)
        if self._record:
            names = ", ".join(task.name for task in late)
            self._note(None, "clock", "", "", f"it is {self.clock.now:g} s: {names} can go on")

    def expire(self, task: Task, deadline: float) -> None:
        """Let the time of a task pass to a deadline, with clocks apart; the task does nothing, and learns it later."""
        self._must_be_driver("expire")
        if not self.clock.apart:
            raise UsageError("expire: the tasks share one clock: make an Execution with clocks_apart=True")
        self.clock.pass_to(deadline, task)

    def interrupt(self, task: Task, error: BaseException, *, skip: int = 0) -> None:
        """Let a task raise `error` at its next step, also where it is parked: as a signal's handler would.

        It raises before what it is about to do, which is then not done; only the release of a lock is done first. At
        granularity `opcode`, in code that is looked into, a task that is not parked raises where the interpreter looks
        for signals next: that may be in a later step, and is never if it does so no more.

        Args:
            task: one that has not ended.
            error: what it is to raise.
            skip: at `opcode` only: how often the interpreter looks before it is told of `error`. So all places of an
                operation can be tried, one after another.

        Raises:
            UsageError: it has ended; or granularity is `opcode`, and this is not the main thread; or it is not, and
                something is to be skipped.
        """
        self._must_be_driver("interrupt")
        if task.ended or task.kind == "end":
            raise UsageError(f"{task.name} has ended, and cannot be interrupted")
        passes_over = self.instrumentation is not None and self.instrumentation.expect_exception(skip)
        if skip and not passes_over:
            raise UsageError("interrupt: skip counts places among instructions, so it needs granularity opcode")
        task.interruption = error
        task.parked = task.blocked
        self.disturbed = True
        if task.blocked:
            self.take_from_waiting(task)

    # What the driver can see.

    @property
    def enabled(self) -> tuple[Task, ...]:
        """The tasks that can take a step now, in the order in which they were made."""
        self.look_again()
        return tuple(self.ready)

    def choices(self) -> list[Task]:
        """Return what may happen next: the enabled tasks, then those whose deadline may pass now."""
        self.look_again()
        return self.ready + self._late()

    @property
    def pending_deadlines(self) -> tuple[tuple[float, Task], ...]:
        """The deadlines of the tasks that cannot go on, earliest first, in virtual seconds since the start."""
        pending = [(task.deadline, task) for task in self.blocked if task.deadline is not None]
        return tuple(sorted(pending, key=lambda pair: pair[0]))

    @property
    def next_deadline(self) -> float | None:
        """The earliest pending deadline; None if there is none."""
        pending = self.pending_deadlines
        return pending[0][0] if pending else None

    def blocked_on(self, task: Task) -> Blocked | None:
        """Return why a task cannot go on; None if it can, or has ended."""
        self.look_again()
        return describe.blocked_on(task, self._names_of_objects())

    @property
    def blocked(self) -> tuple[Task, ...]:
        """The tasks that cannot take a step now and have not ended."""
        self.look_again()
        return tuple(task for task in self._tasks if task.blocked)

    def only_daemons_left(self) -> bool:
        """Whether every task that has not ended is a daemon thread, so that the program is over."""
        return self._attending == 0

    def refuse_what_is_held_outside(self) -> None:
        """Raise `OutOfControl` if a task waits for a lock that no task holds: who does might yet release it."""
        for task in self.blocked:
            blocked = self.blocked_on(task)
            if blocked is None or blocked.holder is not None or blocked.parked:
                continue
            if blocked.kind in {"acquire", "reacquire"}:
                raise OutOfControl(f"{task.name} {blocked} at {blocked.location}")

    @property
    def log(self) -> list[int]:
        """The choices so far: a task's number, or ~number where its deadline passed."""
        return self._log

    @property
    def schedule(self) -> str:
        """The choices so far, as text.

        `Replay` runs it again if `explore` made it, or might have: one task at first, and the clock never alone.
        """
        return self.schedule_in(None)

    def schedule_in(self, setting: Setting | None) -> str:
        """Return the choices so far, made in this setting; None: in this process at `sync`."""
        return format_schedule(map(_choice, self._log), setting)

    @property
    def trace(self) -> Trace:
        """All steps so far; `violates` says what is wrong in this moment, and is empty if nothing is."""
        violates = ""
        if self.failure is not None:
            violates = f"{self.failure[0].name} raises {self.failure[1]!r}"
        elif any(not task.ended for task in self._tasks) and not self.choices():
            violates = "Deadlock"
        return Trace(violates, tuple(step.to_trace_step() for step in self._recorded))

    @property
    def recorded(self) -> tuple[Step, ...]:
        """All steps so far."""
        return tuple(self._recorded)

    def _names_of_objects(self) -> describe.Labels:
        if self._labels is None:
            self._labels = describe.Labels()
        return self._labels

    def _must_be_driver(self, what: str) -> None:
        if self.driver is None or self.unwinding:
            raise UsageError(f"{what}() belongs inside `with Execution() as execution:`")
        if getcurrent() is not self.driver:
            raise UsageError(f"{what}() is for the driver of the execution, and was called by something else")

    def _note(self, task: Task | None, kind: str, label: str, location: str, effect: str) -> Step:
        step = Step(len(self._recorded) + 1, task, kind, label, location, effect)
        self._recorded.append(step)
        return step


def _choice(logged: int) -> Choice:
    """Return a choice as schedules write it."""
    if logged == CLOCK_ALONE:
        return Choice(None, "clock")
    return Choice(logged) if logged >= 0 else Choice(~logged, "deadline")
