"""A counterexample shows each step with what it changed, and nothing else."""

from collections.abc import Callable, Mapping

import pytest

from pcverify.evidence import Trace, TraceStep, Verdict
from pcverify.tla import Function, Loop, ModelValue, TlcResult, TraceState, Value, format_counterexample, to_trace

Checked = Callable[..., TlcResult]
p1, p2 = ModelValue("p1"), ModelValue("p2")


def violation(*states: Mapping[str, Value], loop: Loop | None = None) -> TlcResult:
    numbered = tuple(
        TraceState(number, "Step" if number > 1 else "Init", "", variables)
        for number, variables in enumerate(states, 1)
    )
    return TlcResult(Verdict.VIOLATION, ("Inv",), 1, 1, 1, 1.0, "2.15", numbered, loop)


def change(before: Value, after: Value) -> str:
    return to_trace(violation({"v": before}, {"v": after})).steps[1].effect


def test_a_deadlock_reads_as_who_did_what(checked: Checked) -> None:
    assert format_counterexample(checked("Stuck", "Stuck"), width=72) == (
        "Deadlock after 3 states.\n"
        "\n"
        "   1  Init\n"
        "      parked = {}\n"
        '      pc = (p1 :> "acquire" @@ p2 :> "acquire")\n'
        "   2  Park  p1                                        Stuck, lines 18-20\n"
        "      parked: {} → {p1}\n"
        '      pc[p1]: "acquire" → "parked"\n'
        "   3  Park  p2                                        Stuck, lines 18-20\n"
        "      parked: {p1} → {p1, p2}\n"
        '      pc[p2]: "acquire" → "parked"\n'
        "\n"
        "No action is possible in state 3."
    )


def test_an_invariant_says_where_it_fails(checked: Checked) -> None:
    lines = format_counterexample(checked("Counter", "CounterSmall")).splitlines()
    assert (lines[0], lines[-1]) == ("Small is violated: a behaviour of 4 states.", "Small fails at state 4.")


def test_a_loop_says_where_it_leads_back(checked: Checked) -> None:
    text = format_counterexample(checked("Counter", "CounterStays"))
    assert text.endswith("\nThen Reset leads back to state 1, and so on for ever.")


def test_stuttering_says_that_nothing_happens(checked: Checked) -> None:
    text = format_counterexample(checked("Counter", "CounterNoFairness"))
    assert text.endswith("\nThen nothing happens any more: state 2 stays as it is for ever.")


def test_the_trace_is_data_for_any_report(checked: Checked) -> None:
    trace = to_trace(checked("Stuck", "Stuck"))
    assert trace.violates == "Deadlock"
    assert trace.repeats_from is None
    assert trace.steps[1] == TraceStep(
        2, "p1", "Park", "Stuck, lines 18-20", 'parked: {} → {p1}\npc[p1]: "acquire" → "parked"'
    )


def test_a_trace_that_goes_on_for_ever_says_from_where() -> None:
    assert isinstance(to_trace(violation({"v": 1}, loop=Loop(1, ""))), Trace)
    assert to_trace(violation({"v": 1}, {"v": 2}, loop=Loop(1, "Step"))).repeats_from == 1
    assert to_trace(violation({"v": 1}, {"v": 2}, loop=Loop(2, ""))).repeats_from == 2


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (1, 1, ""),
        (1, 2, "v: 1 → 2"),
        ("get", "park", 'v: "get" → "park"'),
        ((), (1,), "v: <<>> → <<1>>"),
        ((1, 2), (1, 3), "v[2]: 2 → 3"),
        (frozenset(), frozenset({p1}), "v: {} → {p1}"),
        (Function({p1: 0, p2: 0}), Function({p1: 0, p2: 1}), "v[p2]: 0 → 1"),
        (Function({"p1": 0}), Function({"p1": 1}), 'v["p1"]: 0 → 1'),
        (Function({p1: Function(n=0, m=(1,))}), Function({p1: Function(n=5, m=())}), None),
        (Function({p1: 0}), Function({p2: 0}), "v: (p1 :> 0) → (p2 :> 0)"),
        (p1, Function({p2: 0}), "v: p1 → (p2 :> 0)"),
    ],
)
def test_only_what_changed_is_shown_as_deep_as_it_goes(before: Value, after: Value, effect: str | None) -> None:
    expected = 'v[p1]["n"]: 0 → 5\nv[p1]["m"]: <<1>> → <<>>' if effect is None else effect
    assert change(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "task"),
    [
        (Function({p1: "a", p2: "a"}), Function({p1: "b", p2: "a"}), "p1"),
        (Function({"producer-0": "a"}), Function({"producer-0": "b"}), "producer-0"),
        (("a", "a"), ("a", "b"), "2"),
        (Function({p1: "a", p2: "a"}), Function({p1: "b", p2: "b"}), ""),
        (Function({p1: "a"}), Function({p1: "a"}), ""),
        ("a", "b", ""),
    ],
)
def test_the_task_is_the_one_whose_program_counter_moves(before: Value, after: Value, task: str) -> None:
    assert to_trace(violation({"pc": before}, {"pc": after})).steps[1].task == task


def test_a_step_that_changes_nothing_says_so() -> None:
    assert "   2  Step\n      (nothing changes)\n" in format_counterexample(violation({"v": 1}, {"v": 1}))


@pytest.mark.parametrize("width", [40, 100])
def test_no_line_is_longer_than_the_width(checked: Checked, width: int) -> None:
    for module, config in (("Values", "Values"), ("Stuck", "Stuck")):
        assert max(map(len, format_counterexample(checked(module, config), width=width).splitlines())) <= width


def test_a_long_function_is_shown_key_by_key(checked: Checked) -> None:
    text = format_counterexample(checked("Values", "Values"))
    assert '      nested[1] = (a :> {"consumer", "producer"} @@ b :> {"consumer", "producer"})\n' in text


def test_a_pass_has_no_counterexample(checked: Checked) -> None:
    with pytest.raises(ValueError, match="only a violation"):
        format_counterexample(checked("Counter", "CounterMax3"))


def step(before: Mapping[str, Value], after: Mapping[str, Value], action: str) -> str:
    states = (TraceState(1, "Init", "", before), TraceState(2, action, "", after))
    return to_trace(TlcResult(Verdict.VIOLATION, ("Inv",), 1, 1, 1, 1.0, "2.15", states)).steps[1].task


def test_of_several_that_move_the_task_is_the_one_at_the_place_that_names_the_action() -> None:
    before = {"pc": Function({p1: "notify", p2: "parked"})}
    after = {"pc": Function({p1: "release", p2: "woken"})}
    assert step(before, after, "Notify") == "p1"
    assert step(before, after, "Another") == ""


def test_where_nobody_moves_the_task_is_the_one_for_which_alone_something_changes() -> None:
    pc = Function({p1: "parked", p2: "parked"})
    before = {"pc": pc, "late": Function({p1: False, p2: False}), "queue": (1, 2)}
    assert step(before, {**before, "late": Function({p1: False, p2: True})}, "Expire") == "p2"
    assert step(before, {**before, "late": Function({p1: True, p2: True})}, "Expire") == ""
    assert step(before, {**before, "queue": (2, 1)}, "Swap") == ""
