"""A trace in the words of the model that is to allow it: tasks, items, and the module for TLC.

A thread that both puts and gets is two tasks, for a task of the models does one of the two. The model counts the items
of each putter, so an item of the trace is whose and which one: `<<"p1", 7>>`. The events are a literal in parts, which
TLC evaluates once. Most of the time is what TLC takes to read it, and above all names like TRUE, so an event has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from pcverify.conformance.trace import Event, QueueTrace, Waiting

MODELS = {"ThreadSafeQueue": "ConditionQueue", "Queue": "ConditionQueue", "HandoffQueue": "HandoffQueue"}
"""The classes that can be recorded, and the model of each."""

CLOSER = "closer"
_PART = 500


@dataclass(slots=True)
class Encoded:
    """A trace for a model.

    Attributes:
        model: the name of the model.
        events: each as TLA+ text, and the place of the event in the trace that it stands for; the last may be the end.
        tasks: for each task of the model: the thread, and whether it puts or gets.
        items: for each number, the item of the model.
    """

    model: str
    start: str = ""
    events: list[tuple[str, int]] = field(default_factory=list)
    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    items: dict[int, tuple[str, int]] = field(default_factory=dict)
    shutdown: str = "never"
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _puts: dict[str, int] = field(default_factory=dict)

    def task(self, thread: str, side: str) -> str:
        """Return the task that a thread is while it puts, or gets."""
        key = (thread, side)
        if key not in self._names:
            name = f"{side[0]}{len(self._names) + 1}"
            self._names[key] = name
            self.tasks[name] = key
        return self._names[key]

    def new_item(self, number: int, putter: str) -> str:
        """Return the item with this number, which this task puts."""
        if number not in self.items:
            self._puts[putter] = self._puts.get(putter, 0) + 1
            self.items[number] = (putter, self._puts[putter])
        return self.item(number)

    def item(self, number: int) -> str:
        """Return the item with this number; one that nobody has put is nobody's."""
        owner, which = self.items.get(number, ("nobody", number))
        return f'<<"{owner}", {which}>>'

    def standing(self, numbers: tuple[int, ...], waiting: Waiting) -> str:
        """Return how the queue stands."""
        getters = _sequence(_quoted(self.task(name, "get")) for name in waiting.getters)
        putters = _sequence(_quoted(self.task(name, "put")) for name in waiting.putters)
        return f"<<{_sequence(map(self.item, numbers))}, {getters}, {putters}, {_truth(waiting.shut)}>>"


def model_of(trace: QueueTrace) -> str:
    """Return the name of the model for the class that was recorded.

    Raises:
        UsageError: there is none.
    """
    names = trace.header.names
    if {"HandoffQueue", "ThroughHooks"} <= set(names):
        raise UsageError(f"there is no model of {names[0]}: it has hooks, with which a HandoffQueue works otherwise")
    for name in names:
        if model := MODELS.get(name.partition("[")[0]):  # a fault that was made stands in brackets behind the name
            return model
    raise UsageError(
        f"there is no model of {names[0]}, which is none of {', '.join(MODELS)}; "
        "name one: --model ConditionQueue or --model HandoffQueue"
    )


def encode(trace: QueueTrace, model: str) -> Encoded:
    """Return a trace in the words of a model, as far as the first event that no model has."""
    encoded = Encoded(model)
    first = tuple(range(1, trace.header.items + 1))
    encoded.items.update((number, ("before", number)) for number in first)
    encoded.start = encoded.standing(first, trace.header.waiting)
    section, role = 0, "put"
    for place, event in enumerate(trace.events):
        if event.event == "other":
            return encoded
        begins = event.section != section
        section = event.section
        role = _ROLES.get(event.event, event.side or role) if begins or event.event != "notify" else role
        after = trace.events[place + 1] if place + 1 < len(trace.events) else None
        text = _text(event, role, after, encoded)
        if event.event == "park" and not begins and trace.events[place - 1].event == "leave":
            begins = True  # in the model it gives up, and comes back at once
        encoded.events.append((f"<<{text}>>" if begins else f'<<{text}, "on">>', place))
    if trace.end is not None:
        ends = encoded.standing(trace.end.items, trace.end.waiting)
        encoded.events.append((f'<<"end", "{CLOSER}", {ends}>>', len(trace.events)))
    return encoded


_ROLES = {"put": "put", "hand": "put", "get": "get", "admit": "get", "shut": CLOSER}


def _text(event: Event, role: str, after: Event | None, encoded: Encoded) -> str:
    task = CLOSER if role == CLOSER else encoded.task(event.thread, role)
    word = event.event
    if word == "put":
        what = encoded.new_item(event.item, task)
    elif word == "get":
        what = encoded.item(event.item)
    elif word == "hand":
        what = f'<<{encoded.new_item(event.item, task)}, "{encoded.task(event.whom, "get")}">>'
    elif word == "admit":
        putter = encoded.task(event.whom, "put")
        what = f'<<{encoded.new_item(event.item, putter)}, "{putter}">>'
    elif word == "notify":
        what = _quoted(encoded.task(event.whom, event.side))
    elif word == "shut":
        if encoded.shutdown == "never":
            encoded.shutdown = "immediately" if event.immediate else "gently"
        what = _sequence(map(encoded.item, event.items))
    elif word == "leave":
        what = "0"
        goes_on = after is not None and (after.section, after.thread, after.event) == (
            event.section,
            event.thread,
            event.side,
        )
        word = "late" if goes_on and encoded.model == "ConditionQueue" else word
    else:
        what = str(event.place)
    return f'"{word}", "{task}", {what}'


def module(encoded: Encoded, capacity: int) -> tuple[str, str, str]:
    """Return the name of the module that TLC is to check, its text, and that of its config."""
    name = f"{encoded.model}Trace"
    parts = [encoded.events[first : first + _PART] for first in range(0, len(encoded.events), _PART)]
    literals = [f"Part{n} == {_sequence(text for text, _ in part)}" for n, part in enumerate(parts)]
    joined = " \\o ".join(f"Part{n}" for n in range(len(parts))) or "<<>>"
    text = "\n".join(
        [
            "---- MODULE RecordedQueue ----",
            f"EXTENDS {name}",
            *literals,
            f"Events == {joined}",
            "EventAt(n) == Events[n]",
            f"EventsLength == {len(encoded.events)}",
            f"EventsStart == {encoded.start}",
            "====",
            "",
        ]
    )
    # A producer that never puts and a consumer that never gets do no harm, and TLC can tell the type of the sets.
    producers = _set([task for task, (_, side) in encoded.tasks.items() if side == "put"] or ["p0"])
    consumers = _set([task for task, (_, side) in encoded.tasks.items() if side == "get"] or ["g0"])
    everyone = _set(list(encoded.tasks) or ["p0"])
    most = len(encoded.events) + 2
    enough = len(encoded.events) + len(encoded.items) + 1
    constants = {
        "Producers": producers,
        "Consumers": consumers,
        "Capacity": min(capacity, enough) or enough,
        "PutsEach": most,
        "GetsEach": most,
        "Timed": everyone,
        "Impatient": "{}",
        "Retry": "TRUE",
        "Interruptible": "{}",
        "Shutdown": _quoted(encoded.shutdown),
        "History": "FALSE",
    }
    config = ["CONSTANTS", *(f"    {constant} = {value}" for constant, value in constants.items())]
    config += [
        "    Event <- EventAt",
        "    Length <- EventsLength",
        "    Start <- EventsStart",
        "SPECIFICATION TraceSpec",
        "",
    ]
    return "RecordedQueue", text, "\n".join(config)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _set(names: list[str]) -> str:
    return "{" + ", ".join(map(_quoted, names)) + "}"


def _sequence(texts: object) -> str:
    return "<<" + ",\n".join(texts) + ">>"  # type: ignore[arg-type]


def _truth(value: bool) -> str:
    return "TRUE" if value else "FALSE"
