"""Chance as tasks meet it: the same in each execution, or no schedule could be replayed.

What the operating system gives (`os.urandom`, on which `secrets` and `uuid4` are built) and the seed of a generator
that is made without one come from a stream that begins anew with each execution. The functions of the module `random`
use, in a task, a generator of the execution's own; the process's hidden one is neither seen nor changed. Both are made
when they are first used. A generator that the program made before the run is state that it keeps.
"""

from __future__ import annotations

import _random
import os
import random
from typing import TYPE_CHECKING, Any

from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.everything import Control

_hidden: Any = random._inst


def redirect_randomness(redirection: Control) -> None:
    """Let tasks meet the same chance in each execution."""
    redirection.function(os.urandom, _urandom)
    if hasattr(os, "getrandom"):
        redirection.function(os.getrandom, _urandom)
    for name in ("random", "getrandbits"):
        # The hidden generator's own methods find these on the instance, everybody else has the module's functions.
        redirection.function(getattr(random, name), _drawing(name))
        redirection.entry(vars(_hidden), name, getattr(random, name))
    methods = {name: _of_a_generator(name) for name in ("seed", "getstate", "setstate")}
    redirection.methods(_random.Random, methods)
    redirection.python_method(random.Random, "gauss", _gauss)


def _urandom(original: Callable[..., bytes], *size: Any, **more: Any) -> bytes:
    task = getcurrent()
    if task.__class__ is not Task or len(size) != 1 or more or not hasattr(size[0], "__index__") or size[0] < 0:
        return original(*size, **more)
    return task.execution.surroundings.take_bytes(size[0].__index__())


def _drawing(name: str) -> Callable[..., Any]:
    def draw(original: Callable[..., Any], *arguments: Any) -> Any:
        task = getcurrent()
        if task.__class__ is not Task:
            return original(*arguments)
        return getattr(task.execution.surroundings.generator(), name)(*arguments)

    return draw


def _of_a_generator(name: str) -> Callable[..., Any]:
    """A C method of generators, which `random.Random` calls; of the hidden one it becomes one of the execution's."""
    original = vars(_random.Random)[name]

    def call(self: Any, *arguments: Any) -> Any:
        task = getcurrent()
        if task.__class__ is Task:
            surroundings = task.execution.surroundings
            if self is _hidden:
                self = surroundings.generator()
            if name == "seed" and arguments in {(), (None,)}:
                arguments = (int.from_bytes(surroundings.take_bytes(32), "big"),)
        return original(self, *arguments)

    return call


def _gauss(original: Callable[..., float], self: Any, *arguments: Any, **keywords: Any) -> float:
    """`Random.gauss`, which keeps every second number for later."""
    task = getcurrent()
    if task.__class__ is Task and self is _hidden:
        self = task.execution.surroundings.generator()
    return original(self, *arguments, **keywords)
