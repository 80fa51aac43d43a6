"""Swaps the storage of `threading.local` when one task goes on in the place of another.

All tasks share one OS thread, and so its thread state. Whoever goes on writes the address of its own storage there,
after each switch: one or two words, whether a `local` is in use or not. The main task is the thread that drives the
exploration, so it sees what the driver sees; what it adds or changes is taken back at the end of the execution.

Where the words are is found by what is in them, and tried out before any task runs. On 3.13 the rest of the thread
state's dict (what `repr` notes about recursion, `ctypes.get_errno`) is one for all tasks.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.locals import KEYED, Storage, forget_dead, forget_new, is_of_a_local, words_at
from pcverify.explore.engine.switching import getcurrent
from pcverify.explore.errors import UnknownBuild

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = 64  # how many of the thread state are looked at

_state = ctypes.PYFUNCTYPE(ctypes.c_void_p)(("PyThreadState_Get", ctypes.pythonapi))
_dict_address = ctypes.PYFUNCTYPE(ctypes.c_void_p)(("PyThreadState_GetDict", ctypes.pythonapi))
_found: list[int] = []


class Crossing:
    """The words of the OS thread that makes this, and what the driver has in them.

    Raises:
        UnknownBuild: they cannot be told from other words of the thread state.

    Attributes:
        driver: the greenlet that makes this; it belongs to one OS thread.
        place: the words.
        words: what belongs there while the driver runs.
        entries: the driver's dict; empty from Python 3.13 on.
    """

    def __init__(self) -> None:
        self.driver = getcurrent()
        probe = threading.local()
        probe.used = True  # from here on the interpreter has what it makes at the first use
        if not _found:
            _found.append(_offset(probe))
            _try_out(probe)
        self.place = words_at(_state() + _found[0])
        self.words = _read(self.place)
        self.entries: dict[Any, Any] = {} if KEYED else ctypes.cast(self.words[0], ctypes.py_object).value
        self._sentinel = _sentinel_of(probe)
        self._before: dict[Any, Any] = {}
        self._references: list[Any] = []  # to the sentinel
        self._known: list[int] = []  # their addresses
        self._values: list[dict[str, Any]] = []  # the driver's, of each `local`
        self._kept: list[dict[str, Any]] = []

    def begin(self) -> Any:
        """Look at what the driver's storage has before an execution. Returns the place."""
        if KEYED:
            references = weakref.getweakrefs(self._sentinel)
            known = list(map(id, references))
            if known != self._known:
                self._references, self._known = references, known
                self._find_values(reference.__callback__.__self__[0]() for reference in references)
        elif self.entries:
            forget_dead(self.entries)
            if self.entries != self._before:
                self._before = self.entries.copy()
                dummies = [value for key, value in self.entries.items() if is_of_a_local(key)]
                self._find_values(weakref.getweakrefs(dummy)[0].__callback__.__self__() for dummy in dummies)
        return self.place

    def share(self) -> None:
        """Remember the values themselves, since the main task is about to use them."""
        if self._values:
            self._kept = list(map(dict.copy, self._values))

    def end(self) -> None:
        """Take back what the main task has added and changed."""
        self.place[0] = self.words[0]
        if KEYED:
            self.place[1] = self.words[1]
        if self.entries:
            forget_dead(self.entries)
            forget_new(self.entries, self._before)
        elif KEYED:
            references = weakref.getweakrefs(self._sentinel)
            if list(map(id, references)) != self._known:
                for reference in references:
                    if id(reference) not in self._known and reference.__callback__ is not None:
                        reference.__callback__(reference)  # as if the OS thread had ended, for this `local` alone
        if self._kept:
            for values, kept in zip(self._values, self._kept, strict=True):
                if (values or kept) and not _are_the_same(values, kept):
                    values.clear()
                    values.update(kept)
            self._kept = []

    def _find_values(self, locals_: Iterable[Any]) -> None:
        """Keep the driver's values in each of these; none of them is new to the driver, so nothing is run."""
        alive = [local for local in locals_ if local is not None]
        self._values = [threading.local.__getattribute__(local, "__dict__") for local in alive]

    def come_back(self) -> None:
        """Let the driver have its own storage again."""
        place = self.place
        place[0] = self.words[0]
        if KEYED:
            place[1] = self.words[1]
        elif self.entries:
            forget_dead(self.entries)


def write(place: memoryview, words: tuple[int, int]) -> None:
    """Let another storage be in use; a task does this by itself."""
    place[0] = words[0]
    if KEYED:
        place[1] = words[1]


def _are_the_same(values: dict[str, Any], kept: dict[str, Any]) -> bool:
    return values.keys() == kept.keys() and all(values[name] is value for name, value in kept.items())


def _read(place: memoryview) -> tuple[int, int]:
    return place[0], place[1] if KEYED else 0


def _offset(probe: threading.local) -> int:
    """Return how far from the beginning of the thread state the words are."""
    words = (ctypes.c_size_t * WORDS).from_address(_state())[:]
    if KEYED:
        tables = [part for part in gc.get_referents(probe) if type(part) is dict]
        keys = [key for table in tables for key in table if type(key) is not str]
        wanted = [id(keys[0]), id(_sentinel_of(probe))] if len(keys) == 1 else [0, 0]
    else:
        wanted = [_dict_address()]
    found = [at for at in range(WORDS - 1) if words[at : at + len(wanted)] == wanted]
    if len(found) != 1:
        raise UnknownBuild("the storage of threading.local was not found in the thread state of this Python")
    return found[0] * ctypes.sizeof(ctypes.c_size_t)


def _sentinel_of(probe: threading.local) -> Any:
    """Return what a `local` that only this OS thread has used looks at."""
    sets = [part for part in gc.get_referents(probe) if type(part) is set]
    return next(iter(sets[0]))() if sets and sets[0] else None


def _try_out(probe: Any) -> None:
    """Swap the storage once, there and back, and look whether that does what it should."""
    place, storage = words_at(_state() + _found[0]), Storage()
    before = _read(place)
    write(place, storage.words)
    try:
        fresh = not hasattr(probe, "used")
        probe.used = False
        used = storage.is_used()
        storage.drop(place)
        dropped = not hasattr(probe, "used")
        storage.drop(place)
    finally:
        write(place, before)
    if not (fresh and used and dropped and getattr(probe, "used", False)):
        _found.clear()
        raise UnknownBuild("the storage of threading.local could not be swapped on this Python")
