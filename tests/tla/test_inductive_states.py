"""The states of the inductive invariants, counted again in Python; and that no step of the queues is missing there.

The count is written from what the conjuncts say in prose: a conjunct that says more or less than its comment gives
another number. The steps are those of the state graphs of the queues themselves, with what the modules of the
invariants leave out taken away: all items alike, and how many attempts are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, combinations, permutations, product
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pcverify.tla import ExpectOk, Toolchain, dump_graph, load_manifest
from pcverify.tla.graph import StateGraph

MODELS = Path(__file__).resolve().parents[2] / "models"
RUNS = {run.config: run for run in load_manifest(MODELS).runs}
HOLDING = {"park", "notify", "release", "giveUp", "drop", "serve", "raise"}
CALLING = {"notify", "serve"}


class Size(NamedTuple):
    producers: int
    consumers: int
    capacity: int
    everything: bool = False  # timeouts, exceptions from outside and a shutdown, or nothing of it

    @property
    def tasks(self) -> list[str]:
        return [
            *(f"p{number}" for number in range(self.producers)),
            *(f"c{number}" for number in range(self.consumers)),
            *(["closer"] if self.everything else []),
        ]

    def places(self, task: str, after_a_wait: list[str]) -> list[str]:
        if task == "closer":
            return ["acquire", "notify", "release", "done"]
        outside = ["timedOut", "drop", "recover", "serve", "raise"] if self.everything else []
        return ["acquire", "park", "parked", *after_a_wait, "notify", "release", "giveUp", "done", *outside]

    def where_all_are(self, after_a_wait: list[str]) -> Iterator[dict[str, str]]:
        """Yield the place of each task; one at most is inside with the lock, and who has the lock follows."""
        for places in product(*(self.places(task, after_a_wait) for task in self.tasks)):
            if len([place for place in places if place in HOLDING]) <= 1:
                yield dict(zip(self.tasks, places, strict=True))


def orders(tasks: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(permutations(tasks, count) for count in range(len(tasks) + 1))


def subsets(tasks: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(tasks, count) for count in range(len(tasks) + 1))


def of(tasks: Sequence[str], kind: str) -> list[str]:
    return [task for task in tasks if task.startswith(kind) and task != "closer"]


def on_lists(size: Size, at: dict[str, str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the lists of putters and getters: who sleeps is on its list, once; who no longer does may still be."""
    waits = [task for task in size.tasks if at[task] in {"park", "parked"}]
    may = [task for task in size.tasks if at[task] in {"timedOut", "recover"}]
    for putters, getters in product(orders(of([*waits, *may], "p")), orders(of([*waits, *may], "c"))):
        if {*waits} <= {*putters, *getters}:
            yield putters, getters


def condition_queue(size: Size) -> Iterator[Any]:
    """Yield each state of the invariant of ConditionQueue. Where all are tells who has the lock."""
    backs = size.consumers if size.everything else 0
    for at in size.where_all_are(["woken", "reacquire"]):
        late_ones = [task for task in size.tasks if size.everything and at[task] in {"woken", "reacquire", "timedOut"}]
        calling = any(place in CALLING for place in at.values())
        for putters, getters in on_lists(size, at):
            listed = {*putters, *getters}
            may_hold = [task for task in of(size.tasks, "c") if at[task] in {"notify", "release", "drop", "recover"}]
            may_hold = [task for task in may_hold if size.everything and task not in listed]
            for held, calls in product(subsets(may_hold), orders(sorted(listed))):
                if calling != bool(calls):
                    continue
                looking = {task for task, place in at.items() if place in {"woken", "reacquire", "timedOut", "recover"}}
                coming = [*(looking - listed - {*held}), *calls]
                for items, shut in product(range(size.capacity + backs + 1), [False, True][: 1 + size.everything]):
                    fits = items + len(held) <= size.capacity + backs
                    items_met = not getters or items <= len(of(coming, "c"))
                    room_met = not putters or shut or size.capacity <= items + len(of(coming, "p"))
                    sleepers = {task for task, place in at.items() if place in {"park", "parked"}}
                    if fits and items_met and room_met and (not shut or sleepers <= {*calls}):
                        for late in subsets(late_ones):
                            yield at.copy(), putters, getters, held, calls, items, shut, late


def handoff_queue(size: Size) -> Iterator[Any]:
    """Yield each state of the invariant of HandoffQueue."""
    backs = size.consumers if size.everything else 0
    for at in size.where_all_are(["woken"]):
        calling = any(place in CALLING for place in at.values())
        callers = [task for task in size.tasks if task != "closer"]
        ends = ["end"] if size.everything else []
        having = {"parked", "woken", "timedOut", "recover", "release", "giveUp"}
        gifts = [
            ["", *(["room" if task[0] == "p" else "item", *ends] if at[task] in having else [])] for task in callers
        ]
        for things, calls in product(product(*gifts), [(), *((task,) for task in callers)]):
            given = dict(zip(callers, things, strict=True))
            served = {task for task in callers if given[task]}
            if calling != bool(calls) or not {*calls} <= served:
                continue
            if any(at[task] not in {"parked", "timedOut", "recover"} for task in calls):
                continue
            asleep = {task for task in served if at[task] == "parked"}
            if not asleep <= {*calls} or any(at[task] == "woken" for task in {*callers} - served):
                continue
            for state in with_queue(size, at, given, backs):
                yield (*state, calls, things)


def with_queue(size: Size, at: dict[str, str], given: dict[str, str], backs: int) -> Iterator[Any]:
    """Yield lists, items in hand, items in the queue, and whether it is shut."""
    waits = {task for task, place in at.items() if place in {"park", "parked"} and not given[task]}
    may = {task for task, place in at.items() if place in {"timedOut", "recover"} and not given[task]}
    closing = at.get("closer") == "notify"
    serving = closing or "serve" in at.values()
    lists = product(orders(sorted(of([*waits, *may], "p"))), orders(sorted(of([*waits, *may], "c"))))
    for putters, getters in lists:
        if not waits <= {*putters, *getters}:
            continue
        for held in subsets(of(size.tasks, "c") if size.everything else []):
            for items, shut in product(range(size.capacity + backs + 1), [False, True][: 1 + size.everything]):
                back = {task for task, thing in given.items() if thing == "item"} | {*held}
                fits = items + (len(back) if size.everything else 0) <= size.capacity + backs
                right = serving or ((not getters or not items) and (not putters or items >= size.capacity))
                if fits and right and (not shut or closing or not (putters or getters)):
                    yield at.copy(), putters, getters, held, items, shut


COUNTED = [
    (condition_queue, "ConditionQueueInductive_p1c2k1_universe", Size(1, 2, 1)),
    (condition_queue, "ConditionQueueInductive_p2c2k2", Size(2, 2, 2)),
    (
        condition_queue,
        "ConditionQueueInductive_p1c1k1_timed_shut_immediately_interrupted",
        Size(1, 1, 1, everything=True),
    ),
    (handoff_queue, "HandoffQueueInductive_p1c2k1_universe", Size(1, 2, 1)),
    (handoff_queue, "HandoffQueueInductive_p2c2k2", Size(2, 2, 2)),
    (handoff_queue, "HandoffQueueInductive_p1c1k1_timed_shut_immediately_interrupted", Size(1, 1, 1, everything=True)),
]


def expected(config: str) -> int:
    expect = RUNS[config].expect
    assert isinstance(expect, ExpectOk)
    return expect.distinct


@pytest.mark.parametrize(("states", "config", "size"), COUNTED, ids=[config for _, config, _ in COUNTED])
def test_the_invariant_has_as_many_states(states: Any, config: str, size: Size) -> None:
    found = [repr(state) for state in states(size)]
    assert len(set(found)) == len(found) == expected(config)


def test_another_invariant_has_not() -> None:
    assert len(list(condition_queue(Size(2, 2, 1)))) != expected("ConditionQueueInductive_p2c2k2")


def test_both_ways_to_find_the_states_find_as_many() -> None:
    everything = "p1c1k1_timed_shut_immediately_interrupted"
    for module in ("ConditionQueueInductive", "HandoffQueueInductive"):
        assert expected(f"{module}_{everything}_universe") == expected(f"{module}_{everything}")


@pytest.mark.parametrize("run", [run for run in RUNS.values() if "Inductive" in run.module], ids=lambda run: run.config)
def test_a_run_that_passes_has_looked_one_step_ahead_and_found_no_other_state(run: Any) -> None:
    if isinstance(run.expect, ExpectOk):
        assert run.expect.depth == 1
    else:
        assert run.expect.states == 2


# The steps of the queues themselves.

ALIKE = {"todo": 1, "sent": frozenset(), "received": frozenset(), "discarded": frozenset()}
FINISHES = {"ConditionQueue": "Leave", "HandoffQueue": "Finish"}
LOOKED_AT = [
    "ConditionQueue_p1c1k1i2",
    "HandoffQueue_p1c1k1i2",
    pytest.param("ConditionQueue_p2c1k1i1_timed_shut_gently", marks=pytest.mark.nightly),
    pytest.param("ConditionQueue_p1c2k1i1_interrupted", marks=pytest.mark.nightly),
    pytest.param("HandoffQueue_p1c2k1i1_interrupted", marks=pytest.mark.nightly),
]


def coarse(value: Any, name: str) -> Any:
    """Return what the module of the invariant knows of a variable: an item is an item."""
    if name in ALIKE:
        return repr(dict.fromkeys(value, ALIKE[name]))
    return re.sub(r"\('(?:producer-\d|item)', \d\)", "item", repr(value))


def coarse_state(state: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, coarse(value, name)) for name, value in sorted(state.items()))


def coarse_edges(graph: StateGraph) -> set[Any]:
    states = [coarse_state(state) for state in graph.states]
    return {(states[edge.source], edge.action, states[edge.target]) for edge in graph.edges}


def graphs_of(config: str, toolchain: Toolchain, folder: Path) -> tuple[StateGraph, StateGraph]:
    """Return the state graph of a queue, and that of the states of its invariant and their steps."""
    run = RUNS[config]
    text = run.config_path.read_text(encoding="utf-8")
    text = text[: text.index("INVARIANTS")]
    fine, inductive = folder / "Fine.cfg", folder / "Inductive.cfg"
    fine.write_text(text, encoding="utf-8")
    text = text.replace("SPECIFICATION Spec", "INIT AllOfInv\nNEXT Next")
    text = re.sub(r"(PutsEach|GetsEach) = \d", r"\1 = 1", text).replace("History = TRUE", "History = FALSE")
    inductive.write_text(f"{text}    Item <- AnItem\n    {FINISHES[run.module]} <- ComesOrEnds\n", encoding="utf-8")
    first, second = (
        dump_graph(
            MODELS / f"{module}.tla",
            path,
            library=(MODELS,),
            toolchain=toolchain,
            deadlock=False,
            max_seconds=200,
        )
        for module, path in ((run.module, fine), (f"{run.module}Inductive", inductive))
    )
    return first, second


@pytest.mark.parametrize("config", LOOKED_AT)
def test_every_step_of_the_queue_is_one_from_a_state_of_the_invariant(
    config: str, toolchain: Toolchain, tmp_path: Path
) -> None:
    fine, inductive = graphs_of(config, toolchain, tmp_path)
    steps = {step for step in coarse_edges(fine) if step[1] != "Terminated"}
    assert len(steps) > 20
    assert steps <= coarse_edges(inductive)


def test_a_step_that_is_no_step_of_the_queue_is_not_among_them(toolchain: Toolchain, tmp_path: Path) -> None:
    fine, inductive = graphs_of("ConditionQueue_p1c1k1i2", toolchain, tmp_path)
    source, action, target = next(step for step in coarse_edges(fine) if step[1] == "Park")
    assert (target, action, source) not in coarse_edges(inductive)
