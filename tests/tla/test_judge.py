"""Nothing that is not a complete pass is taken for one; what TLC is not asked to do here is written by hand."""

from collections.abc import Callable

import pytest

from pcverify.evidence import InternalError, NoVerdict, UsageError, Verdict
from pcverify.tla import ModelError, Simulation, TlcCrashed, TlcOutputError, TlcResult, TlcStopped, ToolUnusable
from pcverify.tla.config import ModelConfig
from pcverify.tla.judge import judge
from pcverify.tla.output import Output
from tests.tla.samples import Said

Heard = Callable[[Said], Output]

CONFIG = ModelConfig(("TypeOK", "Small"), ("Ends",))
INVARIANT = (2110, 1, "Invariant Small is violated.")
TRACE = [
    (2121, 1, "The behavior up to this point is:"),
    (2217, 4, "1: <Initial predicate>\nx = 0\n"),
    (2217, 4, "2: <Increment line 12, col 5 to line 13, col 17 of module Counter>\nx = 1\n"),
]


def verdict(output: Output, exit_code: int = 0) -> TlcResult:
    return judge(output, exit_code, CONFIG, run="Counter with Small.cfg", seconds=0.5)


def with_violation(passing: Said, *messages: tuple[int, int, str]) -> Said:
    return [passing[0], *messages, *[said for said in passing[1:] if said[0] != 2193]]


def test_a_complete_pass_is_ok_with_its_counts(passing: Said, heard: Heard) -> None:
    result = verdict(heard(passing))
    assert (result.verdict, result.violated, result.states) == (Verdict.OK, (), ())
    assert (result.generated, result.distinct, result.depth, result.tlc) == (1056, 567, 41, "2.15")


def test_a_depth_that_tlc_does_not_tell_is_none(passing: Said, heard: Heard) -> None:
    assert verdict(heard([said for said in passing if said[0] != 2194])).depth is None


def test_exit_zero_and_no_error_found_is_no_pass_beside_a_violation(passing: Said, heard: Heard) -> None:
    """So ends `-continue`."""
    with pytest.raises(TlcOutputError, match="exited with 0 and said: Invariant Small is violated"):
        verdict(heard([passing[0], INVARIANT, *TRACE, *passing[1:]]))


def test_exit_zero_is_no_pass_with_states_left_on_the_queue(passing: Said, heard: Heard) -> None:
    passing[3] = (2199, 0, "1056 states generated, 567 distinct states found, 1,000 states left on queue.")
    with pytest.raises(TlcStopped, match=r"1,000 states were left"):
        verdict(heard(passing))


def test_only_the_last_counts_count(passing: Said, heard: Heard) -> None:
    passing.insert(3, (2199, 0, "1 states generated, 1 distinct states found, 0 states left on queue."))
    passing[4] = (2199, 0, "1056 states generated, 567 distinct states found, 3 states left on queue.")
    with pytest.raises(TlcStopped):
        verdict(heard(passing))


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [(2193, "does not say that the check is complete"), (2199, "how many states"), (2186, "cut off")],
)
def test_exit_zero_is_no_pass_when_a_message_is_missing(
    passing: Said, heard: Heard, missing: int, complaint: str
) -> None:
    with pytest.raises(TlcOutputError, match=complaint):
        verdict(heard([said for said in passing if said[0] != missing]))


def test_exit_zero_is_no_pass_when_the_output_is_cut_off_inside_a_message(passing: Said, heard: Heard) -> None:
    output = heard(passing)
    output.feed("@!@!@STARTMSG 2201:0 @!@!@")
    with pytest.raises(TlcOutputError, match="cut off"):
        verdict(output)


def test_exit_zero_is_no_pass_without_any_output() -> None:
    with pytest.raises(TlcOutputError, match="cut off"):
        verdict(Output())


@pytest.mark.parametrize("exit_code", [1, 12, 13, 75, 255])
def test_no_error_found_is_no_pass_with_another_exit_code(passing: Said, heard: Heard, exit_code: int) -> None:
    with pytest.raises(TlcOutputError, match=f"exited with {exit_code} and said: no error"):
        verdict(heard(passing), exit_code)


def test_a_run_without_a_single_state_is_no_pass(passing: Said, heard: Heard) -> None:
    passing[3] = (2199, 0, "0 states generated, 0 distinct states found, 0 states left on queue.")
    with pytest.raises(ModelError, match="no initial state"):
        verdict(heard(passing))


@pytest.mark.parametrize(("code", "word"), [(2279, "SYMMETRY"), (2284, "CONSTRAINT")])
def test_a_warning_that_liveness_is_unsafe_is_no_pass(passing: Said, heard: Heard, code: int, word: str) -> None:
    with pytest.raises(ModelError, match=f"{word} together with a liveness property"):
        verdict(heard([*passing, (code, 3, "... is dangerous")]))


@pytest.mark.parametrize("word", ["SYMMETRY", "VIEW", "CONSTRAINT", "ACTION_CONSTRAINT"])
def test_liveness_with_fewer_states_than_there_are_is_no_pass_although_tlc_does_not_warn(
    passing: Said, heard: Heard, word: str
) -> None:
    config = ModelConfig((), ("Ends",), frozenset({"SPECIFICATION", "PROPERTY", word}))
    assert judge(heard(passing), 0, config, run="Queue with q.cfg", seconds=1.0).verdict is Verdict.OK
    output = heard([(2212, 0, "Checking temporal properties"), *passing])
    with pytest.raises(ModelError, match=f"{word} together with a liveness property"):
        judge(output, 0, config, run="Queue with q.cfg", seconds=1.0)


def test_any_error_forbids_a_pass(passing: Said, heard: Heard) -> None:
    with pytest.raises(TlcOutputError, match="something new"):
        verdict(heard([*passing, (9999, 1, "something new")]))


def test_an_invariant_is_named_and_comes_with_its_states(passing: Said, heard: Heard) -> None:
    result = verdict(heard(with_violation(passing, INVARIANT, *TRACE)), 12)
    assert (result.verdict, result.violated) == (Verdict.VIOLATION, ("Small",))
    assert [(state.number, state.action, state.variables) for state in result.states] == [
        (1, "Init", {"x": 0}),
        (2, "Increment", {"x": 1}),
    ]


@pytest.mark.parametrize(("code", "exit_code"), [(2110, 13), (2112, 12), (2114, 12), (2116, 11), (2110, 75)])
def test_a_violation_with_the_exit_code_of_another_is_not_believed(
    passing: Said, heard: Heard, code: int, exit_code: int
) -> None:
    with pytest.raises(TlcOutputError, match=f"exited with {exit_code}"):
        verdict(heard(with_violation(passing, (code, 1, "Invariant Small is violated."), *TRACE)), exit_code)


def test_two_violations_are_not_believed(passing: Said, heard: Heard) -> None:
    with pytest.raises(TlcOutputError):
        verdict(heard(with_violation(passing, INVARIANT, *TRACE, INVARIANT)), 12)


def test_a_violation_without_its_trace_is_not_believed(passing: Said, heard: Heard) -> None:
    with pytest.raises(TlcOutputError, match="trace is not complete"):
        verdict(heard(with_violation(passing, INVARIANT)), 12)


def test_a_trace_with_a_hole_is_not_believed(passing: Said, heard: Heard) -> None:
    with pytest.raises(TlcOutputError, match="trace is not complete"):
        verdict(heard(with_violation(passing, INVARIANT, TRACE[0], TRACE[2])), 12)


def test_an_error_beside_a_violation_is_the_error_of_the_model(passing: Said, heard: Heard) -> None:
    broken = (2111, 1, "Evaluating invariant Small failed.\nAttempted to compare 1 with TRUE")
    with pytest.raises(ModelError, match="Evaluating invariant Small failed"):
        verdict(heard(with_violation(passing, INVARIANT, *TRACE, broken)), 12)


@pytest.mark.parametrize("exit_code", [-9, -15, 137, 143, 130])
def test_a_killed_java_is_a_crash_even_after_no_error_was_found(passing: Said, heard: Heard, exit_code: int) -> None:
    with pytest.raises(TlcCrashed, match="ended by signal"):
        verdict(heard(passing), exit_code)


def test_a_java_that_ends_in_the_middle_is_a_crash(passing: Said, heard: Heard) -> None:
    with pytest.raises(TlcCrashed, match="exit code 1 before TLC was done"):
        verdict(heard(passing[:2]), 1)


def test_a_java_that_never_starts_tlc_is_not_usable() -> None:
    output = Output()
    output.feed("Error: Could not find or load main class tlc2.TLC")
    with pytest.raises(ToolUnusable, match="Could not find or load main class"):
        verdict(output, 1)


@pytest.mark.parametrize("code", [1001, 1005, 2161])
def test_a_machine_that_gives_out_is_a_crash(passing: Said, heard: Heard, code: int) -> None:
    with pytest.raises(TlcCrashed, match="could not go on"):
        verdict(heard(with_violation(passing, (code, 1, "Java ran out of memory."))), 1)


def test_a_defect_of_tlc_is_a_crash(passing: Said, heard: Heard) -> None:
    with pytest.raises(TlcCrashed, match="defect of its own"):
        verdict(heard(with_violation(passing, (2128, 2, "This is a TLC bug"))), 255)


def test_an_option_that_tlc_does_not_know_is_our_mistake(passing: Said, heard: Heard) -> None:
    with pytest.raises(InternalError, match="does not accept the options"):
        verdict(heard([(1102, 1, "Error: unrecognized option: -x"), *passing[:1]]), 1)


def test_everything_but_unreadable_output_is_for_the_caller_to_act_on() -> None:
    assert all(issubclass(kind, UsageError) for kind in (ModelError, TlcCrashed, TlcStopped, ToolUnusable))
    assert issubclass(TlcOutputError, InternalError)


def test_a_run_that_came_to_no_end_is_no_wrong_call() -> None:
    ended = {kind for kind in (ModelError, TlcCrashed, TlcStopped, ToolUnusable) if issubclass(kind, NoVerdict)}
    assert ended == {TlcCrashed, TlcStopped}


def test_coverage_is_that_of_the_last_statistics_and_adds_up_by_name(passing: Said, heard: Heard) -> None:
    def line(name: str, counts: str) -> tuple[int, int, str]:
        return (2772, 0, f"<{name} line 11, col 1 to line 11, col 9 of module Counter>: {counts}")

    early = [(2201, 0, "The coverage statistics"), line("Increment", "1:1"), line("Gone", "0:0")]
    late = [(2201, 0, "The coverage statistics"), line("Increment", "3:1,003"), line("Increment", "0:2")]
    coverage = verdict(heard([*passing, *early, *late])).coverage
    assert coverage is not None
    assert {name: (count.distinct, count.total) for name, count in coverage.items()} == {"Increment": (3, 1005)}


@pytest.mark.parametrize(
    "said", [[], [(2209, 0, "Progress(-1) at 2020: 0 states generated, -1 distinct states found.")]]
)
def test_a_simulation_that_does_not_say_what_it_looked_at_is_no_sample(said: Said, passing: Said, heard: Heard) -> None:
    simulated = [passing[0], *said, passing[-1]]
    with pytest.raises(TlcOutputError, match="does not say that it simulated"):
        judge(heard(simulated), 0, CONFIG, run="M", seconds=1.0, simulation=Simulation(1, 1, 1))


def test_a_run_that_looked_at_every_state_is_no_sample_where_one_was_asked(passing: Said, heard: Heard) -> None:
    simulated = [
        *passing[:-1],
        (2209, 0, "Progress(-1) at 2020: 9 states generated, -1 distinct states found."),
        passing[-1],
    ]
    with pytest.raises(TlcOutputError, match="does not say that it simulated"):
        judge(heard(simulated), 0, CONFIG, run="M", seconds=1.0, simulation=Simulation(1, 1, 1))
