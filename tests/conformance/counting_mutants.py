"""Wrong abstractions, generated: each transition left out; each of its conditions; each of its changes, or reversed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import z3

from pcverify.conformance.counting import compare
from pcverify.evidence import Verdict
from pcverify.smt.counting import obligations, replaced
from pcverify.smt.obligations import discharge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pcverify.conformance.counting import SeenGraph
    from pcverify.smt.counting import Abstraction, Terms, Transition


def mutants(of: Abstraction) -> Iterator[tuple[str, str, Transition | None]]:
    """Return what is wrong with each, the name of the transition, and what stands in its place."""
    numbers = dict.fromkeys((*of.constants, *of.counters), 1) | dict.fromkeys(of.switches, True)
    for each in of.transitions:
        at = numbers | {choice.name: 1 for choice in each.choices}
        yield "left out", each.name, None
        for name in each.conditions(at):
            yield f"without the condition: {name}", each.name, _without_condition(each, name)
        for name in each.changes(at):
            yield f"without the change of: {name}", each.name, _other_change(each, name, 0)
            yield f"with the opposite change of: {name}", each.name, _other_change(each, name, -1)


def _without_condition(of: Transition, name: str) -> Transition:
    def conditions(at: Terms) -> Terms:
        return {other: term for other, term in of.conditions(at).items() if other != name}

    return replace(of, conditions=conditions)


def _other_change(of: Transition, name: str, factor: int) -> Transition:
    def changes(at: Terms) -> Terms:
        changed = dict(of.changes(at))
        return changed | {name: factor * changed[name]}

    return replace(of, changes=changes)


def noticed_by(of: Abstraction, name: str, instead: Transition | None, graphs: Sequence[SeenGraph]) -> str:
    """Return what notices that a transition is replaced: a proof, or the config at which it departs; else nothing."""
    if instead is not None:
        alone = replace(of, transitions=(instead,), properties=())
        for owed in obligations(alone)[1:]:
            if discharge(owed).verdict is not Verdict.OK:
                return "proof"
    wrong = replaced(of, name, *([] if instead is None else [instead]))
    return next((graph.config.name for graph in graphs if not compare(wrong, graph).agree), "")


def equivalent(of: Abstraction, name: str, instead: Transition | None) -> bool:
    """Return whether z3 proves that the other transition does the same, in every state that the invariant allows."""
    if instead is None:
        return False
    original = next(each for each in of.transitions if each.name == name)
    at: dict[str, Any] = {each: z3.Int(each) for each in (*of.constants, *of.counters)}
    at |= {each: z3.Bool(each) for each in of.switches}
    chosen = at | {choice.name: z3.Int(choice.name) for choice in original.choices}
    limits = [z3.And(chosen[choice.name] >= 0, chosen[choice.name] <= choice.up_to(at)) for choice in original.choices]
    invariant = [of.assumed(at), *(lemma.holds(at) for lemma in of.lemmas), *limits]
    possible, other = (z3.And(*each.conditions(chosen).values()) for each in (original, instead))
    before, after = original.changes(chosen), instead.changes(chosen)
    same = [before.get(each, 0) - after.get(each, 0) == 0 for each in of.counters]
    solver = z3.Solver()
    solver.add(*invariant, z3.Or(possible != other, z3.And(possible, z3.Not(z3.And(*same)))))
    return bool(solver.check() == z3.unsat)
