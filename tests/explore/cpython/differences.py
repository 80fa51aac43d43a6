"""The methods that give something else explored than with real threads, by cause.

Each is a choice or a limit of the explorer, not a defect that waits for its repair. A method that is listed here and
agrees is told of as stale: the list says what does not hold today.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.explore.cpython.compare import Comparison

Version = tuple[int, int]
OLDEST, NEWEST = (3, 10), (3, 13)


@dataclass(frozen=True, slots=True)
class Difference:
    """Why some methods differ, and from which to which version of Python they do.

    Attributes:
        sometimes: whether they differ in some runs only, so that one that agrees is not stale.
    """

    reason: str
    methods: tuple[str, ...]
    since: Version = OLDEST
    until: Version = NEWEST
    sometimes: bool = False


DIFFERENCES = (
    Difference(
        "A thread that ends by an exception makes the explored program fail; the interpreter prints it and goes on.",
        (
            "test.test_threading.ExceptHookTests.test_custom_excepthook",
            "test.test_threading.ExceptHookTests.test_custom_excepthook_fail",
            "test.test_threading.ExceptHookTests.test_excepthook",
            "test.test_threading.ExceptHookTests.test_original_excepthook",
        ),
    ),
    Difference(
        "Looks at the lock that the interpreter releases at the end of an OS thread; a task has none.",
        (
            "test.test_threading.ThreadTests.test_shutdown_locks",
            "test.test_threading.ThreadTests.test_tstate_lock",
        ),
        until=(3, 12),
    ),
    Difference(
        "The garbage collector calls back into the queue; when it runs depends on all that was allocated before.",
        ("test.test_queue.CSimpleQueueTest.test_reentrancy",),
        sometimes=True,
    ),
)


def listed(version: Version = sys.version_info[:2]) -> dict[str, Difference]:
    """Return each method that is listed for a version, by its dotted name."""
    return {
        method: difference
        for difference in DIFFERENCES
        if difference.since <= version <= difference.until
        for method in difference.methods
    }


def unlisted(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """Return those that differ and are not listed."""
    known = listed()
    return [one for one in comparisons if one.kind == "differ" and one.name not in known]


def stale(comparisons: Iterable[Comparison]) -> list[str]:
    """Return the names of those that are listed and agree."""
    known = {name for name, difference in listed().items() if not difference.sometimes}
    return [one.name for one in comparisons if one.kind == "agree" and one.name in known]
