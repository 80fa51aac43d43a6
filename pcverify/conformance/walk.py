"""Every state that the code can come to, and every step between them, by replaying paths.

A path is a list of moves: a step of a task; its deadline passes while it is parked; its deadline passes after it was
woken, which it learns later; an exception from outside comes to it. Each move from each state is made once: an
execution goes on from a new state with the first move there, and the others wait their turn.

States are told apart by a key of all that the code can read (see `explore.states`); the mapping then says which state
of the model each is. Beginnings and ends of tasks are no steps: what they do before their first operation and after
their last is local code.

What it relies on: that a program does the same whenever the same moves are made. What it leaves out: moves within the
local code between two operations.
"""

from __future__ import annotations

import gc
import time
from collections import deque
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pcverify.conformance.looking import Look
from pcverify.conformance.programs import Interrupted
from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.engine.execution import Execution
from pcverify.explore.engine.task import end_idle
from pcverify.explore.errors import OutOfControl
from pcverify.explore.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from contextlib import AbstractContextManager

    from pcverify.conformance.programs import Program
    from pcverify.explore.control.redirect import Redirection
    from pcverify.explore.engine.task import Task
    from pcverify.explore.states import StateKeys

STEP, EXPIRE, INTERRUPT = "step", "expire", "interrupt"
MAX_STEPS = 1_000_000
MAX_SILENCE = 10.0
"""Real seconds without an operation after which code is out of control."""
GO_ON = 150
"""After so many moves an execution ends, and its last state's moves wait their turn: a path stays short to replay."""


class Move(NamedTuple):
    """What happens next: to which task, and what."""

    task: str
    kind: str


@dataclass(slots=True)
class CodeGraph:
    """What the code does.

    Attributes:
        states: for each state, what the mapping says of it; the first is the initial one.
        edges: for each state, the action, the move and the state that follows, of every one.
        paths: for each state, moves that lead to it.
        cut_short: what kept the walk from being complete; empty if it is.
        executions: how many were run.
        steps: how many steps they took.
        seconds: wall time.
        unkeyed: how many states could not be keyed, and so were taken for new ones.
    """

    states: list[Any] = field(default_factory=list)
    edges: list[list[tuple[str, Move, int]]] = field(default_factory=list)
    paths: list[tuple[Move, ...]] = field(default_factory=list)
    cut_short: str = ""
    executions: int = 0
    steps: int = 0
    seconds: float = 0.0
    unkeyed: int = 0


class Subject:
    """The code to look at, and how: what `walk` asks.

    Args:
        program: makes a new program.
        state_of: says which state of the model an execution is in.
        action_of: names the move that a task would make.
        key_of: tells states apart.
        may_be_interrupted: whether an exception from outside may come to a task now.
        around: what holds for as long as executions run.
    """

    def __init__(
        self,
        program: Callable[[], Program],
        state_of: Callable[[Run], Any],
        action_of: Callable[[Run, Move], str],
        key_of: Callable[[Run], Hashable],
        may_be_interrupted: Callable[[Run, Task], bool],
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.program = program
        self.state_of = state_of
        self.action_of = action_of
        self.key_of = key_of
        self.may_be_interrupted = may_be_interrupted
        self.around = around


class Run:
    """One controlled execution of a program, move by move.

    Attributes:
        execution: the engine's.
        program: what the tasks work on.
    """

    def __init__(self, subject: Subject, redirection: Redirection, idle: list[Task] | None = None) -> None:
        self.subject = subject
        self.execution = Execution(
            max_steps=MAX_STEPS,
            max_delay=None,
            redirection=redirection,
            record=False,
            idle=idle,
            clocks_apart=True,
        )
        self.program = subject.program()
        self._ends: dict[str, float] = {}  # of those woken from a timed wait: when it would have ended

    def __enter__(self) -> Run:
        """Begin it: every task is in front of its first operation."""
        self.execution.__enter__()
        for name, function in self.program.functions.items():
            self.execution.spawn(function, name)
        for task in list(self.execution.tasks):
            self._take(task)
        return self

    @property
    def tasks(self) -> dict[str, Task]:
        """The tasks by name, also those that others have started."""
        return {task.name: task for task in self.execution.tasks}

    def __exit__(self, *error: Any) -> None:
        """End it."""
        self.execution.__exit__(*error)

    def look(self) -> dict[str, Look]:
        """Return a look at each task."""
        return {name: Look(task) for name, task in self.tasks.items()}

    def moves(self) -> list[Move]:
        """Return what may happen now."""
        moves = [Move(task.name, STEP) for task in self.execution.choices()]
        for name, task in self.tasks.items():
            if task.ended:
                continue
            if self._expires_at(task) is not None:
                moves.append(Move(name, EXPIRE))
            if self.subject.may_be_interrupted(self, task):
                moves.append(Move(name, INTERRUPT))
        return moves

    def make(self, move: Move) -> None:
        """Let it happen."""
        task = self.tasks[move.task]
        if move.kind == EXPIRE:
            ends = self._expires_at(task)
            assert ends is not None
            self.execution.expire(task, ends)
            return
        if move.kind == INTERRUPT:
            self.program.interrupted.add(move.task)
            self.execution.interrupt(task, Interrupted())
        ends = None if task.blocked or move.kind == INTERRUPT or task.kind != "acquire" else task.deadline
        self._take(task)
        if ends is None:
            self._ends.pop(move.task, None)
        else:
            self._ends[move.task] = ends

    def key(self, keys: StateKeys) -> Hashable:
        """Return the key of the state that this is in; None if it cannot be keyed."""
        key = keys.key(self.execution, self.program.watched)
        if key is None or not self._ends:
            return key
        times, tasks = self.execution.clock, self.tasks
        return key, tuple((name, ends - times.of(tasks[name])) for name, ends in sorted(self._ends.items()))  # type: ignore[attr-defined]

    def _expires_at(self, task: Task) -> float | None:
        """Return the deadline that a task, which was woken in time, may yet find to have passed."""
        ends = self._ends.get(task.name)
        if ends is None and task.deadline is not None and not task.blocked:
            ends = task.deadline
        return ends if ends is not None and self.execution.clock.of(task) < ends else None  # type: ignore[attr-defined]

    def _take(self, task: Task) -> None:
        self.execution.take(task)
        if task.kind == "end" and not task.ended:
            self.execution.take(task)


def replayed(subject: Subject, path: tuple[Move, ...]) -> Iterator[Run]:
    """Run along a path: yield before each move, and at the end."""
    redirection = redirect_everything()
    try:
        with subject.around(), Run(subject, redirection) as run:
            for move in path:
                yield run
                run.make(move)
            yield run
    finally:
        redirection.end()


def walk(
    subject: Subject,
    *,
    admits: Callable[[Any, str, Any], bool] = lambda _before, _action, _after: True,
    max_seconds: float = 300.0,
    max_states: int = 1_000_000,
    on_progress: Callable[[int, int], object] = lambda _states, _left: None,
) -> CodeGraph:
    """Return all states and steps of the code; what is out of control cuts the walk short.

    Args:
        subject: the code, and how to look at it.
        admits: whether the model has an edge; the walk does not go on behind one that it has not, unless a good one
            leads to the same state.
        max_seconds: wall time after which it ends, incomplete.
        max_states: the same for states.
        on_progress: hears, with each execution, how many states were seen, and how many moves are left to make.
    """
    graph = CodeGraph()
    begin = time.monotonic()
    idle: list[Task] = []
    collecting = gc.isenabled()
    gc.disable()
    redirection = redirect_everything()
    try:
        with subject.around(), _watched(redirection):
            _Walk(subject, graph, admits, redirection, idle).run(begin + max_seconds, max_states, on_progress)
    except OutOfControl as error:
        graph.cut_short = str(error)
    finally:
        end_idle(idle)
        redirection.end()
        if collecting:
            gc.enable()
    graph.seconds = time.monotonic() - begin
    return graph


@contextmanager
def _watched(redirection: Redirection) -> Iterator[None]:
    """Let a watchdog end an execution that comes to no operation for ever."""
    watchdog = Watchdog(redirection, MAX_SILENCE)
    watchdog.begin()
    try:
        yield
    finally:
        watchdog.end()


class _Walk:
    def __init__(
        self,
        subject: Subject,
        graph: CodeGraph,
        admits: Callable[[Any, str, Any], bool],
        redirection: Redirection,
        idle: list[Task],
    ) -> None:
        self.subject, self.graph, self.admits = subject, graph, admits
        self.redirection, self.idle = redirection, idle
        self.numbers: dict[Hashable, int] = {}
        self.expanded: set[int] = set()
        self.left: deque[tuple[int, tuple[Move, ...], Move]] = deque()

    def run(self, deadline: float, max_states: int, on_progress: Callable[[int, int], object]) -> None:
        graph = self.graph
        with Run(self.subject, self.redirection, self.idle) as run:
            start = self.number(run, ())
            self.expanded.add(start)
            self.left.extend((start, (), move) for move in run.moves())
        while self.left:
            if len(graph.states) > max_states or time.monotonic() > deadline:
                graph.cut_short = f"{len(self.left):,} moves were left to make"
                return
            on_progress(len(graph.states), len(self.left))
            deep = len(self.left[-1][1]) >= GO_ON
            self.execute(*(self.left.popleft() if deep else self.left.pop()))

    def execute(self, state: int, path: tuple[Move, ...], move: Move) -> None:
        graph, subject = self.graph, self.subject
        graph.executions += 1
        with Run(subject, self.redirection, self.idle) as run:
            for each in path:
                run.make(each)
            while True:
                action = subject.action_of(run, move)
                run.make(move)
                path = (*path, move)
                after = self.number(run, path)
                graph.edges[state].append((action, move, after))
                if after in self.expanded or not self.admits(graph.states[state], action, graph.states[after]):
                    break
                self.expanded.add(after)
                moves = run.moves()
                if not moves:
                    break
                go_on = len(path) < GO_ON
                self.left.extend((after, path, each) for each in reversed(moves[go_on:]))
                if not go_on:
                    break
                state, move = after, moves[0]
            graph.steps += run.execution.steps

    def number(self, run: Run, path: tuple[Move, ...]) -> int:
        """Return the number of the state that a run is in."""
        graph = self.graph
        key = self.subject.key_of(run)
        found = None if key is None else self.numbers.get(key)
        if found is None:
            found = len(graph.states)
            if key is None:
                graph.unkeyed += 1
            else:
                self.numbers[key] = found
            graph.states.append(self.subject.state_of(run))
            graph.edges.append([])
            graph.paths.append(path)
        return found
