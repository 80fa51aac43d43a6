"""The interpreter's count of trace functions that run: greenlets share it, and must not.

While a trace function or a monitoring callback runs, CPython counts up `tstate->tracing`, and calls no other one. A
switch to another greenlet in there does not change that count: the other task would run untraced, and no error would
say so. So the count is set to 0 around each switch. Where it is in memory is found by what it does.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from pcverify.explore.errors import UnknownBuild

WORDS = 128  # how many ints of the thread state are looked at

_state = ctypes.PYFUNCTYPE(ctypes.c_void_p)(("PyThreadState_Get", ctypes.pythonapi))
_found: list[int] = []


def tracing_word() -> ctypes.c_int:
    """Return the count of the calling OS thread.

    Raises:
        UnknownBuild: it cannot be told from other words of the thread state.
    """
    if not _found:
        _found.append(_offset())
    return ctypes.c_int.from_address(_state() + _found[0])


def _offset() -> int:
    before = sys.gettrace()
    try:
        candidates = _changing() & _changing()
        good = [index for index in candidates if _re_enables(index)]
    finally:
        sys.settrace(before)
    if len(good) != 1:
        raise UnknownBuild("granularity line and opcode need the count of running trace functions, which was not found")
    return good[0] * ctypes.sizeof(ctypes.c_int)


def _changing() -> set[int]:
    """Return the ints that are 0 outside a trace function and 1 inside."""
    words = (ctypes.c_int * WORDS).from_address(_state())
    inside: list[list[int]] = []

    def probe() -> None:
        pass

    def trace(frame: Any, event: str, argument: object) -> None:
        if frame.f_code is probe.__code__:
            inside.append(words[:])

    outside = words[:]
    sys.settrace(trace)
    probe()
    sys.settrace(None)
    return {index for index in range(WORDS) if inside and outside[index] == 0 and inside[0][index] == 1}


def _re_enables(index: int) -> bool:
    """Whether a call in a trace function is traced once this int is 0."""
    word = ctypes.c_int.from_address(_state() + index * ctypes.sizeof(ctypes.c_int))
    seen: list[str] = []

    def nested() -> None:
        pass

    def probe() -> None:
        pass

    def trace(frame: Any, event: str, argument: object) -> None:
        if frame.f_code is nested.__code__:
            seen.append(event)
        elif frame.f_code is probe.__code__:
            word.value = 0
            try:
                sys.settrace(trace)  # up to 3.11 a flag of this stack, too, says whether it is traced
                nested()
            finally:
                word.value = 1

    sys.settrace(trace)
    probe()
    sys.settrace(None)
    return bool(seen)
