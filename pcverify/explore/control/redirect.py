"""Make C objects of the interpreter do something else for a while, for everybody who holds them, and undo it.

Swapping names (`threading.Lock = ...`) misses what was bound early: `from time import sleep`, class attributes,
defaults, bound methods that a `Condition` keeps. So the objects themselves are redirected, in four ways.

- Methods of a C type: entries of the type's real dict, which its read-only proxy refers to.
- A C function: the words behind its reference count are overwritten so that the object *is* a bound method of a
  Python function. A twin made from the same definition stays callable and is handed to the replacement.
- A C method that was bound to its lock before the run: the same, keeping the word that refers to the lock.
- A method written in Python gets other code; a second function with the code it had is handed to the replacement.

Each is 2 to 10 microseconds. Other OS threads see the replacements, too; these hand them on to the originals.

All this rests on the layout of two C structs. So a build that is not known is refused, the layout is looked at
before anything is written, and the first object written to is one that nobody else has. It does not cover what C
code calls without going through an object.
"""

from __future__ import annotations

import ctypes
import gc
import inspect
import itertools
import operator
import sys
import sysconfig
import threading
import time
import types
from typing import TYPE_CHECKING, Any

from pcverify.explore.errors import AlreadyRunning, UnknownBuild
from pcverify.explore.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KNOWN = ((3, 10), (3, 13))  # the first and the last version whose layouts were checked
TYPE, DEFINITION, SELF, MODULE, WEAK, CALL = range(1, 7)  # words of a PyCFunctionObject; word 0 counts references
METHOD_WEAK = 4  # the word of a PyMethodObject that leads to its weak references
CFUNCTION_WORDS, METHOD_WORDS = 7, 6

_one_at_a_time = threading.Lock()  # held from `begin` to `end`, so that two threads cannot both begin
_python = ctypes.pythonapi
_increment = ctypes.PYFUNCTYPE(None, ctypes.py_object)(("Py_IncRef", _python))
_decrement = ctypes.PYFUNCTYPE(None, ctypes.py_object)(("Py_DecRef", _python))
_type_modified = ctypes.PYFUNCTYPE(None, ctypes.py_object)(("PyType_Modified", _python))
_new_function = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.py_object)(
    ("PyCFunction_NewEx", _python)
)


class Redirection:
    """Everything that is redirected at present. There is at most one in a process.

    Attributes:
        execution: the execution that runs under it, if any.
        signals: those that arrive meanwhile.
        in_tasks: makes of a replacement that is called often in tasks, and calls no code of the program, what is put
            in place.
    """

    in_force: Redirection | None = None

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self.execution: Any = None
        self.signals = Signals()
        self.in_tasks: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function

    def begin(self) -> None:
        """Take the process's only place for a redirection, and look at this build.

        Raises:
            AlreadyRunning: another one is in force.
            UnknownBuild: the layouts are not the known ones.
        """
        try:
            self.signals.begin()
            if Redirection.in_force is not None or not _one_at_a_time.acquire(blocking=False):
                raise AlreadyRunning("another controlled execution is under way in this process: end it first")
            Redirection.in_force = self
            check_build()
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Undo everything, last first, and go on undoing whatever is raised meanwhile.

        Raises:
            BaseException: what the handler of a signal raises that arrived at the last moment.
        """
        try:
            self._undo_all()
        finally:
            if Redirection.in_force is self:
                Redirection.in_force = None
                _one_at_a_time.release()
            self.signals.end()
        self.signals.deliver()

    def _undo_all(self) -> None:
        try:
            while self._undo:
                self._undo.pop()()
        finally:
            if self._undo:
                self._undo_all()

    def name(self, holder: Any, name: str, value: Any) -> None:
        """Rebind an attribute of a module or of a Python class."""
        before = vars(holder)[name]
        self._undo.append(lambda: setattr(holder, name, before))
        setattr(holder, name, value)

    def methods(self, cls: type, replacements: Mapping[str, Any]) -> None:
        """Replace methods of a C type."""
        entries = _real_dict(cls)
        before = {name: entries[name] for name in replacements}

        def undo() -> None:
            entries.update(before)
            _type_modified(cls)

        self._undo.append(undo)
        entries.update(replacements)
        _type_modified(cls)
        for name, replacement in replacements.items():
            if isinstance(replacement, types.FunctionType) and getattr(cls, name) is not replacement:
                raise UnknownBuild(f"{cls.__name__}.{name} could not be redirected on this Python")

    def python_method(self, cls: type, name: str, replacement: Callable[..., Any]) -> None:
        """Make calls of a method written in Python calls of `replacement(original, self, ...)`.

        The function gets other code, so methods that were bound before are redirected, too. One with a closure, such
        as a wrapper that some tool has put there, cannot get other code: its name is rebound.
        """
        function = vars(cls)[name]
        code, defaults, keywords = function.__code__, function.__defaults__, function.__kwdefaults__
        if function.__closure__:
            self.name(cls, name, lambda self, *arguments, **more: replacement(function, self, *arguments, **more))
            return
        original = types.FunctionType(code, function.__globals__, function.__name__, defaults)
        original.__kwdefaults__ = keywords

        def undo() -> None:
            function.__defaults__ = defaults
            function.__code__ = code
            function.__kwdefaults__ = keywords

        self._undo.append(undo)  # at no moment may another thread find the code without what it needs
        function.__kwdefaults__ = {**(keywords or {}), "replacement": replacement, "original": original}
        fast = FAST.get(_parameters(code))
        function.__code__ = fast or _trampoline.__code__
        if fast is None:
            function.__defaults__ = None

    def function(self, builtin: Any, replacement: Callable[..., Any]) -> None:
        """Make calls of `builtin(...)` calls of `replacement(original, ...)`."""
        words = _words(builtin)
        if isinstance(replacement, types.FunctionType):
            replacement = _with_the_names_of(builtin, replacement)
        original = _new_function(words[DEFINITION], builtin.__self__, builtin.__module__)
        bound = types.MethodType(replacement, original)
        self._become(builtin, bound, [replacement, original], keep_self=False)

    def bound_methods(self, replacements: Mapping[type, Mapping[str, Any]]) -> None:
        """Redirect every C method that is bound to an object of these types already.

        One pass over all objects that the garbage collector tracks: some 10 ms at 300,000 of them. No loop of ours
        goes over them, since a tracer (coverage, a debugger) would make that slow.
        """
        tracked = gc.get_objects()
        builtin = map(operator.is_, map(type, tracked), itertools.repeat(types.BuiltinFunctionType))
        for method in itertools.compress(tracked, builtin):
            replacement = replacements.get(type(method.__self__), {}).get(method.__name__)
            if replacement is not None:
                bound = types.MethodType(replacement, method.__self__)
                self._become(method, bound, [replacement], keep_self=True)

    def _become(self, builtin: Any, bound: Any, references: list[Any], *, keep_self: bool) -> None:
        """Overwrite `builtin` so that it is what `bound` is."""
        words = _words(builtin)
        method = (ctypes.c_void_p * METHOD_WORDS).from_address(id(bound))
        definition_to_call = words[DEFINITION:]
        owner = words[SELF] if keep_self else method[SELF]
        for reference in references:
            _increment(reference)

        def undo() -> None:
            restored = list(definition_to_call)
            restored[WEAK - DEFINITION] = words[METHOD_WEAK]
            words[TYPE:] = [id(type_before), *restored]
            for reference in references:
                _decrement(reference)

        type_before = type(builtin)
        undo.__dict__["keeps"] = (builtin, bound)  # it writes to the memory of the one, and the other's words are used
        self._undo.append(undo)
        words[TYPE:] = [method[TYPE], method[2], owner, words[WEAK], method[5], None]


def check_build() -> None:
    """Raise `UnknownBuild` unless this interpreter is one whose objects can be redirected."""
    version = sys.version_info[:2]
    if sys.implementation.name != "cpython" or not KNOWN[0] <= version <= KNOWN[1]:
        known = " to ".join(f"{major}.{minor}" for major, minor in KNOWN)
        raise UnknownBuild(f"controlled execution needs CPython {known}; this is {sys.version.split()[0]}")
    if sysconfig.get_config_var("Py_GIL_DISABLED") or hasattr(sys, "gettotalrefcount"):
        raise UnknownBuild("controlled execution needs an ordinary build of CPython, neither free-threaded nor debug")
    probe = _new_function(_words(time.monotonic)[DEFINITION], time, "time")
    trial = Redirection()
    trial.function(probe, _answer)
    try:
        answer = probe(1)
    finally:
        trial.end()
    if answer[1:] != (1,) or not isinstance(answer[0](), float) or not isinstance(probe(), float):
        raise UnknownBuild("C functions could not be redirected on this Python")


def _trampoline(self: Any, *arguments: Any, replacement: Any, original: Any, **keywords: Any) -> Any:
    return replacement(original, self, *arguments, **keywords)


# The same for methods that are called often: to pass on arguments one by one takes half the time.


def _trampoline_alone(self: Any, *, replacement: Any, original: Any) -> Any:
    return replacement(original, self)


def _trampoline_timeout(self: Any, timeout: Any, *, replacement: Any, original: Any) -> Any:
    return replacement(original, self, timeout)


def _trampoline_thread(  # noqa: PLR0913  # as `Thread.__init__`
    self: Any,
    group: Any,
    target: Any,
    name: Any,
    args: Any,
    kwargs: Any,
    *,
    daemon: Any,
    replacement: Any,
    original: Any,
) -> Any:
    return replacement(original, self, group, target, name, args, kwargs, daemon=daemon)


def _parameters(code: types.CodeType) -> tuple[str, ...] | None:
    """Return the names of the parameters, without those of a trampoline; None if there is a variable number."""
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return None
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return tuple(name for name in names if name not in {"replacement", "original"})


FAST: dict[tuple[str, ...] | None, types.CodeType] = {
    _parameters(function.__code__): function.__code__
    for function in (_trampoline_alone, _trampoline_timeout, _trampoline_thread)
}


def _answer(original: Any, *arguments: Any) -> tuple[Any, ...]:
    return original, *arguments


def _with_the_names_of(builtin: Any, function: types.FunctionType) -> types.FunctionType:
    """Return a copy of a function that says of itself what a C function says, to whoever asks meanwhile."""
    copy = types.FunctionType(
        function.__code__, function.__globals__, builtin.__name__, function.__defaults__, function.__closure__
    )
    copy.__module__ = builtin.__module__
    copy.__doc__ = builtin.__doc__
    return copy


def _real_dict(cls: type) -> dict[str, Any]:
    found = gc.get_referents(cls.__dict__)
    if len(found) != 1 or type(found[0]) is not dict or found[0].keys() != cls.__dict__.keys():
        raise UnknownBuild(f"the methods of {cls.__name__} cannot be reached on this Python")
    return found[0]


def _words(builtin: Any) -> Any:
    """Return the words of a C function, after a look at what must be in them."""
    if type(builtin) is not types.BuiltinFunctionType:
        raise UnknownBuild(f"{builtin!r} is not a C function, and cannot be redirected as one")
    words = (ctypes.c_void_p * CFUNCTION_WORDS).from_address(id(builtin))
    template = types.MethodType(_answer, builtin)
    method = (ctypes.c_void_p * METHOD_WORDS).from_address(id(template))
    if (
        object.__basicsize__ != 2 * ctypes.sizeof(ctypes.c_void_p)
        or type(builtin).__basicsize__ != CFUNCTION_WORDS * ctypes.sizeof(ctypes.c_void_p)
        or types.MethodType.__basicsize__ != METHOD_WORDS * ctypes.sizeof(ctypes.c_void_p)
        or [words[TYPE], words[SELF]] != [id(type(builtin)), id(builtin.__self__)]
        or [method[1], method[2], method[3]] != [id(types.MethodType), id(_answer), id(builtin)]
    ):
        raise UnknownBuild("C functions of this Python are not laid out as expected")
    return words
