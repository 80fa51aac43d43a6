"""From what one section has changed to the events of a trace.

A section is what a thread does from where it takes the lock of a queue to where it frees it. What is looked at is the
queue at its two ends, and the items that went in and out between. So who left a wait list by itself, and who was taken
off it, is told apart by who ran the section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pcverify.conformance.trace import Event

Said = tuple[Any, str, dict[str, Any]]
"""A thread, a word, and what comes with it; threads as objects still."""


@dataclass(frozen=True, slots=True)
class Section:
    """What a section has changed.

    Attributes:
        thread: who ran it.
        steps: numbers of items that entered, minus the numbers of those that left, names of anything else.
        before: those who waited when it began: getters, putters.
        now: the same at its end.
        owners: the thread of each.
        counted: by how much it raised the number of unfinished tasks.
        shuts: whether it shut the queue down.
        immediate: whether it was asked to let the items go with that; None if that is not known.
        outside: what it did, if that is in no model.
    """

    thread: Any
    steps: tuple[int | str, ...]
    before: tuple[Any, Any]
    now: tuple[Any, Any]
    owners: dict[Any, Any]
    counted: int
    shuts: bool
    immediate: bool | None
    outside: str | None


def events_in(section: Section, fresh: Callable[[], int]) -> Iterator[Said]:
    """Return what happened, in an order that the model has.

    `fresh` gives a number to an item that goes from hand to hand, and so was never in the queue.
    """
    thread, owners = section.thread, section.owners
    strange = next((step for step in section.steps if isinstance(step, str)), section.outside)
    if strange is not None:
        yield thread, "other", {"what": strange}
        return
    steps: list[int] = [step for step in section.steps if isinstance(step, int)]
    gone = [(side, w) for side, old, new in _sides(section) for w in old if w not in new or _moved(w, old, new)]
    for side, waiter in gone:
        if owners[waiter] is thread:
            yield thread, "leave", {"side": side}
    if section.shuts:
        let_go = tuple(-step for step in steps if step < 0)
        immediate = bool(let_go) if section.immediate is None else section.immediate
        yield thread, "shut", {"immediate": immediate, "items": let_go}
        steps = [step for step in steps if step > 0]
    called = [(side, waiter) for side, waiter in gone if owners[waiter] is not thread]
    admitted = _admitted(called, steps)
    for step in steps[: len(steps) - len(admitted)]:
        yield thread, "put" if step > 0 else "get", {"item": abs(step)}
    put = sum(step > 0 for step in steps)
    for side, waiter in called:
        word, said = _call(side, waiter, owners[waiter], admitted, fresh)
        put += word == "hand"
        yield thread, word, said
    for side, old, new in _sides(section):
        for place, waiter in enumerate(new):
            if waiter not in old or _moved(waiter, old, new):
                yield thread, "park", {"side": side, "place": place}
    if max(section.counted, 0) != put:
        yield thread, "miscount", {"puts": put, "counted": section.counted}


def _call(
    side: str, waiter: Any, whom: Any, admitted: list[int], fresh: Callable[[], int]
) -> tuple[str, dict[str, Any]]:
    if side == "put" and admitted:
        return "admit", {"item": admitted.pop(0), "whom": whom}
    if side == "get" and hasattr(waiter, "holds") and waiter.holds:
        return "hand", {"item": fresh(), "whom": whom}
    return "notify", {"whom": whom, "side": side}


def _sides(section: Section) -> Iterator[tuple[str, Any, Any]]:
    return zip(("get", "put"), section.before, section.now, strict=True)


def _moved(waiter: Any, old: Any, new: Any) -> bool:
    """Whether it went to the tail, past others or alone: it left the list and came back."""
    if waiter not in old or waiter not in new or new[-1] is not waiter:
        return False
    stayed = [other for other in old if other in new]
    return stayed[-1] is not waiter


def _admitted(called: list[tuple[str, Any]], steps: list[int]) -> list[int]:
    """Return the numbers of the items that were put for those who waited for room: each brings its own."""
    brought = sum(side == "put" and hasattr(waiter, "brings") for side, waiter in called)
    entered = [step for step in steps if step > 0]
    return entered[len(entered) - brought :] if brought and steps and steps[0] < 0 else []


class Names:
    """A name for each thread, which no other has."""

    def __init__(self) -> None:
        """Know nobody."""
        self._names: dict[int, str] = {}
        self._threads: list[Any] = []
        self._taken: set[str] = set()

    def of(self, thread: Any) -> str:
        """Return the name of a thread."""
        if id(thread) not in self._names:
            name = first = getattr(thread, "name", "unknown")
            number = 1
            while name in self._taken:
                number += 1
                name = f"{first}#{number}"
            self._taken.add(name)
            self._threads.append(thread)  # or another could have its id
            self._names[id(thread)] = name
        return self._names[id(thread)]


def events_of(sections: Iterable[list[Said]], names: Names) -> Iterator[Event]:
    """Return the events of a trace."""
    for number, section in enumerate(filter(None, sections), 1):
        for thread, word, said in section:
            named = {"whom": names.of(said["whom"])} if "whom" in said else {}
            yield Event(number, names.of(thread), word, **{**said, **named})
