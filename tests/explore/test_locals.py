"""Each task has values of its own in every `threading.local`; they go with it, and nobody else sees them."""

import _threading_local
import gc
import queue
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from pcverify.explore import Execution, UnknownBuild
from pcverify.explore.control import crossing
from pcverify.explore.control.locals import is_of_a_local
from tests.explore.outcomes import outcomes

BEFORE = threading.local()
BEFORE.value = "the driver's"


class Prepared(threading.local):
    """Made before the run, with a start for each thread."""

    def __init__(self, start: int) -> None:
        self.items = [start]


PREPARED = Prepared(1)


def in_two_threads(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def each_keeps_its_own(local: Any) -> Callable[[], list[object]]:
    def program() -> list[object]:
        def work(number: int) -> None:
            seen.append(getattr(local, "number", None))
            local.number = number
            with lock:
                pass
            assert local.number == number

        seen: list[object] = []
        lock = threading.Lock()
        in_two_threads(work)
        return [*seen, getattr(local, "number", None)]

    return program


@pytest.mark.parametrize("make", [threading.local, _threading_local.local], ids=["in C", "in Python"])
def test_a_value_is_the_task_s_own(make: Callable[[], Any]) -> None:
    # Nobody has a number at first, main never gets one. The one in Python has a lock, and so far more schedules.
    assert outcomes(each_keeps_its_own(make()), None if make is threading.local else 300) == {"[None, None, None]"}


def test_a_local_made_in_the_program() -> None:
    assert outcomes(each_keeps_its_own(threading.local())) == {"[None, None, None]"}


def test_the_main_task_sees_what_the_driver_has_and_others_do_not() -> None:
    def program() -> list[str]:
        seen: list[str] = []
        in_two_threads(lambda _: seen.append(getattr(BEFORE, "value", "nothing")))
        return [BEFORE.value, *seen]

    assert outcomes(program) == {"[\"the driver's\", 'nothing', 'nothing']"}


def test_a_subclass_begins_anew_in_each_task() -> None:
    def program() -> list[int]:
        def work(number: int) -> None:
            PREPARED.items.append(number)
            with lock:
                pass
            assert PREPARED.items == [1, number]

        lock = threading.Lock()
        in_two_threads(work)
        return PREPARED.items

    assert outcomes(program) == {"[1]"}


def test_what_the_main_task_adds_is_gone_in_the_next_execution() -> None:
    local = threading.local()

    def program() -> bool:
        found = hasattr(local, "value")
        local.value = 1
        return found

    assert outcomes(program) == {"False"}
    assert not hasattr(local, "value")


def test_values_go_when_their_task_ends() -> None:
    class Value:
        pass

    local = threading.local()

    def program() -> bool:
        def work() -> None:
            local.value = Value()
            references.append(weakref.ref(local.value))

        references: list[weakref.ref[Value]] = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return references[0]() is None

    assert outcomes(program) == {"True"}


def test_values_of_a_task_that_is_cut_off_go_with_its_execution() -> None:
    class Value:
        pass

    local, references = threading.local(), []

    def work() -> None:
        local.value = Value()
        references.append(weakref.ref(local.value))
        queue.Queue[int]().get()

    with Execution() as execution:
        task = execution.spawn(work, "worker")
        while task in execution.enabled:
            execution.step(task)
        assert references[0]() is not None
        assert not hasattr(local, "value")
    assert references[0]() is None


def test_a_destructor_may_use_locals_itself() -> None:
    class Value:
        def __del__(self) -> None:
            seen.append(getattr(local, "other", None))
            local.other = 1

    local, seen = threading.local(), []

    def work() -> None:
        local.value = Value()

    def program() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert outcomes(program) == {"None"}
    assert set(seen) == {None}
    assert not hasattr(local, "other")


def test_a_local_that_dies_leaves_nothing_to_one_at_the_same_address() -> None:
    def program() -> list[bool]:
        def keep(local: Any) -> None:
            local.value = 1
            used.put(None)
            again.get()
            fresh.append(hasattr(threading.local(), "value"))
            fresh.append(any(hasattr(local, "value") for local in [threading.local() for _ in range(20)]))

        used: queue.SimpleQueue[None] = queue.SimpleQueue()
        again: queue.SimpleQueue[None] = queue.SimpleQueue()
        fresh: list[bool] = []
        locals_ = [threading.local()]
        thread = threading.Thread(target=lambda: keep(locals_.pop()))
        thread.start()
        used.get()
        again.put(None)
        thread.join()
        return fresh

    assert outcomes(program) == {"[False, False]"}


def test_a_local_dies_in_another_task_than_the_one_that_used_it() -> None:
    def program() -> bool:
        def use() -> None:
            shared[0].value = "old"
            used.release()
            dropped.acquire()
            found.append(any(hasattr(each, "value") for each in made))

        shared, made, found = [threading.local()], [], []
        used, dropped = threading.Semaphore(0), threading.Semaphore(0)
        thread = threading.Thread(target=use)
        thread.start()
        used.acquire()
        shared.clear()
        made += [threading.local() for _ in range(20)]  # one of them is where the other was
        dropped.release()
        thread.join()
        return found[0]

    assert outcomes(program, 200) == {"False"}


@pytest.mark.parametrize("rounds", [5, 15])
def test_destructors_may_bring_values_back_again_and_again(rounds: int) -> None:
    class Value:
        def __init__(self, left: int) -> None:
            self.left = left

        def __del__(self) -> None:
            if self.left:
                setattr(local, f"value{self.left}", Value(self.left - 1))

    local = threading.local()

    def work() -> None:
        local.value = Value(rounds)

    def program() -> list[str]:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return list(vars(local))

    assert outcomes(program, 50) == {"[]"}
    assert not vars(local)


def dead_entries(entries: dict[Any, Any]) -> int:
    """Return how many entries belong to no `local` any more; a `local` at such an address would use freed memory."""
    return sum(is_of_a_local(key) and not weakref.getweakrefcount(value) for key, value in entries.items())


def test_the_driver_forgets_a_local_that_dies_in_a_task() -> None:
    used = [threading.local()]
    used[0].value = 1

    with Execution() as execution:
        task = execution.spawn(lambda: (used.clear(), threading.Lock().acquire()), "task")
        execution.step(task)
        assert not used
        assert not dead_entries(execution.crossing.entries)


def test_a_task_that_is_cut_off_has_forgotten_a_local_that_died_meanwhile() -> None:
    used = [threading.local()]
    found: list[int] = []

    def work() -> None:
        used[0].value = 1
        try:
            queue.Queue[int]().get()
        finally:
            found.append(dead_entries(task.entries))

    with Execution() as execution:
        task = execution.spawn(work, "task")
        execution.step(task)
        used.clear()
    assert found == [0]


def test_nothing_piles_up_over_many_executions() -> None:
    def program() -> None:
        def work(number: int) -> None:
            BEFORE.value = PREPARED.items.append(number)
            threading.local().value = []

        in_two_threads(work)

    def tracked() -> int:
        gc.collect()
        return len(gc.get_objects())

    outcomes(program, 100)
    before = tracked()
    outcomes(program, 3_000)
    assert tracked() - before < 300
    assert BEFORE.value == "the driver's"


def test_an_interpreter_whose_storage_is_not_found_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossing, "WORDS", 4)
    monkeypatch.setattr(crossing, "_found", [])
    with pytest.raises(UnknownBuild, match="was not found"), Execution():
        pass


def test_an_interpreter_where_swapping_has_no_effect_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossing, "write", lambda *_: None)
    monkeypatch.setattr(crossing, "_found", [])
    with pytest.raises(UnknownBuild, match="could not be swapped"), Execution():
        pass
    assert BEFORE.value == "the driver's"
