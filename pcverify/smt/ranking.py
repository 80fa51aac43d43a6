"""Ranks over counters: what falls with every step comes to an end, if the machine takes steps.

A rank is a tuple of numbers, the most important first. If every step lowers it, there are only so many steps; if
besides some step is possible while the goal is not reached, the goal is reached. `rest` and `turns` say for which
ranks.

What is only argued: that such a rank cannot fall for ever (tuples of natural numbers are well-founded), and that the
machine takes steps: a promise of its own. Weights are numbers chosen by hand; that they are right is what the
obligations say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pcverify.smt.condition_queue import CONDITION_QUEUE
from pcverify.smt.counting import Statement, told_of_constants, variables_of, with_choices
from pcverify.smt.handoff_queue import HANDOFF_QUEUE
from pcverify.smt.obligations import MAX_SECONDS, Told, solver_of
from pcverify.smt.places import GETTERS, LISTED, PUTTERS, SIDES, SINGULAR, room
from pcverify.smt.terms import all_of, any_of, load_z3, smaller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pcverify.smt.counting import Abstraction, Terms, Transition

CALLS = "calls left"
SPENT = "calls spent"


def _for_liveness(of: Abstraction, *spare: str) -> Abstraction:
    """Return an abstraction with one lemma more, and without some that liveness does not need."""
    putters = tuple(name for name in of.counters if name.startswith("putters "))
    more = Statement(
        "every putter is somewhere",
        "Each thread that puts stands at one place.",
        lambda at: sum(at[name] for name in putters) == at["producers"],
    )
    needed = tuple(lemma for lemma in of.lemmas if lemma.name not in spare)
    return replace(of, lemmas=(*needed, more), properties=())


CONDITIONS, HANDING = (
    _for_liveness(CONDITION_QUEUE, "bound", "exact bound", "nothing comes back"),
    _for_liveness(HANDOFF_QUEUE, "bound"),
)


def terms(of: Abstraction) -> dict[str, Any]:
    """Return a variable for each constant, switch and counter, and for how many calls all threads have left."""
    return variables_of(of, CALLS, SPENT)


def after(step: Transition, at: Terms) -> dict[str, Any]:
    """Return the state after a step."""
    changed = {name: at[name] + change for name, change in step.changes(with_choices(step, at)).items()}
    if ends_a_call(step):
        changed[CALLS] = at[CALLS] - at[SPENT]
    return {**at, **changed}


def some_step(of: Abstraction, at: Terms) -> Any:
    """Return whether some step can be taken, each with one choice: as many as can be served, parked ones first."""
    return any_of(*(_can_so(step, at) for step in of.transitions))


def _can_so(step: Transition, at: Terms) -> Any:
    recovers = step.actions == ("Recover",)
    items = at["items"] + (1 if step.name.endswith("its item back") else 0)
    left = {GETTERS: items, PUTTERS: room(at, items)} if recovers else dict.fromkeys(SIDES, 1)
    chosen: dict[str, Any] = {}
    limits = []
    for choice in step.choices:
        side, _, what = choice.name.partition(" ")
        listed = at.get(f"{side} {what.rpartition(': ')[2]}", 0)
        if recovers and what.endswith("interrupted, listed") and f" {SINGULAR[side]} recovers, off" in step.name:
            listed = listed - 1  # not itself
        number = smaller(left[side], listed) if what.endswith(LISTED) else 0
        left[side] = left[side] - number
        chosen[choice.name] = number
        limits.append(all_of(number >= 0, number <= choice.up_to(at)) if choice.name.endswith(LISTED) else True)
    return all_of(*limits, *step.conditions({**at, **chosen}).values())


def ends_a_call(step: Transition) -> bool:
    """Return whether a call is over with this step."""
    return any(choice.name.endswith("go for good") for choice in step.choices) or step.name.endswith("is gone")


def smaller_rank(new: tuple[Any, ...], old: tuple[Any, ...]) -> Any:
    """Return whether a rank is smaller than another: in the first number in which they differ."""
    if not old:
        return False
    return any_of(new[0] < old[0], all_of(new[0] == old[0], smaller_rank(new[1:], old[1:])))


def not_negative(rank: tuple[Any, ...]) -> Any:
    """Return whether no number of a rank is negative."""
    return all_of(*(number >= 0 for number in rank))


def tells(of: Abstraction, at: Terms, then: Terms) -> tuple[Told, ...]:
    """Return what a counterexample tells."""
    counted = {**of.counters, CALLS: "calls that threads have left"}
    return told_of_constants(of, at) + tuple(
        Told(at[name], words, then[name] if then is not at else None, omitted=0) for name, words in counted.items()
    )


def weighted(of: Abstraction, weights: Mapping[str, int], at: Terms) -> Any:
    """Return the sum of the weights of the places where threads stand."""
    total: Any = 0
    for side in SIDES:
        for place, weight in weights.items():
            if f"{side} {place}" in of.counters:
                total = total + weight * at[f"{side} {place}"]
    return total


def excluded(hypotheses: Mapping[str, Any], *, max_seconds: float = MAX_SECONDS) -> bool:
    """Return whether a step cannot be taken under these hypotheses.

    Without an answer in time it is not excluded: then its obligation is owed, and z3 is asked again.
    """
    solver = solver_of(hypotheses, max_seconds)
    return bool(solver.check() == load_z3().unsat)
