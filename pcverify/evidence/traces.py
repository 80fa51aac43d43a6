"""A counterexample, step by step: who did what, where, and what it changed.

A trace is the same data whether it comes from a model or from running code, so that one report can
show both. It says nothing of how it was found. A behaviour that fails by going on for ever ends in
a loop: after its last step it continues with the step `repeats_from`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of one task."""

    number: int
    """Counted from 1."""

    task: str
    """The label of the task that took the step; empty if the step belongs to none or to several."""

    action: str
    """What the task did, by the name the code or the model gives it."""

    location: str
    """Where: a source line or a place in a module; empty if unknown."""

    effect: str
    """What the step changed, one change a line; empty if nothing that is shown."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A counterexample."""

    violates: str
    """The name of the property that does not hold, or `Deadlock`."""

    steps: tuple[TraceStep, ...]
    """In the order in which they were taken."""

    repeats_from: int | None = None
    """The number of the step that follows the last one again, for ever; None for a finite trace.

    If it is the number of the last step, nothing happens after it: the behaviour stutters.
    """
