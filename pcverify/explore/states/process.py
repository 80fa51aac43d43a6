"""What the process has once, outside of all that a program's own code names: how it was at first, and is now.

A program reaches it by functions of the library: `warnings.catch_warnings`, `contextlib.redirect_stdout`,
`os.environ`. Only a few such things are looked at; the others are globals of the library, which are not compared.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from operator import is_
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pcverify.explore.states.graph import Graph

WATCHED: tuple[tuple[Any, str], ...] = (
    *((sys, name) for name in ("stdin", "stdout", "stderr", "excepthook", "unraisablehook", "displayhook")),
    *((threading, "excepthook"), (warnings, "showwarning"), (warnings, "_showwarnmsg_impl")),
)


class Process:
    """How things were when this was looked at first; a state in which one is different tells how it is."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._filters: list[Any] = []
        self._environment: dict[Any, Any] = {}

    def write(self, graph: Graph) -> None:
        """Write what is not as it was."""
        values = [getattr(module, name, None) for module, name in WATCHED]
        filters: Any = warnings.filters
        environment: Any = os.environ._data  # type: ignore[attr-defined]
        if not self._values:
            self._values, self._filters, self._environment = values, filters[:], environment.copy()
        if not all(map(is_, values, self._values)):
            for number, (value, before) in enumerate(zip(values, self._values, strict=True)):
                if value is not before:
                    graph.text.append(number)
                    graph.write((value,))
        if filters != self._filters:
            graph.text += ("filters", len(filters))
            for action, message, category, module, line in filters:
                patterns = [getattr(part, "pattern", part) for part in (message, module)]
                graph.text += (action, *patterns, line)
                graph.write((category,))
        if environment != self._environment:
            graph.text.append("environment")
            graph.write((environment,))
