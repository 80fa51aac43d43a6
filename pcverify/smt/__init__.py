"""Proofs by an SMT solver, for any number of threads: obligations, their discharge, and a second opinion.

Needs z3: pip install 'pcverify[smt]'. Importing this works without. The second opinion needs cvc5:
pip install 'pcverify[cvc5]'.
"""

from pcverify.smt.errors import SolverMissing, UnreadableProof
from pcverify.smt.obligations import Answer, Obligation, Told, discharge, needed, smtlib, without
from pcverify.smt.second import confirm

__all__ = [
    "Answer",
    "Obligation",
    "SolverMissing",
    "Told",
    "UnreadableProof",
    "confirm",
    "discharge",
    "needed",
    "smtlib",
    "without",
]
