"""The program of `UnfinishedTasks`: putters, finishers that call `task_done`, joiners, and one who shuts down.

As in `queues`, what a task does around its calls is no step. A call that raises, for whatever reason, is one of its
attempts; a putter that meets the end makes no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pcverify.conformance.programs.tasks import (
    CLOSER,
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
class UnfinishedConfig:
    """The constants of one run, by the names that the model gives them.

    Where tasks are named, `finishers`, `joiners` and `all`, which is both and the closer, stand for groups.

    Attributes:
        putters: how many.
        finishers: how many.
        joiners: how many.
        puts_each: items of each putter.
        dones_each: calls of `task_done` of each finisher.
        joins_each: calls of `join` of each joiner.
        timed: the joiners with a timeout.
        interruptible: the tasks that an exception from outside may come to: no putters.
        shutdown: `never`, or `immediately`, by one more task.
        hands_over: whether a woken joiner goes without looking again, as in `HandoffQueue`.
    """

    putters: int = 1
    finishers: int = 1
    joiners: int = 1
    puts_each: int = 1
    dones_each: int = 1
    joins_each: int = 1
    timed: tuple[str, ...] = ()
    interruptible: tuple[str, ...] = ()
    shutdown: str = NEVER
    hands_over: bool = False

    def __post_init__(self) -> None:
        """Write groups of tasks out."""
        if self.shutdown not in {NEVER, IMMEDIATELY}:
            raise UsageError(f"shutdown={self.shutdown!r} is none of {NEVER}, {IMMEDIATELY}")
        finishers, joiners = numbered("finisher", self.finishers), numbered("joiner", self.joiners)
        everybody = finishers + joiners + self._closer
        groups = {"finishers": finishers, "joiners": joiners, "all": everybody}
        object.__setattr__(self, "timed", written_out("timed", self.timed, groups | {"all": joiners}))
        object.__setattr__(self, "interruptible", written_out("interruptible", self.interruptible, groups))

    @property
    def _closer(self) -> tuple[str, ...]:
        return () if self.shutdown == NEVER else (CLOSER,)

    @property
    def joiner_names(self) -> tuple[str, ...]:
        """The names of the joiners."""
        return numbered("joiner", self.joiners)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of all tasks, in the order in which they are made."""
        others = numbered("putter", self.putters) + numbered("finisher", self.finishers)
        return others + self.joiner_names + self._closer

    @property
    def name(self) -> str:
        """A short name: `p1f1j2i2d2n1`, and what else there is."""
        counts = f"p{self.putters}f{self.finishers}j{self.joiners}i{self.puts_each}d{self.dones_each}n{self.joins_each}"
        words = [counts, *said({"timed": self.timed}, self.joiner_names)]
        words += said(
            {"interrupted": self.interruptible}, tuple(set(self.tasks) - set(numbered("putter", self.putters)))
        )
        return " ".join(words + [f"shut {self.shutdown}"] * (self.shutdown != NEVER))

    def constants(self) -> dict[str, str]:
        """Return what a config of TLC assigns."""
        return {
            "Putters": named_set(numbered("putter", self.putters)),
            "Finishers": named_set(numbered("finisher", self.finishers)),
            "Joiners": named_set(self.joiner_names),
            "PutsEach": str(self.puts_each),
            "DonesEach": str(self.dones_each),
            "JoinsEach": str(self.joins_each),
            "Timed": named_set(self.timed),
            "Interruptible": named_set(self.interruptible),
            "Shutdown": f'"{self.shutdown}"',
            "HandsOver": str(self.hands_over).upper(),
        }


class UnfinishedProgram:
    """One queue, without bound, and the functions that work on it; attributes as those of `QueueProgram`."""

    def __init__(self, make: Callable[[int], Any], config: UnfinishedConfig) -> None:
        self.queue = make(0)
        self.attempts: dict[str, int] = {}
        self.functions: dict[str, Callable[[], None]] = {}
        self.interrupted: set[str] = set()
        for name in config.tasks:
            kind = name.partition("-")[0]
            timeout = TIMEOUT_S if name in config.timed else None
            call, attempts = {
                "putter": (partial(self.queue.put, name), config.puts_each),
                "finisher": (self.queue.task_done, config.dones_each),
                "joiner": (partial(self.queue.join, timeout) if timeout else self.queue.join, config.joins_each),
                CLOSER: (lambda: self.queue.shutdown(True), 1),
            }[kind]
            self.attempts[name] = attempts
            self.functions[name] = partial(self._repeat, name, call)

    @property
    def watched(self) -> tuple[Any, ...]:
        """All that a mapping looks at."""
        return self.queue, self.attempts, self.interrupted

    def _repeat(self, name: str, call: Callable[[], Any]) -> None:
        while self.attempts[name]:
            try:
                call()
            except Interrupted:
                self.interrupted.discard(name)
            except (ValueError, TimeoutError):
                pass
            except Exception as error:
                if type(error).__name__ != "ShutDown":
                    raise
                self.attempts[name] = 0
                return
            self.attempts[name] -= 1
