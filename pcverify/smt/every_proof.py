"""Every proof there is: those of `proofs`, and the arguments that are more than counting.

    fifo, handing      order, no loss and no overtaking: lemmas about each item and each thread
    rest, turns        what happens in the end: ranks over the counters
    pipeline           a whole run ends, and delivers every item once

Three more are of something broken, and must be refuted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pcverify.smt import counting, fifo, handing, pipeline, rest, turns
from pcverify.smt.obligations import without
from pcverify.smt.proofs import COUNTED, Lemma, Proof
from pcverify.smt.ranking import CONDITIONS, HANDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pcverify.smt.argument import Argument
    from pcverify.smt.counting import Abstraction
    from pcverify.smt.obligations import Obligation


def without_lemma(of: Argument, lemma: str) -> Iterator[Obligation]:
    """Yield the obligations in which a lemma is used for others, without it, about small states: consequences first."""
    for about_steps in (False, True):
        names = [name for name in of.names() if (" keeps " in name) is about_steps]
        for name in names:
            if not name.endswith(f" keeps {lemma}"):
                (found,) = of.in_small(name.__eq__)
                if lemma in found.hypotheses:
                    yield without(found, lemma)


def _lemmas_of_rest() -> Iterator[Lemma]:
    """Yield the lemmas of both designs, that `rest` and `turns` share: those that count, and one more."""

    def without_it(of: Abstraction, lemma: str) -> Iterator[Obligation]:
        yield from counting.obligations(of, without=lemma)  # which does not ask that it be kept, either
        shares = {CONDITIONS.name: "through: ", HANDING.name: "starves: "}
        owed = [each for each in turns.obligations() if each.name.startswith(shares[of.name])]
        for each in (*rest.comes_to_rest(of), *rest.lock_is_freed(of), *owed):
            if lemma in each.hypotheses:
                yield without(each, lemma)

    for of in (CONDITIONS, HANDING):
        for each in of.lemmas:
            if each.name == "exact bound":
                continue  # it keeps a step of `starves` from being possible, which then owes nothing
            yield Lemma(f"{of.name}: {each.name}", each.says, partial(without_it, of, each.name))


def _proof(of: Argument, about: str, *refuted: str) -> Proof:
    lemmas = tuple(Lemma(each.name, each.says, partial(without_lemma, of, each.name)) for each in of.lemmas)
    names = frozenset(f"{of.name}: {each}" for each in refuted)
    return Proof(of.name, about, of.obligations, () if refuted else lemmas, names)


FURTHER = (
    _proof(fifo.ARGUMENT, "The queue with conditions is first in, first out, and loses nothing."),
    _proof(handing.ARGUMENT, "The queue that hands over is, too; and whoever waits is not overtaken."),
    Proof(
        "rest",
        "Both queues come to rest if no call is tried again; a held lock is freed.",
        rest.obligations,
        tuple(_lemmas_of_rest()),
    ),
    Proof("turns", "In HandoffQueue whoever waits gets its turn; in ConditionQueue somebody does.", turns.obligations),
    _proof(pipeline.ARGUMENT, "A pipeline ends, and every item is delivered once."),
    _proof(pipeline.TOO_FEW, "The same with one sentinel too few. Must be refuted.", pipeline.MOVES),
    _proof(pipeline.TOO_MANY, "The same with one sentinel too many. Must be refuted.", pipeline.DRAINS, pipeline.ENDS),
    _proof(
        pipeline.EARLY,
        "The same, but sentinels are sent before the producers have ended. Must be refuted.",
        "begin to send keeps in-turn",
    ),
)  # fmt: skip

PROOFS: Mapping[str, Proof] = {**COUNTED, **{proof.name: proof for proof in FURTHER}}
"""By name, in the order in which they are shown."""
