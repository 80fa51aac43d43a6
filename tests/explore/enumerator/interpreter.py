"""What a generated program means: the same function for the enumerator, the explorer and real threads.

Each thread notes what its own operations told it, so notes are not a race. The outcome is all notes, thread by thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.explore.enumerator.generator import Generated, Operation

UNIT = 2.0**-12
"""A unit of time in seconds: a power of two, so that sums of times are exact."""


@dataclass(frozen=True)
class Meaning:
    """A generated program, as a function that gets the modules."""

    program: Generated

    def __call__(self, threading: Any, queue: Any, time: Any) -> tuple[tuple[Any, ...], ...]:
        return _Interpreter(self.program, threading, queue, time).run()


class _Interpreter:
    def __init__(self, program: Generated, threading: Any, queue: Any, time: Any) -> None:
        self.program = program
        self.threading = threading
        self.queue = queue
        self.time = time
        self.begun = time.monotonic()
        self.told: list[str] = []
        self.notes: list[list[Any]] = [[] for _ in program.threads]
        self.objects: dict[str, Any] = {}
        for thread in program.threads:
            for operation in thread:
                self._make(operation)
        for number in range(1, len(program.threads)):
            self.objects[f"T{number}"] = self._thread(number)

    def run(self) -> tuple[tuple[Any, ...], ...]:
        self._follow(0)
        return tuple(map(tuple, self.notes))

    def _make(self, operation: Operation) -> None:
        threading, on = self.threading, operation.on
        makers: dict[str, Callable[[], Any]] = {
            "L": threading.Lock,
            "R": threading.RLock,
            "C": threading.Condition,
            "D": lambda: threading.Condition(threading.Lock()),
            "E": threading.Event,
            "S": threading.Semaphore,
            "Q": lambda: self.queue.Queue(1),
            "P": self.queue.SimpleQueue,
            "B": lambda: threading.Barrier(2),
        }
        if on and on[0] in makers and on not in self.objects:
            self.objects[on] = makers[on[0]]()
        for inner in operation.inside:
            self._make(inner)

    def _thread(self, number: int) -> Any:
        if self.program.timer and number == len(self.program.threads) - 1:
            return self.threading.Timer(self.program.timer * UNIT, self._follow, [number])
        return self.threading.Thread(target=self._follow, args=(number,))

    def _follow(self, number: int) -> None:
        for position, operation in enumerate(self.program.threads[number]):
            self._do(operation, number, f"{number}.{position}")

    def _do(self, operation: Operation, number: int, item: str) -> None:
        """Do it, as thread `number`; `item` is what it puts somewhere, if it does."""
        on: Any = self.objects.get(operation.on)
        seconds = operation.units * UNIT
        if operation.kind in {"with", "try", "timed"}:
            self._hold(operation, number, item)
        elif operation.on[:1] in {"C", "D"}:
            with on:
                self._under_condition(operation.kind, on, seconds or None, number, item)
        elif operation.on[:1] in {"Q", "P"}:
            self._use_queue(operation.kind, on, seconds or None, number, item)
        else:
            self._use(operation.kind, on, seconds, number)

    def _hold(self, operation: Operation, number: int, item: str) -> None:
        lock = self.objects[operation.on]
        if operation.kind == "with":
            with lock:
                self._inside(operation, number, item)
            return
        got = lock.acquire(timeout=operation.units * UNIT) if operation.units else lock.acquire(blocking=False)
        self.notes[number].append(got)
        if got:
            self._inside(operation, number, item)
            lock.release()

    def _inside(self, operation: Operation, number: int, item: str) -> None:
        for index, inner in enumerate(operation.inside):
            self._do(inner, number, f"{item}.{index}")

    def _under_condition(self, kind: str, on: Any, timeout: float | None, number: int, item: str) -> None:
        match kind:
            case "wait" | "wait_timed":
                self.notes[number].append(on.wait(timeout))
            case "wait_for":
                self.notes[number].append(list(on.wait_for(lambda: self.told)))
            case "tell":
                self.told.append(item)
                on.notify_all()
            case "notify" | "notify_all":
                getattr(on, kind)()

    def _use_queue(self, kind: str, on: Any, timeout: float | None, number: int, item: str) -> None:
        note = self.notes[number].append
        try:
            match kind:
                case "put" | "put_timed":
                    on.put(item, timeout=timeout)
                case "get" | "get_timed":
                    note(on.get(timeout=timeout))
                case "put_nowait":
                    on.put_nowait(item)
                case "get_nowait":
                    note(on.get_nowait())
                case "size":
                    note(on.qsize())
                case "empty":
                    note(on.empty())
                case "task_done":
                    on.task_done()
                case "finish":
                    on.join()
        except self.queue.Full:
            note("full")
        except self.queue.Empty:
            note("empty")

    def _use(self, kind: str, on: Any, seconds: float, number: int) -> None:
        """Use a lock without `with`, an event, a semaphore, a barrier, a thread, or the clock."""
        note = self.notes[number].append
        match kind:
            case "sleep" | "pause":
                self.time.sleep(seconds)
            case "clock":
                note((self.time.monotonic() - self.begun) / UNIT)
            case "count":
                note(self.threading.active_count())
            case "wait_event" | "wait_event_timed":
                note(on.wait(seconds or None))
            case "down" | "down_timed":
                note(on.acquire(timeout=seconds or None))
            case "try_down":
                note(on.acquire(blocking=False))
            case "join" | "join_timed":
                on.join(seconds or None)
            case "party" | "party_timed":
                note(self._meet(on, seconds or None))
            case _:
                plain = {"up": "release", "alive": "is_alive"}.get(kind, kind)
                result = getattr(on, plain)()
                if kind in {"alive", "locked", "is_set"}:
                    note(result)

    def _meet(self, barrier: Any, timeout: float | None) -> str:
        try:
            barrier.wait(timeout)
        except self.threading.BrokenBarrierError:
            return "broken"
        return "passed"
