"""One execution of a program from beginning to end: how it comes out, and what a failing one looks like in detail."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcverify.evidence import Trace
from pcverify.explore.engine.execution import Execution
from pcverify.explore.engine.task import end_idle
from pcverify.explore.errors import OutOfControl, ReplayDeparted, TooManySteps
from pcverify.explore.explaining import own_part, raised_at, states_of
from pcverify.explore.minimise import minimise
from pcverify.explore.result import Counterexample, text_of
from pcverify.explore.strategies import Replay
from pcverify.explore.watchdog import Expired

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.bounds import Bounds
    from pcverify.explore.capture import Capture
    from pcverify.explore.control.redirect import Redirection
    from pcverify.explore.engine.task import Task
    from pcverify.explore.granularity import Instrumentation
    from pcverify.explore.result import Kind
    from pcverify.explore.schedule import Setting
    from pcverify.explore.strategies import Strategy

LAST_STEPS = 40  # of a livelock are shown


@dataclass(eq=False, slots=True)  # not frozen: that takes a microsecond, and there is one of these for each execution
class Ended:
    """How one execution ended.

    Attributes:
        outcome: the `repr` of what the program returned, `EXC:` and the type of what it raised, or what became of it.
        failed: whether that is a violation.
        steps: how many there were.
        unfair: whether it reached `max_steps`, and went on fairly.
        schedule: the choices as text, if they were asked for; always of one that failed.
        log: the same as numbers.
        where: the line that raised, of one that failed by an exception.
        pruned: whether the strategy had it end early; then it has no outcome.
    """

    outcome: str
    failed: bool
    steps: int
    unfair: bool
    schedule: str = ""
    log: tuple[int, ...] = ()
    where: str = ""
    pruned: bool = False


class Attempts:
    """Runs one program again and again, under one redirection."""

    def __init__(
        self,
        function: Callable[[], Any],
        bounds: Bounds,
        setting: Setting,
        redirection: Redirection,
        capture: Capture,
        instrumentation: Instrumentation | None,
    ) -> None:
        self.function = function
        self.bounds = bounds
        self.setting = setting
        self.redirection = redirection
        self.capture = capture
        self.instrumentation = instrumentation
        self.execution: Execution | None = None  # the one under way, or cut short
        self._idle: list[Task] = []

    def close(self) -> None:
        """Let go of what served all executions."""
        end_idle(self._idle)

    def run(self, strategy: Strategy, *, keep_going: bool = False, known: Any = ()) -> Ended:
        """Run the program once.

        Args:
            strategy: makes the choices.
            keep_going: go on after the first failure within the execution.
            known: outcomes whose schedule is not needed any more.

        Raises:
            OutOfControl: a task did something that the scheduler cannot control.
            BaseException: what the strategy raised, or what came from outside.
        """
        bounds = self.bounds
        self.execution = execution = Execution(
            max_steps=bounds.max_steps,
            max_delay=bounds.max_delay,
            max_idle=bounds.max_idle,
            redirection=self.redirection,
            record=False,
            idle=self._idle,
            instrumentation=self.instrumentation,
        )
        collecting = gc.isenabled()
        gc.disable()  # or finalisers would run at moments that depend on how much was allocated before
        try:
            with execution:
                main = execution.adopt(self.function, "main")
                execution.run(strategy, keep_going=keep_going)
                pruned = execution.pruned
                outcome, failed = ("", False) if pruned else _outcome(execution, main)
                ended = Ended(outcome, failed, execution.steps, execution.unfair, pruned=pruned)
                if not pruned and (failed or outcome not in known):
                    failure = execution.failure
                    where = "" if failure is None else raised_at(failure[1])
                    schedule, log = execution.schedule_in(self.setting), tuple(execution.log)
                    ended = Ended(outcome, failed, execution.steps, execution.unfair, schedule, log, where)
        except Expired:  # on the driver's own stack, in the outcome's `repr`
            execution.raise_what_came()
            raise
        finally:
            if collecting:
                gc.enable()
        self.execution = None
        return ended

    def minimised(self, ended: Ended) -> Ended:
        """Return an execution that fails in the same way with as few context switches, then steps, as were found."""

        def execute(strategy: Strategy) -> list[int] | None:
            try:
                tried = self.run(strategy)
            except (OutOfControl, TooManySteps):
                return None
            if (tried.outcome, tried.where) != (ended.outcome, ended.where) or tried.unfair:
                return None
            tries[tried.log] = tried
            return list(tried.log)

        if ended.unfair:
            return ended
        tries = {ended.log: ended}
        return tries[tuple(minimise(list(ended.log), execute))]

    def explained(
        self, ended: Ended, strategy: str, inspect: Callable[[Execution], None] | None = None
    ) -> Counterexample:
        """Run a failing execution again, recording it and what it prints.

        Raises:
            ReplayDeparted: it does not happen again.
        """
        replay = Replay(ended.schedule)
        execution = Execution(
            max_steps=2 * self.bounds.max_steps,
            max_delay=self.bounds.max_delay,
            redirection=self.redirection,
            instrumentation=self.instrumentation,
        )
        self.capture.start()
        with execution:
            execution.adopt(self.function, "main")
            while not replay.over and (choices := execution.choices()):
                execution.step(choices[replay.choose(choices, None)])
            replay.end()
            trace = execution.trace
            if ended.outcome == "LIVELOCK":
                trace = Trace(trace.violates, trace.steps[-LAST_STEPS:])
            blocked = tuple((task.name, str(execution.blocked_on(task))) for task in execution.blocked)
            tasks = tuple(task.name for task in execution.tasks)
            states = states_of(execution)
            failure = execution.failure
            kind, message = self._what_broke(ended, execution, strategy)
            if inspect is not None:
                inspect(execution)
        output = self.capture.stop()
        error = None if failure is None else own_part(failure[1])
        return Counterexample(
            kind=kind,
            message=message,
            trace=trace,
            tasks=tasks,
            blocked=blocked if error is None else (),
            schedule=ended.schedule,
            program=getattr(self.function, "__name__", "program"),
            error=error,
            where="" if error is None else raised_at(error),
            states=states,
            output=output,
        )

    def _what_broke(self, ended: Ended, execution: Execution, strategy: str) -> tuple[Kind, str]:
        """Return the kind of a failure, and a sentence."""
        if execution.failure is not None:
            task, error = execution.failure
            said = f": {text}" if (text := text_of(error, str)) else ""
            kind: Kind = "assertion" if isinstance(error, AssertionError) else "exception"
            return kind, f"{task.name} fails with {type(error).__name__}{said}"
        if ended.outcome == "DEADLOCK" and not execution.choices():
            return "deadlock", "Deadlock: nobody can go on."
        if ended.outcome == "LIVELOCK":
            steps = f"{self.bounds.max_steps:,}"
            by = f"{steps} steps by {strategy} and {steps} fair ones"
            return "livelock", f"Livelock: {by}, and somebody still goes on."
        if ended.outcome == "STALL":
            idle = f"max_idle={self.bounds.max_idle:g} s"
            return "stall", f"Stall: nobody can go on before {execution.next_deadline:g} s; longer than {idle}."
        raise ReplayDeparted(execution.steps, ended.outcome, "no failure")


def _outcome(execution: Execution, main: Task) -> tuple[str, bool]:
    """Return how an execution came out, and whether that is a failure."""
    if execution.failure is not None:
        return f"EXC:{type(execution.failure[1]).__name__}", True
    if execution.livelock:
        return "LIVELOCK", True
    if execution.stalled:
        return "STALL", True
    if not execution.only_daemons_left():
        execution.refuse_what_is_held_outside()
        return "DEADLOCK", True
    return text_of(main.result), False
