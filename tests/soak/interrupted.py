"""Threads into which exceptions are raised from outside, one at a time, and that lose count of nothing by it.

What such a thread notes, it notes without a call, or within one of C, so that no exception comes between a call's
return and the note. The next exception is sent when the last one has arrived, and none when the thread is dismissed:
one that was sent before comes while it waits for that.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from abc import ABC, abstractmethod
from typing import Any

from tests.support.threads import files_of


class Injected(Exception):
    """What is raised from outside."""


def files_behind(make: type[Any]) -> set[str]:
    """Return the files of a class of queues: of its bases, too, and of what those of the standard library call."""
    modules = {sys.modules[base.__module__] for base in make.__mro__ if base.__module__ not in {"builtins", "typing"}}
    return {str(module.__file__) for module in (*modules, threading)}


def in_order(make: type[Any]) -> bool:
    """Whether the item that has been there longest leaves such a queue first."""
    shared, items = make(0), [2, 1, 3]
    for item in items:
        shared.put(item)
    return [shared.get() for _ in items] == items


class Interrupted(ABC):
    """Calls a queue, in a thread of its own or in the main one, until it has nothing more to do.

    Attributes:
        shared: the queue.
        inside: exceptions that came through the queue's code.
        raised: all that arrived.
        sent: all that were sent.
        done: whether it has nothing more to do.
        spared: set by who sends exceptions where no more shall come.
        dismissed: set, when it is done, by who sends exceptions: no more will come.
        error: what else it met, where it did.
    """

    def __init__(self, shared: Any) -> None:
        self.shared = shared
        self.files = files_behind(type(shared))
        self.arrived = -1  # before `run` has begun, none may come
        self.raised = self.sent = self.inside = 0
        self.done = self.spared = self.dismissed = False
        self.error: BaseException | None = None
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread of its own."""
        self.thread = threading.Thread(target=self.run, name=type(self).__name__, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while not self.dismissed:
            try:
                self.arrived = self.raised  # from here on the next one may come
                if not self.done:
                    self.work()
                    self.done = True
                self._wait()  # a call: Python 3.13 has the end of a loop that ends a `try` outside of it
            except Injected as error:
                inside = not self.files.isdisjoint(files_of(error))
                self.inside += inside
                self.note(inside)
                self.raised += 1
            except BaseException as error:
                self.error = error
                self.done = True

    def _wait(self) -> None:
        while not self.dismissed:
            time.sleep(0.0002)

    @abstractmethod
    def work(self) -> None:
        """Call the queue until nothing is left to do; called again after each exception from outside."""

    @abstractmethod
    def note(self, inside: bool) -> None:
        """Note what is in doubt now that an exception has interrupted `work`, in the queue or not."""

    @property
    def may_be_interrupted(self) -> bool:
        """Whether the last exception has arrived, and another one may come."""
        return self.arrived == self.sent and not self.spared and not self.dismissed

    @property
    def ended(self) -> bool:
        """Whether it calls the queue no more."""
        return self.done or (self.thread is not None and not self.thread.is_alive())


def interrupt(worker: Interrupted) -> None:
    """Raise an exception in a worker's thread, unless the last one has not arrived."""
    if worker.may_be_interrupted and worker.thread is not None:
        worker.sent += 1
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.thread.ident or 0), ctypes.py_object(Injected))
