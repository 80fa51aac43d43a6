"""The program of `Pipeline`: workers and a coordinator, and a user who may end the run early.

Every thread but the coordinator's is started by it, as in an application. An item is `(name of its producer, number)`.
"""

from __future__ import annotations

import importlib
import logging
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pcverify.conformance.programs.tasks import named_set, numbered, written_out
from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COORDINATOR, USER = "coordinator", "user"
SENTINEL = ("sentinel",)
PARTS = "pcverify"
"""The module that has `Producer`, `Consumer`, `Coordinator` and their configs: the code that is looked at."""
LIMIT_S = 1.0
"""Of each wait for workers, where they have one."""


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """The constants of one run, by what the model calls them.

    Where tasks are named, `all` stands for all that there can be.

    Attributes:
        producers: how many.
        consumers: how many.
        capacity: how many items fit.
        puts_each: how many items a source has.
        shorter: the producers whose source has one less.
        failing: the producers whose source raises where others come to their end.
        refusing: the consumers whose destination raises.
        ending: what the user asks for: `none`, `shutdown`, `abort`.
        patience: whether waits for workers have a time limit.
        exclusive: whether a put or get has the queue to itself until it returns; not so where items are handed over.
    """

    producers: int = 1
    consumers: int = 1
    capacity: int = 1
    puts_each: int = 1
    shorter: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    refusing: tuple[str, ...] = ()
    ending: str = "none"
    patience: bool = False
    exclusive: bool = True

    def __post_init__(self) -> None:
        """Write groups of tasks out."""
        if self.ending not in {"none", "shutdown", "abort"}:
            raise UsageError(f"ending={self.ending!r} is none of none, shutdown, abort")
        for name, whom in (("shorter", self.producer_names), ("failing", self.producer_names)):
            object.__setattr__(self, name, written_out(name, getattr(self, name), {"all": whom}))
        object.__setattr__(self, "refusing", written_out("refusing", self.refusing, {"all": self.consumer_names}))

    @property
    def producer_names(self) -> tuple[str, ...]:
        """The names of the producers."""
        return numbered("producer", self.producers)

    @property
    def consumer_names(self) -> tuple[str, ...]:
        """The names of the consumers."""
        return numbered("consumer", self.consumers)

    @property
    def worker_names(self) -> tuple[str, ...]:
        """The names of all workers, in the order in which they are told to end."""
        return self.producer_names + self.consumer_names

    @property
    def bosses(self) -> tuple[str, ...]:
        """The names of those who may end the run."""
        return (COORDINATOR,) if self.ending == "none" else (COORDINATOR, USER)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of all tasks."""
        return self.worker_names + self.bosses

    @property
    def interruptible(self) -> tuple[str, ...]:
        """Nobody: the model has no exceptions from outside."""
        return ()

    @property
    def name(self) -> str:
        """A short name: `p2c1k1i2`, and what else there is."""
        words = [f"p{self.producers}c{self.consumers}k{self.capacity}i{self.puts_each}"]
        for kind in ("shorter", "failing", "refusing"):
            words += [f"{kind}:{'+'.join(getattr(self, kind))}"] if getattr(self, kind) else []
        words += [self.ending] * (self.ending != "none") + ["patience"] * self.patience
        return " ".join(words)

    def constants(self) -> dict[str, str]:
        """Return what a config of TLC assigns."""
        return {
            "ProducerCount": str(self.producers),
            "ConsumerCount": str(self.consumers),
            "Capacity": str(self.capacity),
            "PutsEach": str(self.puts_each),
            "Shorter": named_set(self.shorter),
            "FailingSources": named_set(self.failing),
            "FailingDestinations": named_set(self.refusing),
            "Ending": f'"{self.ending}"',
            "Patience": str(self.patience).upper(),
            "Exclusive": str(self.exclusive).upper(),
        }


@contextmanager
def quiet() -> Iterator[None]:
    """Let the pipeline log nothing for the time of a walk: a failure is told in each of thousands of executions."""
    logger = logging.getLogger("pcverify.pipeline")
    disabled, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = disabled


class PipelineProgram:
    """One pipeline, and who runs it.

    Attributes:
        queue: what the workers share.
        coordinator: the coordinator.
        workers: by name.
        delivered: what each consumer has delivered, by its name.
        functions: what the first task calls, by its name.
        attempts: nothing; the tasks have no such count.
        interrupted: nobody.
    """

    def __init__(self, make: Callable[[int], Any], config: PipelineConfig) -> None:
        pipeline = importlib.import_module(PARTS)
        self.queue = make(config.capacity)
        self.delivered: dict[str, list[Any]] = {name: [] for name in config.consumer_names}
        producers = [
            pipeline.Producer(
                pipeline.ProducerConfig(name=name, put_timeout=None),
                _Source(name, config.puts_each - (name in config.shorter), fails=name in config.failing),
                self.queue,
                SENTINEL,
            )
            for name in config.producer_names
        ]
        consumers = [
            pipeline.Consumer(
                pipeline.ConsumerConfig(name=name, get_timeout=None),
                _refuse if name in config.refusing else self.delivered[name],
                self.queue,
                SENTINEL,
            )
            for name in config.consumer_names
        ]
        self.workers: dict[str, Any] = {worker.name: worker for worker in (*producers, *consumers)}
        limit = LIMIT_S if config.patience else None
        self.coordinator = pipeline.Coordinator(
            pipeline.CoordinatorConfig(name="the run", join_timeout=limit), producers, consumers
        )
        self._user = {"none": None, "shutdown": self.coordinator.shutdown, "abort": self.coordinator.abort}[
            config.ending
        ]
        self._failure = pipeline.PipelineError
        self.functions: dict[str, Callable[[], None]] = {COORDINATOR: self._run}
        self.attempts: dict[str, int] = {}
        self.interrupted: set[str] = set()

    around = staticmethod(quiet)

    @property
    def watched(self) -> tuple[Any, ...]:
        """All that a mapping looks at."""
        return self.queue, self.coordinator, self.delivered

    def _run(self) -> None:
        self.coordinator.start()
        if self._user is not None:
            threading.Thread(target=self._user, name=USER).start()
        with suppress(self._failure):
            self.coordinator.wait()


class _Source:
    """So many items, and then the end or an error."""

    def __init__(self, name: str, count: int, *, fails: bool) -> None:
        self.name, self.left, self.number, self.fails = name, count, 0, fails

    def __iter__(self) -> _Source:
        return self

    def __next__(self) -> tuple[str, int]:
        if not self.left:
            if self.fails:
                raise OSError("the source fails")
            raise StopIteration
        self.left -= 1
        self.number += 1
        return self.name, self.number


def _refuse(item: object) -> None:
    raise OSError("the destination fails")
