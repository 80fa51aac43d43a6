"""The context of a task, `contextvars.Context`: which variables have which values there.

A context gives its variables in the order of their hashes, which are made of addresses. They are written in the order
of their names; where two have the same name it is not known which comes first.

The main task begins with what the driver's context has. What tools have put there (pytest, Hypothesis), and is still
the same object, is taken to be nobody's business.
"""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any

from pcverify.explore.states.code import is_library
from pcverify.explore.states.layout import address_at
from pcverify.explore.states.stacks import Unkeyable

if TYPE_CHECKING:
    from pcverify.explore.states.graph import Graph

OF_PROGRAMS = frozenset({"builtins", "decimal"})
USED = 5  # the word of a token in which it stands whether `reset` has had it


def write_context(graph: Graph, value: Any) -> None:
    """A context: its variables by name, with their values."""
    variables = sorted(value, key=_name)
    names = [variable.name for variable in variables]
    if len(set(names)) < len(names):
        raise Unkeyable("two context variables of the same name")
    graph.text += ("context", len(names))
    graph.text += names
    outside = contextvars.copy_context()
    for variable in variables:
        if value[variable] is not outside.get(variable) or not _is_of_a_tool(value[variable]):
            graph.write((variable, value[variable]))


def write_variable(graph: Graph, value: Any) -> None:
    """A `ContextVar`: its name and its default."""
    graph.text += ("variable", value.name)
    try:
        default: tuple[Any, ...] = (contextvars.Context().run(value.get),)
    except LookupError:
        default = ()
    graph.text.append(len(default))
    graph.write(default)


def write_token(graph: Graph, value: Any) -> None:
    """A token: what it would bring back, and whether it was used. In which context it was made is not told."""
    missing = value.old_value is contextvars.Token.MISSING
    graph.text += ("token", missing, address_at(id(value), USED) & 1)
    graph.write((value.var, None if missing else value.old_value))


def _is_of_a_tool(value: Any) -> bool:
    return type(value).__module__ not in OF_PROGRAMS and is_library(type(value).__module__)


def _name(variable: contextvars.ContextVar[Any]) -> str:
    return variable.name


WRITERS = {
    contextvars.Context: write_context,
    contextvars.ContextVar: write_variable,
    contextvars.Token: write_token,
}
