"""What a command is given is found: functions and methods by file and by module, decorated ones, cases of unittest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pcverify.evidence import UsageError, Verdict
from pcverify.explore import explore
from pcverify.explore.locating import locate

PLACES = """
import unittest

CONSTANT = 5

class Plain:
    @staticmethod
    def static():
        return "static"
    @classmethod
    def of_class(cls):
        return cls.__name__
    class Inner:
        def method(self, number=3):
            return number

class Heir(Plain):
    pass

class Needs:
    def __init__(self, what):
        pass
    def method(self):
        pass

class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = 4
    def setUp(self):
        self.log = ["setUp"]
        self.addCleanup(self.log.append, "cleanup")
    def tearDown(self):
        self.log.append("tearDown")
    def test_it(self):
        LOGS.append(self.log)
        return self.shared

class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no disk")
    def test_it(self):
        pass

LOGS = []
"""
DECORATED = """
from pcverify.explore import interleavings

class Plain:
    @interleavings(seed=1)
    @staticmethod
    def static():
        return "static"
    @interleavings(seed=2)
    @classmethod
    def of_class(cls):
        return cls.__name__
    @interleavings(seed=3)
    def method(self):
        return type(self).__name__
"""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file that is imported into this process, for the time of a test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name, text in (("places_to_locate", PLACES), ("decorated_to_locate", DECORATED)):
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text)
    return "places_to_locate"


def test_static_and_class_methods_are_found_and_inherited_ones(places: str) -> None:
    for name, result in (("Plain.static", "static"), ("Plain.of_class", "Plain"), ("Heir.of_class", "Heir")):
        for target in (f"{places}:{name}", f"{places}.py::{name.replace('.', '::')}"):
            assert locate(target)[0]() == result
    assert locate(f"{places}:Plain.Inner.method")[0]() == 3


def test_what_is_decorated_is_found_with_its_options_and_runs_once(places: str) -> None:
    for name, result, seed in (("static", "static", 1), ("of_class", "Plain", 2), ("method", "Plain", 3)):
        program, options = locate(f"decorated_to_locate:Plain.{name}")
        assert (program(), options["seed"]) == (result, seed)


def test_a_case_of_unittest_is_set_up_and_torn_down_each_time(places: str) -> None:
    program, _ = locate(f"{places}:Case.test_it")
    assert explore(program, strategy="random", max_executions=2).verdict is Verdict.SAMPLED
    logs = sys.modules[places].LOGS
    assert len(logs) == 5  # three rehearsals
    assert all(log == ["setUp", "tearDown", "cleanup"] for log in logs)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("{}:Needs.method", "Needs needs what: decorate it"),
        ("{}:Broken.test_it", "Broken.setUpClass fails: OSError: no disk"),
        ("{}:CONSTANT", "is no function"),
        ("{}:CONSTANT.bit_lenght", "there is no bit_lenght in 5; did you mean bit_length?"),
        ("{}:Heir.of_clas", "there is no of_clas in Heir; did you mean of_class?"),
        ("{}.py:CONSTANT", "after a file come two colons, {}.py::CONSTANT"),
    ],
)
def test_what_cannot_be_found_is_refused(places: str, target: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        locate(target.format(places))
    assert said.format(places) in str(caught.value)


def test_a_file_in_a_package_is_imported_as_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package_to_locate"
    package.mkdir()
    (package / "__init__.py").write_text("VALUE = 8")
    (package / "inner.py").write_text("from . import VALUE\ndef program(): return VALUE, __name__")
    program, _ = locate(f"{package}/inner.py::program")
    assert program() == (8, "package_to_locate.inner")
    for name in ("package_to_locate", "package_to_locate.inner"):
        monkeypatch.delitem(sys.modules, name)


def test_a_file_with_the_name_of_a_module_that_is_imported_is_refused(tmp_path: Path) -> None:
    (tmp_path / "queue.py").write_text("x = print")
    with pytest.raises(UsageError, match=r"its name, queue, is taken by"):
        locate(f"{tmp_path}/queue.py::x")
    assert str(tmp_path) not in sys.path, "a process that this one starts would import that file for the library's"
