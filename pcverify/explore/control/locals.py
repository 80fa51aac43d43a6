"""What one task sees in every `threading.local`.

Up to Python 3.12 a `local` finds the values of a thread by way of a dict that the thread state refers to: for each
`local` there is an entry under the address of that `local`, with a small object that the values hang on. From 3.13 on
the thread state has a key, under which every `local` keeps the values, and a sentinel: they go when that does. A
`Storage` has either of it; the addresses are written to the thread state while its task runs, see `crossing`.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any
from weakref import getweakrefcount

KEYED = sys.version_info >= (3, 13)
AGAIN = 10
_Words = ctypes.c_size_t * (2 if KEYED else 1)


class Sentinel:
    """Something that weak references can point to."""


class Storage:
    """The values of one task.

    Attributes:
        entries: the dict of up to Python 3.12; empty later.
        words: the addresses.
    """

    __slots__ = ("_key", "_sentinel", "entries", "words")

    def __init__(self) -> None:
        self.entries: dict[Any, Any] = {}
        self._key = object()
        self._sentinel = Sentinel()
        self.words = self._addresses()

    def is_used(self) -> bool:
        """Whether there are values."""
        return getweakrefcount(self._sentinel) > 0 if KEYED else bool(self.entries)

    def drop(self, place: memoryview) -> None:
        """Let all values go; this is the storage in use, and `place` is where that is written."""
        for _ in range(AGAIN):  # a destructor may use locals, and so bring values back
            if not self.is_used():
                return
            if KEYED:
                before, self._sentinel = self._sentinel, Sentinel()
                self.words = self._addresses()
                place[1] = self.words[1]
                del before
            else:
                self.entries.clear()

    def _addresses(self) -> tuple[int, int]:
        return (id(self._key), id(self._sentinel)) if KEYED else (id(self.entries), 0)


def forget_dead(entries: dict[Any, Any]) -> None:
    """Drop the entries of a dict whose `local` is gone: another one at the same address would take it for its own.

    The interpreter does so itself, but only in the dict that is in use when the `local` goes.
    """
    if all(map(getweakrefcount, entries.values())):
        return
    for key, value in list(entries.items()):
        if (is_of_a_local(key) and not getweakrefcount(value)) or value == []:
            del entries[key]  # the list is what `repr` has left there, and makes anew


def forget_new(entries: dict[Any, Any], before: dict[Any, Any]) -> None:
    """Drop the values that were not there before."""
    if entries == before:
        return
    for key, value in list(entries.items()):
        if is_of_a_local(key) and before.get(key) is not value:
            entries.pop(key, None)


def words_at(address: int) -> Any:
    """Return the words in memory that the addresses belong into."""
    words: Any = memoryview(_Words.from_address(address))
    return words.cast("B").cast("N")


def is_of_a_local(key: object) -> bool:
    """Whether an entry of the dict belongs to a `local`, and not to something else of the interpreter."""
    return isinstance(key, str) and key.startswith("thread.local.")
