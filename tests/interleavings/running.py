"""Runs a state machine on a queue class, always the same way: no example database, no seed but Hypothesis's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pcverify.explore import redirect_everything
from tests.interleavings.operations import Broken
from tests.support.hypothesis_settings import SAME_EACH_TIME

if TYPE_CHECKING:
    from tests.interleavings.machine import PutsAndGets

EXAMPLES = SAME_EACH_TIME.max_examples  # scripts: as many for the sound queue as for each fault
STEPS = 25  # rules a script


def find(
    machine: type[PutsAndGets], queue_class: Any, *, examples: int = EXAMPLES, shrink: bool = False
) -> tuple[Any, Any, int]:
    """Run `machine` on `queue_class`.

    Returns:
        What broke (`None` if nothing did), the story as lines, and how many scripts were run.
    """

    class Machine(machine):  # type: ignore[valid-type,misc]
        make_queue = queue_class
        made = 0

        def __init__(self) -> None:
            super().__init__()
            type(self).made += 1

    chosen = settings(
        SAME_EACH_TIME,
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
    )
    Machine.redirection = redirect_everything()
    try:
        run_state_machine_as_test(Machine, settings=chosen)
    except Broken as broken:
        return broken, Machine.told, Machine.made
    finally:
        Machine.redirection.end()
    return None, [], Machine.made
