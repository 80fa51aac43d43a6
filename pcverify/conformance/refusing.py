"""Says why a model refuses an event: how it stands before it, and what it would have allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcverify.conformance.encoding import CLOSER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pcverify.conformance.encoding import Encoded
    from pcverify.conformance.trace import Event, QueueTrace

_BEFORE = 6
_HEADER_LINES = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that the model refuses.

    Attributes:
        line: its line in the file of the trace, counted from 1.
        event: what it is, in words.
        before: what happened just before, a line each.
        stands: how the queue stands in the model before it, a line each.
        allows: what the model would have allowed.
    """

    line: int
    event: str
    before: tuple[str, ...]
    stands: tuple[str, ...]
    allows: str


def refusal(trace: QueueTrace, encoded: Encoded, place: int, state: dict[str, Any]) -> Refusal:
    """Return why the event at this place is refused, in this state of the model."""
    told = _Telling(encoded, trace.header.capacity, state)
    events = trace.events
    event = events[place] if place < len(events) else None
    if event is None:
        assert trace.end is not None
        end = trace.end
        said = "the recording ends, and the queue " + _standing(
            end.items, end.waiting.getters, end.waiting.putters, end.waiting.shut
        )
    else:
        said = in_words(event)
    before = range(max(0, place - _BEFORE), place)
    return Refusal(
        line=place + _HEADER_LINES + 1,
        event=said,
        before=tuple(f"line {n + _HEADER_LINES + 1}: {in_words(events[n])}" for n in before),
        stands=told.stands(),
        allows=told.allows(event),
    )


def in_words(event: Event) -> str:
    """Return an event as a sentence without its end."""
    match event.event:
        case "put":
            said = f"puts item {event.item}"
        case "get":
            said = f"gets item {event.item}"
        case "hand":
            said = f"hands item {event.item} to {event.whom}"
        case "admit":
            said = f"lets {event.whom} in, with item {event.item}"
        case "notify":
            said = f"notifies {event.whom}, which waits to {event.side}"
        case "park":
            said = f"goes to wait to {event.side}, behind {event.place} others"
        case "leave":
            said = f"stops waiting to {event.side} by itself"
        case "shut":
            said = f"shuts the queue down {_how(event)}, and lets go {_items(event.items)}"
        case "miscount":
            said = f"put {event.puts} items, and counted {event.counted} unfinished tasks for them"
        case _:
            said = f"does what no model has: {event.what}"
    return f"{event.thread} {said}"


def _how(event: Event) -> str:
    return "at once" if event.immediate else "gently"


def _items(numbers: Iterable[Any]) -> str:
    listed = [str(number) for number in numbers]
    return f"item{'s' if len(listed) > 1 else ''} {', '.join(listed)}" if listed else "no item"


def _standing(items: Iterable[Any], getters: Iterable[str], putters: Iterable[str], shut: bool) -> str:
    waiting = [f"{', '.join(names)} wait to {side}" for side, names in (("get", getters), ("put", putters)) if names]
    return "; ".join([f"holds {_items(items)}", *waiting, *(["it is shut down"] if shut else [])])


class _Telling:
    """A state of the model in the words of the trace."""

    def __init__(self, encoded: Encoded, capacity: int, state: dict[str, Any]) -> None:
        self._encoded = encoded
        self._capacity = capacity
        self._state = state
        self._numbers = {item: number for number, item in encoded.items.items()}

    def _name(self, task: str) -> str:
        return "the one that shuts it down" if task == CLOSER else self._encoded.tasks[task][0]

    def _number(self, item: Any) -> str:
        return str(self._numbers.get(tuple(item), "of nobody"))

    @property
    def _holds(self) -> list[str]:
        return [self._number(item) for item in self._state["queue"]]

    def stands(self) -> tuple[str, ...]:
        state = self._state
        getters, putters = ([self._name(t) for t in state["waiters"][side]] for side in ("notEmpty", "notFull"))
        standing = f"the queue {_standing(self._holds, getters, putters, state['shut'])}"
        places = f"capacity {self._capacity}" if self._capacity else "no capacity"
        lock = "nobody holds the lock" if state["lock"] == "free" else f"{self._name(state['lock'])} holds the lock"
        return (f"{standing} ({places})", lock)

    def allows(self, event: Event | None) -> str:
        state = self._state
        if event is not None and event.event == "miscount":
            return "one unfinished task more for each put, and no other"
        if state["lock"] != "free":
            return self._in_section(state["lock"])
        if event is None:
            return "an end at which the queue stands as above"
        if event.event == "shut":
            if state["shut"]:
                return "no shutdown: there was one already"
            return f"a shutdown {_how(event)} that lets go {_items(self._holds if event.immediate else ())}"
        side = event.side or {"put": "put", "hand": "put"}.get(event.event, "get")
        task = next((name for name, key in self._encoded.tasks.items() if key == (event.thread, side)), "")
        return f"{event.thread} {self._for(task, side)}"

    def _in_section(self, holder: str) -> str:
        calls, given = self._state["calls"], self._state.get("given", {})
        name = self._name(holder)
        if not calls:
            return f"{name} frees the lock before anything else happens: it has done all there is to do"
        called = self._name(calls[0])
        admitted = given and tuple(given.get(calls[0], ())) == ("room",)
        does = f"lets {called} in, with its item" if admitted else f"notifies {called}"
        return f"{name} {does} before it frees the lock"

    def _for(self, task: str, side: str) -> str:
        state, waits = self._state, "goes to wait, or gives up"
        if state["pc"].get(task) == "parked":
            return "does nothing, or gives up: it waits, and nobody has taken it off the wait list"
        if state["shut"] and (side == "put" or not state["queue"]):
            return "raises ShutDown"
        if side == "get":
            return (
                f"gets item {self._holds[0]}, the one at the head" if state["queue"] else f"{waits}: the queue is empty"
            )
        if self._encoded.model == "HandoffQueue" and state["waiters"]["notEmpty"]:
            return f"hands its item to {self._name(state['waiters']['notEmpty'][0])}, which waits longest"
        full = 0 < self._capacity <= len(state["queue"])
        return f"{waits}: the queue is full" if full else "puts its item: there is room"
