"""The program of `ConditionQueue` and `HandoffQueue`: producers and consumers that make so many attempts each.

What a task does around its calls is local code: it is no step. An item is `(name of its producer, number of the
attempt)`, so that it is one of its kind. An attempt that raises Full or Empty is made again or counted, as the config
says; one that is interrupted counts; after ShutDown a task makes no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product
from queue import Empty, Full
from typing import TYPE_CHECKING, Any

from pcverify.conformance.programs.tasks import (
    CLOSER,
    GENTLY,
    IMMEDIATELY,
    NEVER,
    TIMEOUT_S,
    Interrupted,
    named_set,
    numbered,
    said,
    written_out,
)
from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """The constants of one run, by the names that the models give them.

    Where tasks are named, `producers`, `consumers` and `all` stand for groups.

    Attributes:
        producers: how many.
        consumers: how many.
        capacity: how many items fit.
        puts_each: attempts of each producer.
        gets_each: attempts of each consumer.
        timed: the tasks whose calls have a timeout.
        impatient: the tasks whose calls do not wait.
        retry: whether an attempt that raised Full or Empty is made again.
        interruptible: the tasks that an exception from outside may come to.
        shutdown: `never`, or how one more task shuts the queue down: `gently`, `immediately`.
    """

    producers: int = 1
    consumers: int = 1
    capacity: int = 1
    puts_each: int = 1
    gets_each: int = 1
    timed: tuple[str, ...] = ()
    impatient: tuple[str, ...] = ()
    retry: bool = False
    interruptible: tuple[str, ...] = ()
    shutdown: str = NEVER

    def __post_init__(self) -> None:
        """Write groups of tasks out."""
        if self.shutdown not in {NEVER, GENTLY, IMMEDIATELY}:
            raise UsageError(f"shutdown={self.shutdown!r} is none of {NEVER}, {GENTLY}, {IMMEDIATELY}")
        everybody = self.producer_names + self.consumer_names
        groups = {"producers": self.producer_names, "consumers": self.consumer_names, "all": everybody}
        for name in ("timed", "impatient", "interruptible"):
            object.__setattr__(self, name, written_out(name, getattr(self, name), groups))

    @property
    def producer_names(self) -> tuple[str, ...]:
        """The names of the producers."""
        return numbered("producer", self.producers)

    @property
    def consumer_names(self) -> tuple[str, ...]:
        """The names of the consumers."""
        return numbered("consumer", self.consumers)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of all tasks, in the order in which they are made."""
        return self.producer_names + self.consumer_names + (() if self.shutdown == NEVER else (CLOSER,))

    @property
    def name(self) -> str:
        """A short name, as those of the files of `models`: `p2c1k1i2g4`, and what else there is."""
        groups = {"timed": self.timed, "impatient": self.impatient, "interrupted": self.interruptible}
        words = [f"p{self.producers}c{self.consumers}k{self.capacity}i{self.puts_each}g{self.gets_each}"]
        words += said(groups, self.producer_names + self.consumer_names)
        words += ["retry"] * self.retry + [f"shut {self.shutdown}"] * (self.shutdown != NEVER)
        return " ".join(words)

    def constants(self) -> dict[str, str]:
        """Return what a config of TLC assigns."""
        return {
            "Producers": named_set(self.producer_names),
            "Consumers": named_set(self.consumer_names),
            "Capacity": str(self.capacity),
            "PutsEach": str(self.puts_each),
            "GetsEach": str(self.gets_each),
            "Timed": named_set(self.timed),
            "Impatient": named_set(self.impatient),
            "Retry": str(self.retry).upper(),
            "Interruptible": named_set(self.interruptible),
            "Shutdown": f'"{self.shutdown}"',
            "History": "FALSE",
        }


class WrongItem(Exception):
    """A get returned what it cannot have taken: so its task ends, which no model has."""


class QueueProgram:
    """One queue and the functions that work on it.

    Attributes:
        queue: what is looked at.
        functions: what each task calls, by its name.
        attempts: for each task, how many attempts it has not finished.
        interrupted: the tasks in which an exception from outside is under way.
        returned: what gets have returned.
    """

    def __init__(self, make: Callable[[int], Any], config: QueueConfig) -> None:
        self.queue = make(config.capacity)
        self.returned: set[Any] = set()
        self._items = frozenset(product(config.producer_names, range(1, config.puts_each + 1)))
        self.attempts: dict[str, int] = {}
        self.functions: dict[str, Callable[[], None]] = {}
        self.interrupted: set[str] = set()
        for name in config.tasks:
            if name == CLOSER:
                self.attempts[name] = 1
                self.functions[name] = partial(self._close, config.shutdown == IMMEDIATELY)
                continue
            putting = name in config.producer_names
            self.attempts[name] = config.puts_each if putting else config.gets_each
            wait: dict[str, Any] = {"timeout": TIMEOUT_S if name in config.timed else None}
            wait = {"block": False} if name in config.impatient else wait
            self.functions[name] = partial(self._put_all if putting else self._get_all, name, config.retry, wait)

    @property
    def watched(self) -> tuple[Any, ...]:
        """All that a mapping looks at."""
        return self.queue, self.attempts, self.interrupted, self.returned

    def _put_all(self, name: str, retry: bool, wait: dict[str, Any]) -> None:
        number = 1
        while self.attempts[name]:
            try:
                self.queue.put((name, number), **wait)
            except Full:
                if retry:
                    continue
            except Interrupted:
                self.interrupted.discard(name)
            except Exception as error:
                self._end(name, error)
                return
            number += 1
            self.attempts[name] -= 1

    def _get_all(self, name: str, retry: bool, wait: dict[str, Any]) -> None:
        while self.attempts[name]:
            try:
                self._receive(self.queue.get(**wait))
            except Empty:
                if retry:
                    continue
            except Interrupted:
                self.interrupted.discard(name)
            except Exception as error:
                self._end(name, error)
                return
            self.attempts[name] -= 1

    def _receive(self, item: Any) -> None:
        """Note what a get has returned; it must have been put, must not be in the queue still, and comes once.

        Of gets that overlap either may return the item that the other one took: nobody outside can tell.
        """
        if item in self.returned or item not in self._items or item in self.queue.queue:
            raise WrongItem(item)
        self.returned.add(item)

    def _end(self, name: str, error: Exception) -> None:
        """Make no more attempts, if it is the queue that has ended."""
        if type(error).__name__ != "ShutDown":
            raise error
        self.attempts[name] = 0

    def _close(self, immediate: bool) -> None:
        self.queue.shutdown(immediate)
        self.attempts[CLOSER] -= 1
