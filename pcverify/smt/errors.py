"""What can keep a solver from giving a verdict that is neither a counterexample nor a defect of ours."""

from __future__ import annotations

from pcverify.evidence import UsageError


class SolverMissing(UsageError):
    """The package of a solver is not installed. The message names the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"proofs need {package}, which is missing: pip install 'pcverify[{extra}]'")


class UnreadableProof(UsageError):
    """The second solver cannot read a text, or what it says of it is no verdict. Carries its own words."""
