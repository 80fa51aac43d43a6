"""`@interleavings`: an ordinary test, run under the scheduler instead of once.

    @interleavings                                   # or with the arguments of `explore`
    def test_no_item_is_lost():
        ...

It works on functions and methods, under pytest (fixtures and parameters are passed on), under unittest, and when the
function is just called. Fixtures are made once for all executions, so what they hold leaks from one execution into
the next: a test makes what its threads share itself.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.errors import InconclusiveExploration, InterleavingFailure
from pcverify.explore.exploration import explore
from pcverify.explore.saved import explore_saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.result import Exploration

    Test = TypeVar("Test", bound=Callable[..., Any])

PROGRAM = "__pcverify_program__"
"""The attribute of a decorated function that holds the function itself."""

OPTIONS = "__pcverify_options__"


@overload
def interleavings(function: Test, /) -> Test: ...
@overload
def interleavings(*, require: str = "SAMPLED", **options: Any) -> Callable[[Test], Test]: ...
def interleavings(function: Any = None, /, *, require: str = "SAMPLED", **options: Any) -> Any:
    """Let a test be explored whenever it is called.

    Args:
        function: the test.
        require: `OK` if everything within the bounds must have been covered; `SAMPLED` if sampling will do.
        options: those of `explore`.

    Raises:
        UsageError: the arguments are not possible, or this is no test that can be explored.
        InterleavingFailure: (when the test is called) an interleaving breaks it. An AssertionError.
        InconclusiveExploration: (when the test is called) the verdict is UNKNOWN, or less than required.
    """
    if require not in {"OK", "SAMPLED"}:
        raise UsageError(f"require={require!r} is no verdict to require: give 'OK' or 'SAMPLED'")
    try:
        inspect.signature(explore).bind(None, **options)
    except TypeError as error:
        raise UsageError(f"interleavings: {error}; it takes what explore takes, by keyword") from None

    def decorate(test: Any) -> Any:
        if inspect.iscoroutinefunction(test) or inspect.isasyncgenfunction(test):
            raise UsageError(
                f"{test.__qualname__} is a coroutine: an event loop is not under control, only threads are"
            )
        if not inspect.isfunction(test):
            raise UsageError(f"{test!r} is no function: decorate the functions and methods that test")

        @functools.wraps(test)
        def explored(*arguments: Any, **keywords: Any) -> None:
            __tracebackhide__ = True
            program = functools.wraps(test)(lambda: test(*arguments, **keywords))
            check(_explore(program, test, bool(arguments or keywords), options), require)

        setattr(explored, PROGRAM, test)
        setattr(explored, OPTIONS, options)
        return explored

    return decorate if function is None else decorate(function)


def check(result: Exploration, require: str) -> None:
    """Raise what a test that came out like this must raise."""
    __tracebackhide__ = True
    if result.interrupted_by is not None:
        print(result, file=sys.stderr)
        raise result.interrupted_by
    if result.counterexample is not None:
        failure = InterleavingFailure(str(result), result.counterexample.trace)
        raise failure from result.counterexample.error
    if result.verdict is Verdict.UNKNOWN:
        raise InconclusiveExploration(str(result))
    if require == "OK" and result.verdict is not Verdict.OK:
        raise InconclusiveExploration(
            f"{result}\nThis test requires OK: give a strategy that is exhaustive ('dfs', 'bounded:2') or larger bounds"
        )


def _explore(program: Callable[[], Any], test: Any, has_arguments: bool, options: dict[str, Any]) -> Exploration:
    node = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    if node:
        return explore_saved(program, node, command=f"pytest '{node}'", **options)
    if has_arguments:
        return explore(program, **options)
    return explore_saved(program, name_of(test), **options)


def name_of(test: Any) -> str:
    """Return what the command line calls a function: its file and its name."""
    file = Path(test.__code__.co_filename)
    folder = Path.cwd()
    shown = file.relative_to(folder) if file.is_relative_to(folder) else file
    return f"{shown}::{test.__qualname__.replace('.', '::')}"
