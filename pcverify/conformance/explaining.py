"""The first difference between code and model, for people: how to get there, what the one did, what the other allowed.

The path is run again first. If it did not lead where it is said to lead, the keys of states were too coarse, and that
is said instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pcverify.conformance.mappings import mapping_for
from pcverify.conformance.walk import STEP, Move, replayed
from pcverify.evidence import InternalError, Trace, TraceStep
from pcverify.explore.engine.describe import location_of
from pcverify.report.lanes import lanes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pcverify.conformance.comparing import Difference, Edge, State
    from pcverify.conformance.conforming import Conformance
    from pcverify.conformance.walk import CodeGraph, Subject


@dataclass(frozen=True, slots=True)
class Explanation:
    """A difference in words.

    Attributes:
        trace: the way to it, and the step of the code at which it shows, if it is the code's.
        task: who takes that step.
        action: what the step is called.
        location: the source line that it begins at; if the step is the model's, the one where that task is instead.
        text: all of it.
    """

    trace: Trace
    task: str
    action: str
    location: str
    text: str


def explained(result: Conformance, subject: Subject, *, width: int = 100, colour: bool = False) -> Explanation:
    """Return the first difference of a comparison, run again.

    Raises:
        InternalError: the path does not lead where it did in the walk.
    """
    difference = result.comparison.difference
    assert difference is not None, "there is no difference to explain"
    code, variables = result.code, mapping_for(result.model).VARIABLES
    here = code.states[difference.path[-1]]
    moves = _moves(code, difference.path)
    taken = _last_move(code, difference)
    task, action = difference.task, difference.action
    if difference.side == "model":
        task = _who(variables, here, difference.after)
    steps, locations = _run_again(subject, code, difference, [*moves, *taken], task)
    location = locations[-1] if locations else ""
    trace = Trace(f"{result.subject} is no {result.model}", tuple(steps))
    lines = [_headline(difference, len(moves), task, location), ""]
    lines += (
        [lanes(trace, tasks=result.config.tasks, width=width, colour=colour)] if steps else ["  (the initial state)"]
    )
    lines += ["", *_what_differs(variables, here, difference)]
    lines += ["", _heading(difference), *_said(variables, here, difference.allowed)]
    return Explanation(trace, task, action, location, "\n".join(lines))


def _moves(code: CodeGraph, path: tuple[int, ...]) -> list[tuple[str, Move]]:
    moves = []
    for before, after in pairwise(path):
        moves.append(next((action, move) for action, move, to in code.edges[before] if to == after))
    return moves


def _last_move(code: CodeGraph, difference: Difference) -> list[tuple[str, Move]]:
    """Return the step of the code that the model lacks, if that is what differs."""
    if difference.side != "code":
        return []
    return [
        next(
            (action, move)
            for action, move, to in code.edges[difference.path[-1]]
            if (action, move.task, code.states[to]) == (difference.action, difference.task, difference.after)
        )
    ]


def _run_again(
    subject: Subject, code: CodeGraph, difference: Difference, moves: list[tuple[str, Move]], task: str
) -> tuple[list[TraceStep], list[str]]:
    """Return the steps, and where each began; if the model takes one more, also where the code's task is then."""
    expected = [code.states[number] for number in difference.path]
    expected += [difference.after] if difference.side == "code" else []
    steps: list[TraceStep] = []
    locations: list[str] = []
    for number, run in enumerate(replayed(subject, tuple(move for _, move in moves))):
        if subject.state_of(run) != expected[number]:
            raise InternalError(
                f"a path of {len(moves)} steps leads elsewhere when run again: a state's key is too coarse"
            )
        if number < len(moves):
            action, move = moves[number]
            location = location_of(run.tasks[move.task])
            locations.append(location)
            steps.append(TraceStep(number + 1, move.task, action, location if move.kind == STEP else "", ""))
        elif difference.side == "model":
            there = run.tasks.get(task)
            locations.append("" if there is None or there.ended else location_of(there))
    return steps, locations


def _headline(difference: Difference, steps: int, task: str, location: str) -> str:
    after = "at once" if steps == 0 else f"after {steps} step{'s' if steps != 1 else ''}"
    match difference.side:
        case "start":
            return "Code and model begin in different states."
        case "code":
            return f"{difference.task} takes a step that the model does not have, {after}:"
        case "model":
            there = f"; {task} is at {location}" if location else f"; {task} has ended" if task else ""
            return f"The model lets {task or 'somebody'} do {difference.action}, and the code does not, {after}{there}:"
        case "stuck":
            return f"From here on the code comes to no end, {after}:"


def _heading(difference: Difference) -> str:
    whose = {
        "code": "The model allows there",
        "model": "The code does there",
        "start": "The model begins with",
        "stuck": "The model allows there",
    }
    return f"{whose[difference.side]}:" if difference.allowed else f"{whose[difference.side]}: nothing."


def _what_differs(variables: Iterable[str], here: State, difference: Difference) -> list[str]:
    if difference.side == "start":
        return [f"  {name} = {value}" for name, value in zip(variables, here, strict=True)]
    if difference.side == "stuck":
        (places,) = [dict(value) for name, value in zip(variables, here, strict=True) if name == "pc"]
        return [
            "Whoever has not ended:",
            *(f"  {task} is at {place}" for task, place in places.items() if place != "done"),
        ]
    whose = "The step changes:" if difference.side == "code" else "It would change:"
    return [whose, *(f"  {change}" for change in changes(variables, here, difference.after) or ["nothing"])]


def _said(variables: Iterable[str], here: State, edges: Iterable[Edge]) -> list[str]:
    names = tuple(variables)
    lines = []
    for action, after in edges:
        who = _who(names, here, after)
        changed = changes(names, here, after) or ["nothing"]
        lines.append(f"  {action}({who}): {', '.join(changed)}")
    return lines


UNKNOWN = "a state of which the mapping makes no sense"
"""What each variable is in a state of the code that is like none of the model."""
COUNTS = frozenset({"todo", "taken"})
"""Functions from tasks to numbers, which look like sequences of items."""


def changes(variables: Iterable[str], before: State, after: State) -> list[str]:
    """Return what is different in `after`, a variable, or an entry of it, each."""
    if isinstance(after[0], str) and after[0].startswith(UNKNOWN):
        return [after[0]]
    lines = []
    for name, old, new in zip(variables, before, after, strict=True):
        if old == new:
            continue
        if name in COUNTS or (_is_function(old) and _is_function(new)):
            was = dict(old)
            lines += [
                f"{name}[{key}]: {_value(was.get(key))} → {_value(value)}"
                for key, value in new
                if was.get(key) != value
            ]
        else:
            lines.append(f"{name}: {_value(old)} → {_value(new)}")
    return lines


def _is_function(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str) for each in value)
        and not any(isinstance(each[1], int) and not isinstance(each[1], bool) for each in value)
    )


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return "⟨" + ", ".join(map(_value, value)) + "⟩"
    return str(value)


def _who(variables: Iterable[str], before: State, after: State) -> str:
    """Return the task whose step an edge of the model is: the one whose position changes, the lock's holder first.

    If no position changes, as when a deadline passes, the one of which something else does.
    """
    names = tuple(variables)
    pc = names.index("pc")
    tasks = dict(before[pc])
    moved = [task for task, now in after[pc] if tasks[task] != now]
    if not moved:
        changed = [(was, now) for was, now in zip(before, after, strict=True) if was != now and _is_function(now)]
        moved = [key for was, now in changed for key, value in now if key in tasks and dict(was).get(key) != value]
    holders = {state[names.index("lock")] for state in (before, after)} if "lock" in names else set()
    return next((task for task in moved if task in holders), moved[0] if moved else "")
