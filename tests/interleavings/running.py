"""Runs a state machine on a queue class, always the same way: no example database, and a fixed seed."""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from pcverify.explore import redirect_everything
from tests.interleavings.machine import MAX_TASKS
from tests.interleavings.operations import Broken
from tests.support.hypothesis_settings import SAME_EACH_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interleavings.interrupts import Place
    from tests.interleavings.machine import PutsAndGets

EXAMPLES = SAME_EACH_TIME.max_examples  # scripts on a sound queue
STEPS = 25  # rules a script
LONGEST_SCRIPT = 12  # rules that a script may have that is to be read; the one that makes the queue does not count
MAX_IN_VAIN = 60  # scripts without a shorter one, after which a script that can be read is short enough
SEED = 0


class Enough(BaseException):
    """Ends the shrinking: no failure of a script, which Hypothesis would shrink, too."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a state machine found.

    Attributes:
        broken: what broke, told by the shortest script; None if nothing did.
        scripts: how many were run until one failed, or in all.
        interrupted_at: how often calls of which kind were interrupted at which place.
    """

    broken: Broken | None
    scripts: int
    interrupted_at: Counter[tuple[Place, str]]


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let the garbage collector look less often, and not at what was there before: it took a fifth of the time."""
    threshold = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(10_000, *threshold[1:])
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.collect()  # what the run left, and only that
        gc.unfreeze()


@_few_collections()
def find(machine: type[PutsAndGets], queue_class: Any, *, examples: int = EXAMPLES, shrink: bool = False) -> Found:
    """Run `machine` on `queue_class`."""
    subclass = seed(SEED)(_on(machine, queue_class))
    chosen = settings(
        SAME_EACH_TIME,
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )
    subclass.redirection = redirect_everything()
    try:
        run_state_machine_as_test(subclass, settings=chosen)
    except (Broken, Enough):
        pass
    finally:
        subclass.redirection.end()
        del subclass.redirection  # Hypothesis keeps the class, and that all it has drawn
    return _found(subclass)


def run_script(machine: type[PutsAndGets], queue_class: Any, rules: list[tuple[Any, ...]]) -> Found:
    """Run one script on a queue with room for one item: the rules, by name, each with its arguments."""
    subclass = _on(machine, queue_class)
    subclass.redirection = redirect_everything()
    try:
        script = subclass()
        try:
            script.make(maxsize=1, tasks=MAX_TASKS)
            for rule, *arguments in rules:
                getattr(script, rule)(*arguments)
        finally:
            script.teardown()
    except Broken:
        pass
    finally:
        subclass.redirection.end()
        del subclass.redirection  # Hypothesis keeps the class, and that all it has drawn
    return _found(subclass)


def _found(machine: Any) -> Found:
    """Return what the machines found, and let go of all else that the traceback keeps: Hypothesis keeps the class."""
    broken, machine.shortest = machine.shortest, None
    if broken is not None:
        broken.__traceback__ = broken.__context__ = broken.__cause__ = None
    return Found(broken, machine.scripts, machine.interrupted_at)


def _on(machine: type[PutsAndGets], queue_class: Any) -> Any:
    class Machine(machine):  # type: ignore[valid-type,misc]
        make_queue = queue_class
        shortest = None
        interrupted_at: ClassVar[Counter[tuple[Place, str]]] = Counter()
        scripts = 0
        in_vain = 0

        def __init__(self) -> None:
            super().__init__()
            cls = type(self)
            cls.scripts += cls.shortest is None
            cls.in_vain += cls.shortest is not None

        def _fail(self, check: str, what: str) -> None:
            best = type(self).shortest
            if best is None or len(self.story) - 1 < best.rules:
                type(self).in_vain = 0
            super()._fail(check, what)

        def teardown(self) -> None:
            super().teardown()
            best = type(self).shortest
            if best is not None and best.rules <= LONGEST_SCRIPT and type(self).in_vain > MAX_IN_VAIN:
                raise Enough  # at the end of a script: Hypothesis would call it flaky if it drew less than before

    return Machine
