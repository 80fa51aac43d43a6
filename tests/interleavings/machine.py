"""Hypothesis chooses the interleaving: state machines whose rules start calls on a real queue and step them.

Each call runs in a task of its own, under the controlled scheduler; the queue's code is the real one, unmodified.
After every single step the checks of `Monitor` and `check_wakeups` are made, and at the end every call that can
end must do so. When a check fails, Hypothesis shrinks the script, and the machine tells it as a story.

Subclasses with `interrupts` also send exceptions from outside, one a call at most; `interrupts.py` says where.

What a pass does not show: it is a sample. The scripts that ran are a few hundred out of very many, with at most
`MAX_TASKS` calls at a time, and a switch or an interrupt only at operations on locks.
"""

from __future__ import annotations

import itertools
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from pcverify.explore import Execution
from tests.interleavings.handing import monitor_for
from tests.interleavings.interrupts import WORDS, Interrupted, Place, object_of, places_of
from tests.interleavings.operations import Broken, Call
from tests.interleavings.wakeups import check_wakeups

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TASKS = 5
TASKS = st.sampled_from([4, 5, 3, 2, 1])  # several at a time show most
ROOM = st.sampled_from([1, 2, 0, 1, 3])  # and so does little room
MAX_JOINS = 2
STEPS_TO_END = 60  # per call; what a sound queue needs is below 15
TIMEOUT = 5.0  # virtual seconds: when it passes is the script's choice
HOW: dict[str, dict[str, Any]] = {"blocking": {}, "timed": {"timeout": TIMEOUT}, "at once": {"block": False}}
TURNS = "everybody takes turns, until nobody can go on"
MOST_STEPS = 8  # what a call takes when nobody comes between
INDENT = " " * 8
STEPS = st.integers(0, MOST_STEPS).map(lambda fewer: MOST_STEPS - fewer)  # the simplest script lets a call run on


class PutsAndGets(RuleBasedStateMachine):
    """Puts and gets on one queue, interleaved as the script says. Subclasses name the queue."""

    make_queue: Any = None
    interrupts: frozenset[tuple[Place, str]] = frozenset()  # at which places it interrupts which kinds of calls
    redirection: Any = None  # one for all machines of a test: to put the process under control takes milliseconds
    shortest: Broken | None = None  # what the machines found, by the one with the fewest rules
    interrupted_at: ClassVar[Counter[tuple[Place, str]]] = Counter()  # how often the machines did so

    def __init__(self) -> None:
        super().__init__()
        self.story: list[str] = []  # one entry makes the queue, each other one tells of a rule
        self.within_turns = False
        self.broken = False
        self.numbers: dict[str, Any] = {}
        self.items = (chr(letter) if letter < 123 else f"item-{letter}" for letter in itertools.count(97))
        self.execution = Execution(redirection=type(self).redirection)
        self.execution.__enter__()

    # Rules.

    @initialize(maxsize=ROOM, tasks=TASKS)
    def make(self, maxsize: int, tasks: int) -> None:
        """A queue with room for so many items, 0 for any number, and how many calls there may be at a time.

        When all of them wait for ever, there may be one more, up to `MAX_TASKS`: it may free them.
        """
        self.queue = type(self).make_queue(maxsize)
        self.monitor = monitor_for(self.queue)
        self.tasks = tasks
        self.story.append(f"a queue with room for {maxsize or 'any number of'} item{'s' if maxsize != 1 else ''}")

    def may_start(self) -> bool:
        """Whether another call may begin: while there are few, or when nobody can go on."""
        in_flight = len(self.monitor.in_flight())
        return in_flight < self.tasks or (in_flight < MAX_TASKS and not self._somebody_goes_on())

    @precondition(may_start)
    @rule(how=st.sampled_from(list(HOW)), steps=STEPS)
    def put(self, how: str, steps: int) -> None:
        """A producer calls put, and takes so many steps."""
        item = next(self.items)
        self._start("producer", f"put({item!r}{_shown(how)})", how, steps, item, item=item)

    @precondition(may_start)
    @rule(how=st.sampled_from(list(HOW)), steps=STEPS)
    def get(self, how: str, steps: int) -> None:
        """A consumer calls get, and takes so many steps."""
        self._start("consumer", f"get({_shown(how).removeprefix(', ')})", how, steps)

    @precondition(lambda self: bool(self._enabled()))
    @rule(which=st.integers(0, MAX_TASKS - 1), steps=STEPS)
    def run(self, which: int, steps: int) -> None:
        """One of the tasks that can go on takes up to so many steps, as long as it can."""
        enabled = self._enabled()
        self._go_on(enabled[which % len(enabled)], max(1, steps))

    @precondition(lambda self: self.execution.next_deadline is not None)
    @rule()
    def let_the_next_deadline_pass(self) -> None:
        """Time goes on to the earliest deadline."""
        with self._telling(["the next deadline passes"]):
            self.execution.advance_clock()
            self._note_parked()
            check_wakeups(self.monitor)

    @precondition(lambda self: bool(self.interrupts and self._interruptible()))
    @rule(which=st.integers(0, MAX_TASKS - 1), steps=STEPS)
    def interrupt(self, which: int, steps: int) -> None:
        """One of the calls goes on until it comes to a place for it, and an exception comes to it there."""
        calls = self._interruptible()
        call = calls[which % len(calls)]
        line: list[str] = []
        with self._telling(line, call.name):
            places = self._run_to_a_place(call, line)
            if not places:
                return
            place = places[steps % len(places)]
            line.append(WORDS[place].format(object_of(call)))
            call.interrupted = True
            type(self).interrupted_at[place, call.kind] += 1
            self.execution.interrupt(call.task, Interrupted())
            self._note_parked()
            self._take_steps(call, {Place.PARKED: STEPS_TO_END, Place.LINGERING: 0}.get(place, steps), line)

    def may_take_turns(self) -> bool:
        """Whether that does something, or is all that is left to do: a script has to go on."""
        return self._somebody_goes_on() or not self.may_start()

    def _somebody_goes_on(self) -> bool:
        return bool(self._enabled()) or self.execution.next_deadline is not None

    @precondition(may_take_turns)
    @rule()
    def take_turns(self) -> None:
        """Everybody goes on, fairly, and every call that can end has to."""
        self.story.append(TURNS)
        self.within_turns = True
        self._take_turns()
        self.within_turns = False

    # The end.

    def teardown(self) -> None:
        """Let everybody go on, fairly, and see that every call that can end does."""
        try:
            if hasattr(self, "monitor") and not self.broken:
                PutsAndGets.take_turns(self)
        finally:
            self.execution.__exit__(None, None, None)

    def _take_turns(self) -> None:
        budget = STEPS_TO_END * (len(self.monitor.in_flight()) + 1)
        while enabled := self._enabled() or self.execution.next_deadline is not None:
            if enabled is True:
                self.let_the_next_deadline_pass()
                continue
            for call in enabled:
                self._go_on(call, 1)
                budget -= 1
            if budget < 0:
                self._fail("liveness", f"{enabled[0].name} goes on for ever in {enabled[0].text}")
        for call in self.monitor.in_flight():
            blocked = self.execution.blocked_on(call.task)
            parked = blocked is not None and blocked.parked
            if reason := self._why_it_could_end(call) if parked else "a lock should be held for a moment only":
                what = f"is {blocked}" if parked else str(blocked)
                self._fail("liveness", f"{call.name} never ends its {call.text}: it {what}, though {reason}")

    def _why_it_could_end(self, call: Call) -> str:
        """Return why `call` could end, or nothing if it is right to wait."""
        items = len(self.monitor.contents())
        if call.kind in {"task_done", "shutdown"}:
            return "it waits for nothing but the lock"
        if call.timed or not call.blocks:
            return "it must not wait for ever"
        if self.monitor.closed() and call.kind in {"put", "get"}:
            return "the queue is shut down"
        could, why = {
            "get": (items > 0, f"items in the queue: {items}"),
            "put": (not 0 < self.monitor.maxsize <= items, "there is room"),
            "join": (self.monitor.unfinished <= 0, "no task is unfinished"),
        }[call.kind]
        return why if could else ""

    # Steps.

    def _start(
        self, role: str, text: str, how: str, steps: int, *arguments: object, item: object = None, **keywords: Any
    ) -> None:
        """Call the method that `text` names, in a task of its own, and let that take so many steps."""
        kind = text.partition("(")[0]
        name = f"{role}-{next(self.numbers.setdefault(role, itertools.count()))}"
        call = Call(name, kind, text, item, how != "at once", how == "timed", keywords.get("immediate", False))
        method = getattr(self.queue, kind)
        keywords |= HOW[how]
        call.task = self.execution.spawn(lambda: call.run(method, *arguments, **keywords), name)
        self.execution.step(call.task)  # its beginning, up to the first operation: no more than the call itself
        self.monitor.started(call)
        self._go_on(call, steps, f"calls {text}")

    def _go_on(self, call: Call, steps: int, *did: str) -> None:
        """Let the task of `call` take up to so many steps, as long as it can; one line of the story."""
        line = list(did)
        with self._telling(line, call.name):
            self._take_steps(call, steps, line)

    def _take_steps(self, call: Call, steps: int, line: list[str]) -> None:
        while steps > 0 and self._can_go_on(call):
            steps -= 1
            self._step(call, line)
        blocked = None if call.ended else self.execution.blocked_on(call.task)
        if blocked is not None and not blocked.parked:
            line.append(str(blocked))

    def _can_go_on(self, call: Call) -> bool:
        return not call.ended and call.task in self.execution.enabled

    def _step(self, call: Call, line: list[str]) -> None:
        before = self.monitor.contents()
        asleep = [other for other in self.monitor.in_flight() if other.parked and other is not call]
        self.monitor.releases_its_own(call, self.execution.holders)
        instead = call.task.interruption is not None and call.task.kind != "release"
        step = self.execution.step(call.task)
        line += [] if instead else [step.action]
        line += self.monitor.stepped(call, before)
        if call.ended:
            self.execution.step(call.task)  # the end of the task, which changes nothing any more
        self._note_parked()
        if woken := [other.name for other in asleep if not other.parked]:
            call.woke = True
            line.append(f"wakes {', '.join(woken)}")
        check_wakeups(self.monitor)

    def _enabled(self) -> list[Call]:
        enabled = self.execution.enabled
        return [call for call in self.monitor.in_flight() if call.task in enabled]

    def _interruptible(self) -> list[Call]:
        kinds = {kind for _, kind in self.interrupts}
        return [call for call in self.monitor.in_flight() if call.kind in kinds and not call.interrupted]

    def _run_to_a_place(self, call: Call, line: list[str]) -> list[Place]:
        """Let a call take steps until it is where it may be interrupted, and return where it is; nothing if nowhere."""
        for _ in range(STEPS_TO_END):
            free = getattr(self.queue, "mutex", None) not in self.execution.holders
            places = [] if call.ended else places_of(call, lock_is_free=free)
            if found := [place for place in places if (place, call.kind) in self.interrupts]:
                return found
            if not self._can_go_on(call):
                break
            self._step(call, line)
        return []

    def _note_parked(self) -> None:
        for call in self.monitor.in_flight():
            blocked = self.execution.blocked_on(call.task)
            parked = blocked is not None and blocked.parked
            call.woken = (call.parked or call.woken) and not parked
            call.parked = parked

    # The story.

    @contextmanager
    def _telling(self, line: list[str], subject: str = "") -> Iterator[None]:
        """Add a line to the story; when a check fails within, tell the whole of it."""
        broken = None
        try:
            yield
        except Broken as error:
            broken = error
        told = f"{subject} {', '.join(line) or 'goes on'}".strip()
        if self.within_turns:
            self.story[-1] += f"\n{INDENT}{told}"
        else:
            self.story.append(told)
        if broken is not None:
            self._fail(broken.check, broken.what)

    def _fail(self, check: str, what: str) -> None:
        self.broken = True
        told = [f"  {number:2}. {line}" for number, line in enumerate(self.story, 1)]
        broken = Broken(check, "\n".join([what, "", "What led to it:", *told]), rules=len(self.story) - 1)
        best = type(self).shortest
        if best is None or broken.rules <= best.rules:
            type(self).shortest = broken
        raise broken


class AllCalls(PutsAndGets):
    """All that a queue offers: `task_done`, `join` and `shutdown` besides."""

    @precondition(PutsAndGets.may_start)
    @rule(steps=STEPS)
    def task_done(self, steps: int) -> None:
        """A worker calls task_done."""
        self._start("worker", "task_done()", "blocking", steps)

    @precondition(lambda self: self.may_start() and self._joins() < MAX_JOINS)
    @rule(steps=STEPS)
    def join(self, steps: int) -> None:
        """Somebody joins the queue."""
        self._start("joiner", "join()", "blocking", steps)

    def _joins(self) -> int:
        return sum(call.kind == "join" for call in self.monitor.in_flight())

    @precondition(lambda self: self.may_start() and hasattr(self.queue, "shutdown"))
    @rule(immediate=st.booleans(), steps=STEPS)
    def shutdown(self, immediate: bool, steps: int) -> None:
        """Somebody shuts the queue down."""
        self._start("closer", f"shutdown(immediate={immediate})", "blocking", steps, immediate=immediate)


class BlockingCalls(AllCalls):
    """Only calls that wait for ever, and a `shutdown` only where it has somebody to wake: finds some things sooner."""

    @precondition(PutsAndGets.may_start)
    @rule(steps=STEPS)
    def put(self, steps: int) -> None:
        """A producer calls put."""
        PutsAndGets.put(self, "blocking", steps)

    @precondition(PutsAndGets.may_start)
    @rule(steps=STEPS)
    def get(self, steps: int) -> None:
        """A consumer calls get."""
        PutsAndGets.get(self, "blocking", steps)

    def _somebody_waits(self) -> bool:
        return any(call.parked for call in self.monitor.in_flight())

    @precondition(lambda self: self.may_start() and self._somebody_waits() and hasattr(self.queue, "shutdown"))
    @rule(steps=STEPS)
    def shutdown(self, steps: int) -> None:
        """Somebody shuts the queue down."""
        AllCalls.shutdown(self, False, steps)


def _shown(how: str) -> str:
    return {"blocking": "", "timed": f", timeout={TIMEOUT:g}", "at once": ", block=False"}[how]
