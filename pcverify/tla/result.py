"""What a run of TLC that gave a verdict found.

A result exists only for a verdict: OK, SAMPLED or VIOLATION. Whatever kept TLC from one is an error.

OK means: every state that the module and its config reach was checked against every property that
the config names. It does not show anything about larger constants, about states that a CONSTRAINT
cuts off, or about the code that the model describes. TLC tells states apart by 64-bit fingerprints;
it estimates the chance that two of them collided, which at these sizes is below 1 in a million.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pcverify.evidence import Verdict
from pcverify.tla.values import Value

DEADLOCK = "Deadlock"
"""The property that TLC checks without a name: some action is always enabled."""


@dataclass(frozen=True, slots=True)
class TraceState:
    """One state of a counterexample, and the action that led to it."""

    number: int
    """Counted from 1."""

    action: str
    """The name of the action that led here; `Init` for an initial state."""

    location: str
    """Where the action stands, as TLC says it; empty for an initial state."""

    variables: Mapping[str, Value]
    """Every variable of the module and its value."""


@dataclass(frozen=True, slots=True)
class Loop:
    """How a counterexample to a liveness property goes on for ever after its last state."""

    to: int
    """The number of the state that comes next, again."""

    action: str
    """The action that leads back there; empty if nothing happens any more."""

    @property
    def stuttering(self) -> bool:
        """Whether nothing happens any more: the last state stays as it is."""
        return not self.action


@dataclass(frozen=True, slots=True)
class ActionCount:
    """How often an action was taken."""

    distinct: int
    """How often it led to a state that had not been seen."""

    total: int
    """How often it was taken at all; 0 if it never was enabled."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """How TLC is to sample behaviours instead of looking at every state."""

    traces: int
    """So many behaviours."""

    depth: int
    """Each of so many states, or fewer if nothing more can happen."""

    seed: int
    """Fixes the choices: the same seed gives the same behaviours on every machine."""


@dataclass(frozen=True, slots=True)
class TlcResult:
    """The verdict of one run, and what it rests on."""

    verdict: Verdict
    """OK or VIOLATION; SAMPLED for a simulation, which is never OK. No other."""

    violated: tuple[str, ...]
    """Empty if nothing is. Else the property that does not hold: `Deadlock`, or its name in the config.

    TLC does not say which temporal property is violated. If the config names several, they all
    stand here: one of them is meant. Give each a config of its own to know.
    """

    generated: int
    """States generated, each as often as an action led to it."""

    distinct: int
    """Distinct states found; 0 for a simulation, which does not tell them apart."""

    depth: int | None
    """States on the longest of the shortest paths from an initial state; None if TLC does not say."""

    seconds: float
    """Wall time, the start of Java included."""

    tlc: str
    """The version of TLC, such as `2.15`."""

    states: tuple[TraceState, ...] = ()
    """The counterexample, from an initial state; empty for OK."""

    loop: Loop | None = None
    """How the counterexample goes on for ever; None if it is finite."""

    coverage: Mapping[str, ActionCount] | None = None
    """How often each action was taken; None if this was not asked for, or TLC did not say."""

    initial: int | None = None
    """How many of the generated states are initial ones; None if TLC does not say."""

    temporal: bool = False
    """Whether TLC looked at behaviours as a whole, as liveness needs, and not only at states and steps."""

    @property
    def property_name(self) -> str:
        """What is violated, as text: one name, or several joined by `or`. Empty for OK."""
        return " or ".join(self.violated)
