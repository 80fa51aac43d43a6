"""What has to be proved, one obligation at a time, and what a solver says of each.

    Obligation("put keeps the bound", "…", {"before": items <= capacity, "room": items < capacity},
               items + 1 <= capacity, (Told(items, "items in the queue"),))

says: whenever all hypotheses hold, the conclusion does. Integers are unbounded, so a proof is for any number of
threads. z3 looks for values for which the hypotheses hold and the conclusion does not. If there are none, the
obligation is proved; if there are some, they are told in words, in small numbers where there are such.

Hypotheses that contradict one another prove everything, so `discharge` also asks for values for which they all hold at
once, and reports a violation if there are none.

A proof shows nothing beyond its obligation: not that the obligation says what was meant, nor that the code is what
its formulas describe. It rests on z3; `smtlib` writes each obligation as text in the language that all solvers read,
and `pcverify.smt.second` lets another one confirm it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pcverify.evidence import Verdict
from pcverify.smt.terms import load_z3

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_SECONDS = 30.0
_SMALL = 20  # counterexamples whose numbers add up to no more than this are looked for first


@dataclass(frozen=True, slots=True)
class Told:
    """A term, with the words in which a counterexample tells its value."""

    term: Any
    """A term of z3, before the step if the obligation is about one."""

    words: str
    """What it is, as in `items in the queue`."""

    after: Any = None
    """The same after the step; None if there is no step, or if it cannot change."""

    omitted: Any = None
    """It is not told if it has this value, before the step and after it."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """If all hypotheses hold, so does the conclusion, for all values of the variables."""

    name: str
    """Stable and short, as on a command line."""

    says: str
    """The same in one plain sentence."""

    hypotheses: Mapping[str, Any]
    """Formulas of z3 by name."""

    conclusion: Any
    """A formula of z3."""

    tells: tuple[Told, ...] = ()
    """What a counterexample tells, in this order."""

    example: Any = None
    """Narrows the search for values for which all hypotheses hold, where z3 does not find them by itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver said of one obligation."""

    obligation: Obligation
    verdict: Verdict
    """OK: proved. VIOLATION: there is a counterexample, or the hypotheses contradict one another. UNKNOWN: no answer
    within the time limit."""

    seconds: float
    """Wall time."""

    told: tuple[str, ...] = ()
    """The counterexample, a line for each thing told; or why there is no proof."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """The counterexample as Python values, by the words of each thing told: a value, or a pair (before, after)."""

    vacuous: bool = False
    """The hypotheses exclude one another, or allow no such example: neither a proof nor a counterexample."""

    @property
    def words(self) -> str:
        """The counterexample in one line."""
        return "; ".join(self.told)


def discharge(obligation: Obligation, *, max_seconds: float = MAX_SECONDS) -> Answer:
    """Let z3 prove an obligation, or find a counterexample.

    Args:
        obligation: what is to be proved.
        max_seconds: wall time for each question to z3; there are up to three, and a few short ones to find a small
            counterexample.

    Raises:
        SolverMissing: the package z3-solver is not installed.
    """
    z3 = load_z3()
    began = time.monotonic()

    def answer(verdict: Verdict, told: tuple[str, ...] = (), values: Mapping[str, Any] | None = None) -> Answer:
        return Answer(obligation, verdict, time.monotonic() - began, told, values or {})

    solver = solver_of(obligation.hypotheses, max_seconds)
    solver.push()
    if obligation.example is not None:
        solver.add(obligation.example)
    possible = solver.check()
    solver.pop()
    if possible == z3.unsat:
        because = "contradict one another" if obligation.example is None else "allow no such example"
        words = f"the hypotheses {because}: {', '.join(obligation.hypotheses)}"
        return replace(answer(Verdict.VIOLATION, (words,)), vacuous=True)
    if possible != z3.sat:
        return answer(Verdict.UNKNOWN, (f"no values found for which the hypotheses hold: {solver.reason_unknown()}",))
    solver.add(z3.Not(obligation.conclusion))
    found = solver.check()
    if found == z3.unsat:
        return answer(Verdict.OK)
    if found != z3.sat:
        return answer(Verdict.UNKNOWN, (f"z3 gave no answer: {solver.reason_unknown()}",))
    told, values = _told(obligation, _small_model(solver, obligation))
    return answer(Verdict.VIOLATION, told, values)


def needed(
    obligation: Obligation, names: Iterable[str] | None = None, *, max_seconds: float = MAX_SECONDS
) -> dict[str, Answer]:
    """Leave out one hypothesis at a time, and return what becomes of the obligation.

    A hypothesis whose answer is OK is not needed here; VIOLATION tells what happens without it.

    Args:
        obligation: one that holds.
        names: which hypotheses to leave out; all if None.
        max_seconds: as for `discharge`.
    """
    chosen = tuple(obligation.hypotheses if names is None else names)
    return {name: discharge(without(obligation, name), max_seconds=max_seconds) for name in chosen}


def without(obligation: Obligation, *names: str) -> Obligation:
    """Return the obligation without these hypotheses.

    Raises:
        KeyError: it has no hypothesis of that name.
    """
    left = dict(obligation.hypotheses)
    for name in names:
        del left[name]
    return replace(obligation, name=f"{obligation.name}, without {', '.join(names)}", hypotheses=left)


def smtlib(obligation: Obligation) -> str:
    """Return an obligation as a script in SMT-LIB 2: it holds if a solver answers `unsat`."""
    z3 = load_z3()
    solver = z3.Solver()
    solver.add(*obligation.hypotheses.values(), z3.Not(obligation.conclusion))
    declarations = [line for line in solver.to_smt2().partition("(assert")[0].splitlines() if not line.startswith(";")]
    lines = [f"; {obligation.name}", f"; {obligation.says}", "; Proved if the answer is unsat."]
    lines += ["(set-logic ALL)", "(set-info :status unsat)"]
    lines += [line for line in declarations if not line.startswith("(set-info")]
    for name, formula in obligation.hypotheses.items():
        lines += [f"; hypothesis: {name}", f"(assert {_formula(formula)})"]
    lines += ["; not the conclusion", f"(assert (not {_formula(obligation.conclusion)}))", "(check-sat)"]
    return "\n".join(lines) + "\n"


def _formula(formula: Any) -> str:
    z3 = load_z3()
    text: str = (z3.BoolVal(formula) if isinstance(formula, bool) else formula).sexpr()
    return text


def solver_of(hypotheses: Mapping[str, Any], max_seconds: float) -> Any:
    """Return a solver of z3 that knows these hypotheses, and takes so many seconds for a question, at most."""
    solver = load_z3().Solver()
    solver.set("timeout", max(int(max_seconds * 1000), 1))
    solver.set("random_seed", 0)
    solver.add(*hypotheses.values())
    return solver


def _small_model(solver: Any, obligation: Obligation) -> Any:
    """Return the model of the solver whose numbers add up to the least, if that is little; else any.

    Of several, the one in which what is told first is 0, or no, or stays: so it is the same one every time.
    """
    z3 = load_z3()
    model = solver.model()
    terms = [each.term for each in obligation.tells if _is_integer(each.term)]
    total = z3.Sum([z3.If(term < 0, -term, term) for term in terms])
    for limit in range(_SMALL + 1 if terms else 0):
        solver.push()
        solver.add(total <= limit, *(z3.And(-limit <= term, term <= limit) for term in terms))
        if solver.check() == z3.sat:
            model = _first_model(solver, obligation, limit)
            solver.pop()
            break
        solver.pop()
    return model


def _first_model(solver: Any, obligation: Obligation, limit: int) -> Any:
    """Return the first model in the order in which terms are told, small values first; the solver holds one."""
    z3 = load_z3()
    model = solver.model()
    small = sorted(range(-limit - 1, limit + 2), key=lambda value: (abs(value), -value))
    terms = [each.term for each in obligation.tells] + [each.after for each in obligation.tells]
    for term in terms:
        if not z3.is_expr(term) or not (z3.is_int(term) or z3.is_bool(term)):
            continue
        for value in small if z3.is_int(term) else (False, True):
            if _value(model, term) != value:
                solver.push()
                solver.add(term == value)
                if solver.check() != z3.sat:
                    solver.pop()
                    continue
                model = solver.model()
                solver.pop()
            solver.add(term == value)
            break
    return model


def _is_integer(term: Any) -> bool:
    z3 = load_z3()
    return bool(z3.is_expr(term) and z3.is_int(term))


def _told(obligation: Obligation, model: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    lines, values = [], {}
    for each in obligation.tells:
        before = _value(model, each.term)
        after = before if each.after is None else _value(model, each.after)
        values[each.words] = before if each.after is None else (before, after)
        if each.omitted is None or not before == after == each.omitted:
            lines.append(f"{each.words}: {_word(before)}" + (f" → {_word(after)}" if after != before else ""))
    return tuple(lines), values


def _value(model: Any, term: Any) -> Any:
    z3 = load_z3()
    if not z3.is_expr(term):
        return term
    value = model.eval(term, model_completion=True)
    if z3.is_int_value(value):
        return value.as_long()
    if z3.is_true(value) or z3.is_false(value):
        return z3.is_true(value)
    return str(value)


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
