"""Which instructions others may notice, or be noticed by: those before which a switch makes a difference.

Local variables, jumps and constants are nobody else's business. What is left reads or writes an attribute, a global, a
variable that functions share, an item; goes on with an iterator; works in place; or calls something, which may be a
method of a container written in C (`append`, `pop`, `update`): such a call is one access, as the interpreter lock
makes it.
"""

from __future__ import annotations

import dis
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import types

NAMES = frozenset(
    [
        "LOAD_ATTR",
        "STORE_ATTR",
        "DELETE_ATTR",
        "LOAD_METHOD",
        "LOAD_SUPER_ATTR",
        "LOAD_GLOBAL",
        "STORE_GLOBAL",
        "DELETE_GLOBAL",
        "LOAD_NAME",
        "STORE_NAME",
        "DELETE_NAME",
        "LOAD_DEREF",
        "STORE_DEREF",
        "DELETE_DEREF",
        "LOAD_CLASSDEREF",
        "LOAD_FROM_DICT_OR_DEREF",
        "LOAD_FROM_DICT_OR_GLOBALS",
        "BINARY_SUBSCR",
        "STORE_SUBSCR",
        "DELETE_SUBSCR",
        "BINARY_SLICE",
        "STORE_SLICE",
        "CONTAINS_OP",
        "GET_ITER",
        "FOR_ITER",
        "UNPACK_SEQUENCE",
        "UNPACK_EX",
        "LIST_EXTEND",
        "SET_UPDATE",
        "DICT_UPDATE",
        "DICT_MERGE",
        "BINARY_OP",
        "INPLACE_ADD",
        "INPLACE_SUBTRACT",
        "INPLACE_OR",
        "INPLACE_AND",
        "INPLACE_XOR",
        "INPLACE_MULTIPLY",
        "COMPARE_OP",
        "CALL",
        "CALL_KW",
        "CALL_FUNCTION",
        "CALL_FUNCTION_KW",
        "CALL_FUNCTION_EX",
        "CALL_METHOD",
    ]
)

_offsets: dict[types.CodeType, frozenset[int]] = {}


def shared_accesses(code: types.CodeType) -> frozenset[int]:
    """Return the offsets of these instructions."""
    found = _offsets.get(code)
    if found is None:
        names = (instruction for instruction in dis.get_instructions(code) if instruction.opname in NAMES)
        found = _offsets[code] = frozenset(instruction.offset for instruction in names)
    return found
