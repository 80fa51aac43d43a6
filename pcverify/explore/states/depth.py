"""How many values are on a frame's operand stack before each of its instructions, by the effects that `dis` knows.

The compiler makes code in which every way to an instruction leaves equally many values there. Where the ways do not
agree, this has not understood the code, and says nothing.
"""

from __future__ import annotations

import dis
import inspect
import itertools
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

ENDS = frozenset({"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "INTERPRETER_EXIT"})
JUMPS = frozenset({"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_ABSOLUTE"})
SPLIT_CALLS = sys.version_info[:2] == (3, 11)  # a call is two instructions, and the values go with the second


class Place(NamedTuple):
    """An instruction: where it is, what it is, and how many values are there before it; -1 if that is not known."""

    offset: int
    name: str
    argument: int
    depth: int


def places(code: CodeType) -> list[Place]:
    """Return, for each code unit, the instruction that it belongs to, caches included."""
    instructions = list(dis.get_instructions(code))
    depths = _depths(code, instructions)
    found: list[Place] = []
    for instruction in instructions:
        place = Place(instruction.offset, instruction.opname, instruction.arg or 0, depths.get(instruction.offset, -1))
        found += [found[-1] if found else place] * (instruction.offset // 2 - len(found))  # caches of the one before
        found.append(place)
    return found + [found[-1]] * (len(code.co_code) // 2 - len(found))


def _depths(code: CodeType, instructions: list[Any]) -> dict[int, int]:
    """Return how many values are there before the instruction at each offset that can be reached."""
    following = {one.offset: two for one, two in itertools.pairwise(instructions)}
    at = {instruction.offset: instruction for instruction in instructions}
    generator = code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR)
    begin = 1 if generator and sys.version_info < (3, 11) else 0
    depths = {instructions[0].offset: begin}
    left = [instructions[0].offset]
    for target, depth in _handlers(code):
        depths[target] = depth
        left.append(target)
    while left:
        instruction = at[left.pop()]
        for target, depth in _ways(instruction, depths[instruction.offset], following):
            if target not in depths:
                depths[target] = depth
                left.append(target)
            elif depths[target] != depth:
                return {}
    return depths


def _ways(instruction: Any, depth: int, following: dict[int, Any]) -> Iterator[tuple[int, int]]:
    """Give where an instruction may lead, and how many values are there then."""
    name, opcode = instruction.opname, instruction.opcode
    argument = instruction.arg if opcode >= dis.HAVE_ARGUMENT else None
    if opcode in dis.hasjrel or opcode in dis.hasjabs:
        yield instruction.argval, depth + dis.stack_effect(opcode, argument, jump=True)
        if name in JUMPS:
            return
    if name in ENDS or instruction.offset not in following:
        return
    if SPLIT_CALLS and name == "PRECALL":
        effect = 0
    elif SPLIT_CALLS and name == "CALL":
        effect = -instruction.arg - 1
    else:
        effect = dis.stack_effect(opcode, argument, jump=False)
    yield following[instruction.offset].offset, depth + effect


def _handlers(code: CodeType) -> Iterator[tuple[int, int]]:
    """Give where exceptions lead, and how many values are there then; up to Python 3.10 these are jumps like others."""
    if sys.version_info >= (3, 11):
        for entry in dis._parse_exception_table(code):  # type: ignore[attr-defined]
            yield entry.target, entry.depth + entry.lasti + 1
    yield from ()
