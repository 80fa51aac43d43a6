"""From what TLC said and how it exited to a verdict, or to the error that kept it from one.

TLC exits with 0, or says "No error has been found", in cases that are no pass: after `-continue`
in spite of violations, when it was stopped with states left to check, when the initial predicate
has no state at all, and when SYMMETRY, VIEW or CONSTRAINT stand beside a liveness property. So OK
needs all of this:

- exit code 0 and the message that the check is complete (2193);
- the last counts (2199) say that no state is left on the queue and that there was at least one;
- no message says error (severity 1) or defect (2), no warning says that the check of liveness is
  unsafe (2279, 2284), and no liveness was checked (2212) with any of those in the config: of VIEW
  and ACTION_CONSTRAINT TLC does not warn;
- every message that began has ended, and the last one (2186) is there.

A simulation says neither 2193 nor 2199. SAMPLED needs exit code 0, the same absence of errors, the last
message, and a last count (2209) of states. How many it must be is for the caller to compare.

A VIOLATION needs one violation, the exit code that belongs to it, a trace from an initial state,
and no other error. Everything else is an error of its own. The codes are those of TLC 2.15.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from pcverify.evidence import Verdict
from pcverify.tla.config import ModelConfig
from pcverify.tla.errors import ModelError, TlcCrashed, TlcOutputError, TlcStopped, ToolUnusable
from pcverify.tla.output import Counts, Message, Output, counts_in
from pcverify.tla.result import DEADLOCK, ActionCount, Loop, Simulation, TlcResult, TraceState
from pcverify.tla.values import parse_state

VERSION, BAD_OPTION, FINISHED = 2262, 1102, 2186
INITIAL_STATES, TEMPORAL = 2190, 2212
SIMULATED, WORKER_REGISTERED = 2209, 7001
COMPLETE, FINAL_COUNTS, DEPTH = 2193, 2199, 2194
TRACE, TRACE_LIVENESS, STATE, STUTTERING, BACK_TO_STATE = 2121, 2264, 2217, 2218, 2122
COVERAGE_START, COVERAGE_ACTION = 2201, 2772
EXCEPTION, PARSING_FAILED = 1000, 3002
UNSAFE_LIVENESS = {2279: "SYMMETRY", 2284: "CONSTRAINT"}
INITIAL_VIOLATIONS = (2107, 2108)
DEADLOCK_REACHED, TEMPORAL_VIOLATED = 2114, 2116
# Each violation, and the exit code that belongs to it.
VIOLATIONS = {2107: 12, 2108: 13, 2110: 12, 2112: 13, DEADLOCK_REACHED: 11, TEMPORAL_VIOLATED: 13}
# Memory (1001, 1002), stack (1005), disk and files (2129, 2160 to 2163, 2167), an interrupt (2138).
LET_DOWN_BY_THE_MACHINE = {1001, 1002, 1005, 2129, 2138, 2160, 2161, 2162, 2163, 2167}

# TLC reports these as an exception "probably caused by an error in the spec".
_NO_ROOM = re.compile(
    r"No space left on device|File too large|Disk quota exceeded|Input/output error|Read-only file system"
)
_SIGNALS = range(129, 144)  # how a shell, and Java itself, report an end by signal 1 to 15
_VIOLATED = re.compile(r"(?:Invariant|[Pp]roperty) (.+?) is violated")
_STATE = re.compile(r"(\d+): <(?:Initial predicate|(\S+) ?(.*?))>\s*")
_BACK = re.compile(r"(\d+): Back to state(?:: <(\S+).*>)?")
_COVERAGE = re.compile(r"<(\S+).*>: ([\d,]+):([\d,]+)")
_PARSER_NOISE = ("Semantic processing of", "Residual stack trace", "***")


def judge(
    output: Output,
    exit_code: int,
    config: ModelConfig,
    *,
    run: str,
    seconds: float,
    simulation: Simulation | None = None,
    cut: bool = False,
) -> TlcResult:
    """Return what a finished run found.

    Args:
        output: everything that TLC printed.
        exit_code: how the process ended; negative for a signal, as `subprocess` says it.
        config: what TLC was asked to check.
        run: how errors name the run, such as `ConditionQueue with p1c1.cfg`.
        seconds: wall time of the run.
        simulation: what TLC was asked to sample; None if it was to look at every state.
        cut: whether only the last states of a counterexample were kept.

    Raises:
        ModelError: TLC rejects or cannot evaluate the module or the config.
        TlcCrashed: the process was killed, ran out of memory, or TLC met a defect of its own.
        TlcStopped: states are left that were not checked.
        ToolUnusable: Java ended before TLC began.
        TlcOutputError: the output is cut off, contradicts itself, or cannot be read.
    """
    _require_an_orderly_end(output, exit_code, run)
    unsafe = config.reductions if output.first(TEMPORAL) else ()
    if warning := output.first(*UNSAFE_LIVENESS):
        unsafe = (UNSAFE_LIVENESS[warning.code],)
    if unsafe:
        raise ModelError(
            f"{run}: {' and '.join(unsafe)} together with a liveness property makes TLC miss "
            "violations, or invent them; remove one of the two from the config"
        )
    errors = [message for message in output.all_messages() if message.severity in {1, 2}]
    violations = [message for message in errors if message.code in VIOLATIONS]
    others = [m for m in errors if m.code not in {*VIOLATIONS, TRACE, TRACE_LIVENESS}]
    if others and exit_code != 0:
        raise ModelError(f"{run}: {_explain(others, output)}", "\n".join(output.loose))
    if len(violations) == 1 and exit_code == VIOLATIONS[violations[0].code]:
        return _violation(output, violations[0], config, run, seconds, cut)
    if errors or exit_code != 0:
        said = "; ".join(_first_line(message.text) for message in errors) or "no error"
        raise _unreadable(run, f"TLC exited with {exit_code} and said: {said}", output)
    return _sampled(output, run, seconds) if simulation else _pass(output, run, seconds)


def _require_an_orderly_end(output: Output, exit_code: int, run: str) -> None:
    """Raise unless TLC began, came to its last message, and was not ended by something else."""
    tail = "\n".join(list(output.loose)[-15:])
    if exit_code < 0 or exit_code in _SIGNALS:
        signal = -exit_code if exit_code < 0 else exit_code - 128
        raise TlcCrashed(f"{run}: Java was ended by signal {signal} before TLC was done\n{tail}".rstrip())
    for message in output.all_messages():
        if message.code in LET_DOWN_BY_THE_MACHINE:
            raise TlcCrashed(f"{run}: TLC could not go on; use a smaller config, or a larger machine\n{message.text}")
        if message.severity in {1, 2} and (found := _NO_ROOM.search(message.text)):
            raise TlcCrashed(
                f"{run}: TLC cannot write its files ({found[0]}); make room, or set TMPDIR to another disk"
            )
        if message.severity == 2:
            raise TlcCrashed(f"{run}: TLC met a defect of its own\n{message.text}")
    if output.first(BAD_OPTION):
        raise _unreadable(run, "TLC does not accept the options it was given", output)
    if output.first(VERSION) is None and exit_code != 0:
        raise ToolUnusable(f"{run}: Java ended with exit code {exit_code} before TLC began:\n{tail}")
    if output.unfinished is not None or output.first(FINISHED) is None:
        if exit_code != 0:
            raise TlcCrashed(f"{run}: Java ended with exit code {exit_code} before TLC was done:\n{tail}".rstrip())
        raise _unreadable(run, "TLC exited with 0 but its output is cut off", output)


def _pass(output: Output, run: str, seconds: float) -> TlcResult:
    if output.first(COMPLETE) is None:
        raise _unreadable(run, "TLC exited with 0 but does not say that the check is complete", output)
    counts = _final_counts(output)
    if counts is None:
        raise _unreadable(run, "TLC exited with 0 but does not say how many states it checked", output)
    if counts.left:
        raise TlcStopped(
            f"{run}: TLC was stopped early: {counts.left:,} states were left to check after "
            f"{counts.distinct:,}. It exited as if it had passed; nothing is shown"
        )
    if counts.distinct == 0:
        raise ModelError(f"{run}: there is no initial state, so nothing was checked; the initial predicate is false")
    return TlcResult(
        verdict=Verdict.OK,
        violated=(),
        generated=counts.generated,
        distinct=counts.distinct,
        depth=_depth(output),
        seconds=seconds,
        tlc=_version(output),
        coverage=_coverage(output),
        initial=_initial(output),
        temporal=output.first(TEMPORAL) is not None,
    )


def judge_distributed(
    output: Output, exit_code: int, config: ModelConfig, *, deadlock: bool, run: str, seconds: float
) -> TlcResult:
    """Return what a run on several machines found, of which TLC says less: `distributed` has the rules.

    Raises:
        As `judge`.
    """
    tail = "\n".join(list(output.loose)[-15:])
    errors = [message for message in output.all_messages() if message.severity in {1, 2} and message.code != TRACE]
    if exit_code < 0 or exit_code in _SIGNALS or any(error.code in LET_DOWN_BY_THE_MACHINE for error in errors):
        said = "\n".join(error.text for error in errors)
        raise TlcCrashed(f"{run}: the server ended with {exit_code} before TLC was done\n{said}\n{tail}".rstrip())
    if errors:
        raise ModelError(f"{run}: {_explain(errors, output)}")
    if exit_code != 0 or output.unfinished is not None or output.first(FINISHED) is None:
        raise TlcCrashed(f"{run}: the server ended with {exit_code} before TLC was done\n{tail}".rstrip())
    counts = _final_counts(output)
    found = [message for message in output.all_messages() if message.code == STATE]
    if output.first(TRACE) is not None or found:
        states, _ = _trace(output, Message(TRACE, 1, ""), run)
        return TlcResult(
            verdict=Verdict.VIOLATION,
            violated=(*config.invariants, *([DEADLOCK] if deadlock else [])),
            generated=counts.generated if counts else 1,
            distinct=counts.distinct if counts else 1,
            depth=None,
            seconds=seconds,
            tlc=_version_of_server(output),
            states=states,
        )
    if output.first(WORKER_REGISTERED) is None:
        raise TlcStopped(f"{run}: no worker has come, so nothing is shown")
    passed = _pass(output, run, seconds)
    return replace(passed, depth=None, coverage=None, tlc=_version_of_server(output))


def _version_of_server(output: Output) -> str:
    found = re.search(r"Server Version (\S+)", "\n".join(output.loose))
    return found[1] if found else "unknown"


def _sampled(output: Output, run: str, seconds: float) -> TlcResult:
    generated = _simulated(output)
    if not generated or output.first(COMPLETE, FINAL_COUNTS) is not None:
        raise _unreadable(run, "TLC exited with 0 but does not say that it simulated", output)
    return TlcResult(
        verdict=Verdict.SAMPLED,
        violated=(),
        generated=generated,
        distinct=0,
        depth=None,
        seconds=seconds,
        tlc=_version(output),
        temporal=output.first(TEMPORAL) is not None,
    )


def _simulated(output: Output) -> int:
    """Return how many states a simulation has generated, or 0."""
    message = output.last(SIMULATED)
    found = re.search(r"([\d,]+) states? generated", message.text) if message else None
    return int(found[1].replace(",", "")) if found else 0


def _violation(output: Output, message: Message, config: ModelConfig, run: str, seconds: float, cut: bool) -> TlcResult:
    states, loop = _trace(output, message, run, cut)
    counts = _final_counts(output)
    if counts is None and (simulated := _simulated(output)):
        counts = Counts(simulated, 0, 0)
    if counts is None:
        if message.code not in INITIAL_VIOLATIONS:
            raise _unreadable(run, "TLC found a violation but does not say how many states it checked", output)
        # TLC counts nothing when it stops at an initial state: it has seen that one, if not more.
        counts = Counts(1, 1, 0)
    return TlcResult(
        verdict=Verdict.VIOLATION,
        violated=_violated(message, config, run, output),
        generated=counts.generated,
        distinct=counts.distinct,
        depth=_depth(output),
        seconds=seconds,
        tlc=_version(output),
        states=states,
        loop=loop,
        coverage=_coverage(output),
        initial=_initial(output),
        temporal=output.first(TEMPORAL) is not None,
    )


def _violated(message: Message, config: ModelConfig, run: str, output: Output) -> tuple[str, ...]:
    if message.code == DEADLOCK_REACHED:
        return (DEADLOCK,)
    if message.code == TEMPORAL_VIOLATED:
        if not config.properties:
            raise _unreadable(run, "a temporal property is violated, but the config names none", output)
        return config.properties
    found = _VIOLATED.search(message.text)
    if found is None:
        raise _unreadable(run, f"which property is violated? {message.text}", output)
    return (found[1],)


def _trace(
    output: Output, violation: Message, run: str, cut: bool = False
) -> tuple[tuple[TraceState, ...], Loop | None]:
    if violation.code in INITIAL_VIOLATIONS:
        _, _, state = violation.text.partition("\n")
        return (TraceState(1, "Init", "", parse_state(state)),), None
    states: list[TraceState] = []
    loop: Loop | None = None
    for message in output.all_messages():
        if message.code == STATE:
            if (found := _STATE.match(message.text)) is None:
                raise _unreadable(run, f"a state without a number: {message.text}", output)
            variables = parse_state(message.text[found.end() :])
            states.append(TraceState(int(found[1]), found[2] or "Init", found[3] or "", variables))
        elif message.code == STUTTERING:
            loop = Loop(len(states), "")
        elif message.code == BACK_TO_STATE:
            if (found := _BACK.match(message.text)) is None:
                raise _unreadable(run, f"back to which state? {message.text}", output)
            loop = Loop(int(found[1]), found[2] or "an action")
    first = states[0].number if states and cut else 1
    if not states or [state.number for state in states] != list(range(first, first + len(states))):
        raise _unreadable(run, "TLC found a violation but its trace is not complete", output)
    return tuple(states), loop


def _final_counts(output: Output) -> Counts | None:
    message = output.last(FINAL_COUNTS)
    return counts_in(message) if message else None


def _initial(output: Output) -> int | None:
    message = output.last(INITIAL_STATES)
    counts = counts_in(message) if message else None
    return counts.generated if counts else None


def _depth(output: Output) -> int | None:
    message = output.last(DEPTH)
    found = re.search(r"search is ([\d,]+)", message.text) if message else None
    return int(found[1].replace(",", "")) if found else None


def _version(output: Output) -> str:
    message = output.first(VERSION)
    found = re.search(r"Version (\S+)", message.text) if message else None
    return found[1] if found else "unknown"


def _coverage(output: Output) -> dict[str, ActionCount] | None:
    # TLC repeats the statistics while it runs: only what follows the last start counts. An action
    # that the next-state relation names twice has two lines.
    coverage: dict[str, ActionCount] | None = None
    for message in output.all_messages():
        if message.code == COVERAGE_START:
            coverage = {}
        elif coverage is not None and message.code == COVERAGE_ACTION and (found := _COVERAGE.match(message.text)):
            distinct, total = (int(found[group].replace(",", "")) for group in (2, 3))
            before = coverage.get(found[1], ActionCount(0, 0))
            coverage[found[1]] = ActionCount(before.distinct + distinct, before.total + total)
    return coverage


def _explain(errors: Iterable[Message], output: Output) -> str:
    """Return TLC's own words for what is wrong with a module or config, with file and line."""
    said: list[str] = []
    for message in errors:
        if message.code == PARSING_FAILED:
            said.append("TLC rejects the module\n" + _parser_words(output))
        elif message.code == EXCEPTION and message.inside:
            said += [part.text for inner in message.inside for part in inner.walk()]
        else:
            said.append(message.text)
    return "\n".join(text.strip() for text in said if text.strip())


def _parser_words(output: Output) -> str:
    """Return what the parser of TLA+ said: the file it was reading, and what it found there."""
    words: list[str] = []
    file = ""
    for line in output.loose:
        if line.startswith("Parsing file "):
            file, words = line.removeprefix("Parsing file "), []
        elif line.startswith("***Parse Error***"):
            words.append(f"in {file}")
        elif line.startswith("Fatal errors while"):
            break
        elif not line.startswith(_PARSER_NOISE):
            words.append(line)
    return "\n".join(words)


def _unreadable(run: str, what: str, output: Output) -> TlcOutputError:
    said = [f"{message.code}:{message.severity} {message.text}" for message in output.messages]
    return TlcOutputError(f"{run}: {what}", "\n".join([*output.loose, *said][-60:]))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
