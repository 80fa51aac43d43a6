"""What all rounds together came to."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, fields
from typing import TYPE_CHECKING

from tests.benchmarks.measuring import Table

if TYPE_CHECKING:
    from tests.soak.plans import Shape
    from tests.soak.records import Record
    from tests.soak.rounds import Round

CHECKED = (
    "Checked in each round: every item that was put came out once, or was discarded by an immediate shutdown; one",
    "whose put was interrupted came out once or not at all, and of a put_many the first ones did; one producer's items",
    "came in order, but for as many as interrupted calls gave back (queues that are first in, first out); never more",
    "were in than maxsize and those that came back to a full queue; as many are unfinished as must be; nobody is left",
    "in a list; every exception arrived.",
    "Not shown: what these threads did not happen to meet; a second exception while one is dealt with.",
)
COLUMNS = ("queue", "rounds", "items", "interrupts", "of them inside", "given back", "overfull", "discarded")


@dataclass(slots=True)
class Total:
    """Of one design; as the columns have it."""

    rounds: int = 0
    items: int = 0
    interrupts: int = 0
    inside: int = 0
    given_back: int = 0
    overfull: int = 0
    discarded: int = 0


@dataclass(slots=True)
class Totals:
    """Of all rounds that came to their end.

    Attributes:
        by_design: of each design, by its name.
        seen: the shapes there were.
    """

    by_design: dict[str, Total] = field(default_factory=dict)
    seen: set[Shape] = field(default_factory=set)

    def add(self, round_: Round, record: Record) -> None:
        """Count a round."""
        total = self.by_design.setdefault(round_.plan.shape.design.__name__, Total())
        self.seen.add(round_.plan.shape)
        total.rounds += 1
        total.items += round_.items
        total.interrupts += round_.interrupts
        total.inside += sum(worker.inside for worker in round_.workers)
        total.given_back += record.given_back
        total.overfull += record.overfull
        total.discarded += len(record.missing)

    def of(self, what: str) -> int:
        """Return one figure, summed over the designs."""
        return sum(getattr(total, what) for total in self.by_design.values())

    def summary(self, seconds: float, shapes: int) -> str:
        """Return it as a table, with what was checked."""
        figures = {name: astuple(total) for name, total in self.by_design.items()}
        figures["all"] = tuple(self.of(each.name) for each in fields(Total))
        cells = [[name, *(f"{figure:,}" for figure in found)] for name, found in figures.items()]
        speed = f"{self.of('items') / seconds:,.0f} items/s" if seconds else "no time"
        title = f"{seconds:.0f} s, {speed}, {len(self.seen)} of {shapes} shapes (design, threads, capacity)"
        return Table(title, COLUMNS, cells, CHECKED).markdown()
