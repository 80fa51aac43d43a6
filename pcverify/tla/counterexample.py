"""A counterexample of TLC for people: each step with what it changed, and nothing else.

TLC prints every variable in every state, and a reader has to find the difference. Here the first
state stands in full, and after it only changes, down to the key of a function or the field of a
record: `pc[p1]: "acquire" → "parked"`.

Whose step it is follows, as in PlusCal, from the variable `pc`: the task is the key at which it
changes. If several move at once, it is the one that was at the place the action is named after
(`Notify` at "notify"); if none moves, the one for which alone other variables change. A model without
`pc`, and a step that leaves it open, name no task.
"""

import re
import textwrap
from collections.abc import Iterator

from pcverify.evidence import Trace, TraceStep
from pcverify.tla.result import DEADLOCK, Loop, TlcResult, TraceState
from pcverify.tla.values import Function, Value, format_value

_PROGRAM_COUNTER = "pc"
_LINE = re.compile(r"line (\d+), col \d+ to line (\d+), col \d+ of module (\w+)")
_INDENT = " " * 6
_LONG = 80  # A longer function or sequence is easier to read key by key.


def to_trace(result: TlcResult) -> Trace:
    """Return the counterexample of a violation as a trace, one step for each state.

    Raises:
        ValueError: if the result is no violation.
    """
    if not result.states:
        raise ValueError("only a violation has a counterexample")
    steps: list[TraceStep] = []
    before: TraceState | None = None
    for state in result.states:
        effect = "\n".join(_initial(state) if before is None else changes_between(before, state))
        task = "" if before is None else _task(before, state)
        steps.append(TraceStep(state.number, task, state.action, _place(state.location), effect))
        before = state
    return Trace(result.property_name, tuple(steps), result.loop.to if result.loop else None)


def format_counterexample(result: TlcResult, *, width: int = 100) -> str:
    """Return the counterexample of a violation as text, no line longer than `width` characters.

    Raises:
        ValueError: if the result is no violation.
    """
    trace = to_trace(result)
    lines = [*textwrap.wrap(headline(result), width), ""]
    for step in trace.steps:
        head = f"{step.number:>4}  {step.action}" + (f"  {step.task}" if step.task else "")
        room = width - len(head) - 2
        lines.append(f"{head}  {step.location:>{room}}" if 0 < len(step.location) <= room else head)
        for change in step.effect.splitlines() or ["(nothing changes)"]:
            # A value may have no space at which to break; then it is cut, so that the width holds.
            lines += textwrap.wrap(
                change, width, initial_indent=_INDENT, subsequent_indent=_INDENT + "    ", break_on_hyphens=False
            )
    lines += ["", *textwrap.wrap(ending(result), width)]
    return "\n".join(lines)


def headline(result: TlcResult) -> str:
    """Return what is violated, and after how many states."""
    states = f"{len(result.states)} state{'s' if len(result.states) != 1 else ''}"
    if result.violated == (DEADLOCK,):
        return f"Deadlock after {states}."
    return f"{result.property_name} is violated: a behaviour of {states}."


def ending(result: TlcResult) -> str:
    """Return what comes after the last state of a counterexample, or what is wrong in it."""
    match result.loop:
        case Loop(to, "") if result.loop.stuttering:
            return f"Then nothing happens any more: state {to} stays as it is for ever."
        case Loop(to, action):
            return f"Then {action} leads back to state {to}, and so on for ever."
    last = result.states[-1].number
    if result.violated == (DEADLOCK,):
        return f"No action is possible in state {last}."
    return f"{result.property_name} fails at state {last}."


def _place(location: str) -> str:
    found = _LINE.fullmatch(location)
    if found is None:
        return location
    first, last, module = found.groups()
    return f"{module}, line {first}" if first == last else f"{module}, lines {first}-{last}"


def tasks_of(state: TraceState) -> dict[str, str]:
    """Return each task of the model and the place where it is, by its `pc`; nothing if the model has no `pc`."""
    places = _by_key(state.variables.get(_PROGRAM_COUNTER))
    return {_plain(task): _plain(place) for task, place in places.items()}


def _task(before: TraceState, after: TraceState) -> str:
    old, new = (_by_key(state.variables.get(_PROGRAM_COUNTER)) for state in (before, after))
    moved = _different(old, new)
    if len(moved) > 1:
        moved = {task for task in moved if _plain(old.get(task, "")).lower() == after.action.lower()}
    elif not moved:
        # A variable of another shape, such as a queue, says nothing of whose step it is.
        moved = {
            key
            for name, value in after.variables.items()
            if (now := _by_key(value)).keys() == new.keys()
            for key in _different(_by_key(before.variables.get(name)), now)
        }
    return _plain(next(iter(moved))) if len(moved) == 1 else ""


def _different(old: Function, new: Function) -> set[Value]:
    return {key for key in new if key not in old or old[key] != new[key]}


def _by_key(value: Value | None) -> Function:
    """Return a function or a sequence as a function; anything else as one without arguments."""
    if isinstance(value, tuple):
        return Function(enumerate(value, 1))
    return value if isinstance(value, Function) else Function()


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else format_value(value)


def _initial(state: TraceState) -> Iterator[str]:
    for name, value in state.variables.items():
        yield from _whole(name, value)


def _whole(name: str, value: Value) -> Iterator[str]:
    text = f"{name} = {format_value(value)}"
    if len(text) <= _LONG or not _by_key(value):
        yield text
    else:
        for key, item in _by_key(value).items():
            yield from _whole(f"{name}[{format_value(key)}]", item)


def changes_between(before: TraceState, after: TraceState) -> Iterator[str]:
    """Yield what changed from one state to another: each key or field with its old and its new value."""
    for name, new in after.variables.items():
        yield from _change(name, before.variables.get(name), new)


def _change(name: str, old: Value | None, new: Value) -> Iterator[str]:
    """Yield what changed in one variable, as deep as the old and the new value have the same shape."""
    if old == new:
        return
    if old is None:
        yield from _whole(name, new)
    elif type(old) is type(new) and (inner := _by_key(old)) and inner.keys() == _by_key(new).keys():
        for key, value in _by_key(new).items():
            yield from _change(f"{name}[{format_value(key)}]", inner[key], value)
    else:
        yield f"{name}: {format_value(old)} → {format_value(new)}"
