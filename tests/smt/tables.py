"""The tables of docs/proofs/counting.md, from the abstractions themselves and from what z3 says.

python -m tests.smt.tables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pcverify.evidence import Verdict
from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.places import GETTERS, PUTTERS, SINGULAR
from pcverify.smt.proofs import failing_without, proof_of

if TYPE_CHECKING:
    from pcverify.smt.counting import Abstraction, Transition

ABSTRACTIONS = (CONDITION_QUEUE, HANDOFF_QUEUE)


def transition_table(of: Abstraction) -> str:
    """Return each transition of getters and of nobody, with who goes where, and the actions of the model.

    A transition of putters that is the same with the sides exchanged is left out.
    """
    rows = ["| what happens | who goes where | action of the model |", "|---|---|---|"]
    for each in of.transitions:
        if " putter " not in each.name or not _mirrored(each, of):
            rows.append(f"| {each.name} | {_moves(each, of)} | {', '.join(each.actions)} |")
    return "\n".join(rows)


def _mirrored(putters: Transition, of: Abstraction) -> bool:
    exchanged = putters.name.replace("putter", "getter")
    if of is CONDITION_QUEUE:
        exchanged = exchanged.replace("puts", "takes")
    return exchanged in {each.name for each in of.transitions}


def _moves(step: Transition, of: Abstraction) -> str:
    numbers = dict.fromkeys((*of.constants, *of.counters), 1) | dict.fromkeys(of.switches, True)
    changes = step.changes(numbers | {choice.name: 0 for choice in step.choices})
    if step.name == "the queue is shut down":
        return "everybody listed is notified" if of is CONDITION_QUEUE else "everybody listed is given the end"
    moved = {by: [name for name in changes if changes[name] == by and name != "items"] for by in (-1, 1)}
    pairs = zip(moved[-1], moved[1], strict=True)
    words = [f"{of.counters[source]} → {of.counters[target]}" for source, target in pairs]
    if by := changes.get("items", 0):
        words.append(f"items {by:+}".replace("-", "\N{MINUS SIGN}"))
    told = "notified" if of is CONDITION_QUEUE else "served"
    chosen = [
        side for side in (GETTERS, PUTTERS) if any(each.name.startswith(f"{side} {told}") for each in step.choices)
    ]
    if len(chosen) == 1:
        some = ", if one is listed," if of is CONDITION_QUEUE else ""
        words.append(f"one listed {SINGULAR[chosen[0]]}{some} is {told}")
    elif chosen:
        words.append(f"as many as can go on are {told}")
    if any("go for good" in choice.name for choice in step.choices):
        words.append("or gone for good")
    return "; ".join(words)


def lemma_table(of: Abstraction) -> str:
    """Return each lemma, what does not hold without it, and the counterexample in words."""
    rows = ["| lemma | says | without it, this fails | for example |", "|---|---|---|---|"]
    for lemma in proof_of(of).lemmas:
        answer = failing_without(lemma)
        assert answer is not None
        assert answer.verdict is Verdict.VIOLATION
        failing = answer.obligation.name.removeprefix(f"{of.name}: ")
        told = [words for words in answer.told if not words.endswith(": 0") and "capacity: 1" not in words]
        shown = "; ".join(words for words in told if "may be interrupted" not in words)
        rows.append(f"| {lemma.name} | {lemma.says} | {failing} | {shown} |")
    return "\n".join(rows)


if __name__ == "__main__":
    for each in ABSTRACTIONS:
        print(transition_table(each), lemma_table(each), sep="\n\n", end="\n\n")
