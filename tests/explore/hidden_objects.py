"""Two states of a program that differ in one object alone, or in which of several is meant."""

from __future__ import annotations

import collections
import functools
import itertools
import queue
import random
import threading
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.explore.hiding import Hidden


class Plain:
    value = 0

    def told(self) -> int:
        return id(self)


class Written:
    """Its attribute keeps what an execution has left there, so nobody else may use it."""

    value = 0


class Slotted:
    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class SlottedThread(threading.Thread):
    __slots__ = ("value",)


class Meta(type):
    value = 0


class OfMeta(metaclass=Meta):
    pass


def items() -> Hidden:
    hidden: list[int] = []
    return Hidden(lambda: hidden.append(1), lambda: hidden)


def order_of_a_dict() -> Hidden:
    hidden = {"a": 1, "b": 2}
    return Hidden(lambda: hidden.update(a=hidden.pop("a")), lambda: list(hidden))


def order_of_an_ordered_dict() -> Hidden:
    hidden = collections.OrderedDict(a=1, b=2)
    return Hidden(lambda: hidden.move_to_end("a"), lambda: list(hidden))


def place_of_pop_in_a_set() -> Hidden:
    hidden = {1, 2, 3}
    return Hidden(lambda: hidden.add(hidden.pop()), hidden.pop)


def cell() -> Hidden:
    hidden = 0

    def change() -> None:
        nonlocal hidden
        hidden = 1

    return Hidden(change, lambda: hidden)


def generator() -> Hidden:
    def count() -> Iterator[int]:
        yield 0
        yield 1

    hidden = count()
    return Hidden(lambda: next(hidden), lambda: next(hidden))


def coroutine() -> Hidden:
    class Pause:
        def __await__(self) -> Iterator[int]:
            yield from range(3)

    async def wait() -> None:
        await Pause()

    hidden = wait()
    hidden.send(None)
    return Hidden(lambda: hidden.send(None), lambda: hidden.send(None))


def lock() -> Hidden:
    hidden = threading.Lock()
    return Hidden(hidden.acquire, hidden.locked)


def depth_of_a_lock() -> Hidden:
    hidden: Any = threading.RLock()
    twice = lambda: hidden.acquire() and hidden.acquire()  # noqa: E731
    return Hidden(twice, lambda: hidden.acquire(blocking=False), instead=hidden.acquire, after=hidden.release)


def slot() -> Hidden:
    hidden = Slotted()
    return Hidden(lambda: setattr(hidden, "value", 1), lambda: hidden.value)


def slot_of_a_thread() -> Hidden:
    hidden = SlottedThread()
    hidden.value = 0
    return Hidden(lambda: setattr(hidden, "value", 1), lambda: hidden.value)


def attribute() -> Hidden:
    hidden = Plain()
    return Hidden(lambda: setattr(hidden, "value", 1), lambda: hidden.value)


def attribute_of_a_class() -> Hidden:
    Written.value = 0
    return Hidden(lambda: setattr(Written, "value", 1), lambda: Written.value)


def attribute_of_a_class_that_is_made() -> Hidden:
    class Made:
        value = 0

    return Hidden(lambda: setattr(Made, "value", 1), lambda: Made.value)


def method_of_a_class_that_is_made() -> Hidden:
    class Made:
        def told(self) -> int:
            return 0

    hidden = Made()
    return Hidden(lambda: setattr(Made, "told", lambda self: 1), lambda: type(hidden).told(hidden))


def descriptor_in_a_class() -> Hidden:
    class Made(str):
        told: Any = str.upper

    return Hidden(lambda: setattr(Made, "told", str.title), lambda: Made("some").told())


def attribute_of_a_metaclass() -> Hidden:
    Meta.value = 0
    return Hidden(lambda: setattr(type(OfMeta), "value", 1), lambda: type(OfMeta).value)  # type: ignore[attr-defined]


def deque() -> Hidden:
    hidden: collections.deque[int] = collections.deque()
    return Hidden(lambda: hidden.append(1), lambda: hidden)


def iterator_over_a_deque() -> Hidden:
    hidden = collections.deque([1])
    over = iter(hidden)

    def read() -> str:
        try:
            return str(next(over))
        except RuntimeError:
            return "changed meanwhile"

    return Hidden(lambda: hidden.append(2) or hidden.pop(), read)


def iterator_over_a_dict() -> Hidden:
    over = iter({"a": 1, "b": 2})
    return Hidden(lambda: next(over), lambda: next(over))


def iterator_over_a_dict_that_changes() -> Hidden:
    hidden = {"a": 1, "b": 2, "c": 3}
    over = iter(hidden)

    def change(steps: int) -> None:
        for _ in range(steps):
            next(over)
        del hidden["a"]

    return Hidden(partial(change, 1), lambda: next(over), instead=partial(change, 2), after=lambda: hidden.update(d=4))


def iterator_over_a_list() -> Hidden:
    over = iter([0, 1])
    return Hidden(lambda: next(over), lambda: next(over))


def simple_queue() -> Hidden:
    hidden: queue.SimpleQueue[int] = queue.SimpleQueue()
    return Hidden(lambda: hidden.put(1), hidden.empty)


def default_argument() -> Hidden:
    def hidden(seen: list[int] = []) -> list[int]:  # noqa: B006  # that is the subject
        seen.append(1)
        return seen

    return Hidden(hidden, hidden)


def attribute_of_a_function() -> Hidden:
    def hidden() -> None:
        pass

    return Hidden(lambda: setattr(hidden, "value", 1), lambda: vars(hidden))


def bound_method() -> Hidden:
    one, two = Plain(), Plain()
    hidden = [one.told]
    return Hidden(
        lambda: hidden.insert(0, two.told), lambda: hidden[0]() == id(one), lambda: hidden.insert(0, one.told)
    )


def arguments_of_a_partial() -> Hidden:
    hidden: list[Any] = [None]
    return Hidden(
        lambda: hidden.insert(0, partial(int, "1")), lambda: str(hidden[0]()), lambda: hidden.insert(0, partial(int))
    )


def counter() -> Hidden:
    hidden = itertools.count()
    return Hidden(lambda: next(hidden), lambda: next(hidden))


def chance() -> Hidden:
    hidden = random.Random(0)
    return Hidden(hidden.random, hidden.random)


def weak_reference() -> Hidden:
    box: list[Any] = [Plain()]
    hidden = weakref.ref(box[0])

    def leave_a_cycle() -> None:
        box[0].me = box[0]
        box.clear()

    return Hidden(box.clear, lambda: hidden() is None, instead=leave_a_cycle)


def arguments_of_an_exception() -> Hidden:
    hidden = KeyError(0)
    return Hidden(lambda: setattr(hidden, "args", (1,)), lambda: hidden.args)


def one_list_or_two() -> Hidden:
    hidden: list[list[int]] = [[], []]
    return Hidden(lambda: hidden.__setitem__(1, hidden[0]), lambda: hidden[0].append(1) or hidden)


def one_tuple_or_two() -> Hidden:
    hidden = [tuple(range(1)), tuple(range(1))]
    return Hidden(lambda: hidden.__setitem__(1, hidden[0]), lambda: hidden[0] is hidden[1])


def names_of_an_instance_or_a_copy() -> Hidden:
    one = Plain()
    one.value = 1
    hidden = [dict(vars(one))]
    return Hidden(lambda: hidden.__setitem__(0, vars(one)), lambda: setattr(one, "value", 2) or hidden)


def sentinel_of_a_library() -> Hidden:
    """The library looks whether it is there by `is`, and no code of the program names it later."""
    kept, made = Plain(), functools.cached_property(lambda self: "made")
    made.__set_name__(Plain, "made")

    def put(thing: object) -> None:
        vars(kept)["made"] = thing

    return Hidden(
        lambda: put(functools._NOT_FOUND),  # type: ignore[attr-defined]
        lambda: made.__get__(kept, Plain) == "made",
        lambda: put(object()),
    )
