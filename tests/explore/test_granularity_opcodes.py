"""`opcode`: before which instructions there are points, and what is known of their accesses."""

import dis
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Strategy, explore
from pcverify.explore.granularity.accesses import Access, said_at, shared_accesses
from tests.subjects import local_races


def said_of(source: str) -> list[str]:
    code = compile(f"def f(a, b):\n    global g\n    {source}", "<source>", "exec").co_consts[0]
    return [said_at(code, offset) for offset in shared_accesses(code)]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("c = a", []),
        ("c = [a, b]", []),
        ("return a is b", []),
        ("a.n = b", ["writes n"]),
        ("del a.n", ["deletes n"]),
        ("g = a", ["writes g"]),
        ("return a.n", ["reads n"]),
        ("a.n += 1", ["reads n", "combines", "writes n"]),
        ("return a[b]", ["reads an item"]),
        ("a[b] = 1", ["writes an item"]),
        ("del a[b]", ["deletes an item"]),
        ("return a in b", ["looks for an item"]),
        ("a.append(b)", ["reads append", "calls"]),
        ("c, d = a", ["takes it apart"]),
        ("if a: return 1", ["asks whether it is true"]),
        ("return not a", ["asks whether it is true"]),
        ("if a is b: return 1", []),
        ("if a in b: return 1", ["looks for an item"]),
        ("return f'{a}'", ["formats"]),
    ],
)
def test_points_are_before_what_others_may_notice(source: str, said: list[str]) -> None:
    assert said_of(source) == said


def test_a_variable_that_functions_share_goes_by_its_name() -> None:
    def f() -> int:
        value = 0

        def add() -> None:
            nonlocal value
            value += 1

        add()
        return value

    codes = [constant for constant in f.__code__.co_consts if hasattr(constant, "co_code")]
    accesses = [access for access in shared_accesses(codes[0]).values() if access is not None]
    assert accesses == [Access("value", "read"), Access("value", "write")]


def test_a_strategy_sees_what_the_next_instruction_of_a_task_accesses() -> None:
    seen: set[Any] = set()

    class Looks(Strategy):
        name = "looks"
        verdict = Verdict.SAMPLED
        in_driver = True
        executions = 0

        def begin(self) -> bool:
            self.executions += 1
            return self.executions < 20

        def choose(self, choices: Any, running: Any) -> int:
            seen.update(task.access for task in choices if task.kind == "opcode")
            return self.executions % len(choices)

        def end(self, failed: bool = False) -> None: ...

    explore(local_races.attribute, granularity="opcode", strategy=Looks())
    assert {Access("value", "read"), Access("value", "write"), None} <= seen


def large_function(names: int) -> Callable[[Any], None]:
    """`box.value += 1` after so many other names, so that the interpreter needs longer instructions for it."""
    lines = [f"        box.name_{number} = None" for number in range(names)]
    source = "\n".join(["def add(box):", "    if box is None:", "        return", *lines, "    box.value += 1"])
    made: dict[str, Any] = {}
    exec(compile(source, __file__, "exec"), made)
    return made["add"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("names", [0, 300])
def test_an_update_can_be_lost_in_a_function_of_any_size(names: int) -> None:
    add = large_function(names)
    assert ("EXTENDED_ARG" in {each.opname for each in dis.get_instructions(add)}) == (names > 255)

    def program() -> int:
        box = local_races.Box()
        local_races.both(lambda: add(box))
        return box.value

    result = explore(program, granularity="opcode", strategy="random", max_executions=300, keep_going=True)
    assert set(result.counts()) == {"1", "2"}


def test_whether_a_container_is_empty_can_change_after_it_was_filled() -> None:
    def program() -> int:
        items: list[int] = []
        missed: list[int] = []

        def fill(items: list[int] = items) -> None:
            items += [1]
            if not items:
                missed.append(1)

        thread = threading.Thread(target=items.clear)
        thread.start()
        fill()
        thread.join()
        return len(missed)

    result = explore(program, granularity="opcode", strategy="random", max_executions=500, keep_going=True)
    assert set(result.counts()) == {"0", "1"}


def test_the_steps_say_what_each_instruction_does() -> None:
    def program() -> None:
        assert local_races.attribute() == 2

    result = explore(program, granularity="opcode")
    assert result.counterexample is not None
    actions = {step.action for step in result.counterexample.trace.steps}
    assert {"box.value += 1 (reads value)", "box.value += 1 (writes value)"} <= actions
