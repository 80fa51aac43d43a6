"""How objects are written, type by type. What is not here, and is no instance of a class in Python, is not known.

An instance of a Python class is its dict, its slots, and what it inherits from a type that is known here. A C type
that is not known may hide anything; so a state with one of it in reach has no key.
"""

from __future__ import annotations

import collections
import functools
import gc
import itertools
import operator
import random
import re
import types
import warnings
import weakref
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.locks import LOCK, RLOCK, is_held
from pcverify.explore.control.simple_queues import SIMPLE_QUEUE
from pcverify.explore.states import contexts
from pcverify.explore.states.code import is_library
from pcverify.explore.states.layout import address_at, read, words_of
from pcverify.explore.states.stacks import Unkeyable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.states.graph import Graph


FILL, FINGER = 2, 7  # the words of a set: how many places of its table were ever used, and where `pop` looks first
CHANGES, SEEN = 7, 5  # the words of a deque, and of an iterator over it, in which changes are counted


def write_sequence(graph: Graph, value: Any) -> None:
    """A list or tuple: its items."""
    base: Any = list if isinstance(value, list) else tuple
    graph.text += (base.__name__, base.__len__(value))
    graph.write(base.__iter__(value))


def write_set(graph: Graph, value: Any) -> None:
    """A set: its items in the order in which it gives them, and on what that depends: room, traces, where `pop` is."""
    base = frozenset if isinstance(value, frozenset) else set
    where = id(value)
    graph.text += (base.__name__, base.__len__(value), base.__sizeof__(value))
    graph.text += (address_at(where, FILL), address_at(where, FINGER))
    graph.write(base.__iter__(value))


def write_dict(graph: Graph, value: Any) -> None:
    """A dict, in its order."""
    graph.text += ("dict", dict.__len__(value))
    graph.write(dict.keys(value))
    graph.write(dict.values(value))


def write_ordered(graph: Graph, value: Any) -> None:
    """An `OrderedDict`, in its own order."""
    pairs = list(collections.OrderedDict.items(value))
    graph.text += ("ordered", len(pairs))
    graph.write([part for pair in pairs for part in pair])
    graph.write((vars(value),))


def write_default(graph: Graph, value: Any) -> None:
    """A `defaultdict`: what makes its values, and the dict."""
    graph.text.append("default")
    graph.write((value.default_factory,))
    write_dict(graph, value)


def write_namespace(graph: Graph, value: Any) -> None:
    """A `SimpleNamespace`: its attributes."""
    graph.text.append("namespace")
    graph.write((vars(value),))


def write_pattern(graph: Graph, value: Any) -> None:
    """A compiled regular expression."""
    graph.text += ("pattern", value.pattern, value.flags)


def write_deque(graph: Graph, value: Any) -> None:
    """A deque: its bound and its items."""
    graph.text += ("deque", collections.deque.__len__(value))
    graph.write((value.maxlen,))
    graph.write(collections.deque.__iter__(value))


def write_cell(graph: Graph, value: Any) -> None:
    """The cell of a closure."""
    graph.text.append("cell")
    try:
        graph.write((value.cell_contents,))
    except ValueError:
        graph.text.append("cell, empty")


def write_function(graph: Graph, value: Any) -> None:
    """A function: its code, what it closes over, its defaults and attributes; the globals that it names follow."""
    code = graph.constants.code(value.__code__)
    graph.text += ("function", code.number)
    if not code.is_ours and not is_library(value.__globals__.get("__name__")):
        graph.text.append(graph.uses(code.names, value.__globals__, code.imports))
    graph.write((value.__closure__, value.__defaults__, value.__kwdefaults__, value.__dict__ or None))


def write_method(graph: Graph, value: Any) -> None:
    """A bound method."""
    graph.text.append("method")
    graph.write((value.__func__, value.__self__))


def write_builtin(graph: Graph, value: Any) -> None:
    """A method of a C type, bound to an object."""
    graph.text += ("builtin", value.__name__)
    graph.write((value.__self__,))


def write_partial(graph: Graph, value: Any) -> None:
    """A `functools.partial`."""
    graph.text.append("partial")
    graph.write((value.func, value.args, value.keywords, vars(value)))


def write_reference(graph: Graph, value: Any) -> None:
    """A weak reference: what it points to, if that is alive; `None` if not."""
    graph.text.append("weak")
    graph.write((weakref.ref.__call__(value), value.__callback__))


def write_lock(graph: Graph, value: Any) -> None:
    """A lock: who holds it, and how often."""
    execution = graph.execution
    holder = execution.holders.get(value)
    number = -1 if holder is None else holder.number
    graph.text += ("lock", type(value) is LOCK, is_held(value), number, execution.depths.get(value, 0))


def write_simple_queue(graph: Graph, value: Any) -> None:
    """A `SimpleQueue`: its items, which are taken out for that and put back."""
    items = [value.get_nowait() for _ in range(value.qsize())]
    for item in items:
        value.put(item)
    graph.text += ("queue", len(items))
    graph.write(items)


def write_generator(graph: Graph, value: Any) -> None:
    """A generator or coroutine: its frame, and the exceptions that it is handling."""
    coroutine = isinstance(value, types.CoroutineType)
    frame = value.cr_frame if coroutine else value.gi_frame
    graph.text.append("coroutine" if coroutine else "generator")
    handling = [part for part in gc.get_referents(value) if isinstance(part, BaseException)]
    graph.text.append(len(handling))
    graph.write(handling)
    graph.write((frame,))


def write_frame(graph: Graph, value: Any) -> None:
    """A frame that no task has on its stack: a generator's, or one that a traceback keeps."""
    words = words_of(value)
    code = graph.constants.code(value.f_code)
    if code.is_ours:
        graph.text += ("frame", code.number)
        return
    if words.noted < 0:
        raise Unkeyable("a frame that runs elsewhere")
    values = read(words.values, max(words.noted, code.variables))
    graph.text += ("frame", code.number, value.f_lasti, len(values))
    graph.write(values)
    if not is_library(value.f_globals.get("__name__")):
        graph.uses(code.names, value.f_globals, code.imports)


def write_traceback(graph: Graph, value: Any) -> None:
    """A traceback: where it was, and what its frame still has."""
    graph.text += ("traceback", value.tb_lasti)
    graph.write((value.tb_frame, value.tb_next))


def write_exception(graph: Graph, value: Any) -> None:
    """An exception: all that it is made of."""
    graph.text.append("exception")
    graph.write((value.args, value.__cause__, value.__context__, value.__traceback__, value.__suppress_context__))


def write_module(graph: Graph, value: Any) -> None:
    """A module of the program; what the code in reach names of it follows."""
    graph.text += ("module", value.__name__)
    graph.modules.append(value)


def write_by_reduction(graph: Graph, value: Any) -> None:
    """What can be copied: what it would be made of again."""
    parts = value.__reduce__()
    graph.text += (type(value).__name__, len(parts))
    graph.write(parts)


def write_of_itertools(graph: Graph, value: Any) -> None:
    """The same, for what warns that one day it cannot be copied any more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        write_by_reduction(graph, value)


def write_over_deque(graph: Graph, value: Any) -> None:
    """An iterator over a deque: where it is, and whether it will say that the deque has changed."""
    write_by_reduction(graph, value)
    over = value.__reduce__()[1][0]
    graph.text.append(address_at(id(value), SEEN) == address_at(id(over), CHANGES))


def write_view(graph: Graph, value: Any) -> None:
    """An iterator over a dict or a set: what it is over, and how much is left."""
    parts = gc.get_referents(value)
    graph.text += (type(value).__name__, value.__length_hint__(), len(parts))
    graph.write([part for part in parts if type(part) is not tuple])
    try:
        write_by_reduction(graph, value)
    except RuntimeError:
        raise Unkeyable("an iterator over what has changed meanwhile") from None


def write_referents(graph: Graph, value: Any) -> None:
    """What has nothing but what it refers to."""
    parts = gc.get_referents(value)
    graph.text += (type(value).__name__, len(parts))
    graph.write(parts)


def write_random(graph: Graph, value: Any) -> None:
    """A generator of random numbers."""
    graph.text.append("random")
    graph.write((value.getstate(),))


def write_bare(graph: Graph, value: Any) -> None:
    """An `object()`."""
    graph.text.append("object")


def write_range(graph: Graph, value: Any) -> None:
    """A range or a slice."""
    graph.text.append(type(value).__name__)
    graph.write((value.start, value.stop, value.step))


def write_wrapped(graph: Graph, value: Any) -> None:
    """A `staticmethod` or a `classmethod`."""
    graph.text.append(type(value).__name__)
    graph.write((value.__func__,))


def write_property(graph: Graph, value: Any) -> None:
    """A `property`."""
    graph.text.append("property")
    graph.write((value.fget, value.fset, value.fdel))


def write_descriptor(graph: Graph, value: Any) -> None:
    """A slot of a class."""
    graph.text += ("descriptor", value.__name__)
    graph.write((value.__objclass__,))


def write_bytes(graph: Graph, value: Any) -> None:
    """A `bytearray`."""
    graph.text += ("bytearray", bytes(value))


def write_plain(graph: Graph, value: Any) -> None:
    """A number of a class that inherits from one of the plain types."""
    base = next(cls for cls in (int, str, bytes, float) if isinstance(value, cls))
    plain = base.__str__(value) if base is str else base.__getnewargs__(value)[0]
    graph.text.append("plain")
    graph.write((plain,))


_SOME: tuple[Any, ...] = ([], (), range(0), range(1 << 70), "", "ä", b"", bytearray())
BY_REDUCTION: tuple[type, ...] = (
    *(type(iter(each)) for each in _SOME),
    *(type(reversed([])), enumerate, zip, map, filter, reversed, operator.itemgetter, operator.attrgetter),
    collections._tuplegetter,  # type: ignore[attr-defined]  # a field of a named tuple
)
OF_ITERTOOLS: tuple[type, ...] = (
    *(itertools.count, itertools.repeat, itertools.chain, itertools.islice, itertools.cycle, itertools.accumulate),
    *(itertools.takewhile, itertools.dropwhile, itertools.starmap, itertools.compress, itertools.zip_longest),
)
VIEWS: tuple[type, ...] = (type(iter({})), type(iter({}.values())), type(iter({}.items())), type(iter(set())))
WRITERS: dict[type, Callable[[Graph, Any], None]] = {
    **dict.fromkeys((list, tuple), write_sequence),
    **dict.fromkeys((set, frozenset), write_set),
    **dict.fromkeys((staticmethod, classmethod), write_wrapped),
    **dict.fromkeys((range, slice), write_range),
    **dict.fromkeys((types.GeneratorType, types.CoroutineType), write_generator),
    **dict.fromkeys((LOCK, RLOCK), write_lock),
    **dict.fromkeys(BY_REDUCTION, write_by_reduction),
    **dict.fromkeys(OF_ITERTOOLS, write_of_itertools),
    **dict.fromkeys(VIEWS, write_view),
    **contexts.WRITERS,
    **dict.fromkeys((type(iter(int, 1)), type({}.keys()), type({}.values()), type({}.items())), write_referents),
    types.MappingProxyType: write_referents,
    dict: write_dict,
    collections.OrderedDict: write_ordered,
    collections.deque: write_deque,
    collections.defaultdict: write_default,
    types.SimpleNamespace: write_namespace,
    re.Pattern: write_pattern,
    types.CellType: write_cell,
    types.FunctionType: write_function,
    types.MethodType: write_method,
    types.BuiltinFunctionType: write_builtin,
    types.MethodWrapperType: write_builtin,
    types.MemberDescriptorType: write_descriptor,
    types.GetSetDescriptorType: write_descriptor,
    functools.partial: write_partial,
    weakref.ref: write_reference,
    SIMPLE_QUEUE: write_simple_queue,
    types.FrameType: write_frame,
    types.TracebackType: write_traceback,
    types.ModuleType: write_module,
    property: write_property,
    object: write_bare,
    bytearray: write_bytes,
    random.Random: write_random,
    BaseException: write_exception,
    int: write_plain,
    float: write_plain,
    str: write_plain,
    bytes: write_plain,
    type(iter(collections.deque())): write_over_deque,
}
"""What is written for an object of each type, or of a class that inherits from it."""
