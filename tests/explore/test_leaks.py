"""What a program leaves behind for its next execution is noticed, and named where it can be found."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Random, explore
from pcverify.explore.leaks import changes, look_at, say_changes
from tests.explore.test_exploration import two_threads

SEEN: list[int] = []
COUNT = 0


class Counter:
    """Counts in an attribute of its class."""

    made = 0


class Registry:
    """Holds what is added."""

    def __init__(self) -> None:
        self.names: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counter, "made", 0)
    monkeypatch.setitem(globals(), "COUNT", 0)
    SEEN.clear()


def fills_a_global() -> int:
    """Leave something in a list of the module."""
    SEEN.append(1)
    threading.Lock().acquire()
    return len(SEEN)


def rebinds_a_global() -> int:
    """Leave another number behind."""
    global COUNT  # noqa: PLW0603
    COUNT += 1
    threading.Lock().acquire()
    return COUNT


def counts_in_a_class() -> int:
    """Leave something in an attribute of a class."""
    Counter.made += 1
    threading.Lock().acquire()
    return Counter.made


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (fills_a_global, "SEEN ([1], then [1, 1, 1])"),
        (rebinds_a_global, "COUNT (1, then 3)"),
        (counts_in_a_class, "Counter.made (1, then 3)"),
    ],
)
def test_what_leaks_makes_the_verdict_unknown_and_is_named(program: Any, name: str) -> None:
    result = explore(program, strategy="dfs")
    assert (result.verdict, result.executions) == (Verdict.UNKNOWN, 0)
    assert result.reason == (
        "the program is not deterministic: run again with the same choices, it came to 2, and the next time to 3; "
        f"state that leaks from one execution into the next: {name}"
    )


def test_what_leaks_and_changes_nothing_is_no_fault() -> None:
    def program() -> None:
        SEEN.append(1)
        two_threads(threading.Lock().locked)

    assert explore(program, strategy=Random(3)).verdict is Verdict.SAMPLED


def test_what_is_made_at_the_first_use_is_no_fault() -> None:
    guard, cache = threading.Lock(), dict[str, threading.Lock]()

    def program() -> int:
        if "lock" not in cache:
            with guard:
                cache["lock"] = threading.Lock()
        two_threads(cache["lock"].locked)
        return len(cache)

    result = explore(program, strategy="dfs")
    assert (result.verdict, result.reason) == (Verdict.OK, "")


def test_a_generator_that_goes_on_from_one_execution_to_the_next_is_noticed() -> None:
    result = explore(random.Random(1).random, strategy="dfs")
    assert result.verdict is Verdict.UNKNOWN
    assert result.reason.startswith("the program is not deterministic: run again with the same choices, it came to 0.")


def test_choices_that_such_a_generator_makes_are_noticed() -> None:
    generator = random.Random(1)

    def program() -> None:
        threading.Thread(target=lambda: None, name=f"worker-{generator.getrandbits(64)}").start()

    result = explore(program, strategy="dfs")
    assert result.verdict is Verdict.UNKNOWN
    assert "at step 3 it had a choice of main (end), worker-" in result.reason


def test_a_seed_within_the_program_is_enough() -> None:
    assert explore(lambda: random.Random(1).random(), strategy="dfs").verdict is Verdict.OK


def test_an_address_in_the_outcome_is_no_difference() -> None:
    kept = []

    def program() -> object:
        kept.append(object())
        return kept[-1]

    assert explore(program, strategy="dfs").verdict is Verdict.OK


def of(**variables: Any) -> Any:
    """Return a function whose globals are these."""
    namespace: dict[str, Any] = {"__name__": "made", **variables}
    exec("def function(): pass", namespace)
    return namespace["function"]


def difference(before: Any, after: Any) -> tuple[str, ...]:
    """Return what is said of a global that was one and is the other."""
    function = of(it=before)
    first = look_at(function)
    function.__globals__["it"] = after
    return changes(first, look_at(function))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        *(
            (1, 2, "it (1, then 2)"),
            ("a", "b", "it ('a', then 'b')"),
            ({"b", "a"}, {"a"}, "it (['a', 'b'], then ['a'])"),
        ),
        *((None, [1], "it (None, then [1])"), ([0] * 30, [0] * 31, "it (30 items, then 31)")),
        *((Registry(), [1], "it (Registry, then [1])"), (object(), object(), "it (another object)")),
    ],
)
def test_what_is_different_is_said_as_briefly_as_it_can_be(before: Any, after: Any, said: str) -> None:
    assert said in difference(before, after)


def test_what_is_the_same_is_not_mentioned() -> None:
    assert difference(1000 * 1000, int("1000000")) == ()
    assert say_changes({}, {}) == ""


def test_attributes_of_what_is_named_are_looked_at_and_nothing_deeper() -> None:
    registry = Registry()
    outer = type("Outer", (), {})()
    outer.inner = Registry()
    function = of(registry=registry, outer=outer)
    before = look_at(function)
    registry.names.append("new")
    outer.inner.names.append("not seen")
    assert changes(before, look_at(function)) == ("registry.names ([], then ['new'])",)


def test_what_is_new_and_what_is_gone_are_named() -> None:
    function = of(old=1)
    before = look_at(function)
    del function.__globals__["old"]
    function.__globals__["young"] = 2
    assert changes(before, look_at(function)) == ("old (is gone)", "young (is new)")


def test_variables_that_are_enclosed_are_named_and_one_that_is_not_bound_yet_does_no_harm() -> None:
    count = 0

    def program() -> Any:
        return count, unbound

    before = look_at(program)
    count = 1
    assert changes(before, look_at(program)) == ("count (0, then 1)",)
    unbound = None
    assert "unbound (is new)" in changes(before, look_at(program))


def test_a_bound_method_is_looked_at_as_its_function() -> None:
    class Suite:
        def run(self) -> int:
            return len(SEEN)

    before = look_at(Suite().run)
    SEEN.append(1)
    assert changes(before, look_at(Suite().run)) == ("SEEN ([], then [1])",)


def test_a_length_that_cannot_be_had_does_no_harm() -> None:
    class Broken:
        def __len__(self) -> int:
            raise RuntimeError

    assert difference(Broken(), Broken()) == ("it (another Broken)",)


def test_of_many_names_the_first_five_are_said() -> None:
    function = of(**{f"v{number}": 0 for number in range(8)})
    before = look_at(function)
    function.__globals__.update({f"v{number}": 1 for number in range(8)})
    said = say_changes(before, look_at(function))
    assert said.startswith("; state that leaks from one execution into the next: v0 (0, then 1), v1")
    assert said.endswith("v4 (0, then 1) and 3 more")
