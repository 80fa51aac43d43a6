"""What is recorded of a queue in use, and that its application notices nothing of it."""

from __future__ import annotations

import copy
import json
import os
import pickle
import queue
import sys
import threading
import time
from collections import deque

import pytest

from pcverify import HandoffQueue, ShutDown, ThreadSafeQueue
from pcverify.conformance.recording import record
from pcverify.conformance.trace import read_trace
from pcverify.evidence import UsageError
from tests.support.threads import LIMIT, InThread

CLASSES = [ThreadSafeQueue, HandoffQueue, queue.Queue]
every_class = pytest.mark.parametrize("make", CLASSES, ids=lambda make: make.__name__)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "queue.trace"


def waiting(subject, side):
    """Return the wait list of a queue."""
    if not hasattr(subject, "not_empty"):
        return subject._getters if side == "get" else subject._putters
    return subject.not_empty._waiters if side == "get" else subject.not_full._waiters


def until_waiting(subject, side, count):
    deadline = time.monotonic() + LIMIT
    while len(waiting(subject, side)) != count:
        assert time.monotonic() < deadline, f"{count} did not come to wait"
        time.sleep(0.001)


def words(path):
    """Return the events: thread, word, what comes with it."""
    return [(event.thread, event.event, event.item or event.whom or event.side) for event in read_trace(path).events]


@every_class
def test_what_enters_and_leaves_has_a_number_and_a_thread(make, path):
    subject = make(3)
    with record(subject, path):
        subject.put("a")
        subject.put("b")
        assert subject.get() == "a"
    assert words(path) == [("MainThread", "put", 1), ("MainThread", "put", 2), ("MainThread", "get", 1)]
    trace = read_trace(path)
    assert (trace.header.names[0], trace.header.capacity) == (make.__name__, 3)
    assert trace.end.items == (2,)


@every_class
def test_items_that_are_there_already_are_the_first(make, path):
    subject = make()
    subject.put("old")
    with record(subject, path):
        subject.put("new")
        assert [subject.get(), subject.get()] == ["old", "new"]
    assert read_trace(path).header.items == 1
    assert [item for _, _, item in words(path)] == [2, 1, 2]


@pytest.mark.parametrize("make", [ThreadSafeQueue, queue.Queue], ids=["ThreadSafeQueue", "Queue"])
def test_who_waits_and_who_is_notified_is_recorded_under_the_lock(make, path):
    subject = make(1)
    with record(subject, path):
        getter = InThread(subject.get)
        until_waiting(subject, "get", 1)
        subject.put("x")
        assert getter.result() == "x"
    name = getter._thread.name
    assert words(path) == [
        (name, "park", "get"),
        ("MainThread", "put", 1),
        ("MainThread", "notify", name),
        (name, "get", 1),
    ]


def test_what_is_handed_over_is_recorded_as_that(path):
    subject = HandoffQueue(1)
    with record(subject, path):
        getter = InThread(subject.get)
        until_waiting(subject, "get", 1)
        subject.put("x")
        assert getter.result() == "x"
        subject.put("y")
        putter = InThread(subject.put, "z")
        until_waiting(subject, "put", 1)
        assert subject.get() == "y"
        putter.result()
    names = getter._thread.name, putter._thread.name
    assert words(path)[1:] == [
        ("MainThread", "hand", 1),
        ("MainThread", "put", 2),
        (names[1], "park", "put"),
        ("MainThread", "get", 2),
        ("MainThread", "admit", 3),
    ]


@every_class
def test_who_gives_up_leaves_by_itself(make, path):
    subject = make(1)
    with record(subject, path), pytest.raises(queue.Empty):
        subject.get(timeout=0.01)
    assert [word for _, word, _ in words(path)] == ["park", "leave"]


@every_class
def test_threads_that_wait_when_it_begins_are_known_and_those_that_wait_when_it_ends_go_on(make, path):
    subject = make(1)
    getters = [InThread(subject.get)]
    until_waiting(subject, "get", 1)
    with record(subject, path):
        getters.append(InThread(subject.get))
        until_waiting(subject, "get", 2)
    subject.put(1)
    subject.put(2)
    assert sorted(getter.result() for getter in getters) == [1, 2]
    trace = read_trace(path)
    assert trace.header.waiting.getters == (getters[0]._thread.name,)
    assert trace.end.waiting.getters == tuple(getter._thread.name for getter in getters)


@every_class
def test_the_queue_is_as_before_when_it_ends(make, path):
    subject = make(5)
    before = {name: type(value) for name, value in vars(subject).items()}
    recording = record(subject, path)
    subject.put(1)
    subject.put(2)
    recording.stop()
    recording.stop()
    assert {name: type(value) for name, value in vars(subject).items()} == before
    assert type(subject.queue) is deque
    assert subject.get() == 1
    subject.task_done()
    assert recording.sections == 2


def test_a_recording_that_is_not_ended_is_written_when_the_process_ends(path):
    import subprocess

    program = (
        f"import queue; from pcverify.conformance.recording import record; q = queue.Queue(); record(q, {str(path)!r})"
    )
    subprocess.run([sys.executable, "-c", f"{program}; q.put(1)"], check=True, timeout=30)
    assert words(path) == [("MainThread", "put", 1)]


def test_it_begins_when_the_calls_have_ended_that_had_asked_for_the_lock_before(path):
    subject = Slow()
    putter = InThread(subject.put, "before")
    assert subject.has_the_lock.wait(LIMIT)
    with record(subject, path) as recording:
        subject.lock_is_exchanged.set()
        putter.result()
        assert recording.sections == 0
        subject.put("after")
        assert subject.get() == "before"
    assert read_trace(path).header.items == 1
    assert [(word, item) for _, word, item in words(path)] == [("put", 2), ("get", 1)]


class Slow(ThreadSafeQueue):
    """A queue whose first put knows the lock, and takes it after a recording has begun."""

    def __init__(self):
        super().__init__()
        self.has_the_lock, self.lock_is_exchanged = threading.Event(), threading.Event()

    def put(self, item, block=True, timeout=None):
        lock = self.mutex
        self.has_the_lock.set()
        self.lock_is_exchanged.wait(LIMIT)
        with lock:
            self.unfinished_tasks += 1
            self.queue.append(item)


@pytest.mark.parametrize("make", [ThreadSafeQueue, HandoffQueue], ids=["ThreadSafeQueue", "HandoffQueue"])
def test_a_shutdown_is_recorded_with_what_it_let_go_and_whom_it_woke(make, path):
    subject = make(2)
    with record(subject, path):
        subject.put(1)
        subject.put(2)
        putter = InThread(subject.put, 3)
        until_waiting(subject, "put", 1)
        subject.shutdown(immediate=True)
        with pytest.raises(ShutDown):
            putter.result()
    event = read_trace(path).events[3]
    assert (event.event, event.immediate, event.items) == ("shut", True, (1, 2))
    assert words(path)[4] == ("MainThread", "notify", putter._thread.name)
    assert read_trace(path).end.waiting.shut


def test_what_the_models_leave_out_is_recorded_as_such(path):
    subject = ThreadSafeQueue(5)
    with record(subject, path):
        subject.put_many([1, 2])
        with subject.mutex:
            subject.queue.rotate(1)
        assert subject.get_many(2) == [2, 1]
    assert [event.what for event in read_trace(path).events] == [
        "several items in one step",
        "rotate",
        "several items in one step",
    ]


def test_a_put_that_counts_but_keeps_nothing_is_recorded(path):
    subject = queue.Queue()
    subject._put = lambda item: None
    with record(subject, path):
        subject.put(1)
    (event,) = read_trace(path).events
    assert (event.event, event.puts, event.counted) == ("miscount", 0, 1)


def test_threads_of_the_same_name_are_told_apart(path):
    subject = ThreadSafeQueue()
    threads = [threading.Thread(target=subject.put, args=(n,), name="worker") for n in range(2)]
    with record(subject, path):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT)
    assert {thread for thread, _, _ in words(path)} == {"worker", "worker#2"}


def test_it_ends_when_it_is_full_and_says_so(path):
    subject = ThreadSafeQueue()
    with record(subject, path, max_sections=2) as recording:
        for item in range(5):
            subject.put(item)
        assert recording.sections == 2
    assert len(words(path)) == 2
    assert read_trace(path).end is None
    assert json.loads(path.read_text().splitlines()[-1])["full"]


def test_a_recorder_that_fails_stops_nobody(path, monkeypatch):
    subject = ThreadSafeQueue()
    with record(subject, path) as recording:
        monkeypatch.setattr(recording, "_section", lambda *_: 1 / 0)
        subject.put_many([1, 2])
        assert subject.get() == 1
    assert "division by zero" in read_trace(path).events[0].what


@pytest.mark.parametrize("make", [queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue, list])
def test_what_cannot_be_recorded_is_refused_with_what_it_needs(make, path):
    with pytest.raises(UsageError, match="needs a lock `mutex`, and a deque"):
        record(make(), path)


def test_a_queue_is_recorded_once_at_a_time(path):
    subject = ThreadSafeQueue()
    with record(subject, path), pytest.raises(UsageError, match="recorded already"):
        record(subject, path)
    with record(subject, path):
        pass


def test_a_file_that_cannot_be_written_is_an_error_at_once_and_leaves_the_queue_alone(tmp_path):
    subject = ThreadSafeQueue()
    lock = subject.mutex
    with pytest.raises(FileNotFoundError):
        record(subject, tmp_path / "nowhere" / "queue.trace")
    assert subject.mutex is lock
    assert type(subject.queue) is deque
    assert "shutdown" not in vars(subject)
    subject.put(1)
    with record(subject, tmp_path / "queue.trace"):
        subject.put(2)
    assert words(tmp_path / "queue.trace") == [("MainThread", "put", 2)]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_so_is_one_that_cannot_be_written_to_the_end(tmp_path):
    subject = ThreadSafeQueue()
    before = dict(vars(subject))
    with pytest.raises(OSError, match="No space"):
        record(subject, "/dev/full")
    assert vars(subject) == before
    assert type(subject.queue) is deque


def test_so_is_a_recording_that_cannot_begin(path, monkeypatch):
    subject = ThreadSafeQueue()
    lock = subject.mutex
    monkeypatch.setattr("pcverify.conformance.recording.calls_on", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record(subject, path)
    assert subject.mutex is lock
    assert subject.not_empty._lock is lock
    assert type(subject.queue) is deque
    assert "shutdown" not in vars(subject)


class WithAReason(ThreadSafeQueue):
    reason = ""

    def shutdown(self, immediate=False, *, reason=""):
        self.reason = reason
        super().shutdown(immediate)
        return "shut"


def test_a_shutdown_with_arguments_of_its_own_gets_them_and_returns_what_it_returns(path):
    subject = WithAReason()
    with record(subject, path):
        subject.put(1)
        assert subject.shutdown(True, reason="enough") == "shut"
    assert subject.reason == "enough"
    assert read_trace(path).events[1].immediate


def test_a_method_that_the_queue_itself_was_given_is_back_when_it_ends(path):
    subject = ThreadSafeQueue()
    calls = []
    subject.shutdown = mine = lambda *arguments, **keywords: calls.append((arguments, keywords))
    with record(subject, path):
        subject.shutdown(immediate=True)
    assert vars(subject)["shutdown"] is mine
    assert calls == [((), {"immediate": True})]


def test_one_that_it_was_given_meanwhile_stays(path):
    subject = ThreadSafeQueue()
    with record(subject, path):
        subject.shutdown = mine = lambda: None
    assert vars(subject)["shutdown"] is mine


def positional(subject, reason="", immediate=False):
    ThreadSafeQueue.shutdown(subject, immediate)


def at_once_by_default(subject, immediate=True):
    ThreadSafeQueue.shutdown(subject, immediate)


def always_at_once(subject):
    ThreadSafeQueue.shutdown(subject, True)


def hands_on(subject, *arguments, **keywords):
    ThreadSafeQueue.shutdown(subject, *arguments, **keywords)


@pytest.mark.parametrize(
    ("shutdown", "arguments", "immediate"),
    [
        (positional, ("enough",), False),
        (positional, ("enough", True), True),
        (at_once_by_default, (), True),
        (at_once_by_default, (False,), False),
        (always_at_once, (), True),
        (hands_on, (), False),
        (hands_on, (True,), True),
    ],
)
def test_what_a_shutdown_is_asked_for_is_known_by_its_own_parameters(shutdown, arguments, immediate, path):
    subject = type("Mine", (ThreadSafeQueue,), {"shutdown": shutdown})()
    with record(subject, path):
        subject.put(1)
        subject.shutdown(*arguments)
    event = read_trace(path).events[1]
    assert (event.immediate, event.items) == (immediate, (1,) if immediate else ())


@pytest.mark.parametrize("take", [lambda lock: lock.acquire(), lambda lock: lock.__enter__()])
def test_the_lock_is_free_again_if_the_recorder_fails_as_it_is_taken(take, path, monkeypatch):
    subject = ThreadSafeQueue()
    recorded = record(subject, path)
    monkeypatch.setattr(subject.mutex, "_begins", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take(subject.mutex)
    assert not subject.mutex.locked()
    monkeypatch.undo()
    recorded.stop()


class InTheOldWay(queue.Queue):
    def put(self, item):
        self.not_full.acquire()
        try:
            self.queue.append(item)
            self.unfinished_tasks += 1
            self.not_empty.notify()
        finally:
            self.not_full.release()


def test_a_section_counts_that_takes_the_lock_by_acquire_of_a_condition(path):
    subject = InTheOldWay()
    before = subject.not_full.acquire
    with record(subject, path):
        InThread(subject.put, 1).result()
        assert subject.get() == 1
    assert [(word, item) for _, word, item in words(path)] == [("put", 1), ("get", 1)]
    assert words(path)[0][0] != "MainThread"
    assert subject.not_full.acquire == before


@pytest.mark.parametrize("later", [lambda subject: None, lambda subject: subject.get()], ids=["at_once", "later"])
def test_a_deque_that_was_put_in_the_place_of_the_queues_own_is_noticed(later, path):
    subject = ThreadSafeQueue()
    with record(subject, path):
        subject.put(1)
        subject.put(2)
        subject.queue = deque([2])
        later(subject)
    assert read_trace(path).events[2].what == "another deque in place of the queue's own"


def test_what_a_queue_holds_can_be_copied_meanwhile(path):
    subject = ThreadSafeQueue()
    with record(subject, path):
        subject.put([1])
        assert copy.deepcopy(subject.queue) == subject.queue
        assert type(pickle.loads(pickle.dumps(subject.queue))) is deque


def test_what_lacks_another_part_of_a_queue_is_refused_with_its_name(path):
    subject = queue.Queue()
    del subject.unfinished_tasks
    with pytest.raises(UsageError, match=r"cannot record a Queue, which lacks .*unfinished_tasks"):
        record(subject, path)
    assert not path.exists()


def test_a_deque_that_forgets_is_refused(path):
    subject = queue.Queue()
    subject.queue = deque(maxlen=2)
    with pytest.raises(UsageError, match="without `maxlen`"):
        record(subject, path)


def test_a_queue_that_detects_reentry_can_be_recorded(path):
    subject = ThreadSafeQueue(1, detect_reentry=True)
    with record(subject, path):
        subject.put(1)
        assert subject.get() == 1
    assert [word for _, word, _ in words(path)] == ["put", "get"]
