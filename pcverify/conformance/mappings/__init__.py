"""From a state of the code to the variables of a model: one file for each model.

A mapping looks at suspended tasks, and at the queue that they work on, and names what it sees as the model does. What
it does not know it describes in words that are in no model: so an unknown position is a difference, never a match.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pcverify.conformance.mappings import condition_queue, handoff_queue, pipeline, unfinished_tasks
from pcverify.conformance.programs import (
    PipelineConfig,
    PipelineProgram,
    QueueConfig,
    QueueProgram,
    UnfinishedConfig,
    UnfinishedProgram,
)
from pcverify.evidence import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict

    from pcverify.conformance.looking import Look
    from pcverify.explore.engine.execution import Execution


class Mapping(Protocol):
    """What a module of this package defines."""

    MODULE: str
    """The model's name."""
    VARIABLES: tuple[str, ...]
    """Those that are compared: all of the model's but its history, which configs for this leave empty."""
    ACTIONS: Dict[str, str]
    """For each position the action with which a task leaves it."""
    STUTTERS: Dict[str, str]
    """Moves of the code that are no step of the model, and why."""

    @staticmethod
    def unread(program: Any) -> dict[type, frozenset[str]]:
        """Return, for classes of the code's objects, the attributes on which nothing depends; see `StateKeys`."""

    @staticmethod
    def may_be_interrupted(look: Look, program: Any) -> bool:
        """Whether the model lets an exception from outside come to this task here."""

    @staticmethod
    def position(look: Look, program: Any) -> str:
        """Return what the model calls the operation that a task is in front of."""

    @staticmethod
    def state_of(execution: Execution, looks: Dict[str, Look], program: Any, config: Any) -> dict[str, Any]:
        """Return the value of each of `VARIABLES`."""


PROGRAMS: dict[str, Any] = {
    "ConditionQueue": QueueProgram,
    "HandoffQueue": QueueProgram,
    "UnfinishedTasks": UnfinishedProgram,
    "Pipeline": PipelineProgram,
}
CONFIGS: dict[str, Any] = {
    "ConditionQueue": QueueConfig,
    "HandoffQueue": QueueConfig,
    "UnfinishedTasks": UnfinishedConfig,
    "Pipeline": PipelineConfig,
}
MAPPINGS: dict[str, Any] = {
    mapping.MODULE: mapping for mapping in (condition_queue, handoff_queue, unfinished_tasks, pipeline)
}


def mapping_for(model: str) -> Any:
    """Return the mapping of a model by its name.

    Raises:
        UsageError: there is none.
    """
    if model not in MAPPINGS:
        raise UsageError(f"no code is mapped to a model {model!r}: give one of {', '.join(MAPPINGS)}")
    return MAPPINGS[model]


def is_coarse(model: str) -> bool:
    """Whether the steps of a model are larger than the code's, which it then sees through a `view`."""
    return hasattr(mapping_for(model), "view")
