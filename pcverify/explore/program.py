"""A function with its arguments as the program of an exploration, and what it is called on a command line."""

from __future__ import annotations

import functools
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcverify.evidence import UsageError
from pcverify.explore.interruption import came_by_signal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIMPLE = (bool, int, float, str, bytes, type(None))


def as_program(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Callable[[], Any]:
    """Return the call as a program.

    `pytest.fail`, and `pytest.raises` around what does not raise, raise what is no `Exception`, as what ends a test
    from outside does; here it becomes the `AssertionError` that it means.
    """

    @functools.wraps(function)
    def program() -> Any:
        try:
            return function(*arguments, **keywords)
        except BaseException as error:
            if pytests_outcome(error) == "Failed" and not came_by_signal(error):
                raise AssertionError(str(error)).with_traceback(error.__traceback__) from None
            raise

    return program


def refuse_what_cannot_run(function: Any, name: str) -> None:
    """Raise `UsageError` unless calling `function` runs it."""
    if inspect.isclass(function):
        raise UsageError(f"{name} is a class: name, or decorate, its methods")
    if not callable(function):
        raise UsageError(f"{name} is no function")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise UsageError(
            f"{name} is an async function: this explores threads; asyncio's loop is not under control. "
            "Explore the threads that it uses from a plain function"
        )
    if inspect.isgeneratorfunction(function):
        raise UsageError(f"{name} is a generator function, so calling it runs nothing: make it a plain function")


def target_of(function: Any, folder: Path) -> str:
    """Return how the command line names a function: `tests/x.py::Class::test`, or `package.module:function`.

    Empty if nothing can name it, as it is made inside of another function.
    """
    function = inspect.unwrap(function)
    name = getattr(function, "__qualname__", "<>")
    if "<" in name:
        return ""
    file = inspect.getsourcefile(function)
    if file is not None and Path(file).resolve().is_relative_to(folder):
        relative = Path(file).resolve().relative_to(folder)
        return f"{relative.as_posix()}::{name.replace('.', '::')}"
    return f"{function.__module__}:{name}"


def describe_arguments(arguments: Sequence[Any], keywords: Mapping[str, Any]) -> str:
    """Return the arguments as text that is the same the next time: values where they are plain, else types."""
    positional = [_plain(each) for each in arguments]
    return ", ".join([*positional, *(f"{name}={_plain(each)}" for name, each in sorted(keywords.items()))])


def pytests_command() -> str:
    """Return the command that runs the test that pytest runs at the moment; empty if it runs none."""
    node = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return "" if not node else f"pytest '{node}'"


def pytests_outcome(error: BaseException) -> str:
    """Return `Failed`, `Skipped`, … if this is how pytest says that; else nothing. pytest need not be there."""
    return type(error).__name__ if any(kind.__module__ == "_pytest.outcomes" for kind in type(error).__mro__) else ""


def _plain(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_plain, value))})"
    return repr(value) if type(value) in SIMPLE else type(value).__name__
