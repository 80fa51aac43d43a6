"""Progress says something now and then, and asks for the words only then."""

from __future__ import annotations

import sys

import pytest

from pcverify import cli
from pcverify.report import progress
from pcverify.report.progress import Progress


def test_nothing_is_said_nor_asked_before_it_is_time(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[int] = []
    shown = Progress()
    for number in range(1000):
        shown(lambda number=number: str(asked.append(number)))  # type: ignore[misc]
    shown.over()
    assert (asked, capsys.readouterr().err) == ([], "")


def test_elsewhere_each_time_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "ELSEWHERE", 0.0)
    shown = Progress()
    shown(lambda: "one")
    shown(lambda: "two")
    shown.over()
    assert capsys.readouterr().err == "one\ntwo\n"


def test_in_a_terminal_one_line_is_written_over_and_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "IN_TERMINAL", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = Progress()
    shown(lambda: "one")
    shown(lambda: "two")
    shown.over()
    assert capsys.readouterr().err == "\rone\033[K\rtwo\033[K\r\033[K"


def test_conform_says_how_far_its_walk_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "ELSEWHERE", 0.0)
    assert cli.main(["conform", "ConditionQueue", "--bounds", "capacity=1"]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("p1c1k1i1g1: 1 states of the code, ")
    assert said[-1].endswith(" moves left to make")
