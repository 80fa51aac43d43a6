"""Dates as tasks see them: the virtual time, counted from the clock's epoch.

`datetime.now` and `utcnow` ask the operating system by themselves, and so are replaced; `today` asks `time.time`. The
functions of `time` that mean the present when they get no argument, get one. The time zone is the process's own.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.clock import EPOCH
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.redirect import Redirection

NANOSECONDS = 1_000_000_000
REAL_TIME = {
    getattr(time, name)
    for name in ("CLOCK_REALTIME", "CLOCK_REALTIME_COARSE", "CLOCK_TAI", "CLOCK_UTC")
    if hasattr(time, name)
}


def now_of(task: Task) -> float:
    """Return the time of day as a task reads it, in seconds."""
    return EPOCH + task.execution.clock.read(task)


def redirect_dates(redirection: Redirection) -> None:
    """Let the functions of `time` that tell dates tell virtual ones, in a task."""
    for name in ("localtime", "gmtime", "ctime"):
        redirection.function(getattr(time, name), _of_a_moment)
    redirection.function(time.asctime, _of_fields)
    redirection.function(time.strftime, _formatted)
    for name in ("process_time", "thread_time"):
        if hasattr(time, name):
            redirection.function(getattr(time, name), _running_time)
            redirection.function(getattr(time, f"{name}_ns"), _running_nanoseconds)
    if hasattr(time, "clock_gettime"):
        redirection.function(time.clock_gettime, _clock)
        redirection.function(time.clock_gettime_ns, _clock_nanoseconds)


def redirect_datetime(redirection: Redirection, module: Any) -> None:
    """The same for `datetime.datetime`, which may be loaded later."""
    methods = dict(vars(module.datetime))
    now = _now(methods["now"], methods["fromtimestamp"])
    utcnow = _utcnow(methods["utcnow"], methods["fromtimestamp"], module.timezone.utc)
    redirection.methods(module.datetime, {"now": classmethod(now), "utcnow": classmethod(utcnow)})


def bound_class_methods() -> dict[type, dict[str, Any]]:
    """Return what replaces `now` and `utcnow` where they were bound to their class before the run."""

    def calling(name: str) -> Callable[..., Any]:
        def call(cls: Any, *arguments: Any, **keywords: Any) -> Any:
            module = sys.modules.get("datetime")
            if module is None or not issubclass(cls, module.datetime):  # another class has a method of that name
                return getattr(cls, name)(*arguments, **keywords)
            return vars(module.datetime)[name].__get__(None, cls)(*arguments, **keywords)

        return call

    return {type: {name: calling(name) for name in ("now", "utcnow")}}


def _now(original: Any, from_timestamp: Any) -> Callable[..., Any]:
    def now(cls: Any, tz: Any = None) -> Any:
        """Return the present, in this time zone or without one."""
        task = getcurrent()
        if task.__class__ is not Task or (tz is not None and not hasattr(tz, "utcoffset")):
            return original.__get__(None, cls)(tz)
        return from_timestamp.__get__(None, cls)(now_of(task), tz)

    return now


def _utcnow(original: Any, from_timestamp: Any, utc: Any) -> Callable[..., Any]:
    def utcnow(cls: Any) -> Any:
        """Return the present in UTC, without a time zone."""
        task = getcurrent()
        if task.__class__ is not Task:
            return original.__get__(None, cls)()
        return from_timestamp.__get__(None, cls)(now_of(task), utc).replace(tzinfo=None)

    return utcnow


def _of_a_moment(original: Callable[..., Any], *seconds: Any) -> Any:
    task = getcurrent()
    if task.__class__ is Task and seconds in {(), (None,)}:
        seconds = (now_of(task),)
    return original(*seconds)


def _of_fields(original: Callable[..., Any], *fields: Any) -> Any:
    task = getcurrent()
    return original(time.localtime(now_of(task))) if task.__class__ is Task and not fields else original(*fields)


def _formatted(original: Callable[..., Any], *arguments: Any) -> Any:
    task = getcurrent()
    if task.__class__ is Task and len(arguments) == 1:
        arguments = (*arguments, time.localtime(now_of(task)))
    return original(*arguments)


def _running_time(original: Callable[[], float]) -> float:
    task = getcurrent()
    return task.execution.clock.read(task) if task.__class__ is Task else original()


def _running_nanoseconds(original: Callable[[], int]) -> int:
    task = getcurrent()
    return round(task.execution.clock.read(task) * NANOSECONDS) if task.__class__ is Task else original()


def _clock(original: Callable[..., float], *clock: Any) -> float:
    seconds = original(*clock)  # raises what it raises
    task = getcurrent()
    if task.__class__ is not Task:
        return seconds
    return (EPOCH if clock[0] in REAL_TIME else 0.0) + task.execution.clock.read(task)


def _clock_nanoseconds(original: Callable[..., int], *clock: Any) -> int:
    nanoseconds = original(*clock)
    if getcurrent().__class__ is not Task:
        return nanoseconds
    return round(time.clock_gettime(*clock) * NANOSECONDS)
