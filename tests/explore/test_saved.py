"""Failures are kept until they pass, and tried first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Exploration, UnreadableSchedule
from pcverify.explore.saved import explore_remembering, load, path_of, save
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
    saved = load(path)
    assert first.counterexample is not None
    assert (saved.program, saved.schedule, saved.error) == ("x.py::program", first.schedule, first.error)
    assert first.counterexample.replay == f"again {path.name}"
    assert (path.parent / ".gitignore").read_text() == "*\n"
    second = run(opposite_order, strategy="random")
    assert (second.verdict, second.executions, second.strategy) == (Verdict.VIOLATION, 1, "replay")
    assert second.notes[0] == f"the failure found on {saved.date} was tried first"


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
