"""The same as a decorator: a test runs under every interleaving that a strategy has, instead of under one.

    @interleavings(strategy="pct", max_executions=10_000)
    def test_no_item_is_lost():
        ...

It works on functions that pytest calls, with fixtures and parameters, on methods, on methods of `unittest.TestCase`,
and on what is called by hand. Each execution calls the function with the same arguments. So what a fixture made, and
`self`, are made once: what the threads change must be made inside of the function, or it leaks from one execution into
the next. A test that returns passes on OK and on SAMPLED; `require="OK"` asks for all schedules.

A failure that was found is saved and tried first the next time: see `saved`.
"""

from __future__ import annotations

import functools
import shlex
import unittest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from pcverify.evidence import UsageError, Verdict
from pcverify.explore.errors import InconclusiveExploration, InterleavingFailure
from pcverify.explore.program import (
    as_program,
    describe_arguments,
    pytests_command,
    pytests_outcome,
    refuse_what_cannot_run,
    target_of,
)
from pcverify.explore.saved import FOLDER, explore_remembering
from pcverify.report.terminal import width_of_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pcverify.explore.result import Exploration
    from pcverify.explore.strategies import Strategy

    Function = TypeVar("Function", bound=Callable[..., Any])

REQUIRED = ("SAMPLED", "OK")
INDENT = 4  # what pytest puts before each line of an error
OPTIONS = (
    *("max_executions", "max_seconds", "max_steps", "max_delay", "max_idle", "max_silence"),
    *("granularity", "instrument", "seed"),
)


@overload
def interleavings(function: Function, /) -> Function: ...


@overload
def interleavings(
    function: None = None,
    /,
    *,
    strategy: str | Callable[[], Strategy] = "portfolio",
    max_executions: int | None = None,
    max_seconds: float | None = None,
    max_steps: int = 10_000,
    max_delay: float | None = 1.0,
    max_idle: float | None = 3_600.0,
    max_silence: float = 10.0,
    granularity: str = "sync",
    instrument: Sequence[str] = (),
    seed: int = 0,
    require: Literal["SAMPLED", "OK"] = "SAMPLED",
) -> Callable[[Function], Function]: ...


def interleavings(
    function: Function | None = None,
    /,
    *,
    strategy: str | Callable[[], Strategy] = "portfolio",
    require: Literal["SAMPLED", "OK"] = "SAMPLED",
    **options: Any,
) -> Function | Callable[[Function], Function]:
    """Let a call of a function be an exploration of it.

    Args:
        function: what is decorated, if there are no arguments.
        strategy: the name of one, or a function that makes one: each call needs its own.
        require: the verdict that the test needs.
        options: those of `explore`.

    Raises:
        UsageError: when decorating, if the function is one that cannot be explored; when called, as `explore` does.
        InterleavingFailure: an execution failed; the message is the counterexample.
        InconclusiveExploration: the verdict is less than what is required.
    """
    if require not in REQUIRED:
        raise UsageError(f"require={require!r}: give 'SAMPLED' or 'OK'")
    if hasattr(strategy, "choose") and not isinstance(strategy, type):
        raise UsageError(
            "a strategy serves one exploration: give its name, or a function: strategy=lambda: Random(500)"
        )
    if not isinstance(strategy, str) and not callable(strategy):
        raise UsageError(f"strategy={strategy!r}: give the name of one, or a function that makes one")
    unknown = options.keys() - set(OPTIONS)
    if unknown:
        raise UsageError(f"interleavings has no {', '.join(sorted(unknown))}: give {', '.join(OPTIONS)}")

    def decorate(decorated: Any) -> Any:
        if isinstance(decorated, (staticmethod, classmethod)):
            return type(decorated)(decorate(decorated.__func__))
        refuse_what_cannot_run(decorated, getattr(decorated, "__qualname__", repr(decorated)))
        return _explored(decorated, strategy, require, options)

    return decorate if function is None else cast("Function", decorate(function))


def _explored(
    function: Callable[..., Any], strategy: str | Callable[[], Strategy], require: str, options: dict[str, Any]
) -> Callable[..., None]:
    @functools.wraps(function)
    def explored(*arguments: Any, **keywords: Any) -> None:
        __tracebackhide__ = True
        target = target_of(function, Path.cwd().resolve())
        others = arguments[1:] if _is_method_of(function, arguments) else arguments
        needs_pytest = bool(others or keywords) or not target

        def command(path: Path | None, schedule: str) -> str:
            if needs_pytest:
                return pytests_command()
            if path is not None:
                return f"pcverify replay {FOLDER}/{path.name}"
            return f"pcverify replay {schedule} {shlex.quote(target)}"

        found = explore_remembering(
            as_program(function, *arguments, **keywords),
            target or f"{function.__module__}:{function.__qualname__}",
            arguments=describe_arguments(arguments, keywords) if needs_pytest else "",
            command=command,
            strategy=strategy if isinstance(strategy, str) else strategy(),
            **options,
        )
        _conclude(found, require)

    explored.__interleavings__ = {"strategy": strategy} | options  # type: ignore[attr-defined]
    return explored


def _conclude(found: Exploration, require: str) -> None:
    """Return if that is enough, else raise."""
    __tracebackhide__ = True
    counterexample = found.counterexample
    if found.interrupted_by is not None:
        if not _is_skip(found.interrupted_by):
            print(found)
        raise found.interrupted_by
    if counterexample is not None:
        if counterexample.error is not None and _is_skip(counterexample.error):
            raise counterexample.error
        message = found.format(max(width_of_terminal() - INDENT, 60))
        raise InterleavingFailure(message, counterexample.trace) from counterexample.error
    if found.verdict is Verdict.UNKNOWN:
        raise InconclusiveExploration(str(found))
    if require == "OK" and found.verdict is not Verdict.OK:
        raise InconclusiveExploration(
            f"{found}; OK is required, which only an exhaustive strategy such as dfs can give"
        )
    for note in found.notes:
        print(f"Note: {note}.")


def _is_skip(error: BaseException) -> bool:
    """Whether it says that the test is to be skipped, or is expected to fail."""
    return isinstance(error, unittest.SkipTest) or pytests_outcome(error) in {"Skipped", "XFailed"}


def _is_method_of(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
    """Whether the first argument is the instance, or the class, whose method it is."""
    owner, dot, name = function.__qualname__.rpartition(".")
    if not dot or not arguments or owner.endswith("<locals>"):
        return False
    first = arguments[0] if isinstance(arguments[0], type) else type(arguments[0])
    return any(name in vars(cls) and cls.__qualname__ == owner for cls in first.__mro__)
