"""TLC itself, on small modules: each outcome is the right verdict or the right error, and nothing stays behind."""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pcverify.evidence import Verdict
from pcverify.tla import (
    ActionCount,
    Loop,
    ModelError,
    ModelValue,
    Simulation,
    Stop,
    TlcCrashed,
    TlcOutputError,
    TlcProgress,
    TlcResult,
    TlcStopped,
    Toolchain,
    ToolUnusable,
    run_tlc,
)
from tests.tla.samples import MODULES, CleanRoom, java_that

Checked = Callable[..., TlcResult]
p1, p2 = ModelValue("p1"), ModelValue("p2")


def test_a_sound_model_passes_with_its_counts(checked: Checked) -> None:
    result = checked("Counter", "CounterMax3")
    assert (result.verdict, result.property_name, result.states) == (Verdict.OK, "", ())
    assert (result.generated, result.distinct, result.depth, result.tlc) == (5, 4, 4, "2.15")
    assert result.seconds > 0


def test_coverage_tells_a_step_that_finds_nothing_new_from_one_never_taken(checked: Checked) -> None:
    assert checked("Counter", "CounterMax3").coverage == {
        "Increment": ActionCount(3, 3),
        "Reset": ActionCount(0, 1),
        "Overshoot": ActionCount(0, 0),
    }


def test_a_liveness_property_that_holds_passes(checked: Checked) -> None:
    assert checked("Counter", "CounterReachesTwo").verdict is Verdict.OK


def test_a_violated_invariant_is_named_and_comes_with_its_states(checked: Checked) -> None:
    result = checked("Counter", "CounterSmall")
    assert (result.verdict, result.violated) == (Verdict.VIOLATION, ("Small",))
    assert [(state.action, state.variables) for state in result.states] == [
        ("Init", {"x": 0}),
        ("Increment", {"x": 1}),
        ("Increment", {"x": 2}),
        ("Increment", {"x": 3}),
    ]
    assert result.states[1].location == "line 12, col 5 to line 13, col 17 of module Counter"


@pytest.mark.parametrize("config", ["CounterStartsHigh", "CounterPropertyAtStart"])
def test_an_initial_state_can_be_the_violation(checked: Checked, config: str) -> None:
    result = checked("Counter", config)
    assert (result.verdict, result.violated) == (Verdict.VIOLATION, ("StartsHigh",))
    assert [(state.number, state.action, state.variables) for state in result.states] == [(1, "Init", {"x": 0})]


def test_a_deadlock_is_a_violation(checked: Checked) -> None:
    result = checked("Stuck", "Stuck")
    assert (result.verdict, result.violated, len(result.states)) == (Verdict.VIOLATION, ("Deadlock",), 3)
    assert result.states[-1].variables == {
        "parked": frozenset({p1, p2}),
        "pc": {p1: "parked", p2: "parked"},
    }


def test_a_deadlock_is_no_violation_where_that_is_not_asked(toolchain: Toolchain) -> None:
    result = run_tlc(
        MODULES / "Stuck.tla",
        MODULES / "Stuck.cfg",
        library=(),
        toolchain=toolchain,
        deadlock=False,
        coverage=False,
        max_seconds=50,
    )
    assert (result.verdict, result.distinct, result.coverage) == (Verdict.OK, 4, None)


def test_a_violated_action_property_is_named(checked: Checked) -> None:
    result = checked("Counter", "CounterGrows")
    assert (result.violated, len(result.states), result.loop) == (("Grows",), 5, None)


def test_a_violated_liveness_property_goes_back_to_a_state(checked: Checked) -> None:
    result = checked("Counter", "CounterStays")
    assert (result.violated, len(result.states), result.loop) == (("EventuallyStays",), 4, Loop(1, "Reset"))
    assert result.depth is None


def test_a_violated_liveness_property_stutters_without_fairness(checked: Checked) -> None:
    result = checked("Counter", "CounterNoFairness")
    assert (result.violated, len(result.states)) == (("ReachesTwo",), 2)
    assert result.loop is not None
    assert (result.loop.to, result.loop.stuttering) == (2, True)


def test_all_liveness_properties_are_named_when_tlc_does_not_say_which(checked: Checked) -> None:
    result = checked("Counter", "CounterTwoProperties")
    assert result.violated == ("ReachesTwo", "EventuallyStays")
    assert result.property_name == "ReachesTwo or EventuallyStays"


@pytest.mark.parametrize(
    ("module", "config", "said"),
    [
        ("BadSyntax", "BadSyntax", r"(?s)BadSyntax\.tla\n.*at line 4, column 15"),
        ("BadName", "BadName", r"(?s)line 4, col 13 .* of module BadName\nUnknown operator: `nowhere'"),
        ("Failing", "Failing", '(?s)first argument of Assert evaluated to FALSE.*"x grew".*Line 10, column 8 '),
        ("Incomplete", "Incomplete", "following variable is not assigned: y"),
        ("FalseAssumption", "FalseAssumption", "Assumption line 6, col 8 .* of module FalseAssumption is false"),
        ("Counter", "CounterNoConstant", "constant parameter Max is not assigned"),
        ("Counter", "CounterUnknownName", r"(?s)invariant Nowhere .*is not defined"),
        ("Counter", "CounterBadKeyword", "line 3: POSTCONDITION begins no statement that TLC 2.15 knows"),
        ("Counter", "CounterNoInit", "no initial state"),
        ("Counter", "CounterConstraint", "CONSTRAINT together with a liveness property"),
        ("Stuck", "StuckSymmetry", "SYMMETRY together with a liveness property"),
        ("Counter", "CounterView", "VIEW together with a liveness property"),
        ("Counter", "Absent", "cannot read the config"),
        ("Absent", "CounterMax3", "there is no module"),
    ],
)
def test_a_model_that_cannot_be_checked_is_an_error_in_the_words_of_tlc(
    checked: Checked, module: str, config: str, said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        checked(module, config)


def test_a_variant_finds_the_module_it_breaks_in_the_library(tmp_path: Path, toolchain: Toolchain) -> None:
    models = tmp_path / "with a space"
    (models / "broken").mkdir(parents=True)
    shutil.copy(MODULES / "Counter.tla", models)
    (models / "broken" / "Jump.tla").write_text(
        "---- MODULE Jump ----\nEXTENDS Counter\nJump == x' = 9\nBroken == Init /\\ [][Jump]_x\n====\n"
    )
    (models / "broken" / "Jump.cfg").write_text("SPECIFICATION Broken\nCONSTANT Max = 3\nINVARIANT TypeOK\n")
    result = run_tlc(
        models / "broken" / "Jump.tla",
        models / "broken" / "Jump.cfg",
        library=(models,),
        toolchain=toolchain,
        max_seconds=50,
    )
    assert (result.violated, [state.action for state in result.states]) == (("TypeOK",), ["Init", "Jump"])


def test_the_given_config_is_used_and_not_one_of_its_name_beside_the_module(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    shutil.copy(MODULES / "Counter.tla", tmp_path)
    (tmp_path / "elsewhere").mkdir()
    for config, highest in (("Same.cfg", 3), ("elsewhere/Same.cfg", 7)):
        (tmp_path / config).write_text(f"SPECIFICATION Spec\nCONSTANT Max = {highest}\nINVARIANT TypeOK\n")
    result = run_tlc(
        tmp_path / "Counter.tla",
        tmp_path / "elsewhere" / "Same.cfg",
        library=(),
        toolchain=toolchain,
        max_seconds=50,
    )
    assert result.distinct == 8


def test_a_folder_that_tlc_cannot_search_is_an_error(tmp_path: Path, toolchain: Toolchain) -> None:
    folder = tmp_path / f"a{os.pathsep}b"
    folder.mkdir()
    for name in ("Counter.tla", "CounterMax3.cfg"):
        shutil.copy(MODULES / name, folder)
    with pytest.raises(ModelError, match="name contains"):
        run_tlc(folder / "Counter.tla", folder / "CounterMax3.cfg", library=(), toolchain=toolchain, max_seconds=50)


def run_endless(toolchain: Toolchain, **options: object) -> TlcResult:
    limits: dict[str, object] = {"max_seconds": 50, **options}
    return run_tlc(MODULES / "Endless.tla", MODULES / "Endless.cfg", library=(), toolchain=toolchain, **limits)  # type: ignore[arg-type]


def test_a_run_leaves_no_file_and_no_process(
    toolchain: Toolchain, room: CleanRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    run_tlc(MODULES / "Stuck.tla", MODULES / "Stuck.cfg", library=(), toolchain=toolchain, max_seconds=50)
    assert room.is_clean()
    assert list(tmp_path.iterdir()) == [room.folder]


def test_progress_is_told_as_the_run_goes_on(toolchain: Toolchain) -> None:
    told: list[TlcProgress] = []
    run_tlc(
        MODULES / "Counter.tla",
        MODULES / "CounterMax3.cfg",
        library=(),
        toolchain=toolchain,
        max_seconds=50,
        on_progress=told.append,
    )
    assert [(progress.generated, progress.distinct, progress.left) for progress in told] == [(1, 1, 1), (5, 4, 0)]
    assert 0 < told[0].seconds < told[1].seconds


def test_an_error_in_the_callers_own_function_ends_the_run(toolchain: Toolchain, room: CleanRoom) -> None:
    class Mine(Exception):
        pass

    def fail(_: TlcProgress) -> None:
        raise Mine

    with pytest.raises(Mine):
        run_endless(toolchain, on_progress=fail)
    assert room.is_clean()


def test_the_time_limit_is_an_error_and_leaves_nothing(toolchain: Toolchain, room: CleanRoom) -> None:
    with pytest.raises(TlcStopped, match=r"not done within 1\.5 s"):
        run_endless(toolchain, max_seconds=1.5)
    assert room.is_clean()


@pytest.mark.parametrize(("number", "said"), [(signal.SIGKILL, "signal 9"), (signal.SIGTERM, "signal 15")])
def test_a_java_killed_from_outside_is_a_crash(toolchain: Toolchain, room: CleanRoom, number: int, said: str) -> None:
    def kill(_: TlcProgress) -> None:
        (java,) = room.processes()
        os.kill(java, number)

    with pytest.raises(TlcCrashed, match=said):
        run_endless(toolchain, on_progress=kill)
    assert room.is_clean()


def test_another_thread_can_end_a_run(toolchain: Toolchain, room: CleanRoom) -> None:
    with Stop() as stop:
        with pytest.raises(TlcStopped, match="stopped"):
            run_endless(toolchain, stop=stop, on_progress=lambda _: stop.request())
        assert room.is_clean()


def test_tlc_that_goes_on_after_a_violation_is_not_believed(toolchain: Toolchain, tmp_path: Path) -> None:
    """It exits with 0 and says that no error was found."""
    lenient = java_that(toolchain, tmp_path, 'exec "$real" "$@" -continue')
    with pytest.raises(TlcOutputError, match="exited with 0 and said: Invariant Small is violated"):
        run_tlc(MODULES / "Counter.tla", MODULES / "CounterSmall.cfg", library=(), toolchain=lenient, max_seconds=50)


def test_tlc_that_stops_early_is_not_believed(toolchain: Toolchain, tmp_path: Path) -> None:
    """It exits with 0 and says that no error was found."""
    script = """
    for argument in "$@"; do
        shift
        case "$argument" in -Dtlc2.TLC.stopAfter=*) argument=-Dtlc2.TLC.stopAfter=1 ;; esac
        set -- "$@" "$argument"
    done
    exec "$real" "$@"
    """
    with pytest.raises(TlcStopped, match="states were left to check"):
        run_endless(java_that(toolchain, tmp_path, script))


def test_output_that_is_cut_off_is_not_believed(toolchain: Toolchain, tmp_path: Path) -> None:
    cut = java_that(toolchain, tmp_path, '"$real" "$@" | head -n 30\nexit 0')
    with pytest.raises(TlcOutputError, match="cut off"):
        run_tlc(MODULES / "Counter.tla", MODULES / "CounterMax3.cfg", library=(), toolchain=cut, max_seconds=50)


def test_a_jar_that_is_no_jar_is_not_usable(toolchain: Toolchain, tmp_path: Path) -> None:
    jar = tmp_path / "tla2tools.jar"
    jar.write_bytes(b"no jar")
    with pytest.raises(ToolUnusable, match="before TLC began"):
        run_endless(replace(toolchain, jar=replace(toolchain.jar, path=jar)))


def test_a_full_disk_is_a_crash_that_says_so(toolchain: Toolchain, tmp_path: Path, room: CleanRoom) -> None:
    """TLC blames the model."""
    full = java_that(toolchain, tmp_path, 'ulimit -f 8\nexec "$real" "$@"')
    with pytest.raises(TlcCrashed, match=r"cannot write its files \(File too large\); make room, or set TMPDIR"):
        run_endless(full)
    assert room.is_clean()


def test_a_folder_for_states_that_cannot_be_made_is_a_crash(
    toolchain: Toolchain, tmp_path: Path, room: CleanRoom
) -> None:
    script = """
    for argument in "$@"; do
        [ "$before" = -metadir ] && echo "no folder" > "$argument"
        before="$argument"
    done
    exec "$real" "$@"
    """
    with pytest.raises(TlcCrashed, match="could not make a directory"):
        run_endless(java_that(toolchain, tmp_path, script))
    assert room.is_clean()


def simulate(toolchain: Toolchain, module: str, config: str, traces: int, **options: object) -> TlcResult:
    settings: dict[str, object] = {"max_seconds": 50, **options}
    return run_tlc(
        MODULES / f"{module}.tla",
        MODULES / f"{config}.cfg",
        library=(),
        toolchain=toolchain,
        simulation=Simulation(traces=traces, depth=20, seed=1),
        **settings,  # type: ignore[arg-type]
    )


def test_a_simulation_finds_a_violation_and_its_states(toolchain: Toolchain) -> None:
    result = simulate(toolchain, "Stuck", "Stuck", 50)
    assert (result.verdict, result.violated, len(result.states)) == (Verdict.VIOLATION, ("Deadlock",), 3)


def test_a_simulation_with_the_same_seed_is_the_same(toolchain: Toolchain) -> None:
    first, second = (simulate(toolchain, "Counter", "CounterMax3", 7) for _ in range(2))
    assert (first.verdict, first.generated) == (Verdict.SAMPLED, 141)
    assert second.generated == first.generated


def test_a_simulation_that_is_killed_or_takes_too_long_shows_nothing(
    toolchain: Toolchain, tmp_path: Path, room: CleanRoom
) -> None:
    with pytest.raises(TlcStopped, match=r"not done within 1\.5 s"):
        simulate(toolchain, "Endless", "Endless", 100_000_000, max_seconds=1.5)
    with pytest.raises(TlcCrashed, match="signal 9"):
        simulate(java_that(toolchain, tmp_path, 'exec sh -c "kill -9 \\$\\$"'), "Endless", "Endless", 10)
    assert room.is_clean()


def test_a_simulation_is_not_taken_for_a_run_that_looks_at_every_state(toolchain: Toolchain, tmp_path: Path) -> None:
    script = """
    for argument in "$@"; do
        shift
        set -- "$@" "$argument"
        [ "$argument" = -tool ] && set -- "$@" -simulate num=5 -depth 9
    done
    exec "$real" "$@"
    """
    lenient = java_that(toolchain, tmp_path, script)
    with pytest.raises(TlcOutputError, match="does not say that the check is complete"):
        run_tlc(MODULES / "Counter.tla", MODULES / "CounterMax3.cfg", library=(), toolchain=lenient, max_seconds=50)
