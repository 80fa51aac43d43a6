"""Many executions of one program under one strategy, and what they show.

    result = explore(program)                               # several strategies in turn
    result = explore(program, strategy="dfs")               # every schedule
    result = explore(program, strategy=Replay("s2:3.11:h0:sync:0x4.1"))

The program is an ordinary function. The threads that it starts are interleaved as the strategy says. It fails if a
thread or the function itself raises an exception, or if nobody can go on; the first failure ends the exploration,
and comes with the steps that lead to it.

Each execution starts from nothing: what the program needs it makes itself. What is kept between executions (a
module's global, a class attribute) changes what the next one does; that is looked for before the search begins, and
noticed later where it changes the choices.

What OK does not show: anything beyond this one program and its inputs; what a switch inside the code between two
operations on locks, threads or the clock would do, such as a data race there; weaker memory than Python's under the
interpreter lock. A deadline may pass at any time after it was set, so a timeout is tried early and late; but of those
pending it is always the earliest that passes first, as if running code took no time.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.attempts import Attempts
from pcverify.explore.bounds import Bounds, check_granularity
from pcverify.explore.capture import Capture
from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.errors import OutOfControl, ReplayDeparted, TooManySteps
from pcverify.explore.granularity import Ownership, instrumentation_for
from pcverify.explore.interruption import describe_interruption, is_interruption
from pcverify.explore.leaks import look_at, say_changes
from pcverify.explore.preparing import setting_of, strategy_named
from pcverify.explore.rehearsal import Rehearsal, departure, nothing_shared
from pcverify.explore.result import Exploration, Outcome
from pcverify.explore.schedule import UNKNOWN_SEED
from pcverify.explore.strategies import Replay
from pcverify.explore.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pcverify.explore.attempts import Ended
    from pcverify.explore.engine.execution import Execution
    from pcverify.explore.granularity import Instrumentation
    from pcverify.explore.schedule import Setting
    from pcverify.explore.strategies import Strategy


def explore(  # noqa: PLR0913  # each is a bound or a choice of its own, by keyword
    function: Callable[[], Any],
    *,
    strategy: str | Strategy = "portfolio",
    max_executions: int | None = None,
    max_seconds: float | None = None,
    max_steps: int = 10_000,
    max_delay: float | None = 1.0,
    max_idle: float | None = 3_600.0,
    max_silence: float = 10.0,
    granularity: str = "sync",
    instrument: Sequence[str] = (),
    seed: int = 0,
    keep_going: bool = False,
    progress: Callable[[int, float], None] | None = None,
    inspect: Callable[[Execution], None] | None = None,
) -> Exploration:
    """Run `function` under control, again and again, as `strategy` says.

    Before the search it is run three times, to see whether it does the same again. Ctrl-C, a signal whose handler
    raises and the end of a test's time are not raised: they make the verdict UNKNOWN, see `interrupted_by` there.

    Args:
        function: the program. Its return value is its outcome.
        strategy: the name of one, or one that was made: `Dfs()`, `Random(10_000)`, `Replay("s2:…")`.
        max_executions: end after so many. One that samples is then at its end, 1,000 if nothing else bounds it; an
            exhaustive one that had more to do ends in UNKNOWN.
        max_seconds: the same for real seconds; looked at after each execution.
        max_steps: after so many steps an execution goes on fairly, and after as many again it is a livelock. An
            exhaustive search in which one came to this bound ends in UNKNOWN.
        max_delay: for how many virtual seconds a deadline may pass while others can run; None for ever.
        max_idle: a wait that ends only after more virtual seconds than this is a stall; None if none is.
        max_silence: after so many real seconds without an operation the program is out of control.
        granularity: where a switch can happen: `sync`, `line` or `opcode`. A `Replay` brings its own.
        instrument: packages, modules or paths to look into beside the caller's own code, at `line` and `opcode`.
        seed: of a strategy that is given by name and draws.
        progress: is told after each execution how many there were, and for how many real seconds it goes on.
        inspect: is given the execution that ends in the counterexample, before its tasks are ended.
        keep_going: count the outcomes of all executions instead of ending with the first failure.

    Raises:
        UsageError: an argument is not possible, or control is not: see `redirect_everything`.
        ReplayDeparted: `strategy` is a `Replay` and its schedule does not fit the program.
    """
    bounds = Bounds(
        max_executions=max_executions,
        max_seconds=max_seconds,
        max_steps=max_steps,
        max_delay=max_delay,
        max_idle=max_idle,
        max_silence=max_silence,
    )
    if isinstance(instrument, str):
        raise UsageError(f"instrument={instrument!r} is one name: give a list of names")
    check_granularity(granularity, tuple(instrument))
    if isinstance(strategy, str):
        strategy, bounds = strategy_named(strategy, bounds, seed)
    setting, notes = setting_of(strategy, granularity, tuple(instrument))
    return _Search(function, strategy, bounds, keep_going, setting, notes, progress, inspect).explore()


class _Search:
    """The state of one exploration."""

    def __init__(
        self,
        function: Callable[[], Any],
        strategy: Strategy,
        bounds: Bounds,
        keep_going: bool,
        setting: Setting,
        notes: tuple[str, ...],
        progress: Callable[[int, float], None] | None,
        inspect: Callable[[Execution], None] | None,
    ) -> None:
        self.function = function
        self.strategy = strategy
        self.bounds = bounds
        self.keep_going = keep_going
        self.setting = setting
        self.notes = notes
        self.progress = progress
        self.inspect = inspect
        self.attempts: Attempts
        self.capture = Capture()
        self.began = time.monotonic()
        self.executions = 0
        self.pruned = 0  # how many executions the strategy had end early
        self.steps = 0
        self.cut = 0  # how many executions reached max_steps
        self.outcomes: dict[str, int] = {}
        self.schedules: dict[str, str] = {}
        self.first_failure: Ended | None = None
        self.rehearsed: Ended | None = None
        self.looked = look_at(function)
        self.nothing_shared = ""
        self.refused = ""  # why an execution of the rehearsal was given up
        self.exhausted = False

    def explore(self) -> Exploration:
        """Put the process under control, search, and let it go again; end for what comes from outside."""
        found: Exploration | None = None
        try:
            with self.capture, contextlib.ExitStack() as undo:
                looking = self._instrumentation()
                redirection = redirect_everything(looking)
                undo.callback(redirection.end)
                self.attempts = Attempts(self.function, self.bounds, self.setting, redirection, self.capture, looking)
                undo.callback(self.attempts.close)
                undo.callback(self.strategy.close)
                watchdog = Watchdog(redirection, self.bounds.max_silence)
                undo.callback(watchdog.end)
                if self.inspect is not None:
                    self.inspect = watchdog.patient(self.inspect)
                watchdog.begin()
                if looking is not None:
                    undo.callback(looking.end)
                    looking.begin()
                not_repeatable = "" if isinstance(self.strategy, Replay) else self._rehearse()
                found = self._result(not_repeatable) if not_repeatable else self.run()
        except ReplayDeparted as error:
            raise self._with_cause(error) from None
        except BaseException as error:
            if not is_interruption(error):
                raise
            return self._interrupted(error, found)
        return found

    def _instrumentation(self) -> Instrumentation | None:
        setting = self.setting
        if setting.granularity == "sync":
            return None
        return instrumentation_for(setting.granularity, Ownership(self.function, setting.instrument))

    def run(self) -> Exploration:
        """Run until the strategy, the program or a bound ends it."""
        strategy = self.strategy
        reason = ""
        try:
            while strategy.begin():
                if self.executions + self.pruned and (
                    bound := self._bound()
                ):  # one execution is the least that shows anything
                    if strategy.verdict is not Verdict.SAMPLED:
                        reason = f"{bound} came before the end of {strategy.name}"
                    break
                ended = self._execute(strategy)
                if ended.failed and (self.first_failure is None or strategy.shrinks):
                    self.first_failure = ended
                    if not self.keep_going and not strategy.shrinks:
                        break
                strategy.end(ended.failed)
            else:
                self.exhausted = strategy.exhausted and not self.cut
        except ReplayDeparted as error:
            if isinstance(strategy, Replay):
                raise
            reason = f"the program is not deterministic: {error}{self._leaked()}"
        except (OutOfControl, TooManySteps) as error:
            reason = str(error)
        return self._result(reason)

    def _execute(self, strategy: Strategy) -> Ended:
        ended = self.attempts.run(strategy, keep_going=self.keep_going, known=self.outcomes)
        self.steps += ended.steps
        if ended.pruned:
            self.pruned += 1
            return ended
        self.executions += 1
        self.cut += ended.unfair
        self.outcomes[ended.outcome] = self.outcomes.get(ended.outcome, 0) + 1
        if ended.schedule:
            self.schedules.setdefault(ended.outcome, ended.schedule)
        if self.progress is not None:
            self.progress(self.executions, time.monotonic() - self.began)
        return ended

    def _bound(self) -> str:
        """Return the bound that is reached; empty if none is."""
        bounds = self.bounds
        if bounds.max_executions is not None and self.executions + self.pruned >= bounds.max_executions:
            return f"max_executions={bounds.max_executions}"
        if bounds.max_seconds is not None and time.monotonic() - self.began >= bounds.max_seconds:
            return f"max_seconds={bounds.max_seconds:g}"
        return ""

    def _rehearse(self) -> str:
        """Run the program three times; say why it cannot be replayed, or nothing. See `rehearsal`."""
        walks = [Rehearsal() for _ in range(3)]
        ended: list[Ended] = []
        for walk in walks:
            if len(ended) < 2:
                self.looked = look_at(self.function)
            try:
                ended.append(self.attempts.run(walk))
            except (OutOfControl, TooManySteps) as error:  # the search may meet it again, or find a failure before
                self.refused = str(error)
                return ""
            if self._bound():
                return ""
        self.nothing_shared = nothing_shared(walks, self.setting.granularity)
        if all(len(walk.tasks) == 1 for walk in walks):
            self.notes = (*self.notes, "the program started no thread, so there was nothing to interleave")
        where = departure(walks[1], walks[2], (ended[1].outcome, ended[2].outcome))
        if where:
            return f"the program is not deterministic: run again with the same choices, {where}{self._leaked()}"
        self.rehearsed = next((each for each in reversed(ended) if each.failed), None)
        return ""

    def _leaked(self) -> str:
        return say_changes(self.looked, look_at(self.function))

    def _with_cause(self, error: ReplayDeparted) -> ReplayDeparted:
        """Add what is different now."""
        causes = list(self.notes)
        made = self.strategy.schedule.setting if isinstance(self.strategy, Replay) else self.setting
        if made.hash_seed == UNKNOWN_SEED == self.setting.hash_seed:
            causes.append("PYTHONHASHSEED is not set, so sets of strings may have another order")
        return ReplayDeparted(error.step, error.expected, error.found, "; ".join(causes))

    def _interrupted(self, error: BaseException, found: Exploration | None) -> Exploration:
        if found is not None and found.verdict is Verdict.VIOLATION:
            return replace(found, interrupted_by=error)
        reason = describe_interruption(error, self.executions)
        failure = self.first_failure
        if failure is not None:
            reason += f"; before that an execution ended in {failure.outcome}"
        return self._exploration(Verdict.UNKNOWN, reason, failure, interrupted_by=error)

    def _result(self, reason: str) -> Exploration:
        reason = reason or self.refused
        verdict = Verdict.UNKNOWN if reason else self.strategy.verdict
        if verdict is Verdict.OK and self.cut:
            verdict = Verdict.UNKNOWN
            reason = f"{self.cut:,} executions reached max_steps={self.bounds.max_steps:,} and were ended fairly"
        if not reason and self.nothing_shared:
            verdict, reason = Verdict.UNKNOWN, self.nothing_shared
        failure = self.first_failure or self.rehearsed
        counterexample = None
        if failure is not None:
            try:
                if not isinstance(self.strategy, Replay) and not self.strategy.shrinks:
                    failure = self.attempts.minimised(failure)
                counterexample = self.attempts.explained(failure, self.strategy.name, self.inspect)
                verdict, reason = Verdict.VIOLATION, ""
            except (ReplayDeparted, OutOfControl, TooManySteps) as error:
                verdict = Verdict.UNKNOWN
                reason = f"an execution ended in {failure.outcome}, but did not do so again: {error}{self._leaked()}"
        return self._exploration(verdict, reason, failure, counterexample=counterexample)

    def _exploration(self, verdict: Verdict, reason: str, failure: Ended | None, **more: Any) -> Exploration:
        schedule = "" if failure is None else failure.schedule
        cut_short = self.attempts.execution if hasattr(self, "attempts") else None  # a signal may come before it
        if not schedule and cut_short is not None and cut_short.steps:
            schedule = cut_short.schedule_in(self.setting)
        return Exploration(
            verdict=verdict,
            reason=reason,
            executions=self.executions,
            steps=self.steps,
            seconds=time.monotonic() - self.began,
            strategy=self.strategy.name,
            granularity=self.setting.granularity,
            bounds=self.bounds.as_dict() | dict(self.strategy.bounds),
            exhausted=self.exhausted,
            outcomes=tuple(Outcome(each, count, self.schedules[each]) for each, count in self.outcomes.items()),
            schedule=schedule,
            notes=(*self.notes, *self.strategy.notes),
            **more,
        )
