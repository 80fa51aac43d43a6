"""A behaviour of a model, step by step, on real code: does a class make the mistake that a counterexample shows?

At each step every move that the code can make is tried, each from the beginning, until one is the action that the
behaviour has next and leads to the state that it has next. What is not compared: variables that the mapping leaves
out, such as the history of items.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pcverify.conformance.conforming import frozen, subject_for
from pcverify.conformance.explaining import changes
from pcverify.conformance.mappings import CONFIGS, is_coarse, mapping_for
from pcverify.conformance.walk import STEP, Move, Run, replayed
from pcverify.evidence import Trace, TraceStep, UsageError
from pcverify.explore.engine.describe import location_of
from pcverify.report.lanes import lanes
from pcverify.tla.config import read_config

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pcverify.conformance.programs import Config
    from pcverify.conformance.walk import Subject
    from pcverify.tla import TraceState

T = TypeVar("T")
_COUNTED = {"producers", "consumers", "putters", "finishers", "joiners"}  # bounds that the model has as sets of names
_SET = re.compile(r'\{(?:"[^"]*"(?:,"[^"]*")*)?\}')


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the code goes along.

    Attributes:
        steps: what it did, with source lines.
        length: how many steps the behaviour has.
        text: all of it, in words and a column for each task.
    """

    steps: tuple[TraceStep, ...]
    length: int
    text: str

    @property
    def whole(self) -> bool:
        """Whether it goes along to the end."""
        return len(self.steps) == self.length


def config_of(model: str, path: Path) -> Config:
    """Return the bounds that a config of TLC gives to a model's own program.

    Raises:
        UsageError: no code is mapped to that model step by step, its tasks are not named as those of the program, or
            a constant has no value that code can be run with.
        ModelError: the config cannot be read.
    """
    if is_coarse(model):
        raise UsageError(f"code cannot go along step by step with {model}, whose steps are larger than the code's")
    values = read_config(path).values
    given: dict[str, Any] = {}
    named: list[str] = []
    for bound in fields(CONFIGS[model]):
        constant = bound.name.title().replace("_", "")
        if constant not in values:
            raise UsageError(f"{path.name} gives {constant} no value, so the code cannot be run as the model is")
        given[bound.name] = _read(constant, values[constant])
        if bound.name in _COUNTED:
            named += given[bound.name]
            given[bound.name] = len(given[bound.name])
    config: Config = CONFIGS[model](**given)
    if others := [name for name in named if name not in config.tasks]:
        raise UsageError(
            f"{path.name} calls tasks {', '.join(others)}; code can follow only names as {config.tasks[0]}"
        )
    return config


def _read(constant: str, text: str) -> Any:
    if text in {"TRUE", "FALSE"}:
        return text == "TRUE"
    if _SET.fullmatch(text):
        return tuple(re.findall(r'"([^"]*)"', text))
    if re.fullmatch(r'\d+|"[^"]*"', text):
        return ast.literal_eval(text)
    raise UsageError(f"{constant} is {text}; code can follow only numbers, strings, and sets of strings")


def follow(
    model: str, make: Callable[[int], Any], config: Config, states: Sequence[TraceState], *, width: int
) -> Followed:
    """Let the code go along a behaviour as far as it can.

    Args:
        model: the module that the behaviour is one of, or of a variant of which.
        make: the class of the queue.
        config: the bounds.
        states: of the behaviour, the initial one first.
        width: of the text, in columns.
    """
    variables = mapping_for(model).VARIABLES
    subject = subject_for(model, make, config)
    wanted = [tuple(frozen(state.variables[name]) for name in variables) for state in states]
    path: tuple[Move, ...] = ()
    steps: list[TraceStep] = []
    for number, state in enumerate(states[1:], 1):
        found = next(
            (each for each in _moves(subject, path) if _is_next(subject, path, each, state.action, wanted[number])),
            None,
        )
        if found is None:
            break
        steps.append(_step(subject, path, found, number, state.action))
        path = (*path, found)
    name = getattr(make, "__name__", str(make))
    trace = Trace(f"{name} goes along", tuple(steps))
    shown = lanes(trace, tasks=config.tasks, width=width) if steps else "  (the initial state)"
    ends = _why_it_ends(subject, path, variables, states, wanted)
    return Followed(tuple(steps), len(states) - 1, f"{name}, on the same way:\n\n{shown}\n\n{ends}")


def _seen(subject: Subject, path: tuple[Move, ...], look: Callable[[Run], T]) -> T:
    """Go along a path, and return what is to be seen at its end."""
    *_, seen = (look(run) if number == len(path) else None for number, run in enumerate(replayed(subject, path)))
    return cast("T", seen)


def _moves(subject: Subject, path: tuple[Move, ...]) -> list[Move]:
    return _seen(subject, path, Run.moves)


def _is_next(subject: Subject, path: tuple[Move, ...], move: Move, action: str, wanted: Any) -> bool:
    named = _seen(subject, path, lambda run: subject.action_of(run, move))
    return named == action and _seen(subject, (*path, move), subject.state_of) == wanted


def _step(subject: Subject, path: tuple[Move, ...], move: Move, number: int, action: str) -> TraceStep:
    def where(run: Run) -> str:
        return location_of(run.tasks[move.task]) if move.kind == STEP else ""

    return TraceStep(number, move.task, action, _seen(subject, path, where), "")


def _why_it_ends(
    subject: Subject, path: tuple[Move, ...], variables: Sequence[str], states: Sequence[TraceState], wanted: list[Any]
) -> str:
    """Say what the code does where the behaviour goes on and it does not; or that it has made the mistake."""
    if len(path) == len(states) - 1:
        return "It goes along to the end: it makes the same mistake."
    here = _seen(subject, path, subject.state_of)
    if not path and here != wanted[0]:
        return "It begins in another state."
    state = states[len(path) + 1]
    lines = [f"It does not take step {state.number}, {state.action}, which would change:"]
    lines += [f"  {change}" for change in changes(variables, wanted[len(path)], wanted[len(path) + 1])]
    lines.append("It can do there:")
    for move in _moves(subject, path):
        action = _seen(subject, path, lambda run, move=move: subject.action_of(run, move))  # type: ignore[misc]
        after = _seen(subject, (*path, move), subject.state_of)
        lines.append(f"  {action}({move.task}): {', '.join(changes(variables, here, after)) or 'nothing changes'}")
    return "\n".join(lines)
