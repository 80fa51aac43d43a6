"""The trace of a queue: one JSON object a line. `recording` writes it, `validating` reads it.

The first line says what was recorded, and how it stood when the recording began; the last line how it stood at the end,
and how many events and sections there are between. So a trace that was cut off, or that has lost something, is known as
such.

    {"trace": "pcverify queue", "version": 1, "class": ["ThreadSafeQueue", …], "capacity": 2, "items": 0, …}
    {"section": 1, "thread": "consumer-0", "event": "park", "side": "get", "place": 0}
    {"section": 2, "thread": "producer-0", "event": "put", "item": 1}
    {"section": 2, "thread": "producer-0", "event": "notify", "whom": "consumer-0", "side": "get"}
    {"section": 3, "thread": "consumer-0", "event": "get", "item": 1}
    {"end": 4, "sections": 3, "items": [], "getters": [], "putters": [], "shut": false}

Items have numbers, in the order in which they came; those that were there at the beginning are the first. Events of
one section happened while a thread held the lock, without letting it go.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

FORMAT, VERSION = "pcverify queue", 1

EVENTS = {
    "put": ("item",),  # the thread put this item into the queue, at the tail
    "get": ("item",),  # it took this item out
    "hand": ("item", "whom"),  # it put this item straight into the hands of one who waited for one
    "admit": ("item", "whom"),  # it put the item of one who waited for room, and took it off the wait list
    "notify": ("whom", "side"),  # it took one who waits off the wait list, to go on
    "park": ("side", "place"),  # it went on a wait list, behind so many others, to wait
    "leave": ("side",),  # it was on a wait list, and took itself off: its time is up, or an exception came
    "shut": ("immediate", "items"),  # it shut the queue down, and let these items go
    "miscount": ("puts", "counted"),  # it put so many items, and counted so many unfinished tasks
    "other": ("what",),  # something that no model has
}
"""The words, and what comes with each. A side is "get" or "put": what the thread waits in."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a queue stands: who waits, the longest waiting first, and whether it is shut down."""

    getters: tuple[str, ...]
    putters: tuple[str, ...]
    shut: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What was recorded: the names of its class and of its bases, its capacity (0: none), and how it stood."""

    names: tuple[str, ...]
    capacity: int
    items: int
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Event:
    """One event; what does not come with its word is empty."""

    section: int
    thread: str
    event: str
    item: int = 0
    whom: str = ""
    side: str = ""
    place: int = 0
    immediate: bool = False
    items: tuple[int, ...] = ()
    puts: int = 0
    counted: int = 0
    what: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """How the queue stood when the recording ended; its items by their numbers."""

    items: tuple[int, ...]
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class QueueTrace:
    """A trace. It has no end if the recording was full before that."""

    header: Header
    events: tuple[Event, ...]
    end: End | None


def lines(trace_header: Header, events: Iterable[Event], end: End | None) -> Iterator[str]:
    """Return the lines of a trace, each with its end."""
    header = {"trace": FORMAT, "version": VERSION, "class": trace_header.names, "capacity": trace_header.capacity}
    yield _line({**header, "items": trace_header.items, **asdict(trace_header.waiting)})
    count = section = 0
    for event in events:
        said = {name: getattr(event, name) for name in EVENTS[event.event]}
        yield _line({"section": event.section, "thread": event.thread, "event": event.event, **said})
        count, section = count + 1, event.section
    last: dict[str, Any] = {"end": count, "sections": section}
    yield _line({**last, "items": end.items, **asdict(end.waiting)} if end else {**last, "full": True})


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values) + "\n"


def read_trace(path: Path) -> QueueTrace:
    """Read a trace.

    Raises:
        UsageError: it cannot be read, is cut off, or is none; the message says which line, and what to do.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the trace {path}: {error}") from error
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise UsageError(f"{path}, line {number}: this is no JSON object; {_CUT_OFF}")
        found.append(values)
    if not found:
        raise UsageError(f"{path} is empty; {_CUT_OFF}")
    header = _header(found[0], f"{path}, line 1")
    if "end" not in found[-1]:
        raise UsageError(f"{path} has no last line that says how the queue stood at the end; {_CUT_OFF}")
    events = tuple(_event(values, f"{path}, line {number}") for number, values in enumerate(found[1:-1], 2))
    return QueueTrace(header, events, _end(found[-1], events, path, f"{path}, line {len(found)}"))


_CUT_OFF = (
    "the recording was cut off: end it with `stop`, by `with`, or let the process end by itself, and record again"
)


Kind = tuple[str, "Callable[[Any], bool]"]
"""What a value should be, in words, and whether it is."""

_MOST = 2**31 - 1  # TLC has no larger numbers


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _list_of(kind: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, list) and all(map(kind, value))


_TEXT: Kind = "a text", _is_text
_NUMBER: Kind = f"a number from 0 to {_MOST}", _is_number
_TRUTH: Kind = "true or false", lambda value: isinstance(value, bool)
_NUMBERS: Kind = f"a list of numbers from 0 to {_MOST}", partial(_list_of, _is_number)
_NAMES: Kind = "a list of texts", partial(_list_of, _is_text)
_CLASS: Kind = "a list of texts, one at least", lambda value: _list_of(_is_text, value) and bool(value)
_CAPACITY: Kind = "a number from 0 on", lambda value: type(value) is int and value >= 0
_WAITING = {"getters": _NAMES, "putters": _NAMES, "shut": _TRUTH}
_OF_EVENTS: dict[str, Kind] = {
    **dict.fromkeys(("section", "item", "place", "puts"), _NUMBER),
    **dict.fromkeys(("thread", "event", "whom", "what"), _TEXT),
    "counted": ("a number", lambda value: type(value) is int),
    "immediate": _TRUTH,
    "items": _NUMBERS,
    "side": ("get or put", lambda value: value in ("get", "put")),
}


def _check(values: dict[str, Any], kinds: dict[str, Kind], where: str) -> None:
    for name, (kind, fits) in kinds.items():
        if name not in values:
            raise UsageError(f"{where} is damaged: it lacks `{name}`")
        if not fits(values[name]):
            raise UsageError(f"{where} is damaged: `{name}` is {json.dumps(values[name]):.80}, and should be {kind}")


def _header(values: dict[str, Any], where: str) -> Header:
    if values.get("trace") != FORMAT:
        raise UsageError(f"{where} is no header of a trace; `pcverify.conformance.recording` writes one")
    if values.get("version") != VERSION:
        raise UsageError(
            f"{where}: this is a trace of version {values.get('version')}, and version {VERSION} is read here: "
            "record it again"
        )
    _check(values, {"class": _CLASS, "capacity": _CAPACITY, "items": _NUMBER, **_WAITING}, where)
    return Header(tuple(values["class"]), values["capacity"], values["items"], _waiting(values))


def _waiting(values: dict[str, Any]) -> Waiting:
    return Waiting(tuple(values["getters"]), tuple(values["putters"]), values["shut"])


def _event(values: dict[str, Any], where: str) -> Event:
    word = values.get("event")
    if not _is_text(word) or word not in EVENTS:
        raise UsageError(f"{where}: {word!r} is no event; there are {', '.join(EVENTS)}")
    wanted = {"section", "thread", "event", *EVENTS[word]}
    if set(values) != wanted:
        raise UsageError(
            f"{where}: {word} comes with {', '.join(sorted(wanted))}, not with {', '.join(sorted(values))}"
        )
    _check(values, {name: _OF_EVENTS[name] for name in values}, where)
    if "items" in values:
        values = {**values, "items": tuple(values["items"])}
    return Event(**values)


def _end(values: dict[str, Any], events: tuple[Event, ...], path: Path, where: str) -> End | None:
    _check(values, {"end": _NUMBER, "sections": _NUMBER}, where)
    if values["end"] != len(events):
        raise UsageError(
            f"{path} has {len(events)} events, and its last line says {values['end']}: it has lost some, or is damaged"
        )
    expected = 0
    for number, event in enumerate(events, 2):
        if event.section not in {expected, expected + 1}:
            raise UsageError(f"{path}, line {number}: section {event.section} comes after {expected}: one was lost")
        expected = event.section
    if values["sections"] != expected:
        raise UsageError(f"{path} has {expected} sections, and its last line says {values['sections']}")
    if values.get("full") is True:
        return None
    _check(values, {"items": _NUMBERS, **_WAITING}, where)
    return End(tuple(values["items"]), _waiting(values))
