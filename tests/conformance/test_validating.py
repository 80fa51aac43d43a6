"""The models allow what real queues do, and pass nothing else."""

from __future__ import annotations

import json
import queue
import resource
import sys
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue, cli
from pcverify.conformance import validating
from pcverify.conformance.recording import record
from pcverify.conformance.trace import Event, lines, read_trace
from pcverify.conformance.validating import validate, validate_trace
from pcverify.evidence import InternalError, UsageError, Verdict
from tests.conformance.recordings import alone, busy, run_together
from tests.conformance.test_recording import every_class


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.trace"


# What real queues do is allowed.


@every_class
def test_what_a_right_queue_does_is_allowed(make, path):
    busy(make(2), path, items=600, producers=3, consumers=3)
    result = validate(path)
    assert (result.verdict, result.reason) == (Verdict.OK, "")
    assert result.allowed == result.events >= 1200
    assert result.subject == make.__name__


@every_class
def test_so_are_waits_that_end_by_themselves_threads_that_do_both_and_no_capacity(make, path):
    inner, outer = make(1), make()

    def impatient():
        for item in range(40):
            with suppress(queue.Full, queue.Empty):
                inner.put(item, timeout=0.002)
            with suppress(queue.Full, queue.Empty):
                inner.get(timeout=0.002)
            with suppress(queue.Full, queue.Empty):
                inner.get_nowait()
            outer.put(item)

    with record(inner, path), record(outer, path.with_name("outer.trace")):
        run_together(*[impatient] * 4)
    for trace in (path, path.with_name("outer.trace")):
        assert validate(trace).verdict is Verdict.OK


@pytest.mark.parametrize("immediate", [False, True], ids=["gently", "immediately"])
@pytest.mark.parametrize("make", [ThreadSafeQueue, HandoffQueue])
def test_so_is_a_shutdown_in_the_middle(make, immediate, path):
    subject = make(2)

    def producer():
        with suppress(ShutDown):
            while True:
                subject.put("item")

    def consumer():
        with suppress(ShutDown):
            for number in range(200):
                subject.get()
                if number == 100:
                    subject.shutdown(immediate)

    with record(subject, path):
        run_together(producer, producer, producer, consumer, consumer)
    assert validate(path).verdict is Verdict.OK
    assert "shut" in [event.event for event in read_trace(path).events]


def test_so_is_what_a_queue_does_whose_capacity_is_larger_than_any_number_of_tlc(path):
    alone(queue.Queue(sys.maxsize), path, items=2)
    assert validate(path).verdict is Verdict.OK


@every_class
def test_so_is_a_recording_that_begins_and_ends_in_the_middle(make, path):
    subject = make(2)
    go_on = threading.Event()

    def producer():
        while not go_on.is_set():
            with suppress(queue.Full):
                subject.put("item", timeout=0.01)

    def consumer():
        while not go_on.is_set():
            with suppress(queue.Empty):
                subject.get(timeout=0.01)

    def recorder():
        for number in range(2):
            with record(subject, path.with_suffix(f".{number}")) as recording:
                while recording.sections < 50:
                    pass
        go_on.set()

    run_together(producer, producer, producer, consumer, consumer, recorder)
    for number in range(2):
        result = validate(path.with_suffix(f".{number}"))
        assert result.verdict is Verdict.OK, result


@pytest.mark.parametrize("program", [alone, busy])
def test_ten_times_the_events_take_at_most_three_times_as_long(program, path):
    program(ThreadSafeQueue(2), path, items=5000)
    trace = read_trace(path)

    def processor_time(events):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = validate_trace(replace(trace, events=trace.events[:events], end=None))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert (result.verdict, result.events) == (Verdict.OK, events)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # What else the machine does only adds to it: the least of several is the bound, and one run within it is enough.
    most = 3 * min(processor_time(1_000) for _ in range(3))
    assert any(processor_time(10_000) <= most for _ in range(5))


# What shows nothing is no pass.


def test_an_empty_recording_shows_nothing(path):
    with record(ThreadSafeQueue(), path):
        pass
    result = validate(path)
    assert (result.verdict, result.reason) == (Verdict.UNKNOWN, "nothing happened while it was recorded")


def test_what_the_model_leaves_out_is_unknown_from_there_on(path):
    subject = ThreadSafeQueue()
    with record(subject, path):
        subject.put(1)
        subject.put_many([2, 3])
        subject.get()
    result = validate(path)
    assert (result.verdict, result.allowed, result.events) == (Verdict.UNKNOWN, 1, 3)
    assert "several items in one step" in result.reason


def test_a_deadline_is_unknown(path):
    busy(ThreadSafeQueue(1), path, items=10)
    result = validate(path, max_seconds=0.01)
    assert result.verdict is Verdict.UNKNOWN
    assert "not done within" in result.reason


def test_a_recording_that_was_full_is_allowed_as_far_as_it_goes_and_says_so(path):
    subject = ThreadSafeQueue()
    with record(subject, path, max_sections=2):
        for item in range(5):
            subject.put(item)
    result = validate(path)
    assert (result.verdict, result.events) == (Verdict.OK, 2)
    assert "full" in result.reason


def test_a_pass_with_fewer_states_than_events_is_a_defect(path, monkeypatch):
    busy(ThreadSafeQueue(1), path, items=10)
    run_tlc = validating.run_tlc
    monkeypatch.setattr(validating, "run_tlc", lambda *a, **k: replace(run_tlc(*a, **k), distinct=3))
    with pytest.raises(InternalError, match="3 states"):
        validate(path)


def test_a_class_without_a_model_needs_one_by_name(path):
    class Mine:
        def __init__(self):
            self.mutex = threading.Lock()
            self.not_empty, self.not_full = threading.Condition(self.mutex), threading.Condition(self.mutex)
            self.queue, self.maxsize, self.unfinished_tasks = queue.deque(), 2, 0

        def put(self, item):
            with self.not_full:
                self.queue.append(item)
                self.unfinished_tasks += 1
                self.not_empty.notify()

    subject = Mine()
    with record(subject, path):
        subject.put(1)
    with pytest.raises(UsageError, match=r"no model of Mine.*--model ConditionQueue"):
        validate(path)
    assert validate(path, model="ConditionQueue").verdict is Verdict.OK


def test_hooks_change_how_a_handoff_queue_waits_so_there_is_no_model(path):
    class Counting(HandoffQueue):
        def _put(self, item):
            super()._put(item)

    subject = Counting()
    with record(subject, path):
        subject.put(1)
    with pytest.raises(UsageError, match="has hooks"):
        validate(path)


# Files that are no traces.

GOOD = [
    '{"trace": "pcverify queue", "version": 1, "class": ["Queue"], "capacity": 1, "items": 0, '
    '"getters": [], "putters": [], "shut": false}',
    '{"section": 1, "thread": "t", "event": "put", "item": 1}',
    '{"section": 2, "thread": "t", "event": "get", "item": 1}',
    '{"end": 2, "sections": 2, "items": [], "getters": [], "putters": [], "shut": false}',
]


def changed(place, this, that, complaint):
    """Return the good trace with one line changed, and what is to be said of that line."""
    assert this in GOOD[place]
    content = [*GOOD[:place], GOOD[place].replace(this, that), *GOOD[place + 1 :]]
    return content, f"line {place + 1}{complaint}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ([], "is empty; the recording was cut off"),
        (GOOD[1:], "header"),
        ([GOOD[0].replace('"version": 1', '"version": 7'), *GOOD[1:]], "version 7"),
        ([GOOD[0].replace('"capacity": 1, ', ""), *GOOD[1:]], "line 1.*capacity"),
        (GOOD[:-1], "no last line"),
        ([*GOOD[:2], GOOD[2][:20]], "line 3.*cut off"),
        ([GOOD[0], GOOD[1].replace('"put"', '"push"'), *GOOD[2:]], "line 2: 'push' is no event; there are put, get"),
        ([GOOD[0], GOOD[1].replace('"item"', '"number"'), *GOOD[2:]], "line 2: put comes with"),
        ([GOOD[0], *GOOD[2:]], "has 1 events, and its last line says 2"),
        ([GOOD[0], GOOD[1], GOOD[2].replace("2", "3"), GOOD[3]], "section 3 comes after 1: one was lost"),
        ([*GOOD[:3], GOOD[3].replace('"sections": 2', '"sections": 4')], "has 2 sections, and its last line says 4"),
        ([*GOOD[:3], '{"end": 2, "sections": 2}'], "line 4 is damaged: it lacks `items`"),
        ([*GOOD[:3], '{"end": 2, "sections": 2, "full": 0}'], "line 4 is damaged: it lacks `items`"),
        ([*GOOD[:3], GOOD[3].replace(', "shut": false', "")], "line 4 is damaged: it lacks `shut`"),
        ([*GOOD[:3], GOOD[3].replace(', "sections": 2', "")], "line 4 is damaged: it lacks `sections`"),
        ([*GOOD[:3], "[" * 100_000], "line 4: this is no JSON object"),
        changed(0, '"class": ["Queue"]', '"class": []', " is damaged: .*should be a list of texts, one at least"),
        changed(0, '"class": ["Queue"]', '"class": "Queue"', " is damaged: .*should be a list of texts, one at least"),
        changed(0, '"capacity": 1', '"capacity": -1', " is damaged: .*should be a number from 0 on"),
        changed(0, '"items": 0', '"items": -1', " is damaged: .*should be a number from 0 to"),
        changed(0, '"getters": []', '"getters": [1]', " is damaged: .*should be a list of texts"),
        changed(1, '"event": "put"', '"event": ["put"]', r": \['put'\] is no event"),
        changed(1, '"thread": "t"', '"thread": ["t"]', " is damaged: .*should be a text"),
        changed(1, '"section": 1', '"section": "1"', " is damaged: .*should be a number from 0 to"),
        changed(1, '"section": 1', '"section": true', " is damaged: .*should be a number from 0 to"),
        changed(1, '"item": 1', '"item": "x"', " is damaged: .*should be a number from 0 to"),
        changed(1, '"item": 1', '"item": 3000000000', " is damaged: .*should be a number from 0 to"),
        changed(1, '"put", "item": 1', '"park", "side": "nowhere", "place": 0', " is damaged: `side`.*get or put"),
        changed(
            1, '"put", "item": 1', '"park", "side": "get", "place": 0.5', " is damaged: `place`.*a number from 0 to"
        ),
        changed(
            1, '"put", "item": 1', '"shut", "immediate": 1, "items": []', " is damaged: `immediate`.*true or false"
        ),
        changed(
            1, '"put", "item": 1', '"shut", "immediate": true, "items": 3', " is damaged: `items`.*a list of numbers"
        ),
        changed(1, '"put", "item": 1', '"miscount", "puts": 1, "counted": null', " is damaged: `counted` is null"),
        changed(3, '"end": 2', '"end": "2"', " is damaged: .*should be a number from 0 to"),
        changed(3, '"items": []', '"items": 3', " is damaged: .*should be a list of numbers"),
        changed(3, '"shut": false', '"shut": 0', " is damaged: .*should be true or false"),
    ],
)
def test_a_file_that_is_no_whole_trace_is_an_error_that_says_why(content, complaint, path):
    path.write_text("".join(f"{line}\n" for line in content))
    with pytest.raises(UsageError, match=complaint):
        validate(path)


def test_what_is_written_is_read_again_the_same(path):
    busy(HandoffQueue(1), path, items=40)
    trace = read_trace(path)
    again = path.with_name("again.trace")
    again.write_text("".join(lines(trace.header, trace.events, trace.end)))
    assert read_trace(again) == trace
    assert isinstance(trace.events[0], Event)


# The command.


def test_the_command_says_allowed_and_exits_with_0(path, capsys):
    path.write_text("".join(f"{line}\n" for line in GOOD))
    assert cli.main(["validate", str(path)]) == 0
    out = capsys.readouterr().out
    assert "allowed  2 of 2 events" in out
    assert "What this does not show: other runs; that get returns the item that it takes out" in out


def test_the_command_shows_the_event_that_is_refused_and_exits_with_1(path, capsys):
    bad = [GOOD[0], GOOD[1], GOOD[2].replace('"item": 1', '"item": 2'), GOOD[3]]
    path.write_text("".join(f"{line}\n" for line in bad))
    assert cli.main(["validate", str(path)]) == 1
    out = capsys.readouterr().out
    assert "REFUSED  1 of 2 events" in out
    assert "  line 2: t puts item 1\n> line 3: t gets item 2" in out
    assert "the queue holds item 1 (capacity 1)" in out
    assert "would have allowed: t gets item 1, the one at the head" in out
    assert cli.main(["validate", str(path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["allowed"], said["refused"]["line"]) == ("VIOLATION", 1, 3)


def test_the_command_exits_with_2_for_what_is_no_trace_and_with_3_for_what_shows_nothing(path, capsys):
    assert cli.main(["validate", str(path)]) == 2
    assert "cannot read the trace" in capsys.readouterr().err
    with record(ThreadSafeQueue(), path):
        pass
    assert cli.main(["validate", str(path)]) == 3
    assert "Nothing happened while it was recorded." in capsys.readouterr().out
