"""What an exploration showed: data, and the two ways to tell it, as text for people and as JSON for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pcverify.evidence import Trace, Verdict
from pcverify.report.lanes import lanes, painted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Kind = Literal["deadlock", "exception", "assertion", "livelock", "stall"]
LONGEST = 300  # characters of a schedule that a summary shows; the whole is in the result


@dataclass(frozen=True, slots=True)
class Outcome:
    """What executions came to.

    Attributes:
        outcome: the `repr` of what the program returned, `EXC:` and the type of what it raised, or `DEADLOCK`.
        count: how many executions came to it.
        schedule: the first one.
    """

    outcome: str
    count: int
    schedule: str


@dataclass(frozen=True, slots=True)
class State:
    """What a task was doing when the counterexample ended: in words, and at which line."""

    task: str
    does: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A failing execution.

    Attributes:
        kind: whether nobody can go on, a task raised an exception, an assertion failed in one, the tasks go on for
            ever without getting anywhere, or a wait ended only after more than `max_idle`.
        message: what broke, in a sentence.
        trace: the steps.
        tasks: the names of all tasks, in the order in which they were made.
        blocked: for each task that cannot go on, its name and what it waits for.
        schedule: what `Replay` needs to run it again.
        program: the name of the function that was explored.
        error: the exception, if there is one.
        where: the line that raised it, with its source; empty if that is not known.
        states: what each task was doing at the end.
        output: what the program printed and logged.
        command: the command that runs it again, if it was given one that can.
    """

    kind: Kind
    message: str
    trace: Trace
    tasks: tuple[str, ...]
    blocked: tuple[tuple[str, str], ...]
    schedule: str
    program: str
    error: BaseException | None = field(compare=False)
    where: str = ""
    states: tuple[State, ...] = ()
    output: str = ""
    command: str = ""

    @property
    def replay(self) -> str:
        """The command or the call that runs it again."""
        return self.command or f'explore({self.program}, strategy=Replay("{self.schedule}"))'

    @property
    def summary(self) -> str:
        """What broke, in one line: `AssertionError: …` or `Deadlock: …`."""
        if self.error is None:
            return _line(self.message)
        said = _line(text_of(self.error, str))
        return type(self.error).__name__ + (f": {said}" if said else "")

    def __str__(self) -> str:
        """Show it, one column per task."""
        return self.format()

    def format(self, width: int = 100, *, colour: bool = False) -> str:
        """Show it, one column per task.

        Args:
            width: how many characters a line may have, if that is enough for all columns.
            colour: whether the terminal shows colours.
        """
        parts = ["\n".join(painted(line, "failure", colour) for line in self.message.splitlines())]
        if self.where:
            parts[0] += f"\n  at {self.where}"
        if self.states:
            parts.append("\n".join(["At the end:", *_states(self.states, width, colour)]))
        parts.append(lanes(self.trace, tasks=self.tasks, width=width, colour=colour))
        if self.output:
            parts.append(
                "\n".join(["What it printed and logged:", *(f"  {line}" for line in self.output.splitlines())])
            )
        parts.append(f"Replay: {painted(self.replay, 'name', colour)}")
        return "\n\n".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What an exploration showed.

    Attributes:
        verdict: OK: everything within the bounds was covered, and nothing failed. SAMPLED: a sampling strategy came
            to its number or time, and nothing failed. VIOLATION: see `counterexample`. UNKNOWN: see `reason`.
        reason: why the verdict is UNKNOWN.
        executions: how many came to their end.
        steps: how many steps were taken, in those that a strategy had end early, too.
        seconds: how long it took, in real time.
        strategy: the name of the strategy.
        granularity: where a switch could happen.
        bounds: the bounds by name, the strategy's own among them; None for no bound.
        exhausted: whether every schedule within the bounds was run.
        outcomes: what the executions came to.
        counterexample: the first execution that failed.
        schedule: that of the counterexample, or of the execution that was cut short.
        interrupted_by: the exception that ended it from outside, such as KeyboardInterrupt.
        notes: what else should be known, a sentence each.
    """

    verdict: Verdict
    reason: str = ""
    executions: int = 0
    steps: int = 0
    seconds: float = field(default=0.0, compare=False)
    strategy: str = ""
    granularity: str = "sync"
    bounds: dict[str, Any] = field(default_factory=dict)
    exhausted: bool = False
    outcomes: tuple[Outcome, ...] = ()
    counterexample: Counterexample | None = None
    schedule: str = ""
    interrupted_by: BaseException | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def error(self) -> str | None:
        """What broke, in one line; None if nothing was found."""
        return None if self.counterexample is None else self.counterexample.summary

    @property
    def exit_code(self) -> int:
        """What a command ends with: 0 OK and SAMPLED, 1 VIOLATION, 3 UNKNOWN."""
        return self.verdict.exit_code

    def counts(self) -> dict[str, int]:
        """Return how many executions came to each outcome."""
        return {outcome.outcome: outcome.count for outcome in self.outcomes}

    def to_json(self) -> dict[str, Any]:
        """Return it as one object of plain data."""
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "executions": self.executions,
            "steps": self.steps,
            "seconds": round(self.seconds, 6),
            "strategy": self.strategy,
            "granularity": self.granularity,
            "bounds": {name: None if bound == float("inf") else bound for name, bound in self.bounds.items()},
            "exhausted": self.exhausted,
            "schedule": self.schedule,
            "error": self.error,
            "outcomes": [{"outcome": o.outcome, "count": o.count, "schedule": o.schedule} for o in self.outcomes],
        }

    def __str__(self) -> str:
        """Say what was shown; a counterexample in full."""
        return self.format()

    def format(self, width: int = 100, *, colour: bool = False) -> str:
        """Say what was shown; a counterexample in full. The arguments are those of `Counterexample.format`."""
        verdict = painted(str(self.verdict), {0: "success", 1: "failure"}.get(self.exit_code, "name"), colour)
        text = f"{verdict}: {self.executions:,} executions, {self.steps:,} steps by {self.strategy}"
        if self.reason:
            text += f"; {self.reason}"
        lines = [text, *(f"Note: {note}." for note in self.notes)]
        if self.counterexample is not None:
            lines.append(self.counterexample.format(width, colour=colour))
        elif self.schedule:
            cut = self.schedule if len(self.schedule) <= LONGEST else f"{self.schedule[:LONGEST]}…"
            lines.append(f"The schedule so far: {cut}")
        return "\n".join(lines)


def text_of(value: Any, say: Callable[[Any], str] = repr) -> str:
    """Return the `repr` of what comes from the program, or its `str`; that is the program's code, and may raise."""
    try:
        return say(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose {say.__name__} raises {type(error).__name__}>"


def _line(text: str) -> str:
    return text.partition("\n")[0].strip()


def _states(states: Sequence[State], width: int, colour: bool) -> list[str]:
    """Return a line for each task; the places in a column of their own, if there is room."""
    name = max(len(state.task) for state in states)
    does = max(len(state.does) for state in states)
    place = max(len(state.location) for state in states)
    if 6 + name + does + place > width:
        does = 0
    return [
        f"  {painted(f'{state.task:<{name}}', 'name', colour)}  {state.does:<{does}}"
        f"  {painted(state.location, 'place', colour)}".rstrip()
        for state in states
    ]
