"""Controlled executions at `opcode`, in which a task is interrupted at each place in turn at which CPython raises."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pcverify.explore import Execution
from pcverify.explore.control.everything import redirect_everything
from pcverify.explore.granularity import Ownership, instrumentation_for
from tests.explore.delivered import Arrived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST = 1_000
"""Places that a function may have."""


class Interrupting:
    """Runs functions of `owner`'s file, and of these modules of the library, under control, at `opcode`."""

    def __init__(self, owner: Callable[..., object], *library: str) -> None:
        self._looking = instrumentation_for("opcode", Ownership(owner, library))
        self._redirection = redirect_everything(self._looking)
        self._looking.begin()

    def end(self) -> None:
        self._looking.end()
        self._redirection.end()

    def execution(self) -> Execution:
        return Execution(redirection=self._redirection, instrumentation=self._looking, record=False)

    def raised(self, function: Callable[[], object], skip: int, look: Callable[[], object] = int) -> Any:
        """Interrupt a task at its first step; return what it raised, and what `look` sees when it has ended."""
        with self.execution() as execution:
            task = execution.spawn(lambda: function(), "task")  # noqa: PLW0108  # so that its beginning is one of them
            execution.take(task)
            execution.interrupt(task, Arrived(), skip=skip)
            while not task.ended:
                execution.take(task)
            return task.error, look()

    def every(self, function: Callable[[], object]) -> Iterator[BaseException]:
        """Interrupt it at each place in turn; give what it raised."""
        for skip in range(MOST):
            error, _ = self.raised(function, skip)
            if error is None:
                return
            yield error
        pytest.fail("there is no end of places")

    def seen(self, make: Callable[[], Any], work: Callable[[Any], object], look: Callable[[Any], Any]) -> list[Any]:
        """Interrupt what works on a new object at each place in turn; return what is seen of the object each time."""
        seen: list[Any] = []
        for skip in range(MOST):
            thing = make()
            error, found = self.raised(partial(work, thing), skip, partial(look, thing))
            if error is None:
                return seen
            seen.append(found)
        pytest.fail("there is no end of places")


@contextmanager
def interrupting(owner: Callable[..., object], *library: str) -> Iterator[Interrupting]:
    found = Interrupting(owner, *library)
    try:
        yield found
    finally:
        found.end()
