"""Hypothesis chooses the interleaving: state machines whose rules start calls on a real queue and step them.

Each call runs in a task of its own, under the controlled scheduler; the queue's code is the real one, unmodified.
After every single step the checks of `Monitor` and `check_wakeups` are made, and at the end every call that can
end must do so. When a check fails, Hypothesis shrinks the script, and the machine tells it as a story.

What a pass does not show: it is a sample. The scripts that ran are a few hundred out of very many, with at most
`MAX_IN_FLIGHT` calls at a time, and a switch only at operations on locks.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from pcverify.explore import Execution
from tests.interleavings.operations import Broken, Call, Monitor
from tests.interleavings.wakeups import check_wakeups

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_IN_FLIGHT = 4
STEPS_TO_END = 60  # per call; what a sound queue needs is below 15
TIMEOUT = 5.0  # virtual seconds: when it passes is the script's choice
HOW: dict[str, dict[str, Any]] = {"blocking": {}, "timed": {"timeout": TIMEOUT}, "at once": {"block": False}}
TURNS = "from here on everybody takes turns"
MOST_STEPS = 8  # what a call takes when nobody comes between
STEPS = st.integers(0, MOST_STEPS).map(lambda fewer: MOST_STEPS - fewer)  # the simplest script lets a call run on


class PutsAndGets(RuleBasedStateMachine):
    """Puts and gets on one queue, interleaved as the script says. Subclasses name the queue."""

    make_queue: Any = None
    redirection: Any = None  # one for all machines of a test: to put the process under control takes milliseconds
    told: list[str]  # the story of the machine that failed last

    def __init__(self) -> None:
        super().__init__()
        self.story: list[str] = []
        self.broken = False
        self.numbers: dict[str, Any] = {}
        self.items = (chr(letter) if letter < 123 else f"item-{letter}" for letter in itertools.count(97))
        self.execution = Execution(redirection=type(self).redirection)
        self.execution.__enter__()

    # Rules.

    @initialize(maxsize=st.sampled_from([1, 2, 0]))
    def make(self, maxsize: int) -> None:
        """A queue with room for so many items; 0 is unbounded."""
        self.queue = type(self).make_queue(maxsize)
        self.monitor = Monitor(self.queue)
        self.story.append(f"a queue with room for {maxsize or 'any number of'} item{'s' if maxsize != 1 else ''}")

    def may_start(self) -> bool:
        """Whether another call may begin: while there are few, or when nobody can go on."""
        stuck = not self._enabled() and self.execution.next_deadline is None
        return stuck or len(self.monitor.in_flight()) < MAX_IN_FLIGHT

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
    @rule(which=st.integers(0, MAX_IN_FLIGHT - 1), steps=STEPS)
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

    # The end.

    def teardown(self) -> None:
        """Let everybody go on, fairly, and see that every call that can end does."""
        try:
            if hasattr(self, "monitor") and not self.broken:
                self._end_fairly()
        finally:
            self.execution.__exit__(None, None, None)

    def _end_fairly(self) -> None:
        self.story.append(TURNS)
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
            if reason := self._why_it_could_end(call):
                blocked = self.execution.blocked_on(call.task)
                what = f"is {blocked}" if blocked is not None and blocked.condition is not None else str(blocked)
                self._fail("liveness", f"{call.name} never ends its {call.text}: it {what}, though {reason}")

    def _why_it_could_end(self, call: Call) -> str:
        """Return why `call` could end, or nothing if it is right to wait."""
        items = len(self.monitor.contents())
        closed = any(other.kind == "shutdown" and other.ended for other in self.monitor.calls)
        if call.kind in {"task_done", "shutdown"}:
            return "it waits for nothing but the lock"
        if call.timed or not call.blocks:
            return "it must not wait for ever"
        if closed and call.kind in {"put", "get"}:
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
            while steps > 0 and not call.ended and call.task in self.execution.enabled:
                steps -= 1
                self._step(call, line)
            blocked = None if call.ended else self.execution.blocked_on(call.task)
            if blocked is not None and blocked.condition is None:
                line.append(str(blocked))

    def _step(self, call: Call, line: list[str]) -> None:
        before = self.monitor.contents()
        asleep = [other for other in self.monitor.in_flight() if other.parked and other is not call]
        line.append(self.execution.step(call.task).action)
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

    def _note_parked(self) -> None:
        for call in self.monitor.in_flight():
            blocked = self.execution.blocked_on(call.task)
            parked = blocked is not None and blocked.condition is not None
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
        self.story.append(f"{subject} {', '.join(line) or 'goes on'}".strip())
        if broken is not None:
            self._fail(broken.check, broken.what)

    def _fail(self, check: str, what: str) -> None:
        self.broken = True
        type(self).told = list(self.story)
        told = [f"  {number:2}. {line}" for number, line in enumerate(self.story, 1)]
        raise Broken(check, "\n".join([what, "", "What led to it:", *told]))


class AllCalls(PutsAndGets):
    """All that a queue offers: `task_done`, `join` and `shutdown` besides."""

    @precondition(PutsAndGets.may_start)
    @rule(steps=STEPS)
    def task_done(self, steps: int) -> None:
        """A worker calls task_done."""
        self._start("worker", "task_done()", "blocking", steps)

    @precondition(lambda self: self.may_start() and not any(call.kind == "join" for call in self.monitor.in_flight()))
    @rule(steps=STEPS)
    def join(self, steps: int) -> None:
        """Somebody joins the queue."""
        self._start("joiner", "join()", "blocking", steps)

    @precondition(lambda self: self.may_start() and hasattr(self.queue, "shutdown"))
    @rule(immediate=st.booleans(), steps=STEPS)
    def shutdown(self, immediate: bool, steps: int) -> None:
        """Somebody shuts the queue down."""
        self._start("closer", f"shutdown(immediate={immediate})", "blocking", steps, immediate=immediate)


def _shown(how: str) -> str:
    return {"blocking": "", "timed": f", timeout={TIMEOUT:g}", "at once": ", block=False"}[how]
