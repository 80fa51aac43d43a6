"""What every checker returns and every report shows: verdicts, claims, traces, errors.

The packages that check (models, code, histories) and the packages that report agree on these words
and on nothing else. So this package is data: it runs nothing, prints nothing and imports only the
standard library.

A verdict says how far a check got, a claim says what was asked and what an answer does not show,
and a result joins the two. A trace is a counterexample, step by step. Errors are of three kinds,
because three different people have to act on them: see `errors`. Every command reads its limit
in seconds in the same way: see `limits`.
"""

from pcverify.evidence.claims import Claim, Result, Unit
from pcverify.evidence.errors import CounterexampleFound, InternalError, NoVerdict, PcverifyError, UsageError
from pcverify.evidence.limits import seconds
from pcverify.evidence.traces import Trace, TraceStep
from pcverify.evidence.verdicts import Verdict, worst

__all__ = [
    "Claim",
    "CounterexampleFound",
    "InternalError",
    "NoVerdict",
    "PcverifyError",
    "Result",
    "Trace",
    "TraceStep",
    "Unit",
    "UsageError",
    "Verdict",
    "seconds",
    "worst",
]
