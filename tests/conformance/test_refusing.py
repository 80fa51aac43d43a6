"""What a faulty queue did, or what a trace was made to say, is refused at the event that is wrong."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue
from pcverify.conformance.recording import record
from pcverify.conformance.trace import read_trace
from pcverify.conformance.validating import validate, validate_trace
from pcverify.evidence import Verdict
from pcverify.regress import faults
from tests.conformance.recordings import work
from tests.conformance.test_recording import until_waiting
from tests.support.threads import LIMIT


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.trace"


# What faulty ones do is refused, at the event that is wrong.


def lifo(subject):
    for item in range(2):
        subject.put(item)
    subject.get()


def one_too_many(subject):
    for item in range(3):
        subject.put_nowait(item)


def one_put(subject):
    subject.put(0)


def wait_in(name, call, *arguments):
    """Let a thread wait in this call, until `end` wakes it."""

    def waits():
        with suppress(queue.Empty, queue.Full, ShutDown):
            call(*arguments, timeout=60)

    thread = threading.Thread(target=waits, name=name, daemon=True)
    thread.start()
    return thread


def end(subject, make, threads):
    """Wake the threads that wait in a queue, by what the class does without a fault, and see them end."""
    with subject.mutex:
        if hasattr(make, "_close"):
            make._close(subject, immediate=False)
        else:
            subject.not_empty.notify_all()
            subject.not_full.notify_all()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()


def one_put_for_a_getter(subject):
    getter = wait_in("getter", subject.get)
    until_waiting(subject, "get", 1)
    subject.put(0)
    subject.put(1)
    return [getter]


def one_get_for_a_putter(subject):
    for item in range(2):
        subject.put(item)
    putter = wait_in("putter", subject.put, 2)
    until_waiting(subject, "put", 1)
    subject.get()
    subject.get()
    return [putter]


def a_shutdown_for_a_getter(subject):
    getter = wait_in("getter", subject.get)
    until_waiting(subject, "get", 1)
    subject.shutdown()
    return [getter]


def two_who_wait(subject):
    for item in range(2):
        subject.put(item)
    putters = []
    for number in range(2):
        putters.append(wait_in(f"putter-{number}", subject.put, 0))
        until_waiting(subject, "put", number + 1)
    subject.get()
    return putters


CAUGHT = [
    ("lifo", lifo, [ThreadSafeQueue, HandoffQueue, queue.Queue], "MainThread gets item 2", "gets item 1"),
    ("capacity-off-by-one", one_too_many, [ThreadSafeQueue, HandoffQueue, queue.Queue], "puts item 3", "is full"),
    (
        "drop-item",
        one_put,
        [ThreadSafeQueue, HandoffQueue, queue.Queue],
        "put 0 items, and counted 1",
        "one unfinished",
    ),
    ("double-item", one_put, [ThreadSafeQueue, HandoffQueue, queue.Queue], "puts item 2", "frees the lock"),
    ("unfinished-not-counted", one_put, [ThreadSafeQueue, HandoffQueue, queue.Queue], "counted 0", "one unfinished"),
    (
        "drop-notify-in-put",
        one_put_for_a_getter,
        [ThreadSafeQueue, queue.Queue],
        "MainThread puts item 2",
        "MainThread notifies getter before it frees the lock",
    ),
    (
        "drop-notify-in-get",
        one_get_for_a_putter,
        [ThreadSafeQueue, queue.Queue],
        "MainThread gets item 2",
        "MainThread notifies putter before it frees the lock",
    ),
    (
        "drop-notify-getters-in-shutdown",
        a_shutdown_for_a_getter,
        [ThreadSafeQueue, HandoffQueue],
        "the recording ends",
        "notifies getter",
    ),
    ("last-come-first-served", two_who_wait, [HandoffQueue], "lets putter-1 in", "lets putter-0 in"),
]


@pytest.mark.parametrize(
    ("name", "program", "make", "event", "allows"),
    [(name, program, make, event, allows) for name, program, makes, event, allows in CAUGHT for make in makes],
    ids=[f"{name}-{make.__name__}" for name, _, makes, _, _ in CAUGHT for make in makes],
)
def test_a_fault_is_refused_at_the_event_that_is_wrong(name, program, make, event, allows, path):
    subject = faults.apply(faults.named(name), make)(2)
    with record(subject, path):
        waiters = program(subject)
    end(subject, make, waiters or ())
    result = validate(path)
    assert result.verdict is Verdict.VIOLATION
    assert event in result.refused.event
    assert allows in result.refused.allows
    assert result.refused.line == result.allowed + 2


class Discards(ThreadSafeQueue):
    def shutdown(self, immediate=False):
        super().shutdown(True)


class DiscardsAsItAsksItself(HandoffQueue):
    def shutdown(self, immediate=False):
        if not immediate:
            return self.shutdown(True)
        return super().shutdown(immediate)


class DiscardsWhatItIsHanded(ThreadSafeQueue):
    def shutdown(self, *_, **keywords):
        super().shutdown(True)


class KeepsAll(HandoffQueue):
    def shutdown(self, immediate=False):
        super().shutdown()


@pytest.mark.parametrize(
    ("make", "immediate", "event", "allows"),
    [
        (Discards, False, "gently, and lets go items 1, 2", "gently that lets go no item"),
        (DiscardsAsItAsksItself, False, "gently, and lets go items 1, 2", "gently that lets go no item"),
        (DiscardsWhatItIsHanded, False, "gently, and lets go items 1, 2", "gently that lets go no item"),
        (KeepsAll, True, "at once, and lets go no item", "at once that lets go items 1, 2"),
    ],
)
def test_a_shutdown_that_lets_go_other_items_than_it_was_asked_to_is_refused(make, immediate, event, allows, path):
    subject = make(2)
    with record(subject, path):
        subject.put("a")
        subject.put("b")
        subject.shutdown(immediate)
    result = validate(path)
    assert (result.verdict, result.allowed, result.refused.line) == (Verdict.VIOLATION, 2, 4)
    assert result.refused.event == f"MainThread shuts the queue down {event}"
    assert result.refused.allows == f"a shutdown {allows}"


@pytest.mark.parametrize("make", [ThreadSafeQueue, HandoffQueue])
def test_a_second_shutdown_is_refused_and_not_the_first(make, path):
    subject = make(2)
    with record(subject, path):
        subject.put("a")
        subject.shutdown(immediate=True)
    trace = read_trace(path)
    again = replace(trace.events[1], section=3, immediate=False, items=())
    at, refused = refused_at(replace(trace, events=(*trace.events, again)))
    assert (at, refused.allows) == (2, "no shutdown: there was one already")


@pytest.mark.parametrize("program", dict.fromkeys(program for _, program, *_ in CAUGHT), ids=lambda call: call.__name__)
def test_the_same_program_is_allowed_without_the_fault(program, path):
    make, waiters = HandoffQueue if program is two_who_wait else ThreadSafeQueue, None
    subject = make(2)
    with record(subject, path), suppress(queue.Full):
        waiters = program(subject)
    end(subject, make, waiters or ())
    assert validate(path).verdict is Verdict.OK


# So are traces that somebody has changed.


@pytest.fixture(scope="module", params=[ThreadSafeQueue, HandoffQueue], ids=lambda make: make.__name__)
def trace(request, tmp_path_factory):
    """Threads that wait for each other, and then one alone: what that one does is the same each time."""
    path, subject = tmp_path_factory.mktemp("trace") / "queue.trace", request.param(2)
    with record(subject, path):
        work(subject, items=100)
        for item in range(40):
            subject.put(item)
            subject.put(item)
            subject.get()
            subject.get()
    return read_trace(path)


def middle(trace, word):
    """Return the place of an event with this word in the middle of what one thread did alone."""
    return next(
        place for place in range(len(trace.events) - 80, len(trace.events)) if trace.events[place].event == word
    )


def edited(trace, events):
    """Return the trace with these events, the sections counted anew."""
    numbers = {number: count for count, number in enumerate(dict.fromkeys(event.section for event in events), 1)}
    return replace(trace, events=tuple(replace(event, section=numbers[event.section]) for event in events))


def refused_at(trace):
    result = validate_trace(trace)
    assert result.verdict is Verdict.VIOLATION
    return result.allowed, result.refused


def test_two_gets_that_changed_places_are_refused_at_the_first(trace):
    events = list(trace.events)
    first = middle(trace, "get")
    second = next(n for n in range(first + 1, len(events)) if events[n].event == "get")
    events[first], events[second] = (
        replace(events[first], item=events[second].item),
        replace(events[second], item=events[first].item),
    )
    place, refused = refused_at(edited(trace, events))
    assert place == first
    assert f"gets item {events[second].item}" in refused.allows


def test_an_event_that_comes_twice_is_refused_the_second_time(trace):
    place = middle(trace, "get")
    events = list(trace.events)
    twice = replace(events[place], section=10**6)
    assert refused_at(edited(trace, [*events[: place + 1], twice, *events[place + 1 :]]))[0] == place + 1


def test_a_get_that_is_missing_is_noticed_at_the_next_event_that_depends_on_it(trace):
    place = middle(trace, "get")
    events = [*trace.events[:place], *trace.events[place + 1 :]]
    at, _ = refused_at(edited(trace, events))
    assert at >= place
    assert all(event.event in {"leave", "park"} for event in events[place:at])


def test_a_put_that_is_missing_is_noticed_at_the_latest_when_its_item_is_got(trace):
    place = middle(trace, "put")
    missing = trace.events[place].item
    events = [*trace.events[:place], *trace.events[place + 1 :]]
    at, _ = refused_at(edited(trace, events))
    got = next(n for n, event in enumerate(events) if event.event == "get" and event.item == missing)
    assert place <= at <= got


def test_a_get_at_the_very_end_that_is_missing_is_noticed_by_how_the_queue_stands(trace):
    events = trace.events[:-1]
    assert trace.events[-1].event == "get"
    at, refused = refused_at(edited(trace, events))
    assert at == len(events)
    assert refused.event.startswith("the recording ends, and the queue holds no item")
