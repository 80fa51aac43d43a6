"""Many executions of one program under one strategy, and what they show.

    result = explore(program)                               # every schedule
    result = explore(program, strategy=Random(10_000))
    result = explore(program, strategy=Replay("s1:0x4.1"))

The program is an ordinary function. The threads that it starts are interleaved as the strategy says. It fails if a
thread or the function itself raises an exception, or if nobody can go on; the first failure ends the exploration,
and comes with the steps that lead to it.

Each execution starts from nothing: what the program needs it makes itself. What is kept between executions (a
module's global, a class attribute) changes what the next one does; that is noticed where it changes the choices.

What OK does not show: anything beyond this one program and its inputs; what a switch inside the code between two
operations on locks, threads or the clock would do, such as a data race there; weaker memory than Python's under the
interpreter lock. A deadline may pass at any time after it was set, so a timeout is tried early and late; but of those
pending it is always the earliest that passes first, as if running code took no time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pcverify.evidence import Trace, UsageError, Verdict
from pcverify.explore.control import redirect_everything
from pcverify.explore.errors import OutOfControl, ReplayDeparted, TooManySteps
from pcverify.explore.execution import Execution
from pcverify.explore.strategies import Dfs, Replay
from pcverify.report.lanes import lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.redirect import Redirection
    from pcverify.explore.strategies import Strategy
    from pcverify.explore.task import Task

LAST_STEPS = 40  # of a livelock are shown

Kind = Literal["deadlock", "exception", "assertion", "livelock", "stall"]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A failing execution.

    Attributes:
        kind: whether nobody can go on, a task raised an exception, or an assertion failed in one.
        message: what broke, in a sentence.
        trace: the steps.
        tasks: the names of all tasks, in the order in which they were made.
        blocked: for each task that cannot go on, its name and what it waits for.
        schedule: what `Replay` needs to run it again.
        program: the name of the function that was explored.
        error: the exception, if there is one.
    """

    kind: Kind
    message: str
    trace: Trace
    tasks: tuple[str, ...]
    blocked: tuple[tuple[str, str], ...]
    schedule: str
    program: str
    error: BaseException | None = field(compare=False)

    @property
    def replay(self) -> str:
        """The call that runs it again."""
        return f'explore({self.program}, strategy=Replay("{self.schedule}"))'

    def __str__(self) -> str:
        """Show it, one column per task."""
        return self.format()

    def format(self, width: int = 100) -> str:
        """Show it, one column per task, within `width` characters if that is enough for all columns."""
        return f"{self.message}\n\n" + lanes(
            self.trace, tasks=self.tasks, blocked=self.blocked, replay=self.replay, width=width
        )


@dataclass(frozen=True, slots=True)
class Exploration:
    """What an exploration showed.

    Attributes:
        verdict: OK: every schedule was run, none failed. SAMPLED: as many as asked for, none failed. VIOLATION: see
            `counterexample`. UNKNOWN: see `reason`.
        strategy: the name of the strategy.
        executions: how many came to their end.
        steps: how many steps these took together.
        outcomes: how often the program returned what (`repr`), failed (`EXC:` and the type) or got stuck (`DEADLOCK`).
        counterexample: the first execution that failed.
        reason: why the verdict is UNKNOWN.
    """

    verdict: Verdict
    strategy: str
    executions: int
    steps: int
    outcomes: dict[str, int]
    counterexample: Counterexample | None = None
    reason: str = ""

    def __str__(self) -> str:
        """Say what was shown; a counterexample in full."""
        text = f"{self.verdict}: {self.executions:,} executions, {self.steps:,} steps by {self.strategy}"
        if self.reason:
            text += f"; {self.reason}"
        return text if self.counterexample is None else f"{text}\n{self.counterexample}"


def explore(
    function: Callable[[], Any],
    *,
    strategy: Strategy | None = None,
    max_executions: int | None = None,
    max_steps: int = 10_000,
    max_delay: float | None = 1.0,
    max_idle: float | None = 3_600.0,
    keep_going: bool = False,
) -> Exploration:
    """Run `function` under control, again and again, as `strategy` says.

    Args:
        function: the program. Its return value is its outcome.
        strategy: `Dfs()` if not given.
        max_executions: end after so many executions; the verdict is UNKNOWN if the strategy had more to do.
        max_steps: the longest execution that is allowed; one that is longer makes the verdict UNKNOWN.
        keep_going: count the outcomes of all executions instead of ending with the first failure.

    Raises:
        UsageError: control is not possible: see `redirect_everything`.
        ReplayDeparted: `strategy` is a `Replay` and its schedule does not fit the program.
    """
    if max_executions is not None and max_executions < 1:
        raise UsageError(f"max_executions={max_executions} would run nothing: give at least 1, or None for no bound")
    strategy = Dfs() if strategy is None else strategy
    redirection = redirect_everything()
    try:
        return _Search(function, strategy, max_steps, max_delay, max_idle, keep_going, redirection).run(max_executions)
    finally:
        redirection.end()


@dataclass
class _Ended:
    """How one execution ended."""

    outcome: str
    failed: bool
    schedule: str = ""


class _Search:
    """The state of one exploration."""

    def __init__(
        self,
        function: Callable[[], Any],
        strategy: Strategy,
        max_steps: int,
        max_delay: float | None,
        max_idle: float | None,
        keep_going: bool,
        redirection: Redirection,
    ) -> None:
        self.function = function
        self.strategy = strategy
        self.max_steps = max_steps
        self.max_delay = max_delay
        self.max_idle = max_idle
        self.keep_going = keep_going
        self.redirection = redirection
        self.executions = 0
        self.steps = 0
        self.cut = 0  # how many executions reached max_steps
        self.outcomes: dict[str, int] = {}
        self.first_failure: _Ended | None = None
        self.idle: list[Task] = []

    def run(self, max_executions: int | None) -> Exploration:
        """Run until the strategy, the program or a bound ends it."""
        strategy = self.strategy
        reason = ""
        try:
            while strategy.begin():
                if max_executions is not None and self.executions >= max_executions:
                    reason = f"max_executions={max_executions} came before the end of {strategy.name}"
                    break
                ended = self._execute(strategy)
                if ended.failed and self.first_failure is None:
                    self.first_failure = ended
                    if not self.keep_going:
                        break
                strategy.end(ended.failed)
        except ReplayDeparted as error:
            if isinstance(strategy, Replay):
                raise
            reason = f"the program is not deterministic: {error}"
        except (OutOfControl, TooManySteps) as error:
            reason = str(error)
        return self._result(reason)

    def _result(self, reason: str) -> Exploration:
        verdict = Verdict.UNKNOWN if reason else self.strategy.verdict
        if verdict is Verdict.OK and self.cut:
            verdict = Verdict.UNKNOWN
            reason = f"{self.cut:,} executions reached max_steps={self.max_steps:,} and were ended fairly"
        counterexample = None
        if self.first_failure is not None:
            try:
                counterexample = self._explain(self.first_failure)
                verdict = Verdict.VIOLATION
            except ReplayDeparted as error:
                verdict = Verdict.UNKNOWN
                reason = f"an execution ended in {self.first_failure.outcome}, but did not do so again: {error}"
        return Exploration(
            verdict, self.strategy.name, self.executions, self.steps, self.outcomes, counterexample, reason
        )

    def _execute(self, strategy: Strategy) -> _Ended:
        execution = Execution(
            max_steps=self.max_steps,
            max_delay=self.max_delay,
            max_idle=self.max_idle,
            redirection=self.redirection,
            record=False,
            idle=self.idle,
        )
        with execution:
            main = execution.adopt(self.function, "main")
            execution.run(strategy, keep_going=self.keep_going)
            outcome = self._outcome(execution, main)
            schedule = execution.schedule if outcome[1] else ""
        self.executions += 1
        self.steps += execution.steps
        self.cut += execution.unfair
        self.outcomes[outcome[0]] = self.outcomes.get(outcome[0], 0) + 1
        return _Ended(*outcome, schedule)

    def _outcome(self, execution: Execution, main: Task) -> tuple[str, bool]:
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
        return repr(main.result), False

    def _explain(self, ended: _Ended) -> Counterexample:
        """Run a failing execution again, recording it."""
        replay = Replay(ended.schedule)
        execution = Execution(
            max_steps=2 * self.max_steps, max_delay=self.max_delay, max_idle=None, redirection=self.redirection
        )
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
            failure = execution.failure
            kind, message = self._what_broke(ended, failure, execution)
        program = getattr(self.function, "__name__", "program")
        error = None if failure is None else failure[1]
        return Counterexample(
            kind, message, trace, tasks, blocked if error is None else (), ended.schedule, program, error
        )

    def _what_broke(
        self, ended: _Ended, failure: tuple[Task, BaseException] | None, execution: Execution
    ) -> tuple[Kind, str]:
        """Return the kind of a failure, and a sentence."""
        if failure is not None:
            task, error = failure
            said = f": {error}" if str(error) else ""
            return (
                "assertion" if isinstance(error, AssertionError) else "exception",
                f"{task.name} fails with {type(error).__name__}{said}",
            )
        if ended.outcome == "DEADLOCK" and not execution.choices():
            return "deadlock", "Deadlock: nobody can go on."
        if ended.outcome == "LIVELOCK":
            steps = f"{self.max_steps:,}"
            by = f"{steps} steps by {self.strategy.name} and {steps} fair ones"
            return "livelock", f"Livelock: {by}, and somebody still goes on."
        if ended.outcome == "STALL":
            late = execution.next_deadline
            return "stall", f"Stall: nobody can go on before {late:g} s; longer than max_idle={self.max_idle:g} s."
        raise ReplayDeparted(execution.steps, ended.outcome, "no failure")
