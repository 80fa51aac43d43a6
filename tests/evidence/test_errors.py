"""Three kinds of errors under one base, each with what its reader needs."""

import pickle

import pytest

from pcverify.evidence import CounterexampleFound, InternalError, PcverifyError, Trace, TraceStep, UsageError

TRACE = Trace("Deadlock", (TraceStep(1, "producer-0", "Park", "queue.py:12", "waiting: 0 → 1"),))


@pytest.mark.parametrize("kind", [CounterexampleFound, UsageError, InternalError])
def test_one_base_catches_all_three_kinds(kind: type[Exception]) -> None:
    assert issubclass(kind, PcverifyError)


def test_the_kinds_do_not_catch_each_other() -> None:
    kinds = [CounterexampleFound, UsageError, InternalError]
    assert not any(issubclass(one, other) for one in kinds for other in kinds if one is not other)


def test_a_counterexample_carries_its_trace_and_reads_as_its_message() -> None:
    error = CounterexampleFound("the queue deadlocks", TRACE)
    assert error.trace is TRACE
    assert str(error) == "the queue deadlocks"


def test_an_internal_error_asks_for_a_report_with_what_it_needs() -> None:
    assert str(InternalError("no trace", "2110:1 ...")).splitlines() == [
        "no trace",
        "This is a defect of pcverify: please report it, with the following.",
        "2110:1 ...",
    ]


@pytest.mark.parametrize("error", [CounterexampleFound("no", TRACE), UsageError("no"), InternalError("no", "x")])
def test_errors_survive_the_way_between_processes(error: PcverifyError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
