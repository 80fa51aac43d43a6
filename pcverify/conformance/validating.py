"""Can the model of a queue do what was recorded of it? TLC finds out, and infers what was not recorded.

After Cirstea, Kuppe, Loillier and Merz, "Validating Traces of Distributed Programs Against TLA+ Specifications" (2024):
a trace is allowed if some behaviour of the model takes all its events, in their order, with steps of its own in
between. The module `ConditionQueueTrace`, or `HandoffQueueTrace`, says which action of the model each event is. There
is one behaviour at most, so TLC's time is linear in the number of events, and a deadlock is the event that the model
refuses.

OK needs TLC's own word that it looked at all there is without a deadlock (`tla.judge`), and more states than events. A
trace in which something happened that no model has (an exception from outside, several items in one step) is UNKNOWN
from there on.

What OK does not show: anything of other runs; what a call returned, since events are what happens under the lock; how
the queue stood when the recording began is taken as it is.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.conformance.encoding import encode, model_of, module
from pcverify.conformance.refusing import Refusal, refusal
from pcverify.conformance.trace import read_trace
from pcverify.evidence import InternalError, Verdict
from pcverify.tla import DEADLOCK, TlcStopped, find_models, find_toolchain, run_tlc

if TYPE_CHECKING:
    from pcverify.conformance.encoding import Encoded
    from pcverify.conformance.trace import QueueTrace

__all__ = ["Validation", "validate", "validate_trace"]

_STATES_KEPT = 2


@dataclass(frozen=True, slots=True)
class Validation:
    """What came out.

    Attributes:
        verdict: OK, the model allows it all; VIOLATION, it refuses an event; UNKNOWN, it could not be found out.
        model: the name of the model.
        subject: the name of the class that was recorded.
        events: how many events the trace has.
        allowed: how many of them, from the first, the model is known to allow.
        seconds: wall time of TLC.
        refused: the event that the model refuses; None if there is none.
        reason: why it is UNKNOWN, or what OK does not cover; empty if there is nothing to say.
    """

    verdict: Verdict
    model: str
    subject: str
    events: int
    allowed: int
    seconds: float
    refused: Refusal | None = None
    reason: str = ""


def validate(path: str | Path, *, model: str | None = None, max_seconds: float = 600.0) -> Validation:
    """Ask whether the model of a queue allows a trace.

    Args:
        path: the file that `record` has written.
        model: `ConditionQueue` or `HandoffQueue`; by default the one for the class that was recorded.
        max_seconds: wall time for TLC; it is UNKNOWN after that.

    Raises:
        UsageError: the file is no whole trace, or there is no model for its class; or TLC is missing.
    """
    return validate_trace(read_trace(Path(path)), model=model, max_seconds=max_seconds)


def validate_trace(trace: QueueTrace, *, model: str | None = None, max_seconds: float = 600.0) -> Validation:
    """As `validate`, for a trace that was read."""
    model = model or model_of(trace)
    encoded = encode(trace, model)
    places = [place for _, place in encoded.events if place < len(trace.events)]
    subject, total = trace.header.names[0], len(trace.events)
    if not places:
        reason = _left_out(trace, 0) if total else "nothing happened while it was recorded"
        return Validation(Verdict.UNKNOWN, model, subject, total, 0, 0.0, reason=reason)
    try:
        seconds, taken, last = _run(encoded, trace.header.capacity, max_seconds)
    except TlcStopped as error:
        return Validation(Verdict.UNKNOWN, model, subject, total, 0, max_seconds, reason=str(error))
    if taken is not None:
        place = encoded.events[taken][1]
        refused = refusal(trace, encoded, place, last)
        return Validation(Verdict.VIOLATION, model, subject, total, place, seconds, refused)
    if len(places) < total:
        reason = _left_out(trace, len(places))
        return Validation(Verdict.UNKNOWN, model, subject, total, len(places), seconds, reason=reason)
    reason = "" if trace.end else "the recording was full before it ended: what came later is not in it"
    return Validation(Verdict.OK, model, subject, total, total, seconds, reason=reason)


def _left_out(trace: QueueTrace, place: int) -> str:
    event = trace.events[place]
    return (
        f"event {place + 1}, in section {event.section}, is none that the model has ({event.what}): what came before "
        "it is allowed, and what comes from there on was not looked at"
    )


def _run(encoded: Encoded, capacity: int, max_seconds: float) -> tuple[float, int | None, dict[str, Any]]:
    """Return TLC's seconds, how many events were taken before one was refused (None: all), and the state it was in."""
    name, text, config = module(encoded, capacity)
    with tempfile.TemporaryDirectory(prefix="pcverify-trace-") as folder:
        module_path, config_path = Path(folder, f"{name}.tla"), Path(folder, f"{name}.cfg")
        module_path.write_text(text, encoding="utf-8")
        config_path.write_text(config, encoding="utf-8")
        result = run_tlc(
            module_path,
            config_path,
            library=(find_models(),),
            toolchain=find_toolchain(),
            max_seconds=max_seconds,
            coverage=False,
            last_states=_STATES_KEPT,
        )
    if result.verdict is Verdict.OK:
        if result.distinct <= len(encoded.events):
            raise InternalError(f"TLC found {result.distinct} states for {len(encoded.events)} events, and no deadlock")
        return result.seconds, None, {}
    if result.violated != (DEADLOCK,):
        raise InternalError(f"a trace can only be refused by a deadlock, not by {result.property_name}")
    state = dict(result.states[-1].variables)
    return result.seconds, int(str(state["taken"])), state
