"""How many values are on the operand stack of each frame of a suspended task, and whether all else is known.

A frame that called the next one within the interpreter's loop has noted it. One that waits for C code has not: there
it follows from the instruction, if that is one of a few, and if what C code it waits for keeps nothing to itself
between this frame and the next. So the next frame must be that of the very function that is called, or of the very
generator that goes on. Whatever else is between two frames (`sorted` with a key, `map`, a destructor, an operator, a
property) is not known.
"""

from __future__ import annotations

import gc
import sys
from functools import partial
from types import BuiltinMethodType, CellType, FunctionType, GeneratorType, MethodType
from typing import TYPE_CHECKING, Any

from pcverify.explore.signals import ENGINE
from pcverify.explore.states.layout import EMPTY, Words, address_at, is_called_inline, read, words_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pcverify.explore.states.code import Code
    from pcverify.explore.states.depth import Place

LATER = sys.version_info >= (3, 11)
LEAVES_MANAGER = sys.version_info >= (3, 12)  # on the stack while `__enter__` runs, and owns it no more
SELF_SECOND = sys.version_info >= (3, 13)  # a call has the callable first, then its self or nothing
BOUND = (MethodType, BuiltinMethodType)
CALLABLE_ITERATOR = type(iter(int, 1))


class Unkeyable(Exception):  # it is no error: this state will not be told from others
    """Something in reach may have a state that cannot be seen."""


def frames_of(task: Any, known: Callable[[CodeType], Code]) -> list[tuple[FrameType, FrameType, Code]]:
    """Return the frames of a suspended task that matter, innermost first, each with the one that it called."""
    found = []
    callee, frame = None, task.gr_frame
    at_point = task.kind in {"line", "opcode"}
    while frame is not None:
        code = known(frame.f_code)
        if not code.is_ours:
            at_point = False
        elif at_point or code.is_passed_over:
            callee, frame = frame, frame.f_back
            continue
        if callee is None:
            raise Unkeyable("a task that is not where tasks stop")
        found.append((frame, callee, code))
        callee, frame = frame, frame.f_back
    return found


def values_of(frame: FrameType, callee: FrameType, code: Code, known: Callable[[CodeType], Code], point: bool) -> Any:
    """Return where a frame is, its variables and its operands.

    Args:
        frame: of a suspended task.
        callee: what it called.
        code: its own.
        known: what is known of other code.
        point: whether it stopped before an instruction, and `callee` is the engine's.

    Raises:
        Unkeyable: they are not all to be seen.
    """
    words = words_of(frame)
    place = code.places[frame.f_lasti // 2]
    if point:
        depth = words.noted if words.noted >= 0 else code.variables + place.depth
        if place.depth < 0 and words.noted < 0:
            raise Unkeyable("code whose operand stack is not understood")
        return place, read(words.values, depth)
    if is_called_inline(callee, words):
        if words.noted < code.variables:
            raise Unkeyable("a frame that has not noted its operands")
        return place, read(words.values, words.noted)
    if words.noted >= 0 or place.depth < 0:
        raise Unkeyable(f"{frame.f_code.co_name}, which called {callee.f_code.co_name} without a call")
    if LEAVES_MANAGER and place.name == "BEFORE_WITH":
        return place, _entering(words, code, place, callee)
    values = read(words.values, code.variables + place.depth)
    expected = _called(place, values)
    if expected is None or not _leads_to(expected, callee, known):
        raise Unkeyable(f"{place.name} of {frame.f_code.co_name} leads to {callee.f_code.co_name} through C")
    return place, values


def _entering(words: Words, code: Code, place: Place, callee: FrameType) -> list[Any]:
    """Return the values of a frame that waits for `__enter__`; the manager is the callee's, and known by that."""
    number = code.variables + place.depth
    first = _first(callee)
    if address_at(words.values, number - 1) != id(first) or callee.f_code not in _codes(_special(first, "__enter__")):
        raise Unkeyable("a context manager whose __enter__ is not its own")
    return [*read(words.values, number - 1), first]


def _first(frame: FrameType) -> Any:
    """Return what the first variable of a frame is."""
    value = read(words_of(frame).values, 1)[0] if frame.f_code.co_argcount else EMPTY
    return value.cell_contents if type(value) is CellType else value


def _called(place: Place, values: list[Any]) -> Any:
    """Return what an instruction calls, given the variables and operands before it; None if that is not known."""
    name, argument, found = place.name, place.argument, None
    if name in {"CALL", "PRECALL", "CALL_METHOD"}:
        found = values[-argument - 2]
        if not SELF_SECOND and found is EMPTY:
            found = values[-argument - 1]
    elif name == "CALL_KW":
        found = values[-argument - 3]
    elif name == "CALL_FUNCTION":
        found = values[-argument - 1]
    elif name == "CALL_FUNCTION_KW":
        found = values[-argument - 2]
    elif name == "CALL_FUNCTION_EX":
        found = values[-(argument & 1) - (3 if SELF_SECOND else 2)]
    elif name == "WITH_EXCEPT_START":
        found = values[-4 if LATER else -7]
    elif name in {"BEFORE_WITH", "SETUP_WITH"}:
        found = _special(values[-1].__self__, "__enter__") if type(values[-1]) in BOUND else None
    elif name == "FOR_ITER":
        found = _Next(values[-1])
    elif name in {"SEND", "YIELD_FROM"}:
        found = _Next(values[-2])
    if found is next and argument == 1:
        found = _Next(values[-1])
    elif type(found) is BuiltinMethodType and isinstance(found.__self__, GeneratorType):
        found = _Next(found.__self__)
    return found


class _Next:
    """Stands for the call that gets the next value of an iterator."""

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator


def _leads_to(  # noqa: PLR0911  # one for each kind of what is called
    called: Any, callee: FrameType, known: Callable[[CodeType], Code]
) -> bool:
    """Whether a call runs `callee` at once, and keeps nothing that is not on the two frames."""
    code = callee.f_code
    if code.co_name == "__del__":
        return False
    if isinstance(called, _Next):
        iterator = called.iterator
        if isinstance(iterator, GeneratorType):
            return iterator.gi_frame is callee
        if type(iterator) is CALLABLE_ITERATOR:
            return any(code in _codes(part) for part in gc.get_referents(iterator)[:1])
        return code in _codes(_special(iterator, "__next__"))
    if isinstance(called, type):
        if type(called) is not type and code.co_name != "__init__":
            return code in _codes(_special(called, "__call__"))
        return code in _codes(vars_of(called, "__init__")) and known(code).keeps_first
    return code in _codes(called) or _stands_for_its_method(called, callee)


def _stands_for_its_method(thing: Any, callee: FrameType) -> bool:
    """Whether this was written where a bound method was: while that runs, its object takes its place on the stack.

    `method_vectorcall` does so for as long as it calls the function, and so spares itself to copy the arguments.
    """
    if thing is not _first(callee):
        return False
    if callee.f_code.co_filename.startswith(ENGINE):
        return True
    for cls in type(thing).__mro__:
        methods = vars(cls)
        if type(methods.get("__call__", _codes)) is not FunctionType:
            return False
        if any(part.__code__ is callee.f_code for part in methods.values() if type(part) is FunctionType):
            return True
    return False


def _codes(called: Any) -> tuple[CodeType, ...]:
    """Return the code that a call of this runs."""
    for _ in range(5):
        if isinstance(called, FunctionType):
            return (called.__code__,)
        if isinstance(called, MethodType):
            called = called.__func__
        elif type(called) is partial:
            called = called.func
        else:
            called = None if called is None else _special(called, "__call__")
    return ()


def _special(thing: Any, name: str) -> Any:
    """Return a method as the interpreter finds it: on the class."""
    return vars_of(type(thing), name)


def vars_of(cls: type, name: str) -> Any:
    """Return what a class has under a name, if that is a function; else None."""
    for one in cls.__mro__:
        if name in vars(one):
            found = vars(one)[name]
            return found if isinstance(found, FunctionType) else None
    return None
