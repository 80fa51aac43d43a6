"""A child is always ended and reaped, whatever happens."""

import os
import sys
from pathlib import Path

import pytest

from pcverify.tla.process import DeadlineReached, Stop, Stopped, run_child

FOR_EVER = "import sys, time; print('on', flush=True); time.sleep(1000)"


def run(program: str, folder: Path, **options: object) -> tuple[int, list[str]]:
    lines: list[str] = []
    settings: dict[str, object] = {"max_seconds": 30.0, "on_line": lines.append, **options}
    code = run_child([sys.executable, "-c", program], folder=folder, **settings)  # type: ignore[arg-type]
    return code, lines


def test_lines_of_output_and_errors_arrive_and_so_does_the_exit_code(tmp_path: Path) -> None:
    program = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(7)"
    assert run(program, tmp_path) == (7, ["out", "err"])


def test_the_last_line_may_lack_its_end(tmp_path: Path) -> None:
    assert run("print('a'); print('b', end='')", tmp_path) == (0, ["a", "b"])


def test_bytes_that_are_no_text_are_replaced(tmp_path: Path) -> None:
    assert run(r"import sys; sys.stdout.buffer.write(b'\xff\n')", tmp_path) == (0, ["�"])


def test_the_child_works_in_the_given_folder(tmp_path: Path) -> None:
    run("open('here', 'w')", tmp_path)
    assert (tmp_path / "here").exists()


def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    assert run("import os; os.kill(os.getpid(), 9)", tmp_path)[0] == -9


def test_the_deadline_ends_a_silent_child(tmp_path: Path) -> None:
    with pytest.raises(DeadlineReached):
        run(FOR_EVER, tmp_path, max_seconds=0.2)


def test_the_deadline_ends_a_child_that_never_falls_silent(tmp_path: Path) -> None:
    with pytest.raises(DeadlineReached):
        run("while True: print('on')", tmp_path, max_seconds=0.2)


def test_the_deadline_ends_a_child_that_has_closed_its_output(tmp_path: Path) -> None:
    with pytest.raises(DeadlineReached):
        run("import os, time; os.close(1); os.close(2); time.sleep(1000)", tmp_path, max_seconds=0.5)


def test_what_the_child_has_started_is_ended_with_it(tmp_path: Path) -> None:
    class Seen(Exception):
        pass

    def seen(_: str) -> None:
        raise Seen

    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    grandchild = "held = open('held', 'w'); print('on', flush=True); import time; time.sleep(1000)"
    with pytest.raises(Seen):
        run(
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])",
            tmp_path,
            on_line=seen,
        )
    # The end of the pipe comes only when its last writer is gone.
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_request_ends_a_child_and_those_started_later(tmp_path: Path) -> None:
    with Stop() as stop:
        with pytest.raises(Stopped):
            run(FOR_EVER, tmp_path, stop=stop, on_line=lambda _: stop.request())
        with pytest.raises(Stopped):
            run(FOR_EVER, tmp_path, stop=stop)


def test_a_child_that_starts_when_all_others_have_gone_still_hears_of_the_request(tmp_path: Path) -> None:
    """As that of a thread which Ctrl-C kept from becoming known, so that nobody waited for it."""
    with Stop() as stop:
        stop.request()
    with pytest.raises(Stopped):
        run(FOR_EVER, tmp_path, stop=stop)
