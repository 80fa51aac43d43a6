"""States of an execution, so that a search can tell that it was there before."""

from pcverify.explore.states.keys import StateKeys

__all__ = ["StateKeys"]
