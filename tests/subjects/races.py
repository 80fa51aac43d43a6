"""Programs of SCTBench in which a thread sees, or says, what does not hold under every schedule.

Each pair shares one function; what the twins call it with is the bug and its fix. In some originals what is wrong is
the check itself: it holds under the schedule that its author had in mind. The originals are C programs; these do what
those do, with fewer rounds where the number of rounds is not the point.
"""

from __future__ import annotations

import contextlib
import threading

from tests.subjects.cells import Cell, Counter
from tests.subjects.threads import run_together


def _account(*, start: int, deposit: int, withdrawal: int, expected: int) -> None:
    """A deposit, a withdrawal, and a check that says something once both are done; all under one lock."""
    lock = threading.Lock()  # protects balance and done
    balance, done = start, 0

    def put_in() -> None:
        nonlocal balance, done
        with lock:
            balance += deposit
            done += 1

    def take_out() -> None:
        nonlocal balance, done
        with lock:
            balance -= withdrawal
            done += 1

    def check() -> None:
        with lock:
            if done == 2:
                assert balance == expected, balance

    run_together(check, put_in, take_out)


def account_wrong() -> None:
    """The bug: the check subtracts the deposit. It is made only if the checking thread comes last."""
    _account(start=1, deposit=2, withdrawal=4, expected=1 - 2 - 4)


def account_right() -> None:
    """The check adds the deposit."""
    _account(start=1, deposit=2, withdrawal=4, expected=1 + 2 - 4)


def _bluetooth_driver(*, count_first: bool) -> None:
    """A driver stops when nobody uses it any more, while a request comes in; the count includes the driver itself."""
    in_use = Counter(1)
    stopping, unused, stopped = Cell(False), Cell(False), Cell(False)

    def leave() -> None:
        if in_use.add(-1) == 0:
            unused.store(True)

    def enter() -> bool:
        if count_first:
            in_use.add(1)
            if stopping.load():
                leave()
                return False
            return True
        if stopping.load():
            return False
        in_use.add(1)
        return True

    def request() -> None:
        if enter():
            assert not stopped.load(), "a request is served by a driver that has stopped"
            leave()

    def stop() -> None:
        stopping.store(True)
        leave()
        if unused.load():
            stopped.store(True)

    run_together(stop, request)


def bluetooth_wrong() -> None:
    """The bug: a request sees that the driver is not stopping, and only then counts itself; between, it may stop."""
    _bluetooth_driver(count_first=False)


def bluetooth_right() -> None:
    """A request counts itself first, and takes that back if the driver is stopping."""
    _bluetooth_driver(count_first=True)


def _circular_buffer(*, count_items: bool, turns: int = 3) -> None:
    """Sender and receiver pass a token; each has so many turns, and does nothing in one without the token."""
    lock = threading.Lock()  # protects buffer and may_send
    buffer: list[int] = []
    may_send = True

    def sender() -> None:
        nonlocal may_send
        sent = 0
        for turn in range(turns):
            with lock:
                if may_send:
                    buffer.append(sent if count_items else turn)
                    sent += 1
                    may_send = False

    def receiver() -> None:
        nonlocal may_send
        received = 0
        for turn in range(turns):
            with lock:
                if not may_send:
                    item = buffer.pop(0)
                    assert item == (received if count_items else turn), item
                    received += 1
                    may_send = True

    run_together(sender, receiver)


def circular_buffer_wrong() -> None:
    """The bug: both number the items by their turns, but a turn without the token passes no item."""
    _circular_buffer(count_items=False)


def circular_buffer_right() -> None:
    """Both number the items by the items."""
    _circular_buffer(count_items=True)


def _lazy(*, highest: int) -> None:
    """One thread adds one, one adds two, and a third says how much there can be."""
    lock = threading.Lock()  # protects data
    data = 0

    def add_one() -> None:
        nonlocal data
        with lock:
            data += 1

    def add_two() -> None:
        nonlocal data
        with lock:
            data += 2

    def check() -> None:
        with lock:
            assert data <= highest, data

    run_together(add_one, add_two, check)


def lazy01_wrong() -> None:
    """The bug: the check does not expect both to have added."""
    _lazy(highest=2)


def lazy01_right() -> None:
    """The check expects both to have added."""
    _lazy(highest=3)


def _queue(*, count_items: bool, turns: int = 3) -> None:
    """A queue whose items are noted beside it; the consumer compares each with the note. They take turns by flags."""
    lock = threading.Lock()  # protects all below
    queued: list[int] = [1]
    noted = [1] + [0] * turns
    may_put, may_get = True, False

    def producer() -> None:
        nonlocal may_put, may_get
        put = 1
        for turn in range(turns):
            with lock:
                if may_put:
                    put += 1
                    queued.append(put)
                    noted[put - 1 if count_items else turn + 1] = put
                    may_put, may_get = False, True

    def consumer() -> None:
        nonlocal may_put, may_get
        got = 0
        for turn in range(turns):
            with lock:
                if may_get:
                    item = queued.pop(0)
                    assert item == noted[got if count_items else turn], item
                    got += 1
                    may_put, may_get = True, False

    run_together(producer, consumer)


def queue_wrong() -> None:
    """The bug: the notes are found by the turn, but in a turn without the flag nothing is put or got."""
    _queue(count_items=False)


def queue_right() -> None:
    """The notes are found by the number of the item."""
    _queue(count_items=True)


def _stack(*, flag_means_not_empty: bool, rounds: int = 3) -> None:
    """One thread pushes and sets a flag, the other pops if the flag is set."""
    lock = threading.Lock()  # protects stack and flag
    stack: list[int] = []
    flag = False

    def push() -> None:
        nonlocal flag
        for item in range(rounds):
            with lock:
                stack.append(item)
                flag = True

    def pop() -> None:
        nonlocal flag
        for _ in range(rounds):
            with lock:
                if flag:
                    assert stack, "the stack is empty"
                    stack.pop()
                    if flag_means_not_empty:
                        flag = bool(stack)

    run_together(push, pop)


def stack_wrong() -> None:
    """The bug: the flag says that something was pushed once, not that the stack holds anything."""
    _stack(flag_means_not_empty=False)


def stack_right() -> None:
    """The flag is cleared by the pop that empties the stack."""
    _stack(flag_means_not_empty=True)


class _StringBuffer:
    """Text that can be changed; each method is atomic, as in the StringBuffer of JDK 1.4."""

    def __init__(self, text: str) -> None:
        self.lock = threading.RLock()  # protects text
        self.text = text

    def length(self) -> int:
        with self.lock:
            return len(self.text)

    def characters(self, end: int) -> str:
        with self.lock:
            if end > len(self.text):
                raise IndexError(f"{end} characters of {len(self.text)}")
            return self.text[:end]

    def erase(self) -> None:
        with self.lock:
            self.text = ""

    def append(self, other: _StringBuffer, *, hold_other: bool) -> None:
        with self.lock, other.lock if hold_other else contextlib.nullcontext():
            self.text += other.characters(other.length())


def _string_buffer(*, hold_other: bool) -> None:
    shared = _StringBuffer("abc")
    copy = _StringBuffer("")

    def append() -> None:
        copy.append(shared, hold_other=hold_other)

    def erase() -> None:
        shared.erase()

    run_together(append, erase)
    assert copy.text in {"", "abc"}, copy.text


def stringbuffer_wrong() -> None:
    """The bug: append asks the other buffer for its length, then for as many characters; between, it may shrink."""
    _string_buffer(hold_other=False)


def stringbuffer_right() -> None:
    """Append holds the other buffer's lock from the one question to the other."""
    _string_buffer(hold_other=True)


def _token_ring(*, in_turn: bool) -> None:
    """Three threads pass a value on, each from the one before; a fourth says that all have it, once all have moved."""
    moved = threading.Condition()  # protects values and turn
    values = [1, 2, 1]
    has_moved = [False, False, False]

    def first() -> None:
        with moved:
            values[0] = (values[2] + 1) % 4
            has_moved[0] = True
            moved.notify_all()

    def second() -> None:
        with moved:
            if in_turn:
                moved.wait_for(lambda: has_moved[0])
            values[1] = values[0]
            has_moved[1] = True
            moved.notify_all()

    def third() -> None:
        with moved:
            if in_turn:
                moved.wait_for(lambda: has_moved[1])
            values[2] = values[1]
            has_moved[2] = True
            moved.notify_all()

    def check() -> None:
        with moved:
            if all(has_moved):
                assert len(set(values)) == 1, values

    run_together(first, second, third, check)


def token_ring_wrong() -> None:
    """The bug: nothing makes a thread wait for the one before it, and the check needs that order."""
    _token_ring(in_turn=False)


def token_ring_right() -> None:
    """Each thread waits for the one before it."""
    _token_ring(in_turn=True)
