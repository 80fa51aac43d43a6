"""What a program prints and logs is kept off the terminal, and shown with the counterexample."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
import time
import traceback
from typing import Any

import pytest

from pcverify.explore import AlreadyRunning, Execution, Exploration, Random, Replay, ReplayDeparted, explore


def talkative() -> None:
    """Print and log in two threads, and fail."""
    logger = logging.getLogger("tests.talkative")

    def talk() -> None:
        print("out")
        print("err", file=sys.stderr)
        sys.stdout.buffer.write(b"bytes\n")
        sys.stdout.writelines(["one\n", "two\n"])
        sys.stdout.flush()
        logger.warning("careful, %s", "now")

    thread = threading.Thread(target=talk)
    thread.start()
    thread.join()
    raise ValueError


def output_of(result: Exploration) -> str:
    assert result.counterexample is not None
    return result.counterexample.output


def test_it_is_shown_once_with_the_counterexample(capfd: pytest.CaptureFixture[str]) -> None:
    result = explore(talkative, strategy="dfs", keep_going=True)
    assert capfd.readouterr() == ("", "")
    assert output_of(result) == "out\nerr\nbytes\none\ntwo\nWARNING tests.talkative: careful, now\n"
    assert "What it printed and logged:\n  out\n  err\n" in str(result)


def test_everything_is_as_before_afterwards() -> None:
    handler = logging.StreamHandler(io.StringIO())
    before = sys.stdout, sys.stderr, dict(vars(handler))
    explore(talkative, strategy=Random(3))
    assert (sys.stdout, sys.stderr, dict(vars(handler))) == before


def test_streams_and_handlers_of_the_programs_own_work() -> None:
    def program() -> str:
        stream = io.StringIO()
        logger = logging.Logger("own")
        logger.addHandler(logging.StreamHandler(stream))
        logger.error("mine")
        return stream.getvalue()

    assert list(explore(program, strategy=Random(2)).counts()) == [repr("mine\n")]


def test_other_threads_of_the_process_print_undisturbed(capsys: pytest.CaptureFixture[str]) -> None:
    printed, stop = threading.Event(), threading.Event()

    def beside() -> None:
        while not stop.wait(0.001):
            print("beside")
            printed.set()

    def program() -> None:
        print("inside")
        threading.Lock().acquire()

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        began = time.monotonic()
        while not printed.is_set() and time.monotonic() - began < 30:
            explore(program, strategy=Random(200))
    finally:
        stop.set()
        thread.join(30)
    assert set(capsys.readouterr().out.splitlines()) == {"beside"}


def test_a_log_record_that_does_not_fit_its_arguments_is_no_failure() -> None:
    def program() -> None:
        logging.getLogger("tests.misfit").error("%d", "x")
        raise ValueError

    assert output_of(explore(program, strategy=Random(1))) == "ERROR tests.misfit: '%d' with ('x',)\n"


def test_writing_what_is_no_text_fails_as_ever() -> None:
    result = explore(lambda: sys.stdout.write(1), strategy=Random(1))  # type: ignore[arg-type]
    assert result.error == "TypeError: write() argument must be str, not int"


def test_only_the_end_of_much_output_is_carried() -> None:
    def program() -> None:
        print("x" * 50_000)
        raise ValueError

    assert output_of(explore(program, strategy=Random(1))).startswith("… 30,001 characters before this\nxxx")


def test_handlers_that_were_there_take_no_lock() -> None:
    logger = logging.getLogger("tests.locks")
    logger.addHandler(handler := logging.StreamHandler(io.StringIO()))
    try:
        assert explore(lambda: logger.warning("x"), strategy=Random(1)).steps == 2  # it begins and ends
    finally:
        logger.removeHandler(handler)


def test_nothing_is_shown_of_a_program_that_does_not_fail(capfd: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        print("in vain")
        logging.getLogger("tests.sound").error("in vain")

    result = explore(program, strategy=Random(5))
    assert capfd.readouterr() == ("", "")
    assert "in vain" not in str(result)


def test_a_logger_without_handlers_is_held_back_too(capfd: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        logging.Logger("alone").warning("nobody listens")
        raise ValueError

    assert output_of(explore(program, strategy=Random(1))) == "WARNING alone: nobody listens\n"
    assert capfd.readouterr() == ("", "")


def test_a_traceback_that_the_program_prints_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        try:
            raise KeyError("inner")
        except KeyError:
            traceback.print_exc()
        raise ValueError

    assert output_of(explore(program, strategy=Random(1))).endswith("KeyError: 'inner'\n")
    assert capfd.readouterr() == ("", "")


def test_what_inspects_the_failure_prints_undisturbed(capsys: pytest.CaptureFixture[str]) -> None:
    result = explore(talkative, strategy=Random(1), inspect=lambda execution: print("inspected"))
    assert capsys.readouterr().out == "inspected\n"
    assert "inspected" not in output_of(result)


def test_a_program_may_redirect_its_own_output() -> None:
    def program() -> str:
        with contextlib.redirect_stdout(io.StringIO()) as stream:
            print("mine")
        return stream.getvalue()

    assert list(explore(program, strategy=Random(2)).counts()) == [repr("mine\n")]


def test_the_streams_are_still_what_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    real = sys.stdout

    def program() -> tuple[object, ...]:
        sys.stdout.close()
        return sys.stdout is real, sys.stdout.encoding == real.encoding, sys.stdout.writable()

    assert list(explore(program, strategy=Random(2)).counts()) == ["(False, True, True)"]
    print("open")
    assert capsys.readouterr().out == "open\n"


def test_a_process_without_streams_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    explore(lambda: print("nowhere"), strategy=Random(1))
    assert sys.stdout is None


class Interrupted(BaseException):
    """Comes from outside."""


def interrupted() -> None:
    raise Interrupted


def rebinds() -> None:
    sys.stdout = io.StringIO()


def divides(execution: object) -> None:
    1 / 0  # noqa: B018


def refused() -> Any:
    return explore(talkative, strategy=Replay("s2:3.11:h0:sync:0.7"))


@pytest.mark.parametrize(
    "run",
    [
        *(lambda: explore(interrupted), lambda: explore(rebinds), lambda: explore(lambda: sys.exit(3)), refused),
        *(lambda: explore(talkative, inspect=divides), lambda: explore(lambda: explore(talkative))),
    ],
)
def test_everything_is_as_before_whatever_happens(run: Any) -> None:
    handler = logging.StreamHandler(io.StringIO())
    before = sys.stdout, sys.stderr, dict(vars(handler))
    with contextlib.suppress(ReplayDeparted, ZeroDivisionError):
        run()
    assert (sys.stdout, sys.stderr, dict(vars(handler))) == before


def test_an_exploration_that_could_not_begin_leaves_everything_as_it_was() -> None:
    before = sys.stdout
    with Execution():
        with pytest.raises(AlreadyRunning):
            explore(talkative)
        assert sys.stdout is before
