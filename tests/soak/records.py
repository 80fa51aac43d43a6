"""What went into a queue and what came out of it, and what is wrong with that."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

SPAN = 10**9
"""Numbers that each producer has for itself, rising from `first_of`."""


def first_of(producer: int) -> int:
    """Return the first number that this producer puts."""
    return 1 + producer * SPAN


@dataclass(frozen=True, slots=True)
class Record:
    """All that is known of a queue when nobody calls it any more.

    Attributes:
        put: the numbers of each producer, in this order, those in doubt among them.
        doubtful: runs of them whose put was interrupted: none of them is in, or some of the first.
        got: what each consumer got, in this order.
        left: what is in the queue still.
        maxsize: of the queue.
        in_order: whether first in means first out.
        given_back: items that interrupted calls gave back.
        overfull: those of them for which there was no room.
        unfinished: items for which `task_done` was not called, as the queue says.
        finished: how often it was called.
        finished_perhaps: how often such a call was interrupted.
        discards: whether the queue may have been shut down at once, with what was in it.
        kept_by_callers: items that were lost, perhaps, when the queue had returned them (only Python 3.10 has a place
            for that).
    """

    put: list[range]
    doubtful: list[range]
    got: list[list[int]]
    left: list[int]
    maxsize: int
    in_order: bool = True
    given_back: int = 0
    overfull: int = 0
    unfinished: int = 0
    finished: int = 0
    finished_perhaps: int = 0
    discards: bool = False
    kept_by_callers: int = 0

    @property
    def out(self) -> int:
        """How many items came out, or are left."""
        return sum(map(len, self.got)) + len(self.left)

    @property
    def missing(self) -> set[int]:
        """Items that were surely put, and did not come out."""
        return set(chain(*self.put)).difference(*self.doubtful, *self.got, self.left)

    @property
    def displacements(self) -> int:
        """How often a consumer got an item of a producer after a later one: no more than were given back."""
        found = 0
        for numbers in self.got:
            last: dict[int, int] = {}
            for number in numbers:
                producer = number // SPAN
                found += number < last.get(producer, 0)
                last[producer] = number
        return found

    def wrong(self) -> list[str]:
        """Return what must not be."""
        return [*self._wrong_items(), *self._wrong_missing(), *self._wrong_order(), *self._wrong_counts()]

    def _wrong_items(self) -> list[str]:
        present = set(chain(*self.got, self.left))
        unknown = present.difference(*self.put)
        torn = [run for run in self.doubtful if _has_a_gap([number in present for number in run])]
        problems = []
        if len(present) < self.out:
            problems.append(f"{self.out - len(present)} items came out twice")
        if unknown:
            problems.append(f"{len(unknown)} items came out that nobody put: {_some(unknown)}")
        if torn and not self.discards:
            problems.append(f"interrupted, put_many put a later item but not an earlier one: {torn[0]}")
        return problems

    def _wrong_missing(self) -> list[str]:
        missing = self.missing
        if not self.discards:
            return [f"{len(missing)} items are lost: {_some(missing)}"] if len(missing) > self.kept_by_callers else []
        problems = []
        if len(missing) > self.maxsize + self.overfull and self.maxsize > 0:
            problems.append(f"{len(missing)} items are missing, more than there were to discard: {_some(missing)}")
        if self.in_order:
            last: dict[int, int] = {}
            for number in chain(*self.got):
                last[number // SPAN] = max(number, last.get(number // SPAN, 0))
            early = {number for number in missing if number < last.get(number // SPAN, 0)}
            if len(early) > self.given_back:
                problems.append(f"{len(early)} items are lost, later ones were got: {_some(early)}")
        return problems

    def _wrong_order(self) -> list[str]:
        displaced = self.displacements if self.in_order else 0
        if displaced <= self.given_back:
            return []
        return [f"items changed places {displaced} times, but only {self.given_back} were given back"]

    def _wrong_counts(self) -> list[str]:
        most = self.out + self.kept_by_callers - self.finished
        least = self.out - self.finished - self.finished_perhaps
        if least <= self.unfinished <= most:
            return []
        return [f"{self.unfinished} are counted as unfinished, not {least:,} to {most:,}"]


def _has_a_gap(there: list[bool]) -> bool:
    return there != sorted(there, reverse=True)


def _some(numbers: set[int]) -> str:
    first = sorted(numbers)[:5]
    return ", ".join(map(str, first)) + (" …" if len(numbers) > len(first) else "")
