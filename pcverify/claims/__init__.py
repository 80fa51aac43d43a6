"""What `make check` claims: the list, the run, and the table.

A claim is a question with the verdict it needs (`catalogue`). `check` answers all of them, shows progress while
it works, and ends with one line per claim; it fails if any claim did not get exactly the verdict it needs, also
when it could not be checked. The same list, without what a run measures, is the table in the README.
"""

from pcverify.claims.catalogue import COVERAGE_NEEDED, MODEL_CLAIMS, TEST_CLAIMS
from pcverify.claims.crosshair import check_proof_claim
from pcverify.claims.kinds import ModelClaim, TestClaim
from pcverify.claims.ledger import ledger, write_ledger
from pcverify.claims.models import MAX_SECONDS, check_model_claims, run_models
from pcverify.claims.pytests import check_queue, check_test_claims
from pcverify.claims.smt import check_unbounded_claim
from pcverify.claims.table import all_met, format_results, readme_table, write_readme_table

__all__ = [
    "COVERAGE_NEEDED",
    "MAX_SECONDS",
    "MODEL_CLAIMS",
    "TEST_CLAIMS",
    "ModelClaim",
    "TestClaim",
    "all_met",
    "check_model_claims",
    "check_proof_claim",
    "check_queue",
    "check_test_claims",
    "check_unbounded_claim",
    "format_results",
    "ledger",
    "readme_table",
    "run_models",
    "write_ledger",
    "write_readme_table",
]
