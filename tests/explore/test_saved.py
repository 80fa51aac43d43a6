"""Failures are kept until they pass, and tried first."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Exploration, ReplayDeparted, UnreadableSchedule, explore, saved
from pcverify.explore.saved import explore_remembering, load, path_of, replay, save
from tests.explore.test_exploration import kept_update, lost_update, opposite_order


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(program: Any, **options: Any) -> Exploration:
    def command(path: Path | None, schedule: str) -> str:
        return f"again {path.name if path else schedule}"

    return explore_remembering(program, "x.py::program", command=command, **{"strategy": "dfs"} | options)


def test_a_failure_is_saved_and_tried_first() -> None:
    first = run(opposite_order)
    path = path_of("x.py::program")
    kept = load(path)
    assert first.counterexample is not None
    assert (kept.program, kept.schedule, kept.error) == ("x.py::program", first.schedule, first.error)
    assert first.counterexample.replay == f"again {path.name}"
    assert (path.parent / ".gitignore").read_text() == "*\n"
    second = run(opposite_order, strategy="random")
    assert (second.verdict, second.executions, second.strategy) == (Verdict.VIOLATION, 1, "replay")
    assert second.notes[0] == f"the failure found on {kept.date} was tried first"


def test_one_that_passes_is_removed() -> None:
    run(opposite_order)
    fixed = path_of("x.py::program")
    kept = json.loads(fixed.read_text())
    passing = "s2" + run(kept_update, keep_going=True).outcomes[0].schedule.removeprefix("s2")
    fixed.write_text(json.dumps(kept | {"schedule": passing}))
    result = run(kept_update)
    assert result.verdict is Verdict.OK
    assert "passes now" in result.notes[0]
    assert not fixed.exists()


def test_one_that_does_not_fit_any_more_is_removed() -> None:
    run(opposite_order)
    result = run(kept_update)
    assert result.verdict is Verdict.OK
    assert "was removed: the schedule does not fit this program" in result.notes[0]
    assert not path_of("x.py::program").exists()


def test_what_is_no_saved_failure_is_removed() -> None:
    run(opposite_order)
    for text in ("", "[]", "{}", '{"program": 1}'):
        path_of("x.py::program").write_text(text)
        with pytest.raises(UnreadableSchedule):
            load(path_of("x.py::program"))
        assert "was removed" in run(kept_update).notes[0]


def test_a_new_failure_takes_the_place_of_an_old_one() -> None:
    run(opposite_order)
    assert run(lost_update).error == load(path_of("x.py::program")).error


def test_where_nothing_can_be_written_nothing_is_kept() -> None:
    Path(".pcverify").write_text("a file, where the folder would be")
    result = run(opposite_order)
    assert result.counterexample is not None
    assert result.counterexample.replay == f"again {result.schedule}"
    assert not save(path_of("x.py::program"), load_nothing())


def load_nothing() -> Any:
    from pcverify.explore.saved import SavedFailure

    return SavedFailure("x.py::program", "", "s2:3.11:h0:sync:0", "", "")


def test_programs_and_arguments_have_files_of_their_own() -> None:
    paths = [path_of("x.py::a"), path_of("x.py::b"), path_of("x.py::a", "1"), path_of("x.py::" + "long" * 100)]
    assert len(set(paths)) == 4
    assert all(len(path.name) < 100 for path in paths)


def test_the_notes_say_when_it_was_found_and_that_it_is_over() -> None:
    def tolerant() -> None:
        with contextlib.suppress(AssertionError):
            lost_update()

    run(lost_update)
    date = load(path_of("x.py::program")).date
    first, second = run(tolerant), run(tolerant)
    assert first.notes[0].startswith(f"the failure found on {date} is over: the program goes on there; .pcverify/")
    assert second.notes == ()


def test_one_that_is_out_of_control_now_is_kept_and_not_reported() -> None:
    path = path_of("x.py::program")
    run(opposite_order)
    outside = threading.Lock()
    outside.acquire()
    calls = []

    def program() -> None:
        calls.append(1)
        if len(calls) == 1:
            outside.acquire()
        opposite_order()

    result = run(program)
    assert "was tried, which ended in UNKNOWN: main waits for outside" in result.notes[0]
    assert result.verdict is Verdict.VIOLATION
    assert path.exists()


def test_who_asks_for_all_outcomes_gets_a_search() -> None:
    run(opposite_order)
    result = run(opposite_order, keep_going=True)
    assert (result.strategy, result.exhausted, result.notes) == ("dfs", True, ())
    assert path_of("x.py::program").exists()


def test_it_is_tried_with_the_bounds_that_it_was_found_with() -> None:
    def late() -> None:
        event, lock = threading.Event(), threading.Lock()

        def work() -> None:
            with lock:
                event.set()

        threading.Thread(target=work, name="worker").start()
        assert event.wait(10)

    assert run(late, max_delay=None).verdict is Verdict.VIOLATION
    assert run(late).notes[0].endswith("was tried first")


def test_the_patience_of_the_call_holds_for_what_is_tried_first(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def noted(function: Any, schedule: str, **options: Any) -> Exploration:
        given.append(options)
        return replay(function, schedule, **options)

    run(opposite_order)
    monkeypatch.setattr(saved, "replay", noted)
    run(opposite_order, max_silence=77.0)
    assert [options["max_silence"] for options in given] == [77.0]


def test_what_initialises_itself_at_its_first_use_does_not_make_a_replay_depart() -> None:
    cache: list[int] = []

    def program() -> None:
        if not cache:
            with guard:
                cache.append(1)
        opposite_order()

    guard = threading.Lock()
    schedule = explore(program, strategy="dfs").schedule
    cache.clear()
    assert replay(program, schedule).verdict is Verdict.VIOLATION
    with pytest.raises(ReplayDeparted):
        replay(kept_update, schedule)


def test_a_folder_that_cannot_be_written_to_does_not_fail_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(self: Path, *arguments: Any, **options: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    run(opposite_order)
    for name in ("write_text", "unlink", "replace"):
        monkeypatch.setattr(Path, name, refuses)
    assert run(opposite_order).notes[0].endswith("was tried first")
    assert run(lost_update).verdict is Verdict.VIOLATION
    assert run(kept_update).verdict is Verdict.OK


def test_nothing_is_left_of_a_file_that_was_not_written_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuses)
    run(opposite_order)
    assert [path.name for path in Path(".pcverify").iterdir()] == [".gitignore"]


def test_a_gitignore_that_is_there_is_left_alone() -> None:
    Path(".pcverify").mkdir()
    Path(".pcverify/.gitignore").write_text("mine")
    run(opposite_order)
    assert Path(".pcverify/.gitignore").read_text() == "mine"


def test_what_is_no_text_in_a_saved_file_is_refused() -> None:
    run(opposite_order)
    path = path_of("x.py::program")
    kept = json.loads(path.read_text())
    for wrong in ({"schedule": 5}, {"bounds": 5}, {"bounds": {"max_steps": "many"}}, {"schedule": "s2:nonsense"}):
        path.write_text(json.dumps(kept | wrong))
        result = run(kept_update)
        assert "was removed" in result.notes[0], wrong
        assert not path.exists()
