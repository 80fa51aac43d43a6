"""Small ordinary thread programs with a hashable outcome; `expected.json` beside this file holds what each can do.

The outcomes and the numbers of executions there were found by enumerating every schedule over real threads, with
nothing left out and by other means than `pcverify.explore`. Add programs of your own: an explorer is right when it
agrees because it is right.
"""

import concurrent.futures
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


def augmented_operand():
    """`total` is on the operand stack while get() blocks."""
    q = queue.SimpleQueue()
    lock = threading.Lock()
    total = 1

    def adder():
        nonlocal total
        total = total + q.get()

    thread = threading.Thread(target=adder)
    thread.start()
    with lock:
        total = total * 10
    q.put(5)
    thread.join()
    return total


def late_closure():
    """Each thread reads the loop variable when it gets to it."""
    lock = threading.Lock()
    out = queue.SimpleQueue()
    threads = []
    for i in range(2):
        threads.append(threading.Thread(target=lambda: out.put(i)))  # noqa: B023  # that is the subject
        threads[-1].start()
        with lock:
            pass
    for thread in threads:
        thread.join()
    return tuple(out.get() for _ in threads)


def exception_context():
    """While the thread waits, only the exception being handled remembers who won."""
    lock = threading.Lock()
    gate = queue.SimpleQueue()
    out = []

    def other():
        try:
            try:
                if lock.acquire(blocking=False):
                    lock.release()
                    raise KeyError
                raise IndexError
            except LookupError:
                gate.get()
                raise ValueError  # noqa: B904  # the context is the subject
        except ValueError as error:
            out.append(type(error.__context__).__name__)

    thread = threading.Thread(target=other)
    thread.start()
    with lock:
        gate.put(None)
    thread.join()
    return tuple(out)


def _hidden(advance, read):
    """A contended try-lock decides whether a C object advances; the outcome is read at the end."""
    lock = threading.Lock()
    q = queue.SimpleQueue()

    def other():
        if lock.acquire(blocking=False):
            advance()
            lock.release()
        q.get()

    thread = threading.Thread(target=other)
    thread.start()
    with lock:
        advance()
    q.put(None)
    thread.join()
    return read()


def hidden_list_iterator():
    """Only an iterator that another object holds remembers how far it is."""
    source = iter([0] * 5)
    return _hidden(lambda: next(source), lambda: len(list(source)))


def pool_order():
    """Two tasks, one that waits for the other: done by two workers, or the second by a reused one."""
    q = queue.SimpleQueue()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        first = pool.submit(q.put, "task")
        q.put("main")
        first.result()
    return q.get(), q.get()


def one_condition_2x1():
    """One condition and notify(): two producers, main gets both."""
    q = _Queue(1, conditions=1)
    threads = [threading.Thread(target=q.put, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    out = q.get(), q.get()
    for thread in threads:
        thread.join()
    return out


def cpython_1x2():
    """Two consumers of CPython's queue, and main produces."""
    q = queue.Queue(1)
    out = {}

    def consumer(name):
        out[name] = q.get()

    threads = [threading.Thread(target=consumer, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    q.put(0)
    q.put(1)
    for thread in threads:
        thread.join()
    return out["a"], out["b"], q.qsize()


def line_lost_update():
    """Read in one line, write in the next."""
    x = 0

    def add():
        nonlocal x
        mine = x
        x = mine + 1

    run(add, add)
    return x


def line_check_then_act():
    """Both may find that the key is not there."""
    table = {}
    winners = []

    def claim(name):
        if "key" not in table:
            table["key"] = name
            winners.append(name)

    run(lambda: claim("a"), lambda: claim("b"))
    return table["key"], tuple(winners)


def line_torn_read():
    """One reads between the two writes of the other."""
    low, high = 0, 0
    seen = []

    def write():
        nonlocal low, high
        low = 1
        high = 1

    def read():
        first = high
        second = low
        seen.append((first, second))

    run(write, read)
    return seen[0]
