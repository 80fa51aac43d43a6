"""One thread that makes any sequence of calls on a queue, and what must hold after each of them.

`QueueMachine` is a Hypothesis state machine. Each rule makes one call on the real queue and the same operation on
the sequential specification, and compares. Each check has a name, and can be run alone: so a fault that breaks one
property can be shown to be found by that property, and not by another one that happens to look first.

Nothing here waits for good. A wait without a time limit is cut off by an exception, which leaves the queue as it
was, and counts as the outcome `WAITS`: the specification says where that must happen. A wait with a time limit is
a real one, of a millisecond.

A pass does not show anything about calls that overlap.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pcverify.histories import sequential
from pcverify.histories.sequential import Raised, Returned
from pcverify.pipeline.blocking_queue import BlockingQueue

WAITS = "waits for ever"
SHORT = 1e-3  # seconds; nobody comes in that time, because there is nobody
TIMEOUTS = (None, 0, -0.5, SHORT)
CAPACITIES = (1, 2, 3, 0, -1)


class CheckFailed(AssertionError):
    """A check failed; `check` is its name."""

    def __init__(self, check, message):
        super().__init__(f"{check}: {message}")
        self.check = check


class WaitsForEver(BaseException):
    """The queue began a wait that nobody would ever end; no `except Exception` in a queue may hide it."""


class Item:
    """What is put: told apart by identity alone."""

    def __init__(self, number):
        self.number = number

    def __repr__(self):
        return f"item {self.number}"


@contextmanager
def no_wait_without_limit(queue):
    """Make every wait of `queue` that has no time limit raise `WaitsForEver`."""
    conditions = {id(value): value for value in vars(queue).values() if isinstance(value, threading.Condition)}

    def limited(wait):
        def wait_or_raise(timeout=None):
            if timeout is None:
                raise WaitsForEver
            return wait(timeout)

        return wait_or_raise

    def parked(waiter):
        if waiter.remaining == -1:
            raise WaitsForEver
        type(queue)._wait(queue, waiter)

    for condition in conditions.values():
        condition.wait = limited(condition.wait)
    if isinstance(queue, BlockingQueue):  # it does not sleep in a condition
        queue._wait = parked
    try:
        yield
    finally:
        for condition in conditions.values():
            del condition.wait
        vars(queue).pop("_wait", None)


class QueueMachine(RuleBasedStateMachine):
    """Drives a new `queue_class(maxsize)` and looks at it with the checks that are named in `checks`."""

    queue_class: type
    checks: frozenset[str]
    examples = 0  # how many sequences have begun
    failed = None  # the first check that failed, in any of them

    def __init__(self):
        super().__init__()
        type(self).examples += 1
        self.arrived = []  # every item that a put took, in that order
        self.left = []  # every item that a get returned, in that order
        self.discarded = 0
        self.done = 0
        self.shut_down = False

    @initialize(maxsize=st.sampled_from(CAPACITIES))
    def make(self, maxsize):
        self.queue = self.queue_class(maxsize)
        self.state = sequential.initial(maxsize)

    # One call: on the queue, and on the specification.

    def call(self, operation, method, *arguments):
        before = self.state
        outcome = self.outcome(method, *arguments)
        allowed = sequential.apply(before, operation)
        self.state = next((state for expected, state in allowed if expected == outcome), self.state)
        if allowed or outcome != WAITS:
            self.check(
                "matches_specification",
                outcome in [expected for expected, _ in allowed],
                f"{operation} in {before} gave {outcome}, allowed: {[expected for expected, _ in allowed] or WAITS}",
            )
        return outcome

    def outcome(self, method, *arguments):
        with no_wait_without_limit(self.queue):
            try:
                value = getattr(self.queue, method)(*arguments)
                return Returned(tuple(value) if isinstance(value, list) else value)
            except WaitsForEver:
                return WAITS
            except Exception as error:
                return Raised(type(error).__name__)

    def check(self, name, holds, message):
        if name in self.checks and not holds:
            type(self).failed = type(self).failed or name
            raise CheckFailed(name, message)

    # Rules: every operation of the interface.

    @rule(block=st.booleans(), timeout=st.sampled_from(TIMEOUTS))
    def put(self, block, timeout):
        item = Item(len(self.arrived))
        self.put_has_given(self.call(sequential.Put(item, block, timeout), "put", item, block, timeout), item)

    @rule()
    def put_nowait(self):
        item = Item(len(self.arrived))
        self.put_has_given(self.call(sequential.Put(item, block=False), "put_nowait", item), item)

    @rule(block=st.booleans(), timeout=st.sampled_from(TIMEOUTS))
    def get(self, block, timeout):
        self.get_has_given(self.call(sequential.Get(block, timeout), "get", block, timeout))

    @rule()
    def get_nowait(self):
        self.get_has_given(self.call(sequential.Get(block=False), "get_nowait"))

    @precondition(lambda self: hasattr(self.queue_class, "put_many"))
    @rule(number=st.integers(0, 4), block=st.booleans(), timeout=st.sampled_from(TIMEOUTS))
    def put_many(self, number, block, timeout):
        items = tuple(Item(len(self.arrived) + each) for each in range(number))
        outcome = self.call(sequential.PutMany(items, block, timeout), "put_many", items, block, timeout)
        for item in items[: outcome.value] if isinstance(outcome, Returned) else ():
            self.put_has_given(Returned(), item)

    @precondition(lambda self: hasattr(self.queue_class, "get_many"))
    @rule(most=st.integers(0, 4), block=st.booleans(), timeout=st.sampled_from(TIMEOUTS))
    def get_many(self, most, block, timeout):
        outcome = self.call(sequential.GetMany(most, block, timeout), "get_many", most, block, timeout)
        self.left += outcome.value if isinstance(outcome, Returned) else ()

    @precondition(lambda self: hasattr(self.queue_class, "drain"))
    @rule()
    def drain(self):
        self.left += self.call(sequential.Drain(), "drain").value

    @precondition(lambda self: hasattr(self.queue_class, "drain"))
    @rule(timeout=st.sampled_from(TIMEOUTS))
    def join_for_a_while(self, timeout):
        self.call(sequential.Join(timeout), "join", timeout)

    @rule()
    def task_done(self):
        self.done += isinstance(self.call(sequential.TaskDone(), "task_done"), Returned)

    @rule()
    def join(self):
        self.call(sequential.Join(), "join")

    @precondition(lambda self: hasattr(self.queue_class, "shutdown"))
    @rule(immediate=st.booleans())
    def shutdown(self, immediate):
        inside = self.queue.qsize()
        self.call(sequential.Shutdown(immediate), "shutdown", immediate)
        self.shut_down = True
        if immediate:
            self.discarded += inside
            self.done += max(0, min(inside, len(self.arrived) - self.done))

    @rule(question=st.sampled_from((sequential.Qsize(), sequential.Empty(), sequential.Full())))
    def ask(self, question):
        self.call(question, type(question).__name__.lower())

    def put_has_given(self, outcome, item):
        if isinstance(outcome, Returned):
            self.arrived.append(item)
            self.check("puts_are_refused_after_shutdown", not self.shut_down, f"put took {item}")

    def get_has_given(self, outcome):
        if isinstance(outcome, Returned):
            self.left.append(outcome.value)

    # Invariants, from what the calls returned and from the queue, without the specification.

    @invariant()
    def bounded_size(self):
        size, maxsize = self.queue.qsize(), self.queue.maxsize
        self.check("bounded_size", size <= maxsize or maxsize <= 0, f"{size} items in a queue for {maxsize}")

    @invariant()
    def fifo(self):
        """Says nothing of an item that is missing or comes twice in a row: that is for `conservation`."""
        numbers = [item.number for item in self.left]
        self.check("fifo", numbers == sorted(numbers), f"left in the order {self.left}")

    @invariant()
    def conservation(self):
        inside = self.queue.qsize()
        total = len(self.left) + inside + self.discarded
        self.check(
            "conservation",
            total == len(self.arrived),
            f"{len(self.arrived)} items put; {len(self.left)} got, {inside} inside, {self.discarded} discarded",
        )
        self.check("conservation", len(set(self.left)) == len(self.left), f"got twice: {self.left}")
        self.check("conservation", set(self.left) <= set(self.arrived), f"got, never put: {self.left}")

    @invariant()
    def unfinished_tasks_are_counted(self):
        """Puts minus calls of `task_done` that did not complain, also when there are too many of them."""
        counted, expected = self.queue.unfinished_tasks, len(self.arrived) - self.done
        self.check("unfinished_tasks_are_counted", counted == expected, f"counted {counted}, expected {expected}")

    @invariant()
    def unfinished_tasks_are_not_negative(self):
        counted = self.queue.unfinished_tasks
        self.check("unfinished_tasks_are_not_negative", counted >= 0, f"counted {counted}")


ALL_CHECKS = frozenset(
    {
        "bounded_size",
        "fifo",
        "conservation",
        "unfinished_tasks_are_counted",
        "unfinished_tasks_are_not_negative",
        "puts_are_refused_after_shutdown",
        "matches_specification",
    }
)


def machine_for(tested, checks=ALL_CHECKS):
    """Return a machine that drives `tested`, a class of queues, under `checks`."""
    attributes = {"queue_class": tested, "checks": frozenset(checks)}
    return type("QueueMachine", (QueueMachine,), attributes)
