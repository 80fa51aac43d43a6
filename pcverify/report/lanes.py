"""A trace for the terminal: one column per task, one row per step, read from top to bottom.

         producer-0         │ consumer-0
    ────────────────────────┼───────────
      1                     │ begins      example.py:9 consume
      2  notifies not_empty │             queue.py:151 put
         → wakes consumer-1 │

What a step changed stands below it, behind an arrow. Where in the source it happened stands at the right, shortened
or left out if the columns need the room; below a certain width the columns wrap, and below 12 characters each they
stay as wide as that and the lines grow.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pcverify.evidence import Trace, TraceStep

NARROWEST = 12
BETWEEN = " │ "
CROSSING = "─┼─"
GAP = "  "
COLUMNS = ("36", "35", "33", "34", "32")  # cyan, magenta, yellow, blue, green: one for each task, in turn
STYLES = {"name": "1", "place": "2", "failure": "1;31", "success": "1;32"} | dict(zip("01234", COLUMNS, strict=True))


def painted(text: str, style: str, colour: bool) -> str:
    """Return the text in a style of `STYLES` if there is to be colour, else as it is."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if colour and text.strip() else text


def lanes(
    trace: Trace,
    *,
    tasks: Sequence[str] | None = None,
    blocked: Iterable[tuple[str, str]] = (),
    replay: str = "",
    width: int = 100,
    colour: bool = False,
) -> str:
    """Return the trace as text.

    Args:
        trace: what to show. Steps of no task stand across all columns.
        tasks: the columns, from left to right; in the order of their first steps if not given.
        blocked: for each task that is blocked at the end, its name and what it waits for.
        replay: how to run it again; shown as it is, never wrapped.
        width: how many characters a line may have.
        colour: whether to give each task a colour of its own, by ANSI escapes, which add nothing to the width.
    """
    names = [name for name in dict.fromkeys([*(tasks or ()), *(step.task for step in trace.steps)]) if name]
    margin = len(str(len(trace.steps))) + 2 * len(GAP)
    columns, places = _layout(trace.steps, names, width - margin)
    everywhere = max(width - margin, NARROWEST)
    blank = " " * margin
    header = [painted(cell, "name", colour) for cell in _fill(names, columns)]
    parts = [(blank + BETWEEN.join(header)).rstrip(), "─" * margin + CROSSING.join(_rules(columns))]
    for step in trace.steps:
        for number, line in enumerate(_cell(step, columns[names.index(step.task)] if step.task else everywhere)):
            row = line
            if step.task:
                cells = _fill([line * (name == step.task) for name in names], columns)
                row = BETWEEN.join(painted(cell, str(n % len(COLUMNS)), colour) for n, cell in enumerate(cells))
            start = f"{step.number:>{margin - len(GAP)}}{GAP}" if number == 0 else blank
            end = f"{GAP}{painted(places[step.number], 'place', colour)}" if number == 0 else ""
            parts.append((start + row + end).rstrip())
    if trace.repeats_from is not None:
        parts += ["", f"From here on it repeats the steps from {trace.repeats_from} on, for ever."]
    waiting = list(blocked)
    if waiting:
        longest = max(len(name) for name, _ in waiting)
        parts += ["", "Blocked at the end:", *(f"{GAP}{name:<{longest}}{GAP}{what}" for name, what in waiting)]
    if replay:
        parts += ["", f"Replay: {replay}"]
    return "\n".join(parts)


def _layout(steps: Sequence[TraceStep], names: Sequence[str], room: int) -> tuple[list[int], dict[int, str]]:
    """Return the width of each column, and what to show of each step's location."""
    wanted = [len(name) for name in names]
    for step in filter(lambda step: step.task, steps):
        column = names.index(step.task)
        wanted[column] = max(wanted[column], *(len(line) for line in _lines(step)))
    total = sum(wanted) + len(BETWEEN) * (len(names) - 1)
    full = {step.number: step.location for step in steps}
    short = {step.number: step.location.partition(" ")[0] for step in steps}
    for places in (full, short):
        if total + len(GAP) + max(map(len, places.values()), default=0) <= room:
            return wanted, places
    return _narrowed(wanted, room - len(BETWEEN) * (len(names) - 1)), dict.fromkeys(full, "")


def _narrowed(wanted: Sequence[int], room: int) -> list[int]:
    """Take from the widest columns until all fit into `room`, or are as narrow as they may be."""
    widths = list(wanted)
    while sum(widths) > room and max(widths, default=0) > NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _lines(step: TraceStep) -> list[str]:
    return [step.action, *(f"→ {line}" for line in step.effect.splitlines())]


def _cell(step: TraceStep, width: int) -> list[str]:
    """Return the lines of a step, wrapped; those that go on are indented."""
    wrapped = []
    for line in _lines(step):
        wrapped += textwrap.wrap(line, max(width, 1), subsequent_indent=GAP) or [""]
    return wrapped


def _fill(texts: Iterable[str], columns: Iterable[int]) -> list[str]:
    return [f"{text:<{width}}" for text, width in zip(texts, columns, strict=True)]


def _rules(columns: Iterable[int]) -> list[str]:
    return ["─" * width for width in columns]
