"""Several processes of TLC find what one finds, and nothing of them is believed or left behind that must not be."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pcverify import cli
from pcverify.evidence import Verdict
from pcverify.tla import (
    DEADLOCK,
    ModelError,
    TlcCrashed,
    TlcOutputError,
    TlcResult,
    TlcStopped,
    Toolchain,
    load_manifest,
    run_distributed,
)
from pcverify.tla.config import ModelConfig
from pcverify.tla.distributed_command import judgement
from pcverify.tla.judge import judge_distributed
from pcverify.tla.output import Output
from tests.support.processes import command_lines
from tests.tla.samples import COUNTER_RUN, MODULES, SMALL_RUN, CleanRoom, Said

Heard = Callable[[Said], Output]
MODELS = Path(__file__).resolve().parents[2] / "models"
TRACE = [(2121, 1, "The behavior up to this point is:"), (2217, 4, "1: <Initial predicate>\nx = 3\n")]


def run(toolchain: Toolchain, module: Path, config: Path, **options: object) -> TlcResult:
    settings: dict[str, object] = {"library": (MODELS,), "max_seconds": 50, **options}
    return run_distributed(module, config, toolchain=toolchain, **settings)  # type: ignore[arg-type]


def test_two_workers_find_the_states_that_one_run_finds(toolchain: Toolchain, tmp_path: Path, room: CleanRoom) -> None:
    config = tmp_path / "Safety.cfg"
    config.write_text((MODELS / "ConditionQueue_p2c2k1i2.cfg").read_text().partition("PROPERTIES")[0])
    said: list[str] = []
    result = run(toolchain, MODELS / "ConditionQueue.tla", config, say=said.append)
    assert (result.verdict, result.distinct, result.tlc) == (Verdict.OK, 4411, "2.15")
    assert said.count("A worker has come.") == 2
    assert room.is_clean()


@pytest.mark.parametrize(("module", "config"), [("Counter", "CounterSmall"), ("Stuck", "Stuck")])
def test_a_violation_is_recognised_though_tlc_exits_with_0(
    toolchain: Toolchain, module: str, config: str, room: CleanRoom
) -> None:
    result = run(toolchain, MODULES / f"{module}.tla", MODULES / f"{config}.cfg", workers=("localhost",))
    assert result.verdict is Verdict.VIOLATION
    assert {"Small", "Deadlock"} & set(result.violated)
    assert result.states
    assert room.is_clean()


@pytest.mark.parametrize("config", ["CounterGrows", "CounterReachesTwo"])
def test_a_config_with_properties_is_refused(toolchain: Toolchain, config: str) -> None:
    with pytest.raises(ModelError, match=r"(?s)because of PROPERTIES .* ignores liveness.*\[\]\[A\]_v, count too"):
        run(toolchain, MODULES / "Counter.tla", MODULES / f"{config}.cfg")


def test_a_model_that_cannot_be_read_is_an_error(toolchain: Toolchain, room: CleanRoom) -> None:
    with pytest.raises(ModelError, match="BadSyntax"):
        run(toolchain, MODULES / "BadSyntax.tla", MODULES / "BadSyntax.cfg")
    assert room.is_clean()


def test_the_command_for_another_machine_is_shown_and_waiting_ends_at_the_limit(
    toolchain: Toolchain, room: CleanRoom
) -> None:
    said: list[str] = []
    with pytest.raises(TlcStopped, match="not done within 3 s with 0 workers"):
        run(
            toolchain,
            MODULES / "Counter.tla",
            MODULES / "CounterMax3.cfg",
            workers=("127.0.0.2",),
            max_seconds=3,
            say=said.append,
        )
    assert "On 127.0.0.2, in an empty folder: java -Djava.rmi.server.hostname=127.0.0.2 -Dtlc2" in said[0]
    assert said[1] == "Waiting for 1 workers, 0 of them here."
    assert room.is_clean()


def test_when_no_worker_is_left_the_server_does_not_wait_for_ever(toolchain: Toolchain, room: CleanRoom) -> None:
    def kill(line: str) -> None:
        if line == "A worker has come.":
            lines = command_lines()
            for number in room.processes():
                if "worker-0" in lines[number]:
                    os.kill(number, 9)

    with pytest.raises(TlcCrashed, match="no worker is left"):
        run(toolchain, MODULES / "Endless.tla", MODULES / "Endless.cfg", workers=("127.0.0.1",), say=kill)
    assert room.is_clean()


def test_an_error_in_the_callers_own_function_ends_all(toolchain: Toolchain, room: CleanRoom) -> None:
    def fail(line: str) -> None:
        if line == "A worker has come.":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(toolchain, MODULES / "Endless.tla", MODULES / "Endless.cfg", say=fail)
    assert room.is_clean()


def distributed(passing: Said, *more: tuple[int, int, str], without: int = 0) -> Said:
    return [said for said in [(7001, 0, "Registration"), *more, *passing] if said[0] != without]


def judged(output: Output) -> Verdict:
    config = ModelConfig(("Small",), ())
    return judge_distributed(output, 0, config, deadlock=True, run="M with M.cfg", seconds=1.0).verdict


def test_a_pass_needs_a_worker_all_counts_and_an_empty_queue(passing: Said, heard: Heard) -> None:
    assert judged(heard(distributed(passing))) is Verdict.OK
    with pytest.raises(TlcStopped, match="no worker has come"):
        judged(heard(distributed(passing, without=7001)))
    for code in (2193, 2199):
        with pytest.raises(TlcOutputError):
            judged(heard(distributed(passing, without=code)))
    with pytest.raises(TlcCrashed):
        judged(heard(distributed(passing, without=2186)))
    left = (2199, 0, "9 states generated, 7 distinct states found, 3 states left on queue.")
    with pytest.raises(TlcStopped, match="states were left to check"):
        judged(heard([*distributed(passing), left]))


def test_a_trace_is_a_violation_also_beside_no_error_found(passing: Said, heard: Heard) -> None:
    assert judged(heard(distributed(passing, *TRACE))) is Verdict.VIOLATION
    with pytest.raises(TlcOutputError, match="trace is not complete"):
        judged(heard(distributed(passing, TRACE[0])))


def test_the_command_compares_with_what_must_come_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "check", "Pipeline_p2c2k1i2_shorter_p1", "--distributed", "--models", str(MODELS)]) == 0
    assert "1,701 states, expected 1,701 states" in capsys.readouterr().out


def test_a_violation_of_one_of_several_is_not_taken_for_the_expected_one(
    models: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    expect = {"verdict": "VIOLATION", "property": "Deadlock", "states": 4}
    folder = models({**SMALL_RUN, "expect": expect})
    check = ["models", "check", "--distributed", "--workers", "127.0.0.1", "--models", str(folder)]
    assert cli.main([*check, "CounterSmall"]) == 3
    out = capsys.readouterr().out
    assert "UNKNOWN CounterSmall" in out
    assert "violated: TypeOK or Small or Deadlock; distributed, TLC does not say which, and a violation of" in out
    assert "Run it alone to see the whole behaviour:\n    pcverify models check CounterSmall\n" in out


def test_what_came_out_is_held_against_the_manifest(models: Callable[..., Path]) -> None:
    fine, small = load_manifest(models(COUNTER_RUN, SMALL_RUN)).runs
    passed = TlcResult(Verdict.OK, (), generated=4, distinct=4, depth=None, seconds=1.0, tlc="2.15")
    violated = replace(passed, verdict=Verdict.VIOLATION, violated=("Small",))
    several = replace(violated, violated=("TypeOK", "Small", DEADLOCK))
    assert judgement(fine, passed) == ("ok", "1.0 s  4 states, expected 4 states")
    assert judgement(fine, replace(passed, distinct=5)) == ("FAILED", "1.0 s  5 states, expected 4 states")
    assert judgement(fine, several)[0] == "FAILED"
    assert judgement(small, passed) == ("FAILED", "1.0 s  4 states, expected a violation of Small")
    assert judgement(small, violated)[0] == "ok"
    assert judgement(small, several)[0] == "UNKNOWN"


def test_what_differs_wins_over_what_is_open(
    models: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends(module: Path, config: Path, **options: object) -> TlcResult:
        if config.stem == "CounterMax3":
            raise TlcStopped("not done in time")
        return TlcResult(Verdict.OK, (), generated=4, distinct=4, depth=None, seconds=1.0, tlc="2.15")

    monkeypatch.setattr("pcverify.tla.distributed_command.run_distributed", ends)
    check = ["models", "check", "--distributed", "--models", str(models(COUNTER_RUN, SMALL_RUN))]
    assert cli.main([*check, "CounterMax3"]) == 3
    assert "UNKNOWN CounterMax3  not done in time\n" in capsys.readouterr().out
    assert cli.main([*check, "Counter"]) == 1


def test_the_command_refuses_what_is_not_for_safety(capsys: pytest.CaptureFixture[str]) -> None:
    for names, said in (
        (["Pipeline_p2c2k1i2_liveness"], "is a run for liveness"),
        (["ConditionQueue_p1c1k1i2"], "because of PROPERTIES RefinesBoundedFifo, WaitListsChangeUnderLock"),
        ([], "needs the NAME of a config"),
    ):
        assert cli.main(["models", "check", *names, "--distributed", "--models", str(MODELS)]) == 2
        assert said in capsys.readouterr().err
