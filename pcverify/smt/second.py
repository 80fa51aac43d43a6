"""A second opinion: cvc5 reads the script of an obligation, and answers it by itself.

z3 and cvc5 share no code. Both would have to be wrong in the same way for an obligation to pass that does not hold.
What is not confirmed by this is the step from an obligation to its script, which z3 writes.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from pcverify.evidence import Verdict
from pcverify.smt.errors import SolverMissing, UnreadableProof
from pcverify.smt.obligations import MAX_SECONDS

_VERDICTS = {"unsat": Verdict.OK, "sat": Verdict.VIOLATION, "unknown": Verdict.UNKNOWN}


@cache
def load_cvc5() -> Any:
    """Return the module `cvc5`.

    Raises:
        SolverMissing: the package cvc5 is not installed.
    """
    try:
        return importlib.import_module("cvc5")
    except ImportError:
        raise SolverMissing("cvc5", "cvc5") from None


def confirm(script: str, *, max_seconds: float = MAX_SECONDS) -> Verdict:
    """Let cvc5 answer a script from `smtlib`.

    Args:
        script: text in SMT-LIB 2 with one `(check-sat)`.
        max_seconds: wall time that cvc5 may take.

    Returns:
        OK if it answers `unsat`, VIOLATION if `sat`, UNKNOWN if it comes to no answer in time.

    Raises:
        SolverMissing: the package cvc5 is not installed.
        UnreadableProof: cvc5 cannot read the script, or it asks other than one question.
    """
    cvc5 = load_cvc5()
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("tlimit-per", str(max(int(max_seconds * 1000), 1)))
    parser = cvc5.InputParser(solver)
    said = []
    try:
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "obligation")
        symbols = parser.getSymbolManager()
        while not (command := parser.nextCommand()).isNull():
            if command.getCommandName() != "set-info":  # which answer is expected is not for cvc5 to know
                said.append(command.invoke(solver, symbols).strip())
    except RuntimeError as error:
        raise UnreadableProof(f"cvc5 cannot read the script: {error}") from error
    answers = [words for words in said if words]
    if len(answers) != 1 or answers[0].split()[0] not in _VERDICTS:
        raise UnreadableProof(f"cvc5 gives no verdict: {' / '.join(answers) or 'the script asks nothing'}")
    return _VERDICTS[answers[0].split()[0]]
