"""Runs a state machine on a queue class, always the same way: no example database, no seed but Hypothesis's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pcverify.explore.execution import redirect_everything
from tests.interleavings.operations import Broken

if TYPE_CHECKING:
    from tests.interleavings.machine import PutsAndGets

STEPS = 25  # rules a script


def find(machine: type[PutsAndGets], queue_class: Any, *, examples: int, shrink: bool = False) -> tuple[Any, Any, int]:
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
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,  # how fast a shared machine is says nothing
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        report_multiple_bugs=False,
    )
    Machine.redirection = redirect_everything()
    try:
        run_state_machine_as_test(Machine, settings=chosen)
    except Broken as broken:
        return broken, Machine.told, Machine.made
    finally:
        Machine.redirection.end()
    return None, [], Machine.made
