"""The names of the outcomes of an exploration, which is all that is compared besides their number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def outcome_names(outcomes: Iterable[Any]) -> frozenset[str]:
    """Return the names, be they the keys of a dict or an attribute of what is listed."""
    return frozenset(str(getattr(outcome, "outcome", outcome)) for outcome in outcomes)
