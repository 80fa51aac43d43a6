"""Two states of a program that differ in what is in no object: in frames, tasks, modules, the process, the time."""

from __future__ import annotations

import contextvars
import decimal
import os
import queue
import random
import sys
import threading
import time
import types
import warnings
from typing import Any

from tests.explore.hiding import Action, Hidden

CALLED_BY_NAME = "PCVERIFY_TEST_OF_KEYS"
total = 0


def variable_of_the_module() -> Hidden:
    def change(to: int = 1) -> None:
        global total  # noqa: PLW0603
        total = to

    change(0)
    return Hidden(change, lambda: total)


def module_that_is_imported_later() -> Hidden:
    change: Any = types.SimpleNamespace()
    change.module = sys.modules["imported_late"]
    change.module.value = 0

    def spend() -> None:
        vars(change).pop("module").value = 1

    def read() -> Any:
        import imported_late  # type: ignore[import-not-found]

        return imported_late.value

    return Hidden(spend, read, instead=lambda: vars(change).pop("module"))


def hidden_chance() -> Hidden:
    return Hidden(lambda: random.random() + random.random(), random.random, instead=random.random)


def value_of_a_thread() -> Hidden:
    hidden = threading.local()
    out: list[Any] = []
    return Hidden(
        lambda: setattr(hidden, "value", 1), lambda: out, after=lambda: out.append(getattr(hidden, "value", 0))
    )


def context_variable() -> Hidden:
    hidden: Any = contextvars.ContextVar("hidden")
    out: list[Any] = []
    return Hidden(lambda: hidden.set(1), lambda: out, lambda: hidden.set(0), lambda: out.append(hidden.get()))


def precision() -> Hidden:
    out: list[int] = []
    return Hidden(
        lambda: setattr(decimal.getcontext(), "prec", 3),
        lambda: out,
        instead=decimal.getcontext,
        after=lambda: out.append(decimal.getcontext().prec),
    )


def token() -> Hidden:
    variable: Any = contextvars.ContextVar("variable")
    box: list[Any] = []
    out: list[str] = []

    def use() -> None:
        box.append(variable.set(1))
        variable.reset(box[0])
        box.append(variable.set(1))
        box.pop()

    def after() -> None:
        try:
            variable.reset(box[0])
            out.append("reset")
        except RuntimeError:
            out.append("used")

    return Hidden(use, lambda: out, instead=lambda: box.append(variable.set(1)), after=after)


def filters_of_warnings() -> Hidden:
    warnings.resetwarnings()
    return Hidden(lambda: warnings.simplefilter("ignore"), lambda: len(warnings.filters))


def environment() -> Hidden:
    os.environ.pop(CALLED_BY_NAME, None)
    return Hidden(lambda: os.environ.setdefault(CALLED_BY_NAME, "1"), lambda: os.getenv(CALLED_BY_NAME))


def time_elapsed() -> Hidden:
    return Hidden(lambda: time.sleep(1), time.monotonic)


def local() -> str:
    lock, gate = threading.Lock(), queue.SimpleQueue()
    out = []

    def other() -> None:
        hidden = 0
        if lock.acquire(blocking=False):
            hidden = 1
            lock.release()
        gate.get()
        out.append(hidden)

    return _with(other, lock, gate, out)


def operand() -> str:
    lock, gate = threading.Lock(), queue.SimpleQueue()
    out = []

    def pick() -> int:
        if lock.acquire(blocking=False):
            lock.release()
            return 1
        return 0

    return _with(lambda: out.append(pick() + gate.get()), lock, gate, out)


def exception_being_handled() -> str:
    lock, gate = threading.Lock(), queue.SimpleQueue()
    out = []

    def fail() -> None:
        if lock.acquire(blocking=False):
            lock.release()
            raise KeyError
        raise IndexError

    def other() -> None:
        try:
            fail()
        except LookupError:
            gate.get()
            out.append(type(sys.exc_info()[1]).__name__)

    return _with(other, lock, gate, out)


def _with(other: Action, lock: Any, gate: Any, out: list[Any]) -> str:
    thread = threading.Thread(target=other)
    thread.start()
    with lock:
        pass
    gate.put(0)
    thread.join()
    return str(out)


def owner() -> str:
    hidden: Any = threading.RLock()
    grabbed: queue.SimpleQueue[None] = queue.SimpleQueue()
    gates: list[queue.SimpleQueue[None]] = [queue.SimpleQueue(), queue.SimpleQueue()]
    out = []

    def grab(number: int) -> None:
        hidden.acquire(blocking=False)
        grabbed.put(None)
        gates[number].get()
        out.append((number, hidden._is_owned()))

    threads = [threading.Thread(target=grab, args=(number,), daemon=True) for number in range(2)]
    for thread in threads:
        thread.start()
    for _ in threads:
        grabbed.get()
    for gate in gates:
        gate.put(None)
    for thread in threads:
        thread.join()
    return str(sorted(out))


def order_of_waiters() -> str | None:
    condition = threading.Condition(threading.Lock())
    out: queue.SimpleQueue[str] = queue.SimpleQueue()

    def wait(name: str) -> None:
        with condition:
            condition.wait()
        out.put(name)

    for name in "ab":
        threading.Thread(target=wait, args=(name,), daemon=True).start()
    with condition:
        if len(condition._waiters) < 2:  # type: ignore[attr-defined]
            return None
        condition.notify()
    return out.get()


def deadline() -> str:
    out = []

    def other() -> None:
        time.sleep(2)
        out.append(time.monotonic())

    thread = threading.Thread(target=other)
    thread.start()
    time.sleep(1)
    time.sleep(1)
    thread.join()
    return str(out)


PROGRAMS: tuple[Action, ...] = (local, operand, exception_being_handled, owner, order_of_waiters, deadline)
