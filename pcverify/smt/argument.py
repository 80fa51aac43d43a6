"""An argument about any number of threads: lemmas that hold at first and that every step keeps, and what follows.

    argument = Argument("fifo", variables, lemmas, steps, first, consequences)
    argument.obligations()                  lemmas hold at first, and steps keep them; what follows

A lemma that speaks of all items, or all threads, is a formula with indices. It is proved for indices of which nothing
is known, and used for those that matter: the ones that the step looks at, and those of the lemma to be proved. So no
obligation has a quantifier, and z3 answers in milliseconds.

To leave a lemma out and see what breaks needs more care: z3 would find values that break it only because a lemma that
is still there was not used for all indices. `in_small` makes the same obligations about a state of few cells, items and
threads, in which each lemma is used for every one of them: what is found there is a state as it is told.

What a pass does not show: that the steps are those of the code, nor that the code runs them one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

from pcverify.smt.obligations import Obligation, Told
from pcverify.smt.terms import all_of, load_z3

NUMBER, CONDITION = "number", "condition"
Pools = dict[str, list[Any]]
Made = dict[tuple[Any, ...], tuple[Any, tuple[Any, ...]]]
"""Formulas that were made already, by lemma and indices, with the indices: z3's Python is slow at making them."""


class State:
    """The variables by name, as terms of z3."""

    def __init__(self, terms: Mapping[str, Any]) -> None:
        self.terms = dict(terms)

    def __getattr__(self, name: str) -> Any:
        """Return the term of a variable."""
        try:
            return self.terms[name]
        except KeyError:
            raise AttributeError(name) from None

    def but(self, changes: Mapping[str, Any]) -> State:
        """Return the state with these variables changed.

        Raises:
            KeyError: there is no variable of that name.
        """
        for name in changes:
            self.terms[name]
        return State({**self.terms, **changes})


def _nothing(*_: Any) -> Mapping[str, Iterable[Any]]:
    return {}


@dataclass(frozen=True, slots=True)
class Lemma:
    """What holds in every state."""

    name: str
    says: str
    over: tuple[str, ...]
    """What it is about: the kind of each index."""

    holds: Callable[..., Any]
    """A formula, of a state and the indices."""

    looks_at: Callable[..., Mapping[str, Iterable[Any]]] = _nothing
    """Which further indices matter for its proof, by kind; of a state and the indices."""


@dataclass(frozen=True, slots=True)
class Move:
    """What one step does to a state."""

    guards: Mapping[str, Any]
    """When it can happen: formulas by name."""

    changes: Mapping[str, Any]
    """The variables that change, and to what."""

    looks_at: Mapping[str, Iterable[Any]] = field(default_factory=dict)
    """Which indices matter, by kind."""

    everywhere: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """The variables that change at all indices at once, and to what at each."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step, of any thread."""

    name: str
    says: str
    chooses: tuple[str, ...]
    """What it is free to choose: a name for each number."""

    move: Callable[..., Move]
    """Of a state, and what was chosen."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from the lemmas: of a state and indices, or of a step that can be taken."""

    name: str
    says: str
    over: tuple[str, ...]
    holds: Callable[..., Any]
    """A formula, of a state and the indices; for a step of the states before and after it, what it chose, and the
    indices."""

    step: str | None = None
    looks_at: Callable[..., Mapping[str, Iterable[Any]]] = _nothing


@dataclass(frozen=True, slots=True)
class Small:
    """How small the states are in which a counterexample is looked for."""

    indices: Mapping[str, range]
    """All indices of each kind."""

    within: Callable[[State], Any]
    """Whether the state has no others."""

    largest: int
    """No number in it is greater."""

    rest: Mapping[str, int] = field(default_factory=dict)
    """What a variable is at all other indices; 0 where nothing is said."""


@dataclass(frozen=True, slots=True)
class Argument:
    """Lemmas, steps, and what follows."""

    name: str
    variables: Mapping[str, str]
    """Each variable: a number, a condition, or by the kind of its indices a row of numbers."""

    lemmas: tuple[Lemma, ...]
    steps: tuple[Step, ...]
    first: Callable[[], Mapping[str, Any]]
    """What the variables are at first, those of which it matters; a row is the same everywhere."""

    consequences: tuple[Consequence, ...]
    given: Callable[[State], Mapping[str, Any]]
    """What is assumed throughout: formulas by name."""

    small: Small

    def obligations(self) -> tuple[Obligation, ...]:
        """Return all that has to be proved, for states of any size."""
        return tuple(make() for _, make in self._owed(None))

    def in_small(self, wanted: Callable[[str], bool] = lambda _: True) -> tuple[Obligation, ...]:
        """Return the same for small states: who finds a counterexample there has found a state.

        Args:
            wanted: of which names; the others are not made.
        """
        return tuple(make() for name, make in self._owed(self.small) if wanted(name))

    def names(self) -> tuple[str, ...]:
        """Return the names of the obligations."""
        return tuple(name for name, _ in self._owed(None))

    def but(self, step: Step) -> Argument:
        """Return the argument with another step in place of the one of that name."""
        return replace(self, steps=tuple(step if each.name == step.name else each for each in self.steps))

    # How obligations are made.

    def _owed(self, small: Small | None) -> Iterable[tuple[str, Callable[[], Obligation]]]:
        """Yield the name of each obligation, and what makes it."""
        made: Made = {}
        for lemma in self.lemmas:
            yield f"{self.name}: {lemma.name}, at first", partial(self._at_first, lemma, small)
        for step in self.steps:
            for lemma in self.lemmas:
                yield f"{self.name}: {step.name} keeps {lemma.name}", partial(self._kept, step, lemma, small, made)
        for consequence in self.consequences:
            yield f"{self.name}: {consequence.name}", partial(self._follows, consequence, small, made)

    def _at_first(self, lemma: Lemma, small: Small | None) -> Obligation:
        z3 = load_z3()
        first = self.first()
        rows = {name: value for name, value in first.items() if self.variables[name] not in {NUMBER, CONDITION}}
        state = self._state(small).but({name: value for name, value in first.items() if name not in rows})
        indices = _indices(lemma.over)
        pools = _pools(lemma.over, indices)
        _add(pools, lemma.looks_at(state, *indices))
        hypotheses = dict(self.given(state))
        for name, value in rows.items():
            new = z3.Array(f"{name}, at first", z3.IntSort(), z3.IntSort())
            state = state.but({name: new})
            hypotheses[f"{name}, at first"] = all_of(
                *(new[at] == value for at in _all(pools, self.variables[name], small))
            )
        says = f"{lemma.says}: at first"
        return Obligation(f"{self.name}: {lemma.name}, at first", says, hypotheses, lemma.holds(state, *indices))

    def _kept(self, step: Step, lemma: Lemma, small: Small | None, made: Made) -> Obligation:
        indices = _indices(lemma.over)
        before, after, hypotheses = self._stepped(step, _pools(lemma.over, indices), lemma, indices, small, made)
        return Obligation(
            f"{self.name}: {step.name} keeps {lemma.name}",
            f"{lemma.says}: also after this step: {step.says}",
            hypotheses,
            lemma.holds(after, *indices),
            self._tells(before, after, small),
        )

    def _follows(self, consequence: Consequence, small: Small | None, made: Made) -> Obligation:
        indices = _indices(consequence.over)
        pools = _pools(consequence.over, indices)
        if consequence.step is None:
            state = self._state(small)
            _add(pools, consequence.looks_at(state, *indices))
            hypotheses = {**self.given(state), **self._used(state, pools, small, made)}
            conclusion, tells = consequence.holds(state, *indices), self._tells(state, None, small)
        else:
            (step,) = (step for step in self.steps if step.name == consequence.step)
            before, after, hypotheses = self._stepped(step, pools, consequence, indices, small, made)
            conclusion = consequence.holds(before, after, *_chosen(step), *indices)
            tells = self._tells(before, after, small)
        return Obligation(f"{self.name}: {consequence.name}", consequence.says, hypotheses, conclusion, tells)

    def _stepped(
        self, step: Step, pools: Pools, goal: Lemma | Consequence, indices: list[Any], small: Small | None, made: Made
    ) -> tuple[State, State, dict[str, Any]]:
        z3 = load_z3()
        before = self._state(small)
        move = step.move(before, *_chosen(step))
        new = {name: z3.Array(f"{name}, then", z3.IntSort(), z3.IntSort()) for name in move.everywhere}
        after = before.but({**move.changes, **new})
        _add(pools, move.looks_at)
        _add(pools, goal.looks_at(before, *indices))
        _add(pools, goal.looks_at(after, *indices))
        hypotheses = {**self.given(before), **self._used(before, pools, small, made)}
        hypotheses.update({f"{step.name}: {name}": guard for name, guard in move.guards.items()})
        for name, value in move.everywhere.items():
            everywhere = [new[name][index] == value(index) for index in _all(pools, self.variables[name], small)]
            hypotheses[f"{step.name}: what becomes of {name}"] = all_of(*everywhere)
        return before, after, hypotheses

    def _state(self, small: Small | None) -> State:
        z3 = load_z3()
        terms: dict[str, Any] = {}
        for name, kind in self.variables.items():
            if kind == NUMBER:
                terms[name] = z3.Int(name)
            elif kind == CONDITION:
                terms[name] = z3.Bool(name)
            elif small is None:
                terms[name] = z3.Array(name, z3.IntSort(), z3.IntSort())
            else:
                row = z3.K(z3.IntSort(), z3.IntVal(small.rest.get(name, 0)))
                for index in small.indices[kind]:
                    row = z3.Store(row, index, z3.Int(f"{name}[{index}]"))
                terms[name] = row
        return State(terms)

    def _used(self, state: State, pools: Pools, small: Small | None, made: Made) -> dict[str, Any]:
        """Return the lemmas, each for all indices in the pools; the state is the one before any step."""
        used = {} if small is None else {"a small state": all_of(small.within(state), *self._in_range(small))}
        for lemma in self.lemmas:
            places = list(product(*(_all(pools, kind, small) for kind in lemma.over)))
            if places:
                keys = [(lemma.name, *(term.get_id() for term in place)) for place in places]
                for key, place in zip(keys, places, strict=True):
                    if key not in made:
                        made[key] = (lemma.holds(state, *place), place)
                used[lemma.name] = all_of(*(made[key][0] for key in keys))
        return used

    def _in_range(self, small: Small) -> Iterable[Any]:
        """Yield that all numbers of the state are small, too."""
        z3 = load_z3()
        for name, kind in self.variables.items():
            if kind == NUMBER:
                yield all_of(z3.Int(name) >= -1, z3.Int(name) <= small.largest)
            elif kind != CONDITION:
                for index in small.indices[kind]:
                    value = z3.Int(f"{name}[{index}]")
                    yield all_of(value >= -1, value <= small.largest)

    def _tells(self, before: State, after: State | None, small: Small | None) -> tuple[Told, ...]:
        tells = []
        for name, kind in self.variables.items():
            told = _in_words(before, name, kind, small)
            if told is not None:
                tells.append(Told(told, name, None if after is None else _in_words(after, name, kind, small)))
        return tuple(tells)


def _in_words(state: State, name: str, kind: str, small: Small | None) -> Any:
    """Return what tells a variable: a small state as it is, since there are no smaller ones to look for."""
    z3 = load_z3()
    if kind == CONDITION or (kind == NUMBER and small is None):
        return state.terms[name]
    if kind == NUMBER:
        return z3.ToReal(state.terms[name])
    if small is None:
        return None
    numbers = [state.terms[name][index] for index in small.indices[kind]]
    words = [z3.If(number < 0, z3.StringVal("-"), z3.IntToStr(number)) for number in numbers]
    between = [word for each in words for word in (z3.StringVal(" "), each)]
    return z3.Concat(*between[1:])


def _indices(over: Iterable[str]) -> list[Any]:
    return [load_z3().Int(f"any {kind} {number}") for number, kind in enumerate(over)]


def _chosen(step: Step) -> list[Any]:
    return [load_z3().Int(name) for name in step.chooses]


def _pools(over: Iterable[str], indices: Iterable[Any]) -> Pools:
    pools: Pools = {}
    for kind, index in zip(over, indices, strict=True):
        pools.setdefault(kind, []).append(index)
    return pools


def _add(pools: Pools, more: Mapping[str, Iterable[Any]]) -> None:
    for kind, terms in more.items():
        pools.setdefault(kind, []).extend(terms)


def _all(pools: Pools, kind: str, small: Small | None) -> list[Any]:
    every = [] if small is None else [load_z3().IntVal(index) for index in small.indices[kind]]
    return list({term.get_id(): term for term in (*every, *pools.get(kind, []))}.values())
