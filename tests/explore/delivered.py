"""A function with every kind of place at which CPython may raise what comes from outside, and where signals do.

    python -m tests.explore.delivered SECONDS PLACE...

lets real signals arrive in it until they have raised at all these places, or the time is over, and prints the places
at which they did, one a line.
"""

from __future__ import annotations

import dis
import random
import signal
import sys
import threading
import time
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = (1e-5, 2e-4)
"""Seconds to the next signal."""
AT_LEAST = 3_000


class Arrived(Exception):
    """What is raised."""


class Box:
    """Something with an attribute."""

    def __init__(self) -> None:
        self.n = 0


def length(items: list[int]) -> int:
    """Call what is written in C."""
    return len(items)


def key(item: int) -> int:
    """Be called by what is written in C."""
    return item


def generate(items: list[int]) -> Any:
    """Be resumed."""
    yield items[0]
    yield items[1]


def subject(lock: Any, items: list[int], box: Box) -> object:
    """Do a little of everything."""
    for item in items:
        box.n += item
    with lock:
        box.n = len(items)
    if box.n > 1 and length(items):
        sorted(items, key=key)
    while box.n:
        box.n -= 1
    made = Box()
    lock.acquire()
    lock.release()
    try:
        made.n = items[0]
    finally:
        made.n = length(items)
    return [each + 1 for each in items] and max(*items) and sum(generate(items)) and f"{made.n:03}"


FUNCTIONS: tuple[Any, ...] = (Box.__init__, length, key, generate, subject)


def run() -> object:
    """Call it."""
    return subject(threading.Lock(), [1, 2], Box())


def codes_of(functions: tuple[Any, ...]) -> dict[str, types.CodeType]:
    """Return their code, and that of what stands in them, by name."""
    codes = {}
    left = [function.__code__ for function in functions]
    while left:
        code = left.pop()
        codes[code.co_name] = code
        left += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return codes


def place_of(error: BaseException, functions: tuple[Any, ...] = FUNCTIONS) -> str | None:
    """Return in which of the functions it was raised, and after which instruction; None if in none of them."""
    codes = codes_of(functions)
    found, at = None, error.__traceback__
    while at is not None:
        name = at.tb_frame.f_code.co_name
        if name in codes and at.tb_frame.f_code.co_filename == __file__:
            found = f"{name}:{_instruction(codes[name], at.tb_lasti)}"
        at = at.tb_next
    return found


def opcode_at(place: str) -> str:
    """Return the name of the instruction of a place, or BEGIN."""
    name, _, offset = place.partition(":")
    return "BEGIN" if int(offset) < 0 else dis.opname[codes_of(FUNCTIONS)[name].co_code[int(offset)]]


def _instruction(code: types.CodeType, offset: int) -> int:
    """Return the offset of the instruction that this one belongs to: 3.11 has two for a call."""
    if offset < 0:
        return -1
    while dis.opname[code.co_code[offset]] == "CACHE":
        offset -= 2
    return offset + 4 if dis.opname[code.co_code[offset]] == "PRECALL" else offset


def places_of_signals(seconds: float, expected: set[str], call: Callable[[], object]) -> set[str]:
    """Let signals arrive at random until all of the expected places were seen, or the time is over."""

    def arrived(number: int, frame: Any) -> None:
        raise Arrived

    signal.signal(signal.SIGALRM, arrived)
    found: set[str] = set()
    until = time.monotonic() + seconds
    signals = 0
    while time.monotonic() < until and not (expected <= found and signals > AT_LEAST):
        signals += 1
        try:
            signal.setitimer(signal.ITIMER_REAL, random.uniform(*SOON))
            while True:
                for function in FUNCTIONS:  # afresh: instructions that ran often are replaced by quicker ones
                    function.__code__ = function.__code__.replace()
                call()
        except Arrived as error:
            if (place := place_of(error)) is not None:
                found.add(place)
    return found


if __name__ == "__main__":
    print(*sorted(places_of_signals(float(sys.argv[1]), set(sys.argv[2:]), run)), sep="\n")
