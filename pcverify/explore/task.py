"""One thread of the program under control: a greenlet that stops before each of its operations.

What a suspended task is about to do stands in its attributes, so that whoever chooses the next step can see it and
nothing has to be kept up to date elsewhere: a task can go on if nothing holds it up (`held()`), or if its deadline
has passed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pcverify.explore.switching import Greenlet

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from pcverify.explore.execution import Execution

PATIENCE = 1_000  # how often a task may catch the exception that ends it


PROGRAMS_OWN = (Exception, SystemExit, GeneratorExit)
"""What a program may raise. Other exceptions (Ctrl-C, the end of a test's time) happen to come while a task runs."""


class Unwound(BaseException):
    """Raised in a task whose execution is over, so that its `finally` clauses run and its stack goes away."""


class Task(Greenlet):
    """One thread of the program, by its name.

    Attributes:
        name: unique in its execution.
        number: counted from 0 in the order in which the tasks were made.
        ended: whether it has taken its last step.
        result: what its function returned.
        error: the exception that its function did not catch.
        kind: the operation before which it is suspended.
        object: what that operation is on: a lock, a thread, or None.
        held: tells whether something keeps the operation from being done now; None if nothing ever can.
        deadline: when the operation gives up, in virtual seconds.
        timed_out: whether that moment has come.
    """

    def __init__(
        self,
        execution: Execution,
        number: int,
        name: str,
        function: Callable[[], Any],
        thread: threading.Thread,
        ident: int,
    ) -> None:
        super().__init__(parent=execution.driver)
        self.execution = execution
        self.number = number
        self.name = name
        self.function = function
        self.thread = thread
        self.ident = ident
        self.kind = "start"
        self.object: Any = None
        self.held: Callable[[], bool] | None = None
        self.deadline: float | None = None
        self.timed_out = False
        self.waiter: Any = None  # the lock that Condition.wait made last
        self.waiter_is_new = False
        self.joined = False
        self.ended = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.failed_try = False  # for the record: whether the last operation did not get what it wanted
        self._unwinding = 0

    def __repr__(self) -> str:
        """Show the name and how far it is."""
        return f"<task {self.name}: {'ended' if self.ended else 'before ' + self.kind}>"

    def operation(
        self, kind: str, on: Any, held: Callable[[], bool] | None = None, deadline: float | None = None
    ) -> bool:
        """Suspend this task, which must be the running one, before an operation.

        Returns:
            whether the operation can be done now; if not, its deadline has passed.
        """
        execution = self.execution
        if execution.unwinding:
            self._unwind()
        passing = sys.exc_info()[1]
        if passing is not None and not isinstance(passing, PROGRAMS_OWN):
            execution.interrupt(passing)
        self.kind = kind
        self.object = on
        self.held = held
        self.deadline = deadline
        execution.driver.switch()
        if execution.unwinding:
            self._unwind()
        self.held = self.deadline = None
        if self.timed_out:
            self.timed_out = False
            self.failed_try = True
            return False
        return True

    def can_go_on(self) -> bool:
        """Whether a step of this task is possible without its deadline passing."""
        return self.held is None or self.timed_out or not self.held()

    def run(self) -> None:
        """Run the function; what greenlet calls on the first switch."""
        try:
            try:
                self.result = self.function()
            except Exception as error:
                self.execution.failed(self, error)
            except SystemExit as error:
                self.execution.failed(self, error)
            self.operation("end", None)
        except Unwound:
            pass
        finally:
            self.ended = True
            self.kind = "end"

    def _unwind(self) -> None:
        self._unwinding += 1
        if self._unwinding > PATIENCE:  # a loop that catches everything: leave it where it is
            self.execution.driver.switch()
        raise Unwound
