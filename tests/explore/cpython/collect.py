"""The test methods of the standard library that are programs for an explorer of threads.

A method is left out by a rule that matches its source: its own, and that of the methods of its class that it names.
So a method that a new version of Python adds is left out for what it does, and taken if it does none of that.
"""

from __future__ import annotations

import importlib
import inspect
import re
import unittest
from dataclasses import dataclass
from typing import Any

MODULES = ("test.test_queue", "test.test_threading")


@dataclass(frozen=True, slots=True)
class Rule:
    """Leaves out the methods whose source matches `pattern`."""

    pattern: re.Pattern[str]
    reason: str


RULES = tuple(
    Rule(re.compile(pattern), reason)
    for pattern, reason in (
        (r"\bassert_python_(ok|failure)\b|\bsubprocess\.|\bspawn_python\b", "runs Python in another process"),
        (r"\bos\.fork\b|\b_at_fork_reinit\b", "forks, or repairs a lock after a fork"),
        (r"\brun_in_subinterp\w*|\binterpreters\.", "runs a second interpreter"),
        (r"\binterrupt_main\b|\bsignal\.(signal|raise_signal|alarm|pthread_kill)\b", "sends a signal to the process"),
        (r"\bctypes\b|\b_testcapi\b", "makes or interrupts an OS thread through the C API"),
        (r"\bset(trace|profile)_all_threads\b", "sets the tracer of every OS thread in the interpreter"),
        (r"\bself\.consume_nonblock\b", "50 threads poll every 10 µs while others sleep: a million steps a schedule"),
        (r"while not \w+\[0\]:\s+pass\b", "spins on a variable until the operating system lets another thread run"),
    )
)
LONG = re.compile(
    r"\brun_threads\(N\b|_in_many_threads\b|\bdef test_references\b|\bdef test_multithread_modify_file\w*"
)


@dataclass(frozen=True, slots=True)
class Method:
    """One test method.

    Attributes:
        name: its dotted name.
        excluded: why it is left out; empty if it is not.
        long: whether a schedule of it takes long: 100 threads hand on 10,000 items, or poll, or each step is a
            full garbage collection or a real file.
    """

    name: str
    excluded: str = ""
    long: bool = False


class MissingTests(Exception):
    """This Python comes without the package `test`."""


def collect() -> list[Method]:
    """Return every test method of the modules, in the order of their source.

    Raises:
        MissingTests: the standard library has no package `test`; some distributions ship it apart, some not at all.
    """
    methods = []
    for module_name in MODULES:
        module = _import(module_name)
        for case in vars(module).values():
            if isinstance(case, type) and issubclass(case, unittest.TestCase) and case.__module__ == module_name:
                for name in unittest.defaultTestLoader.getTestCaseNames(case):
                    methods.append(_method(case, name))
    return methods


def _method(case: type[unittest.TestCase], name: str) -> Method:
    source = "".join(_sources(case, name, set()))
    dotted = f"{case.__module__}.{case.__name__}.{name}"
    return Method(dotted, _skipped(case, name) or _left_out(source), bool(LONG.search(source)))


def _import(module_name: str) -> Any:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if not module_name.startswith(f"{error.name}."):
            raise
        raise MissingTests(
            f"this Python has no {error.name!r}, the standard library's own tests: install it "
            "(Debian: libpython3-testsuite, Fedora: python3-test), or use a Python built from source"
        ) from error


def _skipped(case: type[unittest.TestCase], name: str) -> str:
    for skipped in (getattr(case, name), case):
        if getattr(skipped, "__unittest_skip__", False):
            return f"skips itself: {getattr(skipped, '__unittest_skip_why__', '')}"
    return ""


def _left_out(source: str) -> str:
    return next((rule.reason for rule in RULES if rule.pattern.search(source)), "")


def _sources(case: type[unittest.TestCase], name: str, seen: set[str]) -> list[str]:
    """Return the source of a method and of all methods that it calls on `self`, unless `unittest` has them."""
    if name in seen or hasattr(unittest.TestCase, name) or not inspect.isfunction(getattr(case, name, None)):
        return []
    seen.add(name)
    source = inspect.getsource(inspect.unwrap(getattr(case, name)))
    called = re.findall(r"\bself\.(\w+)\(", source)
    return [source, *(text for other in called for text in _sources(case, other, seen))]
