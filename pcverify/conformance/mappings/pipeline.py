"""From `Producer`, `Consumer` and `Coordinator`, on either queue, to the variables of `models/Pipeline.tla`.

To the model a put or a get is one step: the one in which the item comes into the queue or leaves it, which the queue's
own mapping knows. Where a worker or the coordinator is between two such steps shows in the frames on its stack. What
the queue, logging, events, starting and joining threads do besides changes nothing that the model has: a stutter.

Sentinels are one object, so they have no numbers here, and who took which of them is not compared.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pcverify.conformance.counts import unread_counts
from pcverify.conformance.looking import holder_of
from pcverify.conformance.mappings import condition_queue, handoff_queue
from pcverify.conformance.programs.pipelines import COORDINATOR, SENTINEL, USER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pcverify.conformance.looking import Look
    from pcverify.conformance.programs import PipelineConfig, PipelineProgram
    from pcverify.explore.engine.execution import Execution

MODULE = "Pipeline"
VARIABLES = (
    *("pc", "queue", "held", "sent", "sentinels", "received", "shut", "told", "taken", "failed"),
    *("changed", "left", "wanted", "accounts", "drained"),
)
ACTIONS: dict[str, str] = {}
CLOCKS = frozenset({"_started_at", "_ended_at"})
"""Of workers and coordinator, for metrics; that they were started shows in where they are."""
OF_LOGGERS = frozenset({"handlers", "parent", "manager", "_cache"})
"""What a logger has besides that it is disabled."""
STUTTERS = {
    "a step that changes nothing which the model has": "how a queue waits, logs, events, starting and joining threads"
}
SENT = "sentinel"


WITHIN = frozenset({"back", "got", "look"})


def unread(program: PipelineProgram) -> dict[type, frozenset[str]]:
    """Return the attributes on which nothing depends: counts for `stats`, clocks for metrics, what loggers have."""
    parts = (program.coordinator, *program.workers.values())
    return {**unread_counts(program.queue), **dict.fromkeys(map(type, parts), CLOCKS), logging.Logger: OF_LOGGERS}


def is_optional(state: Mapping[str, Any], config: PipelineConfig) -> bool:
    """Whether the code need not take every edge of a state.

    Where items are handed over, one who was served is out of the queue at once, and one who serves is not; to the
    model both are between a put or get and its return, and it lets others act meanwhile.
    """
    return not config.exclusive and any(place in WITHIN for place in state["pc"].values())


def may_be_interrupted(_look: Look, _program: PipelineProgram) -> bool:
    """Nobody: the model has no exceptions from outside."""
    return False


def position(look: Look, _program: PipelineProgram) -> str:
    """Return what a task is about to do, in the engine's words: steps have no names of their own here."""
    return f"{look.kind} of {type(look.object).__name__}"


def view(state: Mapping[str, Any], config: PipelineConfig) -> dict[str, Any]:
    """Return a state of the model as this mapping sees it: sentinels have no numbers."""
    seen = dict(state)
    seen["queue"] = tuple(map(_without_number, state["queue"]))
    seen["drained"] = tuple(state["drained"])
    seen["held"] = {name: _without_number(state["held"][name]) for name in config.consumer_names}
    for name in ("sent", "received"):
        seen[name] = {producer: tuple(sorted(state[name][producer])) for producer in config.producer_names}
    seen["sentinels"] = len(state["sent"][COORDINATOR]) if state["pc"][COORDINATOR] in {"look", "sentinel"} else 0
    seen["failed"] = tuple(sorted(state["failed"]))
    return seen


def _without_number(item: Any) -> Any:
    return SENT if item and item[0] in {COORDINATOR, SENTINEL[0]} else item


def state_of(
    execution: Execution, looks: Mapping[str, Look], program: PipelineProgram, config: PipelineConfig
) -> dict[str, Any]:
    """Return the value of each of `VARIABLES`."""
    return _State(execution, looks, program, config).variables()


class _State:
    """One state of the code, while it is looked at."""

    def __init__(
        self, execution: Execution, looks: Mapping[str, Look], program: PipelineProgram, config: PipelineConfig
    ) -> None:
        self.execution, self.looks, self.program, self.config = execution, looks, program, config
        self.coordinator, self.queue = program.coordinator, program.queue
        self.hands_over = not hasattr(self.queue, "not_full")
        self.places = handoff_queue if self.hands_over else condition_queue
        self.ended = {worker.name for worker in self.coordinator._ended}
        self.lock = self.coordinator._changed._lock
        self.held: dict[str, Any] = dict.fromkeys(config.consumer_names, ())
        self.drained = list(self.coordinator._drained)
        self.done = {name for name, look in looks.items() if self.has_done(look)}

    def has_done(self, look: Look) -> bool:
        """Whether a put or get that a task is in has put or got its item."""
        inside = look.inside("put", "get")
        if inside is None:
            return False
        place = self.places.position(inside, self.program)
        if place == "woken" and self.hands_over:
            return bool(handoff_queue._given(inside) != ("end",))
        return place in {"notify", "release"}

    def variables(self) -> dict[str, Any]:
        program, config, coordinator = self.program, self.config, self.coordinator
        workers = program.workers
        pc = {name: self.place_of(name) for name in config.tasks}
        sent = {
            name: workers[name]._produced
            + (name in self.done and self.looks[name].frame_of(workers[name]._put) is not None)
            for name in config.producer_names
        }
        received = {
            name: tuple(
                sorted(
                    number
                    for items in (*program.delivered.values(), self.drained)
                    for producer, number in items
                    if producer == name
                )
            )
            for name in config.producer_names
        }
        return {
            "pc": pc,
            "queue": self.items(),
            "held": self.held,
            "sent": {name: tuple(range(1, count + 1)) for name, count in sent.items()},
            "sentinels": self.sentinels() if pc[COORDINATOR] in {"look", "sentinel"} else 0,
            "received": received,
            "shut": self.queue.is_shutdown,
            "told": {
                name: "abort" if worker._aborted else "stop" if worker._stopping else "no"
                for name, worker in workers.items()
            },
            "taken": {name: workers[name]._taken for name in config.producer_names},
            "failed": tuple(sorted(worker.name for worker in coordinator._ended if worker.error is not None)),
            "changed": self.holder(pc),
            "left": self.left(pc),
            "wanted": "abort" if coordinator._aborted else "stop" if coordinator._shutdown_requested else "no",
            "accounts": self.accounts(pc),
            "drained": tuple(self.drained),
        }

    def items(self) -> tuple[Any, ...]:
        """Return what is in the queue: an item that is handed over is until the gate is opened."""
        items = tuple(self.queue.queue)
        if self.hands_over:
            for look in self.looks.values():
                if ("put" in look.functions or "get" in look.functions) and look.kind == "release":
                    if look.object is self.queue.mutex:
                        continue
                    served = self.looks[holder_of(self.execution, look.object)]
                    given = handoff_queue._given(served)
                    items = items[:-1] if given == ("room",) else items if given == ("end",) else (given, *items)
        return tuple(map(_without_number, items))

    def place_of(self, name: str) -> str:
        """Return where a task is."""
        look = self.looks.get(name)
        if name in self.config.bosses:
            return self.boss(name, look)
        if name in self.ended:
            return self.after_the_end(name, look)
        if look is None:
            return "next"
        worker = self.program.workers[name]
        place = self.producer(worker, look) if name in self.config.producer_names else self.consumer(worker, look)
        return place or ("failing" if worker.error is not None else "ending")

    def producer(self, worker: Any, look: Look) -> str:
        if look.kind == "start":
            return "next"
        if look.frame_of(worker._put) is None:
            return ""
        return "back" if look.name in self.done else "put"

    def consumer(self, worker: Any, look: Look) -> str:
        if look.kind == "start":
            return "next"
        frame = look.frame_of(worker._work)
        in_hand = worker._account()[1]
        if frame is None or "task_done" in look.functions:
            if in_hand:
                self.held[worker.name] = in_hand[0]
            if frame is None or frame.f_locals.get("item") is SENTINEL:
                return ""
            return "finish" if not in_hand else "ending" if worker._activity.name == "GET" else "failing"
        if look.name not in self.done:
            return "get"
        self.held[worker.name] = _without_number(_in_flight(look))
        return "got"

    def after_the_end(self, name: str, look: Look | None) -> str:
        """Return where a worker is of whose end the coordinator has heard."""
        coordinator = self.coordinator
        if name in self.config.consumer_names:
            in_hand = self.program.workers[name]._account()[1]
            self.held[name] = in_hand[0] if in_hand else ()
        if look is None or look.frame_of(coordinator._worker_ended) is None or not self.holds_lock(name):
            return "done"
        last = all(consumer in self.ended for consumer in self.config.consumer_names)
        if name not in self.config.consumer_names or not (last and coordinator._sending_sentinels):
            return "done"
        if look.frame_of(coordinator._drain) is None:
            return "drains" if "notify_all" in look.functions else "drained"
        return "drained" if self.finds_empty(look) else "drains"

    def holds_lock(self, name: str) -> bool:
        """Whether a task holds the lock under which ends are noted and workers are told."""
        return holder_of(self.execution, self.lock) == name

    def finds_empty(self, look: Look) -> bool:
        """Note what a task that drains has in hand, and return whether it has found the queue empty."""
        if look.name in self.done:
            item = _in_flight(look)
            if item is not SENTINEL:
                self.drained.append(item)
        inside = look.inside("get")
        return inside is not None and self.places.position(inside, self.program) == "giveUp"

    def boss(self, name: str, look: Look | None) -> str:
        """Return where the coordinator or the user is."""
        begin = "producers" if name == COORDINATOR else "idle"
        if look is None:
            return begin
        if look.kind == "end":
            return "done"
        coordinator = self.coordinator
        concluding = look.frame_of(coordinator._conclude)
        if concluding is not None:
            return self.concluding(name, look, concluding.f_locals)
        stopping = look.frame_of(coordinator.shutdown)
        if stopping is not None:
            if self.holds_lock(name):
                return "telling stop"
            return "stop" if name == COORDINATOR else "idle"
        ending = look.frame_of(coordinator._end_in_order)
        return begin if ending is None else self.ending_in_order(look, ending.f_locals)

    def ending_in_order(self, look: Look, variables: Mapping[str, Any]) -> str:
        if look.frame_of(self.coordinator._send_sentinels) is not None:
            if "put" in look.functions:
                return "look" if look.name in self.done else "sentinel"
            return "consumers" if self.holds_lock(look.name) else "sent"
        if "limit" not in variables:
            return "producers"
        if "deadline" in variables:
            return "consumers"
        return "limited" if variables["limit"] is None and variables["patience"] is not None else "stragglers"

    def concluding(self, name: str, look: Look, variables: Mapping[str, Any]) -> str:
        coordinator = self.coordinator
        if look.object is coordinator._abort_lock:
            if look.kind == "acquire":
                return "idle" if name == USER else "giveUp" if variables["abort"] else "conclude"
            return "settle" if "outcome" in variables else "done"
        if look.frame_of(coordinator._request_abort) is not None:
            if "shutdown" in look.functions:
                return "await" if self.queue.is_shutdown else "shut"
            return "telling abort" if self.holds_lock(name) else "abort"
        if look.frame_of(coordinator._await_aborted_workers) is not None:
            return "await"
        if look.frame_of(coordinator._drain) is not None:
            self.finds_empty(look)
        return "settle"

    def sentinels(self) -> int:
        """Return how many sentinels were put, while the coordinator puts them."""
        look = self.looks[COORDINATOR]
        frame = look.frame_of(self.coordinator._send_sentinels)
        if frame is None:
            return 0
        return self.coordinator._consumers.index(frame.f_locals["_"]) + (COORDINATOR in self.done)  # type: ignore[no-any-return]

    def holder(self, pc: Mapping[str, str]) -> str:
        """Return who holds the lock of the ends, if he tells workers something or drains."""
        for name, place in pc.items():
            if place in {"telling stop", "telling abort", "drains", "drained"}:
                return name
        return "free"

    def left(self, pc: Mapping[str, str]) -> tuple[str, ...]:
        """Return whom the one who tells workers something has yet to tell."""
        for name, place in pc.items():
            if place in {"telling stop", "telling abort"}:
                look = self.looks[name]
                told = self.coordinator.shutdown if place == "telling stop" else self.coordinator._request_abort
                variable = "producer" if place == "telling stop" else "worker"
                frame = look.frame_of(told)
                assert frame is not None
                whom = self.config.producer_names if place == "telling stop" else self.config.worker_names
                return whom[whom.index(frame.f_locals[variable].name) + 1 :]
        return ()

    def accounts(self, pc: Mapping[str, str]) -> str:
        """Return who concludes the run, or whether that was done."""
        holder = holder_of(self.execution, self.coordinator._abort_lock)
        if holder and pc[holder] != "done":
            return holder
        return "free" if self.coordinator._outcome is None else "settled"


def _in_flight(look: Look) -> Any:
    """Return the item that a get is about to return."""
    item = look.variable("get", "item")
    return item if type(item) is tuple else handoff_queue._given(look)
