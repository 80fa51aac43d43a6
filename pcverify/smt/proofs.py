"""What a proof is: a list of obligations, and what must come of them; and the proofs that count.

A proof is sound if it has obligations and each of them holds. One that is of something broken names the obligations
that must be refuted; if they hold after all, or others do not, it has come out wrong. Hypotheses that contradict one
another refute nothing, so they are wrong in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pcverify.evidence import Verdict
from pcverify.smt.condition_queue import CONDITION_QUEUE, SWALLOWED
from pcverify.smt.counting import obligations
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.obligations import MAX_SECONDS, discharge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pcverify.smt.counting import Abstraction, Statement
    from pcverify.smt.obligations import Answer, Obligation


@dataclass(frozen=True, slots=True)
class Lemma:
    """A hypothesis that several obligations of a proof share."""

    name: str
    says: str
    without: Callable[[], Iterable[Obligation]]
    """The obligations of the proof without it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What `pcverify prove NAME` proves, or refutes."""

    name: str
    about: str
    """In one sentence."""

    obligations: Callable[[], tuple[Obligation, ...]]
    """Made when they are asked for: that needs z3."""

    lemmas: tuple[Lemma, ...] = ()
    refuted: frozenset[str] = frozenset()
    """The names of the obligations that must not hold."""

    def expects(self, obligation: Obligation) -> Verdict:
        """Return what must come of an obligation."""
        return Verdict.VIOLATION if obligation.name in self.refuted else Verdict.OK

    def met_by(self, answer: Answer) -> bool:
        """Return whether an obligation came out as it must."""
        return answer.verdict is self.expects(answer.obligation) and not answer.vacuous

    def lacks(self, owed: Iterable[Obligation]) -> str:
        """Return what keeps its obligations from proving or refuting anything, in words; empty if nothing does."""
        names = {each.name for each in owed}
        if not names:
            return f"{self.name} has no obligations, so it proves nothing"
        absent = sorted(self.refuted - names)
        return f"{self.name} must refute what is no obligation of it: {', '.join(absent)}" if absent else ""


def failing_without(lemma: Lemma, *, max_seconds: float = MAX_SECONDS) -> Answer | None:
    """Return the first obligation that is refuted when a lemma is left out.

    If none is, return the first without an answer, whose verdict is UNKNOWN; None if all hold: it is not needed.
    """
    unknown = None
    for each in lemma.without():
        answer = discharge(each, max_seconds=max_seconds)
        if answer.verdict is Verdict.VIOLATION and not answer.vacuous:
            return answer
        if answer.verdict is Verdict.UNKNOWN and unknown is None:
            unknown = answer
    return unknown


def proof_of(of: Abstraction, *, refuted: frozenset[str] = frozenset()) -> Proof:
    """Return the proof that the invariant of an abstraction holds, and what follows."""

    def lemma(each: Statement) -> Lemma:
        return Lemma(each.name, each.says, lambda: obligations(of, without=each.name))

    lemmas = () if refuted else tuple(map(lemma, of.lemmas))
    return Proof(of.name, of.about, lambda: obligations(of), lemmas, refuted)


def _swallowed() -> Proof:
    name = "InterruptSwallowsWakeup"
    about = "The same, but who was notified and is interrupted tells nobody, as in queue.Queue. Must be refuted."
    broken = replace(CONDITION_QUEUE, name=name, about=about, transitions=(*CONDITION_QUEUE.transitions, *SWALLOWED))
    return proof_of(broken, refuted=frozenset(f"{name}: {each.name}" for each in SWALLOWED))


COUNTED: Mapping[str, Proof] = {
    proof.name: proof for proof in (proof_of(CONDITION_QUEUE), proof_of(HANDOFF_QUEUE), _swallowed())
}
"""By name, in the order in which they are shown."""
