"""The words of a suspended frame: its variables, its operand stack, and how what it waits for was called.

A greenlet's frames belong to the interpreter, not to their frame objects, so neither `gc` nor any attribute leads to
what is on their operand stacks. It is read where CPython has it; the layouts are those of `Include/internal/
pycore_frame.h` of 3.11 to 3.13, and of `Include/cpython/frameobject.h` of 3.10. A build that is not known is refused,
and the layout is looked at before use.

A frame that calls another Python function within the interpreter's own loop notes how far its stack reaches, and has
taken the arguments off. One that runs, or waits for C code, has no such note: `noted` is -1. `read` trusts its caller
in how many values are there.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from pcverify.explore.control.redirect import Redirection, check_build
from pcverify.explore.errors import UnknownBuild

if TYPE_CHECKING:
    from types import FrameType

INLINE = sys.version_info >= (3, 11)  # frames are no objects, and Python functions are called without C
EXPOSED = sys.version_info >= (3, 12)  # greenlet keeps the frame before this one in the frame object
POINTER = ctypes.sizeof(ctypes.c_void_p)
FRAME = 24  # where a frame object leads to its frame
KEPT = 64 if sys.version_info >= (3, 13) else 48  # where greenlet keeps what `previous` was
IN_3_10 = {"stack": 64, "noted": 80, "values": 352}
IN_LATER = {"noted": 64, "values": 72}
ENTRY = 32  # bits after the beginning of the word in which `noted` is: whether a frame was called by C, in 3.11
NEAR = 1 << 15  # how far apart frames are that follow each other


class _Null:
    """Stands for a place that is empty."""

    def __repr__(self) -> str:
        return "<empty>"


EMPTY = _Null()
MEMORY: memoryview[int] = memoryview((ctypes.c_size_t * (1 << 44)).from_address(0)).cast("B").cast("N")  # type: ignore[call-overload]
"""All addresses that there are, as words: much quicker than an object of `ctypes` for each."""
_arrays: dict[int, Any] = {}
_tried: list[bool] = []


class Words(NamedTuple):
    """Where a frame is.

    Attributes:
        address: its own.
        values: that of its variables; the operand stack follows them.
        noted: how many variables and operands there are together, if it is noted; else negative.
    """

    address: int
    values: int
    noted: int


def word(address: int) -> int:
    """Return the word at an address, which must be that of one."""
    return MEMORY[address >> 3]


def words_of(frame: FrameType) -> Words:
    """Return where a frame is."""
    at = id(frame) >> 3
    if not INLINE:
        address = id(frame)
        values = address + IN_3_10["values"]
        depth = _signed(MEMORY[at + IN_3_10["noted"] // POINTER])
        if depth < 0:
            return Words(address, values, -1)
        stack = MEMORY[at + IN_3_10["stack"] // POINTER]
        return Words(address, values, (stack - values) // POINTER + depth)
    address = MEMORY[at + FRAME // POINTER]
    noted = _signed(MEMORY[(address + IN_LATER["noted"]) >> 3])
    return Words(address, address + IN_LATER["values"], noted)


def is_called_inline(callee: FrameType, by: Words) -> bool:
    """Whether a frame of a suspended greenlet was called within the interpreter's loop, by the frame at `by`.

    From Python 3.12 on greenlet leaves out what is between frames, and keeps what was there in the frame object.
    """
    if not INLINE:
        return False
    address = word(id(callee) + FRAME)
    if not EXPOSED:
        return not word(address + IN_LATER["noted"]) >> ENTRY & 0xFF
    previous = word(id(callee) + KEPT)
    if previous == by.address:
        return True
    if by.address < previous < address < by.address + NEAR:  # the frame that stands between a class and its `__init__`
        return word(previous + IN_LATER["values"]) == word(address + IN_LATER["values"])
    return False


def _signed(word: int) -> int:
    """Return the lower half of a word as a number with a sign."""
    low = word & 0xFFFFFFFF
    return low - (low >> 31 << 32)


def read(address: int, number: int) -> list[Any]:
    """Return so many values, with `EMPTY` for each that is not there. Each of them must be alive, or empty."""
    kind = _arrays.get(number)
    if kind is None:
        kind = _arrays[number] = ctypes.py_object * number
    values = kind.from_address(address)
    if 0 not in MEMORY[address >> 3 : (address >> 3) + number].tolist():
        return values[:]
    first = address >> 3
    return [values[at] if MEMORY[first + at] else EMPTY for at in range(number)]


def address_at(address: int, number: int) -> int:
    """Return a word as it is, whatever it belongs to."""
    return MEMORY[(address >> 3) + number]


def check_layout() -> None:
    """Look whether frames are laid out as expected.

    Raises:
        UnknownBuild: they are not.
    """
    if _tried:
        return
    if Redirection.in_force is None:  # it was looked at before that
        check_build()
    if not _sample(object()):
        raise UnknownBuild("frames of this Python are not laid out as expected")
    _tried.append(True)


def _sample(given: object) -> bool:
    other = [given]
    return _look(given, other)


def _look(given: object, other: list[object]) -> bool:
    """Look at the variables of this function and of its caller, and at what each has noted."""
    frame = sys._getframe()
    caller: Any = frame.f_back
    mine, above = words_of(frame), words_of(caller)
    own = [address_at(mine.values, 0), address_at(mine.values, 1)]
    callers = [address_at(above.values, 0), address_at(above.values, 1)]
    noted = [len(caller.f_code.co_varnames), len(frame.f_code.co_varnames)] if INLINE else [-1, -1]
    return own == callers == [id(given), id(other)] and [above.noted, mine.noted] == noted
