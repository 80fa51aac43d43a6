"""The one place that imports greenlet, so that `import pcverify.explore` works without it.

A greenlet is a stack of its own inside one OS thread; it runs until it switches to another one. That makes the
interleaving of tasks a matter of who switches to whom, and of nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pcverify.explore.errors import MissingGreenlet

__all__ = ["Greenlet", "getcurrent", "require_greenlet"]

if TYPE_CHECKING:

    class Greenlet:
        """What is used of `greenlet.greenlet`, for the type checker."""

        def __init__(self, run: Any = None, parent: Any = None) -> None: ...
        def switch(self, *arguments: Any) -> Any:
            """Go on in this greenlet; return when something switches back."""

        def throw(self, *error: Any) -> Any:
            """Go on in this greenlet with an exception."""

        def __bool__(self) -> bool:
            """Whether it has begun and not ended."""

        dead: bool
        parent: Any
        gr_frame: Any

    def getcurrent() -> Any:
        """Return the greenlet that runs."""

    AVAILABLE: bool
else:
    try:
        from greenlet import getcurrent
        from greenlet import greenlet as Greenlet  # noqa: N812  # it is a class

        AVAILABLE = True
    except ImportError:
        AVAILABLE = False
        Greenlet = object

        def getcurrent():
            """Say what is missing."""
            raise MissingGreenlet


def require_greenlet() -> None:
    """Raise `MissingGreenlet` unless greenlet is installed."""
    if not AVAILABLE:
        raise MissingGreenlet
