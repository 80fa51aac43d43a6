"""What a claim about models is, and one about code: who answers it, and with what.

A claim about models names the runs of `models/manifest.json` that answer it, by patterns on their configs; one
about code names test files. Every run and every test file belongs to exactly one claim: tests hold that.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from pcverify.evidence import Claim, Verdict
from pcverify.tla.manifest import Tier

_MODEL_LIMITS = "larger configs; that the code is the model"
_REAL_THREADS = "interleavings that these runs did not happen to meet"


@dataclass(frozen=True, slots=True)
class ModelClaim:
    """A claim that runs of TLC answer.

    Attributes:
        claim: what is asked.
        configs: patterns (`fnmatch`) for the names of the configs whose runs answer it.
        tier: which runs, those of `make check` or those of `make nightly`.
        every_action: the claim is that each action of the sound modules is taken in some run, rather than that
            each run comes out as expected.
    """

    claim: Claim
    configs: tuple[str, ...]
    tier: Tier = "check"
    every_action: bool = False

    def covers(self, config: str, tier: str) -> bool:
        """Return whether the run of `config` in `tier` answers this claim."""
        return tier == self.tier and any(fnmatchcase(config, pattern) for pattern in self.configs)


@dataclass(frozen=True, slots=True)
class TestClaim:
    """A claim that tests answer.

    Attributes:
        claim: what is asked.
        files: patterns (`fnmatch`) for the test files that answer it, relative to the project's folder.
        checker: how: by tests as such, by exploring interleavings of the code, by comparing it with models.
    """

    __test__ = False  # for pytest, which would collect it

    claim: Claim
    files: tuple[str, ...]
    checker: str = "tested"

    def covers(self, file: str) -> bool:
        """Return whether the tests in `file` answer this claim."""
        return any(fnmatchcase(file, pattern) for pattern in self.files)


def of_models(
    identity: str,
    question: str,
    bounds: str,
    *configs: str,
    needs: Verdict = Verdict.OK,
    tier: Tier = "check",
    every_action: bool = False,
) -> ModelClaim:
    """Return the claim that these runs of TLC answer."""
    return ModelClaim(Claim(identity, question, "TLC", bounds, needs, _MODEL_LIMITS), configs, tier, every_action)


def of_variants(identity: str, question: str, by: str, *configs: str, tier: Tier = "check") -> ModelClaim:
    """Return the claim that each of these runs finds the violation that it expects."""
    return of_models(identity, question, f"by {by}", *configs, needs=Verdict.VIOLATION, tier=tier)


def of_tests(
    identity: str,
    question: str,
    bounds: str,
    *files: str,
    does_not_show: str = _REAL_THREADS,
    checker: str = "tested",
) -> TestClaim:
    """Return the claim that the tests in these files answer."""
    return TestClaim(Claim(identity, question, "pytest", bounds, Verdict.SAMPLED, does_not_show), files, checker)
