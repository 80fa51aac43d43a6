"""The programs that models of a queue describe: each producer and consumer makes so many attempts, and ends.

What a task does around its calls is local code: it is no step. An item is `(name of its producer, number of the
attempt)`, so that it is one of its kind. An attempt that raises Full or Empty is made again or counted, as the config
says; one that is interrupted counts; after ShutDown a task makes no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from queue import Empty, Full
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TIMEOUT_S = 1.0
"""Of every timed call, in virtual seconds. With clocks apart no other would show more."""
CLOSER = "closer"
NEVER, GENTLY, IMMEDIATELY = "never", "gently", "immediately"


class Interrupted(BaseException):
    """The exception from outside: no `except Exception` catches it, as none catches Ctrl-C."""


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """The constants of one run, by the names that the models give them.

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
    _groups: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Write groups out: `producers`, `consumers` and `all` stand for tasks."""
        if self.shutdown not in {NEVER, GENTLY, IMMEDIATELY}:
            raise UsageError(f"shutdown={self.shutdown!r} is none of {NEVER}, {GENTLY}, {IMMEDIATELY}")
        groups = {"producers": self.producer_names, "consumers": self.consumer_names}
        groups["all"] = groups["producers"] + groups["consumers"]
        for name in ("timed", "impatient", "interruptible"):
            given = getattr(self, name)
            tasks = tuple(task for each in given for task in groups.get(each, (each,)))
            unknown = set(tasks) - set(groups["all"])
            if unknown:
                raise UsageError(f"{name}: there is no task {sorted(unknown)[0]!r} among {', '.join(groups['all'])}")
            object.__setattr__(self, name, tasks)

    @property
    def producer_names(self) -> tuple[str, ...]:
        """The names of the producers."""
        return tuple(f"producer-{number}" for number in range(self.producers))

    @property
    def consumer_names(self) -> tuple[str, ...]:
        """The names of the consumers."""
        return tuple(f"consumer-{number}" for number in range(self.consumers))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of all tasks, in the order in which they are made."""
        closer = () if self.shutdown == NEVER else (CLOSER,)
        return self.producer_names + self.consumer_names + closer

    @property
    def name(self) -> str:
        """A short name, as those of the files of `models`: `p2c1k1i2`, and what else there is."""
        words = [f"p{self.producers}c{self.consumers}k{self.capacity}i{self.puts_each}g{self.gets_each}"]
        for group in ("timed", "impatient", "interruptible"):
            tasks = getattr(self, group)
            if tasks:
                words.append(group if len(tasks) == self.producers + self.consumers else f"{group}:{'+'.join(tasks)}")
        words += ["retry"] if self.retry else []
        words += [] if self.shutdown == NEVER else [self.shutdown]
        return " ".join(words)

    def constants(self) -> dict[str, str]:
        """Return what a config of TLC assigns."""
        return {
            "Producers": _set(self.producer_names),
            "Consumers": _set(self.consumer_names),
            "Capacity": str(self.capacity),
            "PutsEach": str(self.puts_each),
            "GetsEach": str(self.gets_each),
            "Timed": _set(self.timed),
            "Impatient": _set(self.impatient),
            "Retry": str(self.retry).upper(),
            "Interruptible": _set(self.interruptible),
            "Shutdown": f'"{self.shutdown}"',
            "History": "FALSE",
        }


def _set(names: Iterable[str]) -> str:
    return "{" + ", ".join(f'"{name}"' for name in names) + "}"


class QueueProgram:
    """One queue and the functions that work on it.

    Attributes:
        queue: what is looked at.
        functions: what each task calls, by its name.
        attempts: for each task, how many attempts it has not finished.
    """

    def __init__(self, make: Callable[[int], Any], config: QueueConfig) -> None:
        self.queue = make(config.capacity)
        self.attempts: dict[str, int] = {}
        self.functions: dict[str, Callable[[], None]] = {}
        for name in config.tasks:
            if name == CLOSER:
                self.attempts[name] = 1
                self.functions[name] = partial(self._close, config.shutdown == IMMEDIATELY)
                continue
            putting = name in config.producer_names
            wait = {"block": False} if name in config.impatient else {}
            wait = wait or {"timeout": TIMEOUT_S if name in config.timed else None}
            self.attempts[name] = config.puts_each if putting else config.gets_each
            run = self._put_all if putting else self._get_all
            self.functions[name] = partial(run, name, config.retry, wait)

    def _put_all(self, name: str, retry: bool, wait: dict[str, Any]) -> None:
        number = 1
        while self.attempts[name]:
            try:
                self.queue.put((name, number), **wait)
            except Full:
                if retry:
                    continue
            except Interrupted:
                pass
            except Exception as error:
                if type(error).__name__ != "ShutDown":
                    raise
                self.attempts[name] = 0
                return
            number += 1
            self.attempts[name] -= 1

    def _get_all(self, name: str, retry: bool, wait: dict[str, Any]) -> None:
        while self.attempts[name]:
            try:
                self.queue.get(**wait)
            except Empty:
                if retry:
                    continue
            except Interrupted:
                pass
            except Exception as error:
                if type(error).__name__ != "ShutDown":
                    raise
                self.attempts[name] = 0
                return
            self.attempts[name] -= 1

    def _close(self, immediate: bool) -> None:
        self.queue.shutdown(immediate)
        self.attempts[CLOSER] -= 1
