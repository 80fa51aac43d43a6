"""Small ordinary thread programs with a hashable outcome; `expected.json` beside this file holds what each can do.

The outcomes and the numbers of executions there were found by enumerating every schedule over real threads, with
nothing left out and by other means than `pcverify.explore`. Add programs of your own: an explorer is right when it
agrees because it is right.
"""

import queue
import threading
import time
from collections import deque


def run(target, *others):
    """Every target in a thread, the first in the caller's."""
    threads = [threading.Thread(target=other) for other in others]
    for thread in threads:
        thread.start()
    target()
    for thread in threads:
        thread.join()


def equal_items():
    """Producer and consumer differ from their own past only in the position of a list iterator."""
    q = queue.Queue(1)
    seen = []

    def producer():
        for item in [7, 7]:
            q.put(item)

    thread = threading.Thread(target=producer)
    thread.start()
    for _ in "aa":
        q.get()
    try:
        seen.append(q.get_nowait())
    except queue.Empty:
        seen.append(None)
    thread.join()
    return tuple(seen)


def shared_iterator():
    """Two threads draw from one iterator; the for loops hold nothing else."""
    lock = threading.Lock()
    source = iter("xyz")
    got = {"a": "", "b": ""}

    def draw(name):
        for _ in range(2):
            with lock:
                got[name] += next(source, "-")

    run(lambda: draw("a"), lambda: draw("b"))
    return got["a"], got["b"]


def same_object_or_equal():
    """Two lists are equal at all times; only identity decides."""
    first, second = [0], [0]
    box = [first]
    lock = threading.Lock()

    def swap():
        with lock:
            box[0] = second

    thread = threading.Thread(target=swap)
    thread.start()
    with lock:
        mine = box[0]
    thread.join()
    mine.append(1)
    return len(first), len(second)


def recursion():
    """Depth of recursion and of the RLock."""
    lock = threading.RLock()
    seen = []

    def descend(depth):
        with lock:
            if depth:
                descend(depth - 1)
            else:
                seen.append("deep")

    thread = threading.Thread(target=descend, args=(2,))
    thread.start()
    for _ in range(2):
        if lock.acquire(blocking=False):
            seen.append("got")
            lock.release()
        else:
            seen.append("busy")
    thread.join()
    return tuple(seen)


def try_lock():
    lock = threading.Lock()
    out = []

    def holder():
        with lock:
            pass
        with lock:
            pass

    thread = threading.Thread(target=holder)
    thread.start()
    for _ in range(2):
        got = lock.acquire(blocking=False)
        out.append(got)
        if got:
            lock.release()
    thread.join()
    return tuple(out)


def locked_probe():
    lock = threading.Lock()

    def holder():
        with lock:
            pass

    thread = threading.Thread(target=holder)
    thread.start()
    out = lock.locked(), lock.locked(), lock.locked()
    thread.join()
    return out


def timeout_or_notify():
    condition = threading.Condition()
    done = []

    def waiter():
        with condition:
            done.append(condition.wait(timeout=1))

    thread = threading.Thread(target=waiter)
    thread.start()
    with condition:
        condition.notify()
    thread.join()
    return tuple(done)


def predicate_or_deadline():
    """wait_for with a deadline; the predicate may be true although the wait timed out."""
    condition = threading.Condition(threading.Lock())
    state = []

    def waiter():
        with condition:
            state.append(condition.wait_for(lambda: "go" in state, timeout=1))

    thread = threading.Thread(target=waiter)
    thread.start()
    with condition:
        state.append("go")
        condition.notify_all()
    thread.join()
    return tuple(state)


def event_polling():
    event = threading.Event()
    polls = 0
    thread = threading.Thread(target=event.set)
    thread.start()
    for _ in range(2):
        if event.is_set():
            break
        polls += 1
        time.sleep(1)
    thread.join()
    return polls


def broken_barrier():
    barrier = threading.Barrier(2)
    out = {}

    def party(name, timeout):
        try:
            barrier.wait(timeout)
            out[name] = "passed"
        except threading.BrokenBarrierError:
            out[name] = "broken"

    thread = threading.Thread(target=party, args=("a", 1))
    thread.start()
    party("b", 2)
    thread.join()
    return out["a"], out["b"]


def two_locks_with_backoff():
    """The second lock is only tried for a second; a timeout resolves the deadlock."""
    one, two = threading.Lock(), threading.Lock()
    out = {}

    def both(name, first, second):
        with first:
            out[name] = second.acquire(timeout=1)
            if out[name]:
                second.release()

    thread = threading.Thread(target=both, args=("a", one, two))
    thread.start()
    both("b", two, one)
    thread.join()
    return out["a"], out["b"]


def timer_or_cancel():
    fired = []
    timer = threading.Timer(1, fired.append, ["fired"])
    timer.start()
    timer.cancel()
    timer.join()
    return tuple(fired)


class _Queue:
    """A bounded queue with one or two conditions over one lock, `if` or `while`, and notify or not."""

    def __init__(self, capacity, conditions=2, loop=True, notify_get=True):
        self.items = deque()
        self.capacity = capacity
        lock = threading.Lock()
        self.not_empty = threading.Condition(lock)
        self.not_full = threading.Condition(lock) if conditions == 2 else self.not_empty
        self.loop = loop
        self.notify_get = notify_get
        self.most = 0

    def put(self, item):
        with self.not_full:
            if self.loop:
                while len(self.items) >= self.capacity:
                    self.not_full.wait()
            elif len(self.items) >= self.capacity:
                self.not_full.wait()
            self.items.append(item)
            self.most = max(self.most, len(self.items))
            self.not_empty.notify()

    def get(self):
        with self.not_empty:
            if self.loop:
                while not self.items:
                    self.not_empty.wait()
            elif not self.items:
                self.not_empty.wait()
            item = self.items.popleft()
            if self.notify_get:
                self.not_full.notify()
            return item


def if_queue_1x2():
    """`if` for `while`: main produces, and is the second consumer that barges in."""
    q = _Queue(1, loop=False)
    out = []
    thread = threading.Thread(target=lambda: out.append(q.get()))
    thread.start()
    q.put(0)
    out.append(q.get())
    q.put(1)
    thread.join()
    return tuple(sorted(out)), q.most


def swallowed_wakeup():
    """A notification may go to a waiter whose deadline has passed, while another would need it."""
    condition = threading.Condition(threading.Lock())
    items = []
    out = {}

    def patient():
        with condition:
            while not items:
                condition.wait()
            out["patient"] = items.pop()

    def hasty():
        with condition:
            out["hasty"] = condition.wait(timeout=1) if not items else "none"

    threads = [threading.Thread(target=target) for target in (hasty, patient)]
    for thread in threads:
        thread.start()
    with condition:
        items.append("item")
        condition.notify()
    for thread in threads:
        thread.join()
    return out["hasty"], out["patient"]
