"""Counting abstractions: a concurrent system seen as how many threads stand where.

Threads that stand at the same place are alike, so a state is a few counters, and one description fits any number of
threads. A transition has conditions, and says by how much it changes which counter. An invariant is a conjunction of
lemmas. It holds for ever if it holds at the beginning, and every transition keeps it; what is claimed has to follow
from it. Each of these is an obligation, for all values of all counters and constants.

A transition is written once, over `Terms`: with z3's integers it gives the obligations, with Python's the transitions
of a system of a given size (`steps_of`), which `pcverify.conformance.counting` compares with the models.

What the proofs show is about the counters: that a model, or code, is what they count has to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from pcverify.smt.obligations import Obligation, Told
from pcverify.smt.terms import Term, all_of, load_z3

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Terms = Mapping[str, Term]
    State = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """A number that a transition is free to choose, from 0 up to a limit."""

    name: str
    up_to: Callable[[Terms], Term]


@dataclass(frozen=True, slots=True)
class Transition:
    """What can happen in one step."""

    name: str
    """In words; unique in its abstraction."""

    actions: tuple[str, ...]
    """The actions of the model that it stands for."""

    conditions: Callable[[Terms], Terms]
    """What must hold, by name; choices, too."""

    changes: Callable[[Terms], Terms]
    """How much is added to which counter; one that is not named stays."""

    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that holds, or is to hold, of every state: a lemma or a property."""

    name: str
    says: str
    """In one plain sentence."""

    holds: Callable[[Terms], Term]


@dataclass(frozen=True, slots=True)
class Abstraction:
    """A system of counters, the invariant that it keeps, and what follows from that."""

    name: str
    about: str
    """What it is, in a sentence."""

    constants: Mapping[str, str]
    """For each number that never changes, what it is in words."""

    switches: Mapping[str, str]
    """The same for each yes or no that never changes."""

    counters: Mapping[str, str]
    """For each counter, what it counts, in words."""

    assumed: Callable[[Terms], Term]
    """What is assumed of the constants."""

    initial: Callable[[Terms], Terms]
    """For each counter that does not begin at 0, where it begins, by the constants."""

    transitions: tuple[Transition, ...]
    lemmas: tuple[Statement, ...]
    """The invariant is all of them together."""

    properties: tuple[Statement, ...]
    """What is claimed of each state."""


def obligations(of: Abstraction, *, without: str = "") -> tuple[Obligation, ...]:
    """Return all that has to be proved: the beginning, each transition, each property.

    Args:
        of: the abstraction.
        without: the name of a lemma that is left out of the invariant.

    Raises:
        SolverMissing: the package z3-solver is not installed.
    """
    z3 = load_z3()
    at = variables_of(of)
    lemmas = tuple(lemma for lemma in of.lemmas if lemma.name != without)
    assumed = {"constants": of.assumed(at)}
    invariant = invariant_of(of, at, without=without)
    constants = told_of_constants(of, at)

    def told(changes: Terms) -> tuple[Told, ...]:
        return constants + tuple(
            Told(at[name], words, at[name] + changes[name] if name in changes else None, omitted=0)
            for name, words in of.counters.items()
        )

    def keeps(after: Terms) -> Any:
        return z3.And(*(lemma.holds(after) for lemma in lemmas))

    begin = {name: z3.IntVal(0) for name in of.counters} | dict(of.initial(at))
    owed = [
        Obligation(f"{of.name}: begins", "The invariant holds at the beginning.", assumed, keeps(at | begin), constants)
    ]
    for each in of.transitions:
        changes = each.changes(with_choices(each, at))
        after = at | {name: at[name] + change for name, change in changes.items()}
        says = f"The invariant still holds after: {each.name}."
        owed.append(
            Obligation(f"{of.name}: {each.name}", says, invariant | possible(each, at), keeps(after), told(changes))
        )
    for claim in of.properties:
        owed.append(Obligation(f"{of.name}: {claim.name}", claim.says, invariant, claim.holds(at), told({})))
    return tuple(owed)


def variables_of(of: Abstraction, *further: str) -> dict[str, Any]:
    """Return a variable for each constant, switch and counter, and for further numbers."""
    z3 = load_z3()
    numbers = {name: z3.Int(name) for name in (*of.constants, *of.counters, *further)}
    return numbers | {name: z3.Bool(name) for name in of.switches}


def invariant_of(of: Abstraction, at: Terms, *, without: str = "") -> dict[str, Any]:
    """Return what holds in every state, by name: what is assumed, and the lemmas, all but one."""
    lemmas = {lemma.name: lemma.holds(at) for lemma in of.lemmas if lemma.name != without}
    return {"constants": of.assumed(at)} | lemmas


def with_choices(step: Transition, at: Terms) -> dict[str, Any]:
    """Return a state with a variable for each choice of a step."""
    z3 = load_z3()
    return {**at, **{choice.name: z3.Int(choice.name) for choice in step.choices}}


def possible(step: Transition, at: Terms) -> dict[str, Any]:
    """Return when a step can be taken, by name, its choices being variables."""
    chosen = with_choices(step, at)
    limits = {
        f"choice: {choice.name}": all_of(chosen[choice.name] >= 0, chosen[choice.name] <= choice.up_to(at))
        for choice in step.choices
    }
    return limits | {f"condition: {name}": term for name, term in step.conditions(chosen).items()}


def told_of_constants(of: Abstraction, at: Terms) -> tuple[Told, ...]:
    """Return what a counterexample tells of what never changes."""
    constants = tuple(Told(at[name], words) for name, words in of.constants.items())
    return constants + tuple(Told(at[name], words, omitted=False) for name, words in of.switches.items())


def replaced(of: Abstraction, name: str, *instead: Transition) -> Abstraction:
    """Return the abstraction with other transitions, or none, in the place of one.

    Raises:
        KeyError: it has no transition of that name.
    """
    if name not in {each.name for each in of.transitions}:
        raise KeyError(name)
    kept = [[each] if each.name != name else list(instead) for each in of.transitions]
    return replace(of, transitions=tuple(each for some in kept for each in some))


def initial_state(of: Abstraction, constants: Terms) -> State:
    """Return where a system of that size begins."""
    return dict.fromkeys(of.counters, 0) | dict(of.initial(constants))


def steps_of(transition: Transition, constants: Terms, state: State) -> Iterator[State]:
    """Return where a transition can lead to from a state of a system of that size; nowhere if it is not possible.

    Args:
        transition: one of an abstraction.
        constants: a number for each constant, true or false for each switch.
        state: a number for each counter.
    """
    at: dict[str, Any] = {**constants, **state}
    names = [choice.name for choice in transition.choices]
    for numbers in product(*(range(choice.up_to(at) + 1) for choice in transition.choices)):
        chosen = at | dict(zip(names, numbers, strict=True))
        if all_of(*transition.conditions(chosen).values()):
            changes = transition.changes(chosen)
            yield {name: value + changes.get(name, 0) for name, value in state.items()}


def together(*several: Terms) -> dict[str, Term]:
    """Return changes that happen at once: what is added to the same counter is added up."""
    total: dict[str, Term] = {}
    for changes in several:
        for name, change in changes.items():
            total[name] = total[name] + change if name in total else change
    return total


def move(source: str, target: str, number: Term = 1) -> dict[str, Term]:
    """Return the change when so many go from one place to another."""
    return {source: -number, target: number}
