"""Round after round, until the time is over or so many items went through, or one goes wrong."""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.soak.plans import plan_of, shapes_of
from tests.soak.rounds import Round
from tests.soak.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Sequence


class Soak:
    """All rounds.

    Args:
        designs: classes of queues.
        budget: seconds; `None` where `items` says how long it takes.
        items: to be got in all rounds together.
        seed: of everything that is drawn.
        only: the number of the one round that is run again and again.
    """

    def __init__(
        self,
        designs: Sequence[type[Any]],
        *,
        budget: float | None = None,
        items: int | None = None,
        seed: int = 0,
        only: int | None = None,
    ) -> None:
        self.designs = designs
        self.budget, self.enough = budget, items
        self.seed, self.only = seed, only
        self.totals = Totals()
        self.round: Round | None = None
        self._stop = threading.Event()
        self.began = time.monotonic()
        self._checked = 0

    def run(self) -> list[str]:
        """Run rounds; return what is wrong with the last one. Called in the main thread."""
        gc.disable()  # in a callback of its, CPython drops what is raised
        while not self.over:
            gc.collect()
            number = self._checked if self.only is None else self.only
            self.round = Round(plan_of(number, self.seed, self.designs), self._stop)
            self.round.run()
            record = self.round.record()
            wrong = [*self.round.wrong, *record.wrong()]
            if wrong:
                return wrong
            self.totals.add(self.round, record)
            self._checked += 1
            self.round = None
        return []

    def stop(self) -> None:
        """End the round that is under way, and begin no other; called in any thread."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def over(self) -> bool:
        """Whether no other round is to begin."""
        if self.stopping:
            return True
        return self.items >= self.enough if self.enough is not None else self.seconds >= (self.budget or 0)

    @property
    def rounds(self) -> int:
        """Those that came to their end."""
        return self._checked

    @property
    def items(self) -> int:
        """Items that were got so far."""
        current = self.round
        return self.totals.of("items") + (current.items if current is not None else 0)

    @property
    def interrupts(self) -> int:
        """Exceptions that arrived so far."""
        current = self.round
        return self.totals.of("interrupts") + (current.interrupts if current is not None else 0)

    @property
    def moved(self) -> tuple[int, int]:
        """Changes while anything gets on."""
        current = self.round
        return self._checked, current.moved if current is not None else -1

    def left(self) -> str:
        """Return how much is still to be done."""
        if self.enough is not None:
            return f"{max(self.enough - self.items, 0):,} items"
        return f"{max((self.budget or 0) - self.seconds, 0):.0f} s"

    def errors(self) -> list[str]:
        """Return what the round that is under way has met so far."""
        current = self.round
        if current is None:
            return []
        raised = {f"a call raised {worker.error!r}" for worker in current.workers if worker.error is not None}
        return [*current.wrong, *sorted(raised)]

    def report(self, wrong: Sequence[str]) -> None:
        """Print the summary so far, and what is wrong with the round that is under way."""
        print(self.totals.summary(self.seconds, len(shapes_of(self.designs))))
        if not wrong or self.round is None:
            return
        plan = self.round.plan
        print(f"\nWRONG in round {plan.number}, seed {self.seed}: {plan}")
        for problem in wrong:
            print(f"  {problem}")
        queue = self.designs[0]
        named = f" --queue {queue.__module__}:{queue.__qualname__}" if len(self.designs) == 1 else ""
        print(f"That round again and again: python -m tests.soak{named} --seed {self.seed} --round {plan.number}")
