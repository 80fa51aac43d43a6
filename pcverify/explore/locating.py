"""Finds the program that a command line names: `tests/test_x.py::test_y`, `…::Class::method`, `package.module:name`."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.program import as_program, refuse_what_cannot_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def locate(target: str) -> tuple[Callable[[], Any], dict[str, Any]]:
    """Return the program, and the options that its decorator was given.

    Raises:
        UsageError: there is no such program, it cannot be imported, or it needs arguments.
    """
    path, _, rest = target.partition("::")
    if rest:
        module, names = _import_file(Path(path)), rest.split("::")
    else:
        name, _, attribute = target.partition(":")
        if name.endswith(".py") and attribute:
            raise UsageError(f"{target!r} names no function: after a file come two colons, {name}::{attribute}")
        if not attribute:
            raise UsageError(f"{target!r} names no function: give FILE.py::FUNCTION or MODULE:FUNCTION")
        module, names = _import_module(name), attribute.split(".")
    holder: Any = module
    owner: Any = None
    for name in names:
        if not hasattr(holder, name):
            raise UsageError(
                f"{target}: there is no {name} in {getattr(holder, '__name__', holder)}{_near(holder, name)}"
            )
        owner, holder = holder, getattr(holder, name)
    options = dict(getattr(holder, "__interleavings__", {}))
    function = getattr(holder, "__wrapped__", holder) if options else holder
    refuse_what_cannot_run(function, target)
    static = inspect.getattr_static(owner, names[-1])
    if isinstance(static, classmethod) and function is not holder:
        function = function.__get__(owner)
    if isinstance(owner, type) and not isinstance(static, (classmethod, staticmethod)):
        return _method(owner, names[-1], function), options
    _needs_nothing(function, target, 0)
    return as_program(function), options


def _method(owner: type, name: str, function: Any) -> Callable[[], Any]:
    """Return a program that makes an object of the class each time and calls its method."""
    if issubclass(owner, unittest.TestCase):
        try:
            owner.setUpClass()  # once, as unittest does; the process ends with the exploration
        except Exception as error:
            raise UsageError(f"{owner.__name__}.setUpClass fails: {type(error).__name__}: {error}") from error

        def case() -> None:
            test = owner(name)
            test.setUp()
            try:
                function(test)
            finally:
                test.tearDown()
                test.doCleanups()

        return as_program(_named(case, function))
    _needs_nothing(owner, owner.__name__, 0)
    _needs_nothing(function, f"{owner.__name__}.{name}", 1)
    return as_program(_named(lambda: function(owner()), function))


def _named(program: Callable[[], Any], function: Any) -> Callable[[], Any]:
    program.__name__ = function.__name__
    program.__wrapped__ = function  # type: ignore[attr-defined]
    return program


def _needs_nothing(function: Any, target: str, given: int) -> None:
    try:
        parameters = list(inspect.signature(function).parameters.values())[given:]
    except ValueError:  # some that are written in C do not tell
        return
    needed = [
        each.name
        for each in parameters
        if each.default is each.empty
        and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    ]
    if needed:
        raise UsageError(
            f"{target} needs {', '.join(needed)}: decorate it with @pcverify.explore.interleavings, and run pytest"
        )


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    path = path.resolve()
    top = path.parent
    parts = [path.stem]
    while (top / "__init__.py").exists():
        parts.insert(0, top.name)
        top = top.parent
    before = list(sys.path)
    try:
        _look_in(str(top))
        module = _import_module(".".join(parts))
        found = getattr(module, "__file__", None)
        if found is None or Path(found).resolve() != path:
            raise UsageError(
                f"{path.name} cannot be imported: its name, {module.__name__}, is taken by {found or 'another'}"
            )
    except UsageError:
        sys.path[:] = before  # else every process started later would find the file under that name
        raise
    return module


def _look_in(folder: str) -> None:
    if folder not in sys.path:
        sys.path.insert(0, folder)


def _import_module(name: str) -> ModuleType:
    _look_in(str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error


def _near(holder: Any, name: str) -> str:
    near = difflib.get_close_matches(name, dir(holder), 1)
    return f"; did you mean {near[0]}?" if near else ""
