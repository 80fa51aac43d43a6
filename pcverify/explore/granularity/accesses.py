"""Which instructions others may notice, or be noticed by: those before which a switch makes a difference.

Local variables, constants and jumps are nobody else's business. What is left

- reads, writes or deletes an attribute, a global, or a variable that functions share;
- reads, writes, deletes or looks for an item, goes on with an iterator, takes a sequence apart;
- combines, compares or formats values, or asks whether one is true: they may be containers;
- calls something, enters or leaves a `with`, imports. A call of what is written in C (`append`, `pop`, `update`) is one
  access, as the interpreter lock makes it; of what is written in Python, that code has points of its own.

No point is before what a comparison has just decided: that is a bool already.
"""

from __future__ import annotations

import dis
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import types

BY_NAME = {"LOAD": "read", "STORE": "write", "DELETE": "write", "IMPORT": "read"}
NAMED = frozenset(
    f"{action}_{what}"
    for action, kinds in {
        "LOAD": "ATTR METHOD SUPER_ATTR GLOBAL NAME DEREF CLASSDEREF FROM_DICT_OR_DEREF FROM_DICT_OR_GLOBALS",
        "STORE": "ATTR GLOBAL NAME DEREF",
        "DELETE": "ATTR GLOBAL NAME DEREF",
        "IMPORT": "FROM",
    }.items()
    for what in kinds.split()
)
"""The argument says what is accessed; on which object is not known before it runs."""

WORDS = {
    "BINARY_SUBSCR": "reads an item",
    "BINARY_SLICE": "reads items",
    "STORE_SUBSCR": "writes an item",
    "STORE_SLICE": "writes items",
    "DELETE_SUBSCR": "deletes an item",
    "CONTAINS_OP": "looks for an item",
    "GET_ITER": "begins to iterate",
    "GET_YIELD_FROM_ITER": "begins to iterate",
    "FOR_ITER": "takes the next item",
    "SEND": "takes the next item",
    "YIELD_FROM": "takes the next item",
    "UNPACK_SEQUENCE": "takes it apart",
    "UNPACK_EX": "takes it apart",
    "LIST_EXTEND": "reads all items",
    "SET_UPDATE": "reads all items",
    "DICT_UPDATE": "reads all items",
    "DICT_MERGE": "reads all items",
    "GET_LEN": "asks for the length",
    "MATCH_KEYS": "reads items",
    "MATCH_CLASS": "reads attributes",
    "COMPARE_OP": "compares",
    "FORMAT_VALUE": "formats",
    "FORMAT_SIMPLE": "formats",
    "FORMAT_WITH_SPEC": "formats",
    "CONVERT_VALUE": "formats",
    "SETUP_WITH": "enters",
    "BEFORE_WITH": "enters",
    "WITH_EXCEPT_START": "leaves",
    "IMPORT_NAME": "imports",
    "CALL": "calls",
    "CALL_KW": "calls",
    "CALL_FUNCTION": "calls",
    "CALL_FUNCTION_KW": "calls",
    "CALL_FUNCTION_EX": "calls",
    "CALL_METHOD": "calls",
}
PREFIXES = ("BINARY_", "INPLACE_")
TRUTH = "asks whether it is true"
DECIDES = frozenset({"COMPARE_OP", "CONTAINS_OP", "IS_OP", "UNARY_NOT", "TO_BOOL", "LOAD_CONST"})
KEEPS = frozenset({"COPY", "DUP_TOP", "EXTENDED_ARG"})  # do not change what is on top
STOPS_AT_PREFIX = sys.version_info < (3, 12)  # the event comes before EXTENDED_ARG, and not again after it


class Access(NamedTuple):
    """What an instruction does, as far as its code tells.

    An attribute goes by its name alone, as a global and a shared variable do: two accesses of different names are to
    different things, two of the same name may be to the same.
    """

    name: str
    mode: str
    """`read` or `write`"""


def shared_accesses(code: types.CodeType) -> dict[int, Access | None]:
    """Return for the offset of each of these instructions its access; None if it may be to anything."""
    return {offset: _access(instruction) for offset, instruction in _instructions(code)}


def said_at(code: types.CodeType, offset: int) -> str:
    """Return in words what the instruction at this offset does; empty if it is none of these."""
    for at, instruction in _instructions(code):
        if at == offset:
            access = _access(instruction)
            if access is None:
                return WORDS.get(instruction.opname) or (TRUTH if _asks_for_truth(instruction.opname) else "combines")
            verb = "deletes" if instruction.opname.startswith("DELETE") else access.mode + "s"
            return f"{verb} {access.name}"
    return ""


def _instructions(code: types.CodeType) -> list[tuple[int, dis.Instruction]]:
    found = []
    prefix: int | None = None
    decided = False  # whether a bool is on top
    for instruction in dis.get_instructions(code):
        name = instruction.opname
        if name == "EXTENDED_ARG":
            prefix = instruction.offset if prefix is None else prefix
            continue
        if instruction.is_jump_target:
            decided = False
        if _is_shared(name) or (_asks_for_truth(name) and not decided):
            at = instruction.offset if prefix is None or not STOPS_AT_PREFIX else prefix
            found.append((at, instruction))
        prefix = None
        decided = name in DECIDES or (decided and name in KEEPS)
    return found


def _is_shared(name: str) -> bool:
    return name in NAMED or name in WORDS or name.startswith(PREFIXES)


def _asks_for_truth(name: str) -> bool:
    return name in {"TO_BOOL", "UNARY_NOT"} or name.endswith(
        ("_IF_TRUE", "_IF_FALSE", "_IF_TRUE_OR_POP", "_IF_FALSE_OR_POP")
    )


def _access(instruction: dis.Instruction) -> Access | None:
    name = instruction.opname
    if name not in NAMED or type(instruction.argval) is not str:
        return None
    return Access(instruction.argval, BY_NAME[name.partition("_")[0]])
