"""Exceptions from outside: which place of a call breaks the standard library's queue, and that none breaks ours."""

from __future__ import annotations

import ast
import queue

import pytest

from pcverify import HandoffQueue, ThreadSafeQueue
from pcverify.regress import faults
from pcverify.regress.faults import Fault, edits
from tests.interleavings.interrupts import PLACES, Interrupted, Place
from tests.interleavings.machine import AllCalls, BlockingCalls, PutsAndGets
from tests.interleavings.operations import INTERRUPT_CHECKS
from tests.interleavings.running import LONGEST_SCRIPT, find, run_script

OURS = [ThreadSafeQueue, HandoffQueue]
PUT, GET, JOIN, DONE, DOWN = (
    ("put", "blocking", 8),
    ("get", "blocking", 8),
    ("join", 8),
    ("task_done", 8),
    ("shutdown", False, 8),
)
HALF_A_PUT, HALF_A_GET = ("put", "blocking", 1), ("get", "blocking", 1)
NEXT, INTERRUPT = ("run", 0, 8), ("interrupt", 0, 8)
BREAKS = {  # where, and whom: the check that notices it, and a script for a queue with room for one item
    (Place.PARKING, "put"): ("mutual_exclusion", [PUT, HALF_A_PUT, INTERRUPT]),
    (Place.PARKING, "get"): ("mutual_exclusion", [HALF_A_GET, INTERRUPT]),
    (Place.PARKING, "join"): ("mutual_exclusion", [PUT, ("join", 1), INTERRUPT]),
    (Place.LINGERING, "put"): ("no_lost_wakeup", [PUT, PUT, PUT, INTERRUPT, GET, NEXT]),
    (Place.LINGERING, "get"): ("no_lost_wakeup", [GET, GET, INTERRUPT, PUT, NEXT]),
    (Place.WOKEN, "put"): ("no_lost_wakeup", [PUT, PUT, PUT, GET, INTERRUPT]),
    (Place.WOKEN, "get"): ("no_lost_wakeup", [GET, GET, PUT, INTERRUPT]),
    (Place.REACQUIRING, "put"): ("mutual_exclusion", [PUT, PUT, GET, INTERRUPT]),
    (Place.REACQUIRING, "get"): ("mutual_exclusion", [GET, PUT, INTERRUPT]),
    (Place.REACQUIRING, "join"): ("mutual_exclusion", [PUT, JOIN, DONE, INTERRUPT]),
    (Place.CARRYING, "get"): ("nothing_lost", [PUT, HALF_A_GET, INTERRUPT]),
    (Place.NOTIFYING, "get"): ("nothing_lost", [PUT, PUT, HALF_A_GET, INTERRUPT]),
    (Place.NOTIFYING, "put"): ("no_lost_wakeup", [GET, GET, HALF_A_PUT, INTERRUPT, NEXT, PUT]),
    (Place.NOTIFYING, "shutdown"): ("no_lost_wakeup", [GET, GET, ("shutdown", False, 1), INTERRUPT]),
}
SURVIVES = {  # likewise what breaks nothing
    (Place.ENTERING, "put"): [GET, HALF_A_GET, ("put", "blocking", 0), INTERRUPT, PUT],
    (Place.ENTERING, "get"): [PUT, HALF_A_PUT, ("get", "blocking", 0), INTERRUPT, GET],
    (Place.ENTERING, "join"): [PUT, ("join", 0), INTERRUPT, DONE],
    (Place.ENTERING, "task_done"): [PUT, JOIN, ("task_done", 0), INTERRUPT, DONE],
    (Place.ENTERING, "shutdown"): [GET, ("shutdown", False, 0), INTERRUPT, PUT],
    (Place.LEAVING, "put"): [GET, HALF_A_PUT, INTERRUPT, GET],
    (Place.LEAVING, "get"): [("get", "at once", 1), INTERRUPT, PUT, GET],
    (Place.LEAVING, "join"): [("join", 1), INTERRUPT],
    (Place.LEAVING, "task_done"): [PUT, JOIN, ("task_done", 0), INTERRUPT],
    (Place.LEAVING, "shutdown"): [GET, ("shutdown", False, 0), INTERRUPT, PUT],
    (Place.PARKED, "put"): [PUT, PUT, PUT, INTERRUPT, GET],
    (Place.PARKED, "get"): [GET, GET, INTERRUPT, PUT],
    (Place.PARKED, "join"): [PUT, JOIN, JOIN, INTERRUPT, DONE],
    (Place.LINGERING, "join"): [PUT, JOIN, JOIN, INTERRUPT, DONE],
    (Place.WOKEN, "join"): [PUT, JOIN, JOIN, DONE, INTERRUPT],
    (Place.NOTIFYING, "task_done"): [PUT, JOIN, JOIN, ("task_done", 1), INTERRUPT],  # it is counted after that
}
NEEDED = {
    "put": {"get"},
    "get": {"put"},
    "join": {"put", "task_done"},
    "task_done": {"put", "join"},
    "shutdown": {"get"},
}
IN_THE_LIBRARY = [where for where in [*BREAKS, *SURVIVES] if hasattr(queue.Queue, where[1])]
NOWHERE = {(Place.REACQUIRING, kind) for kind in ("put", "get", "join")}
"""Whoever is handed what it waits for takes no lock again."""
IN_OURS = [
    (where, made) for made in OURS for where in [*BREAKS, *SURVIVES] if made is ThreadSafeQueue or where not in NOWHERE
]
EXAMPLES = 2000  # scripts at most


def interrupting(machine, *where, without=()):
    """Return the machine with interrupts at these places, and without some of its rules."""
    return type(machine.__name__, (machine,), {"interrupts": frozenset(where), **dict.fromkeys(without)})


def named(value):
    """Return a parameter as the test's name shows it."""
    return f"{value[0].name.lower()}-{value[1]}" if isinstance(value, tuple) else value.__name__


@pytest.mark.parametrize("made", OURS, ids=lambda made: made.__name__)
def test_no_interrupt_breaks_ours(made):
    found = find(interrupting(AllCalls, *BREAKS, *SURVIVES), made, examples=600)
    if found.broken is not None:
        pytest.fail(str(found.broken), pytrace=False)
    assert sum(found.interrupted_at.values()) >= 300


@pytest.mark.parametrize(("where", "made"), IN_OURS, ids=named)
def test_ours_survives_an_interrupt_at_this_place(where, made):
    script = BREAKS[where][1] if where in BREAKS else SURVIVES[where]
    found = run_script(interrupting(AllCalls, where), made, script)
    assert found.interrupted_at.keys() == {where}
    assert found.broken is None, str(found.broken)


@pytest.mark.parametrize("where", IN_THE_LIBRARY, ids=named)
def test_an_interrupt_breaks_the_library_s_queue_at_this_place_or_does_not(where):
    check, script = BREAKS.get(where, (None, SURVIVES.get(where)))
    found = run_script(interrupting(AllCalls, where), queue.Queue, script)
    assert found.interrupted_at.keys() == {where}
    if check is None:
        assert found.broken is None, str(found.broken)
    else:
        assert found.broken is not None
        assert found.broken.check == check, str(found.broken)


def test_each_place_is_shown_to_break_the_queue_or_not():
    places = {(place, kind) for kind, places in PLACES.items() for place in places}
    assert BREAKS.keys() | SURVIVES.keys() == places
    assert not BREAKS.keys() & SURVIVES.keys()


@pytest.mark.parametrize("where", [where for where in BREAKS if where in IN_THE_LIBRARY], ids=named)
def test_the_machine_finds_what_an_interrupt_breaks(where, record_property):
    kind = where[1]
    without = {"put", "get", "join", "task_done", "shutdown"} - {kind} - NEEDED[kind]
    machine = interrupting(BlockingCalls, where, without=without)
    found = find(machine, queue.Queue, examples=EXAMPLES, shrink=True)
    assert found.broken is not None, f"{found.scripts} scripts, and none showed it"
    assert found.broken.check == BREAKS[where][0], str(found.broken)
    assert found.broken.rules <= LONGEST_SCRIPT, str(found.broken)
    assert " is interrupted " in str(found.broken)
    record_property("rules", found.broken.rules)


# What is demanded of an interrupted call, by calls that deal wrongly with it where others survive.


class Deaf(queue.Queue):
    """Begins again when it is interrupted."""

    def get(self, block=True, timeout=None):
        try:
            return super().get(block, timeout)
        except Interrupted:
            return super().get(block, timeout)


def _keep_the_lock(tree: ast.Module) -> None:
    def split(statement: ast.stmt, _block: list[ast.stmt]) -> list[ast.stmt]:
        lock = ast.unparse(statement.items[0].context_expr)
        source = f"{lock}.acquire()\ntry: pass\nexcept Exception:\n {lock}.release()\n raise\n{lock}.release()"
        acquire, guarded, release = edits.statements(source)
        guarded.body = statement.body
        return [acquire, guarded, release]

    (put,) = edits.methods(tree, "put")
    edits.require(edits.replace_statements(put, lambda each: isinstance(each, ast.With), split), "with in put")


KEEPS_THE_LOCK = Fault("keep-the-lock", "put releases its lock after an Exception only", _keep_the_lock)


@pytest.mark.parametrize(
    ("queue_class", "check"),
    [
        (Deaf, "interrupt_arrives"),
        (faults.apply(KEEPS_THE_LOCK, queue.Queue), "liveness"),
    ],
)
def test_a_call_that_deals_wrongly_with_an_interrupt_is_caught(queue_class, check):
    where = [(Place.ENTERING, "get"), (Place.PARKED, "get"), (Place.PARKED, "put")]
    found = find(interrupting(PutsAndGets, *where), queue_class, shrink=True)
    assert found.broken is not None
    assert found.broken.check == check, str(found.broken)
    assert found.broken.rules <= LONGEST_SCRIPT, str(found.broken)


def test_each_check_of_interrupts_is_shown_to_fail():
    assert {check for check, _ in BREAKS.values()} | {"interrupt_arrives"} >= INTERRUPT_CHECKS
