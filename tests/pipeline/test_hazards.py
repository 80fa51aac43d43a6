"""What hangs a queue in one thread: a call within a call; and forks, and the end of the interpreter.

Whatever may hang runs in a process of its own, which says a word when it gets so far.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import weakref
from typing import Any

import pytest

from pcverify import ReentryError
from tests.support.queues import DESIGNS, VARIANTS
from tests.support.threads import InThread, parked_getters

HANGS = 3.0
"""Seconds after which a process that has said how far it got is taken to hang."""
LIMIT = 30.0
NAMES = [design.__name__ for design in DESIGNS]
EVERY = [*DESIGNS, *VARIANTS]

needs_fork = pytest.mark.parametrize("made", NAMES if hasattr(os, "fork") else [])


class Process:
    """A program in a process of its own."""

    def __init__(self, program: str, made: str) -> None:
        source = textwrap.dedent(program).replace("MADE", made)
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-W", "ignore::DeprecationWarning", "-c", source],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def said(self) -> tuple[int, list[str], str]:
        """Wait for its end; return its exit code, the words that it said, and what it complained of."""
        out, err = self._process.communicate(timeout=LIMIT)
        return self._process.returncode, out.split(), err

    def hangs_after(self, word: str) -> bool:
        """Whether it says this word and then neither says another one nor ends."""
        assert self._process.stdout is not None
        first = self._process.stdout.readline().strip()
        try:
            self._process.wait(HANGS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return first == word and not self._process.communicate()[0]
        self._process.communicate()
        return False


# A call within a call of the same queue, in the same thread.


REENTRY = """
    import signal, sys
    from pcverify import MADE
    class Hooked(MADE):
        def _put(self, item):
            if item == "outer":
                print("inside")
                signal.raise_signal(signal.SIGINT)
            super()._put(item)
    q = Hooked(ARGUMENTS)
    signal.signal(signal.SIGINT, lambda *_: q.put("inner"))
    q.put("outer")
    print("through")
"""


@pytest.mark.parametrize("made", NAMES)
def test_a_handler_that_puts_while_its_thread_is_inside_the_queue_hangs(made: str) -> None:
    assert Process(REENTRY.replace("ARGUMENTS", ""), made).hangs_after("inside")


@pytest.mark.parametrize("made", NAMES)
def test_it_is_told_so_where_the_queue_detects_that(made: str) -> None:
    code, words, complaint = Process(REENTRY.replace("ARGUMENTS", "detect_reentry=True"), made).said()
    assert (code, words) == (1, ["inside"])
    assert "ReentryError: a call on this queue began while the same thread was inside another one of it" in complaint


@pytest.mark.parametrize("made", EVERY)
def test_a_handler_s_put_that_fails_leaves_the_queue_in_order(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    q = made(2, detect_reentry=True)
    size, problems = q._qsize, []

    def size_with_a_visitor() -> int:
        monkeypatch.setattr(q, "_qsize", size)
        for call in (lambda: q.put("inner"), q.get, q.qsize, q.drain, q.task_done, lambda: q.put_many("ab"), q.join):
            with pytest.raises(ReentryError, match="let the handler note what is to be done"):
                call()
            problems.append(call)
        return int(size())

    q.put("first")
    monkeypatch.setattr(q, "_qsize", size_with_a_visitor)
    assert q.qsize() == 1
    assert len(problems) == 7
    q.put("second")
    assert sorted([q.get(), q.get()]) == ["first", "second"]


@pytest.mark.parametrize("made", EVERY)
def test_a_finaliser_that_puts_is_told_so(made: Any) -> None:
    q = made(detect_reentry=True)
    caught: list[BaseException] = []

    class Item:
        def __lt__(self, other: object) -> bool:
            return False

    def put_again(_: Any) -> None:
        try:
            q.put(Item())
        except ReentryError as error:
            caught.append(error)

    item = Item()
    watched = weakref.ref(item, put_again)
    q.put(item)
    del item
    with q.mutex:  # as in any call of the queue
        q.queue.clear()
        q._taken = None
        gc.collect()
    assert watched() is None
    assert len(caught) == 1
    assert q.empty()


@pytest.mark.parametrize("made", EVERY)
def test_a_handler_may_put_what_its_own_thread_waits_for(made: Any) -> None:
    """A thread that waits is not inside: the lock is free."""
    q = made(detect_reentry=True)
    before = signal.signal(signal.SIGALRM, lambda *_: q.put("from the handler"))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        assert q.get(timeout=LIMIT) == "from the handler"
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("made", EVERY)
def test_detecting_changes_nothing_else(made: Any) -> None:
    q = made(1, detect_reentry=True)
    assert isinstance(q, made)
    assert type(q).__name__ == made.__name__
    assert type(q) is type(made(detect_reentry=True))
    waiting = parked_getters(q)
    get = InThread(q.get)
    waiting.wait_for(1)
    q.put("item")
    assert get.result() == "item"
    q.shutdown()
    assert list(q) == []


# Forks.


FORK = """
    import os, threading, time
    from pcverify import MADE
    q = MADE(1)
    threading.Thread(target=q.get, daemon=True).start()
    while not q.stats().getters:
        time.sleep(0)
    child = os.fork()
    if child == 0:
        q.put("of the child")  # nobody waits for it here
        print(q.get(timeout=5).replace(" ", "-"), q.stats().getters)
        os._exit(0)
    os.waitpid(child, 0)
    print(q.stats().getters)
"""


@needs_fork
def test_those_who_wait_in_the_parent_do_not_wait_in_a_forked_child(made: str) -> None:
    assert Process(FORK, made).said() == (0, ["of-the-child", "0", "1"], "")


CALLED = """
    import os, sys, threading, time
    from pcverify import MADE
    q = MADE()
    threading.Thread(target=q.get, daemon=True).start()
    while not q.stats().getters:
        time.sleep(0)
    sys.setswitchinterval(10)  # so that the getter, whose turn it is or who was handed it, does not come to it before
    q.put("of the parent")
    child = os.fork()
    if child == 0:
        q.put("of the child")
        print(q.drain()[-1].replace(" ", "-"), q.qsize(), q.stats().getters)
        q.put("another")
        print(q.get(timeout=5))
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize("made", [each.__name__ for each in EVERY] if hasattr(os, "fork") else [])
def test_nothing_is_kept_in_the_child_for_those_who_wait_in_the_parent(made: str) -> None:
    code, words, complaint = Process(CALLED, made).said()
    assert (code, words[1:], complaint) == (0, ["0", "0", "another"], "")


HELD = """
    import os
    from pcverify import MADE
    q = MADE()
    q.mutex.acquire()  # as if another thread were inside the queue
    child = os.fork()
    if child == 0:
        print("forked")
        q.put(1)
        print("through")
        os._exit(0)
    os.waitpid(child, 0)
"""


@needs_fork
def test_a_lock_that_is_held_during_a_fork_stays_held_in_the_child(made: str) -> None:
    process = Process(
        HELD.replace("os.waitpid(child, 0)", "import time, signal; time.sleep(4); os.kill(child, 9)"), made
    )
    code, words, _ = process.said()
    assert (code, words) == (0, ["forked"])


# The end of the interpreter.


SHUTDOWN = """
    import threading, time
    from pcverify import MADE
    q, full = MADE(1), MADE(1)
    full.put(0)
    for call in (q.get, lambda: full.put(1), full.join):
        threading.Thread(target=call, daemon=True).start()
    while (q.stats().getters, full.stats().putters, full.stats().joiners) != (1, 1, 1):
        time.sleep(0)
    print("over")
"""


@pytest.mark.parametrize("made", NAMES)
def test_daemon_threads_that_wait_do_not_keep_the_interpreter_from_ending(made: str) -> None:
    assert Process(SHUTDOWN, made).said() == (0, ["over"], "")
