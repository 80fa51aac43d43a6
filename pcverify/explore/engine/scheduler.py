"""Who can go on, who waits for what, and who goes next: the state of one execution, kept up to date step by step.

A task that stops before an operation calls `next`, which says who runs now. If it is that task itself, nothing is
switched at all; else it switches straight to the other one. So a step costs one switch or none, and nothing that is
done in it depends on how many tasks are blocked.

Deadlines. The clock moves only when a deadline passes, and it is always the earliest one among the tasks that cannot
go on. It may pass while others can run, unless one of those would be kept waiting for more than `max_delay`.

Spinning. An execution that reaches `max_steps` goes on fairly: whoever has not run for longest is next, and deadlines
pass only when nobody can run. If that takes as many steps again, it is a livelock; else the schedule was just unfair.
"""

from __future__ import annotations

import heapq
from sys import exc_info
from typing import TYPE_CHECKING, Any

from pcverify.explore.control.clock import Clock, ClocksApart
from pcverify.explore.control.locks import is_held

if TYPE_CHECKING:
    from collections.abc import Callable

    from pcverify.explore.control.crossing import Crossing
    from pcverify.explore.engine.task import Task
    from pcverify.explore.granularity import Instrumentation
    from pcverify.explore.strategies import Strategy

STOP = -1  # what a strategy answers if the execution need not go on
CLOCK_ALONE = 1 << 40  # in the log: the driver let the clock go on by itself


class Scheduler:
    """The tasks of one execution.

    Attributes:
        steps: how many steps were taken.
        clock: the virtual time.
        ready: the tasks that can go on, in the order in which they were made.
        next: told which task stops, says who goes on: a task, or the driver.
        unwinding: whether the execution is over and its tasks are being ended.
        disturbed: whether it is, or a task was interrupted.
        failure: the first task that failed, and its exception.
        unfair: whether `max_steps` was reached, so that the strategy was asked no more.
        livelock: whether fairness did not help.
        pruned: whether the strategy had it end there, since nothing new can come of it.
        stalled: the task whose wait ended only after more than `max_idle`.
        waiting: for each object the blocked tasks that wait for it.
    """

    __slots__ = (  # read at every step; an object with so many attributes has no fast dict
        *("_attending", "_choose", "_ended_by", "_fewest", "_keep_going", "_last_run", "_log", "_pick", "_stopped"),
        *("_tasks", "_timers", "_timers_made", "waiting", "clock", "crossing", "disturbed", "driver", "failure"),
        *("instrumentation", "livelock", "max_delay", "max_idle", "max_steps", "next", "place", "ready", "signals"),
        *("pruned", "stalled", "steps", "unfair", "unwinding"),
    )

    def __init__(
        self, *, max_steps: int, max_delay: float | None, max_idle: float | None, clocks_apart: bool = False
    ) -> None:
        self.max_steps = max_steps
        self.max_delay = max_delay
        self.max_idle = max_idle
        self.steps = 0
        self.clock: Clock = ClocksApart() if clocks_apart else Clock()
        self.driver: Any = None
        self.signals: Any = None
        self.instrumentation: Instrumentation | None = None
        self.crossing: Crossing
        self.place: memoryview  # of the crossing
        self.next: Callable[[Task], Any] = self._to_driver
        self.unwinding = False
        self.disturbed = False
        self.ready: list[Task] = []
        self._tasks: list[Task] = []
        self.failure: tuple[Task, BaseException] | None = None
        self.unfair = self.livelock = self.pruned = False
        self.stalled: Task | None = None
        self._keep_going = False
        self._choose: Any = None
        self._fewest = 1  # of so many choices, and fewer, the strategy is not asked
        self._attending = 0  # how many tasks that are not daemons have not ended
        self.waiting: dict[Any, list[Task]] = {}
        self._timers: list[tuple[float, int, Task]] = []  # a heap; an entry that no task names is void
        self._timers_made = 0
        self._log: list[int] = []  # a task's number; ~number where its deadline passed
        self._stopped = False
        self._ended_by: BaseException | None = None
        self._last_run: dict[Task, int] = {}

    # Who can go on.

    def add_ready(self, task: Task) -> None:
        """Let a task be one of those that can go on."""
        ready, number = self.ready, task.number
        place = len(ready)
        while place and ready[place - 1].number > number:
            place -= 1
        ready.insert(place, task)

    def block(self, task: Task) -> None:
        """Note that a task cannot go on before its object lets it, or its deadline has passed."""
        if self.unwinding:
            return
        self.ready.remove(task)
        task.blocked = True
        if task.object is not None:
            waiting = self.waiting.get(task.object)
            if waiting is None:
                self.waiting[task.object] = [task]
            else:
                waiting.append(task)
        if task.deadline is not None:
            self._timers_made = task.timer = self._timers_made + 1
            heapq.heappush(self._timers, (task.deadline, task.timer, task))

    def unblock(self, on: Any) -> None:
        """Note that those can go on that wait for `on`."""
        for task in self.waiting.pop(on, ()):
            task.blocked = False
            task.timer = 0
            self.add_ready(task)

    def taken(self, on: Any, by: Task) -> None:
        """Note that those cannot go on that are in front of waiting for `on`."""
        for task in self.ready[:]:
            if task.object is on and task is not by and task.may_wait():
                self.block(task)

    def _pass_deadline(self, task: Task) -> None:
        """Let the deadline of a blocked task pass."""
        assert task.deadline is not None
        self.clock.pass_to(task.deadline, task)
        self.take_from_waiting(task)
        task.timed_out = True

    def take_from_waiting(self, task: Task) -> None:
        """Let a blocked task go on, whatever it waits for."""
        if task.object is not None:
            waiting = self.waiting[task.object]
            waiting.remove(task)
            if not waiting:
                del self.waiting[task.object]
        task.blocked = False
        task.timer = 0
        self.add_ready(task)

    def earliest(self) -> list[Task]:
        """Return the blocked tasks with the earliest deadline, in the order in which they were made.

        With clocks apart none is earlier than another.
        """
        if self.clock.apart:
            return [task for task in self._tasks if task.blocked and task.deadline is not None]
        timers = self._timers
        while timers and timers[0][2].timer != timers[0][1]:
            heapq.heappop(timers)
        if not timers:
            return []
        first = timers[0][0]
        if not any(entry[0] == first for entry in timers[1:3]):  # it is a heap: equals of the first follow it
            return [timers[0][2]]
        late = [task for deadline, number, task in timers if deadline == first and task.timer == number]
        return sorted(late, key=lambda task: task.number)

    def _late(self) -> list[Task]:
        """Return the tasks whose deadline may pass now."""
        late = self.earliest()
        if late and self.ready and self.max_delay is not None:
            waiting_since = min(task.since for task in self.ready)
            if late[0].deadline - waiting_since > self.max_delay:  # type: ignore[operator]
                return []
        return late

    # Who goes next. One of these is `next`.

    def _to_driver(self, running: Task) -> Any:
        """Whoever drives chooses."""
        running.since = self.clock.now
        running.handling = exc_info()[1]  # nobody can see it from outside
        return self.driver

    def _stay(self, running: Task) -> Any:
        """The execution is over, and this task is being unwound."""
        return running

    def _by_strategy(self, running: Task) -> Any:
        """The strategy chooses."""
        running.since = self.clock.now
        if self.steps >= self.max_steps:
            return self._begin_to_be_fair(running)
        choices = self.ready
        if self._timers and (late := self._late()):
            if not choices and self._stalls(late[0]):
                return self.driver
            choices = choices + late
        if len(choices) > self._fewest:
            try:
                index = self._choose(choices, running)
                if index == STOP:
                    self.pruned = True
                    return self.stop()
                chosen = choices[index]
            except BaseException as error:
                self._ended_by = error
                return self.stop()
        elif choices:
            chosen = choices[0]
        else:
            return self.driver
        self.steps += 1
        if chosen.blocked:
            self._log.append(~chosen.number)
            self._pass_deadline(chosen)
        else:
            self._log.append(chosen.number)
        return chosen

    def _begin_to_be_fair(self, running: Task) -> Any:
        self.unfair = True
        self._pick = self._fairly
        if self.next != self._to_driver:
            self.next = self._fairly
        return self._fairly(running)

    def _fairly(self, running: Task) -> Any:
        """Whoever has not run for longest."""
        running.since = self.clock.now
        if self.steps >= 2 * self.max_steps:
            self.livelock = True
            return self.stop()
        choices = self.ready or self.earliest()
        if not choices:
            return self.driver
        chosen = min(choices, key=self._ran_last)
        if chosen.blocked and self._stalls(chosen):
            return self.driver
        self.steps += 1
        self._last_run[chosen] = self.steps
        self._log.append(~chosen.number if chosen.blocked else chosen.number)
        if chosen.blocked:
            self._pass_deadline(chosen)
        return chosen

    def _ran_last(self, task: Task) -> int:
        return self._last_run.get(task, 0)

    def _stalls(self, late: Task) -> bool:
        """Whether nobody can go on before this deadline, and that is longer than anybody should wait."""
        if self.max_idle is None or late.deadline - late.since <= self.max_idle:  # type: ignore[operator]
            return False
        self.stalled = late
        self.stop()
        return True

    def stop(self) -> Any:
        """Let the driver go on at the next step, and at every one from then on. Returns the driver."""
        self.next = self._to_driver
        self._stopped = True
        return self.driver

    # A whole execution.

    def run(self, strategy: Strategy, *, keep_going: bool = False) -> None:
        """Let `strategy` choose until nobody can go on, only daemons are left, or a task has failed.

        Args:
            strategy: is asked wherever there is a choice.
            keep_going: go on after a failure.

        Raises:
            OutOfControl: a task did something that the scheduler cannot control.
            BaseException: what the strategy raised, or a signal's handler.
        """
        self._keep_going = keep_going
        self._choose = strategy.choose
        if self.instrumentation is not None and not _is_ours(strategy):
            self._choose = self.instrumentation.unseen(strategy.choose)
        self._fewest = 0 if strategy.asks_always else 1
        self._pick = self._by_strategy
        if not strategy.in_driver:
            self.next = self._by_strategy
        chosen = self._tasks[0]
        while True:
            chosen = self._pick(chosen)
            if chosen is self.driver:
                if self._stopped or not self.look_again():
                    self.raise_what_came()
                    return
                chosen = self._tasks[0]
                continue
            chosen.handling = None
            chosen.switch()
            self.crossing.come_back()
            self.raise_what_came()
            if self._stopped or not self._attending:
                return

    def raise_what_came(self) -> None:
        """Raise what a step cannot: what is out of control, what a strategy or the handler of a signal raised."""
        if self._ended_by is not None:
            raise self._ended_by
        if self.signals.arrived:
            self.signals.deliver()

    def look_again(self) -> bool:
        """Bring up to date who is blocked: others than tasks take and release locks, too.

        Returns:
            whether anybody can go on.
        """
        for task in self.ready[:]:
            if task.may_wait() and is_held(task.object):
                self.block(task)
        for on in [on for on in self.waiting if not is_held(on)]:
            self.unblock(on)
        return bool(self.ready)


def _is_ours(strategy: Strategy) -> bool:
    """Whether it is one that comes with this package, none of whose code is looked into."""
    return type(strategy).__module__.startswith("pcverify.explore.")
