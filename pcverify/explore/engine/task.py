"""One thread of the program under control: a greenlet that stops before each of its operations.

What a suspended task is about to do stands in its attributes, so that whoever chooses the next step can see it. A
greenlet costs more to make than most executions take, so one that came to its end can serve as another task in the
next execution of the same exploration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.explore.control.crossing import write
from pcverify.explore.control.locals import KEYED, Storage, forget_dead
from pcverify.explore.engine.switching import Greenlet, getcurrent

if TYPE_CHECKING:
    import contextvars
    import threading
    from collections.abc import Callable

    from pcverify.explore.control.crossing import Crossing
    from pcverify.explore.engine.run import Run

PATIENCE = 1_000  # how often a task may catch the exception that ends it
WAITING = frozenset({"acquire", "get", "join"})
"""The kinds of operations that may have to wait for their object."""
NEVER_EMPTY: list[Storage] = []
"""Those whose values were brought back by destructors again and again; kept, for letting them go would be no end."""


class Unwound(BaseException):
    """Raised in a task whose execution is over, so that its `finally` clauses run and its stack goes away."""


class Task(Greenlet):
    """One thread of the program, by its name.

    Attributes:
        name: unique in its execution.
        number: counted from 0 in the order in which the tasks were made.
        thread: the `threading.Thread` that it is to the program.
        again: whether it can serve as another task when it has ended.
        attends: whether the execution goes on until it has ended: it is no daemon.
        ended: whether it has taken its last step.
        result: what its function returned.
        error: the exception that its function did not catch.
        kind: the operation before which it is suspended; see `Step`.
        object: what that operation is on: a lock, a queue, a thread, the task that it joins, or None.
        blocked: whether that operation cannot be done now.
        deadline: when the operation gives up, in virtual seconds.
        timed_out: whether that moment has come.
        handling: the exception that it is handling, while the driver chooses.
        since: when it took its last step, in virtual seconds.
    """

    __slots__ = (  # much faster to find than in a greenlet's dict
        *(
            "_caller",
            "_own_storage",
            "_unwinding",
            "access",
            "again",
            "attends",
            "begun",
            "blocked",
            "cleaned",
            "deadline",
        ),
        *(
            "ended",
            "entries",
            "error",
            "execution",
            "failed_try",
            "function",
            "handling",
            "ident",
            "interruption",
            "kind",
        ),
        *("made_at", "name"),
        *(
            "new_lock",
            "number",
            "object",
            "parked",
            "place",
            "result",
            "second_word",
            "since",
            "thread",
            "timed_out",
            "timer",
        ),
        *("traced", "waiter", "word"),
    )

    execution: Run
    number: int
    name: str
    thread: threading.Thread
    ident: int
    attends: bool
    again: bool
    function: Callable[[], Any]
    object: Any
    deadline: float | None
    access: Any  # and `cleaned`: see `granularity.points`
    cleaned: int
    result: Any
    error: BaseException | None
    handling: BaseException | None

    def __init__(self, execution: Run, *, again: bool = False) -> None:
        """Make a greenlet that waits for `begin`; with `again`, it does so again when it has come to its end."""
        super().__init__(parent=execution.driver)
        self.execution = execution
        self.ended = False
        self.interruption: BaseException | None = None
        self._own_storage = Storage()
        self.see(None)
        self.place = execution.place
        self.again = again
        self._caller = getcurrent()
        self.switch()  # up to the wait in `run`: a greenlet that starts inside a trace function would not be traced

    def begin(
        self,
        execution: Run,
        number: int,
        name: str,
        function: Callable[[], Any],
        thread: threading.Thread,
        ident: int,
        context: contextvars.Context | None = None,
    ) -> None:
        """Become a task of an execution; it calls `function` when it is first chosen."""
        self.execution = execution
        self.number = number
        self.name = name
        self.function = function
        self.thread = thread
        self.ident = ident
        self.gr_context = context
        self.kind = "start"
        self.object = None
        self.deadline = None
        self.timer = 0  # the number of the entry in the scheduler's heap that is valid; 0 if none is
        self.since = execution.clock.now
        self.blocked = self.timed_out = self.ended = self.begun = False
        self.new_lock: Any = None  # the lock that it has made last,
        self.made_at = 0  # and how many steps there had been then: nobody else knows it before the next one
        self.waiter: Any = None  # a lock that it holds and waits for: another task releases it, to wake this one
        self.interruption = None
        self.parked = False  # whether it was blocked when it was interrupted
        self.failed_try = False  # for the record: whether the last operation did not get what it wanted
        self.result = self.error = self.handling = None
        self._unwinding = 0

    def __repr__(self) -> str:
        """Show the name and how far it is."""
        return f"<task {self.name}: {'ended' if self.ended else 'before ' + self.kind}>"

    def see(self, storage: Storage | Crossing | None) -> None:
        """Let this be what `threading.local` keeps values in, from the next switch on; None: this task's own."""
        storage = storage or self._own_storage
        self.word, self.second_word = storage.words
        self.entries = storage.entries

    def use_storage(self) -> None:
        """Let `threading.local` see what this task is to see, now that it goes on, or is about to."""
        self.place[0] = self.word
        if KEYED:
            self.place[1] = self.second_word
        elif self.entries:
            forget_dead(self.entries)

    def operation(self, kind: str, on: Any) -> None:
        """Suspend this task, which must be the running one, before an operation that can always be done."""
        self.kind = kind
        self.object = on
        self.pause()

    def wait(self, kind: str, on: Any, deadline: float | None) -> bool:
        """Suspend this task, which must be the running one, before an operation that cannot be done now.

        Returns:
            whether it can be done now; if not, its deadline has passed.
        """
        self.kind = kind
        self.object = on
        self.deadline = deadline
        self.execution.block(self)
        self.pause()
        return not self.gave_up()

    def pause(self) -> None:
        """Suspend this task, which must be the running one, until it is chosen."""
        execution = self.execution
        chosen = execution.next(self)
        if chosen is not self:
            if execution.instrumentation is None:
                chosen.switch()
            else:
                execution.instrumentation.switch(chosen)
            self.use_storage()
        if execution.disturbed:
            self.disturb()

    def disturb(self) -> None:
        """Raise what this task is to raise before its operation, if anything: its execution is over, or an exception.

        A lock that is being released is released first: no interpreter delivers an exception in between.
        """
        if self.execution.unwinding:
            self._unwind()
        if self.interruption is not None and self.kind != "release" and not self._waits(done=False):
            self.deliver()

    def done(self, result: Any = None) -> Any:
        """Raise what this task is to raise after its operation, if anything; else return `result`."""
        if self.interruption is not None and not self._waits(done=True):
            self.deliver()
        return result

    def _waits(self, *, done: bool) -> bool:
        looking = self.execution.instrumentation
        return looking is not None and looking.holds_back(self, done=done)

    def deliver(self) -> None:
        """Raise the exception that the driver wants this task to raise, if there is one."""
        error, self.interruption = self.interruption, None
        if error is not None:
            self.deadline = None
            self.timed_out = False
            raise error

    def gave_up(self) -> bool:
        """Whether this task goes on because its deadline has passed; it has no deadline any more."""
        self.deadline = None
        if self.timed_out:
            self.timed_out = False
            self.failed_try = True
            return True
        return False

    def may_wait(self) -> bool:
        """Whether its operation has to wait for its object, if that is not to be had now."""
        return self.kind in WAITING and not self.timed_out and self.interruption is None

    def can_go_on(self) -> bool:
        """Whether a step of this task is possible without its deadline passing."""
        return not self.blocked and not self.ended

    def run(self) -> None:
        """Run one function after another; what greenlet calls on the first switch."""
        caller = self._caller
        del self._caller
        caller.switch()
        while True:
            successor = self._run_function()
            if not self.again:
                return
            successor.switch()

    def _run_function(self) -> Any:
        """Call the function, and return who goes on when it is over."""
        execution = self.execution
        self.begun = True
        self.use_storage()
        if execution.instrumentation is not None:
            execution.instrumentation.enter_task()
        try:
            try:
                if execution.disturbed:
                    self.deliver()
                self.result = self.function()
            except (Exception, SystemExit) as error:
                execution.failed(self, error)
            if self.number == 0 and execution.surroundings.has_exit():
                self._exit()
            self._drop_locals()
            self.kind = "end"
            self.object = self.interruption = None  # an exception that was not raised yet comes too late
            self.pause()
        except Unwound:
            self._drop_locals()
            execution.gone(self)
            return execution.driver
        except BaseException as error:
            self._drop_locals()
            execution.gone(self)
            self.again = False
            if not execution.unwinding:
                execution.end_by(error)  # no program should let that through
            return execution.driver
        return execution.task_ended(self)

    def _exit(self) -> None:
        """Do what the interpreter does when its main thread has come to its end."""
        from pcverify.explore.control.exits import run_exit_calls  # noqa: PLC0415  # it needs the pools, and those need tasks

        try:
            run_exit_calls(self.execution.surroundings)
        except (Exception, SystemExit) as error:
            self.execution.failed(self, error)

    def _drop_locals(self) -> None:
        """Let the values of `threading.local` go: the last moment at which code of the program runs in this task."""
        storage = self._own_storage
        if (KEYED or self.entries) and storage.is_used():
            storage.drop(self.place)
            if storage.is_used():  # they come back for ever
                NEVER_EMPTY.append(storage)  # it is in use: were it freed now, destructors would write to freed memory
                self._own_storage = Storage()
                write(self.place, self._own_storage.words)
            self.see(None)
        if self.execution.instrumentation is not None:
            self.execution.instrumentation.leave_task()

    def _unwind(self) -> None:
        self._unwinding += 1
        if self._unwinding > PATIENCE:  # a loop that catches everything: leave it where it is
            self.again = False
            self.execution.driver.switch()
        raise Unwound


def end_idle(tasks: list[Task]) -> None:
    """Let the greenlets of tasks go that will not serve again; the one who stops using them must call this."""
    while tasks:
        tasks.pop().throw()
