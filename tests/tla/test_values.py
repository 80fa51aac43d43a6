"""TLA+ values become Python values, and nothing is guessed."""

from collections.abc import Callable

import pytest

from pcverify.tla import Function, ModelValue, TlcOutputError, TlcResult, format_value, parse_state, parse_value

a, b = ModelValue("a"), ModelValue("b")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-12", -12),
        ("TRUE", True),
        ("FALSE", False),
        ('"park"', "park"),
        ('""', ""),
        (r'"say \"hi\" \\ bye\n"', 'say "hi" \\ bye\n'),
        ("a", a),
        ("t_1", ModelValue("t_1")),
        ("1st", ModelValue("1st")),
        ("TRUENESS", ModelValue("TRUENESS")),
        ("<<>>", ()),
        ("<< >>", ()),
        ("<<1, <<a>>>>", (1, (a,))),
        ("{}", frozenset()),
        ("{{a}, {}}", frozenset({frozenset({a}), frozenset()})),
        ("1..3", frozenset({1, 2, 3})),
        ("-1..0", frozenset({-1, 0})),
        ("3..1", frozenset()),
        ("[kind |-> a, n |-> 1]", {"kind": a, "n": 1}),
        ('(a :> 1 @@ b :> {"x"})', {a: 1, b: frozenset({"x"})}),
        ("(0 :> (a :> <<>>))", {0: {a: ()}}),
        ("{[k |-> 1], [k |-> 2]}", frozenset({Function(k=1), Function(k=2)})),
        ("<< 1,\n   2 >>", (1, 2)),
    ],
)
def test_a_value_is_read(text: str, value: object) -> None:
    read = parse_value(text)
    assert (read, type(read)) == (value, type(value) if type(value) is not dict else Function)


def test_a_model_value_differs_from_the_string_of_its_name() -> None:
    assert parse_value("a") != parse_value('"a"')


@pytest.mark.parametrize(
    "text",
    ["", "<<1", "<<1 2>>", "{1,}", "[k -> 1]", "[k |-> ]", "(a :> 1", "(a 1)", '"open', "1 2", "[S -> T]", "1..a", "§"],
)
def test_anything_else_is_an_error_that_shows_where(text: str) -> None:
    with pytest.raises(TlcOutputError, match=r"expected .* at character \d+, found"):
        parse_value(text)


@pytest.mark.parametrize(
    "text",
    ["-3", "TRUE", r'"a\"b\\c"', "<<1, a>>", "{1, 2, 10}", "[k |-> 1]", "(a :> 1 @@ b :> 2)", '("p-1" :> 0)', "{}"],
)
def test_a_value_is_written_as_tlc_writes_it(text: str) -> None:
    assert format_value(parse_value(text)) == text


def test_sets_are_written_in_an_order_of_their_own() -> None:
    assert format_value(frozenset({"b", "a", "c"})) == '{"a", "b", "c"}'


def test_a_state_of_one_variable_has_no_conjunction() -> None:
    assert parse_state("x = 3\n") == {"x": 3}


def test_a_state_of_several_variables_is_read_also_when_values_go_over_lines() -> None:
    assert parse_state("/\\ x = << 1,\n   2 >>\n/\\ pc = (a :> 0)\n") == {"x": (1, 2), "pc": {a: 0}}


@pytest.mark.parametrize("text", ["x 3", "/\\ = 3", "x = "])
def test_a_state_that_is_no_state_is_an_error(text: str) -> None:
    with pytest.raises(TlcOutputError):
        parse_state(text)


def test_every_form_that_tlc_prints_is_read(checked: Callable[..., TlcResult]) -> None:
    (state,) = checked("Values", "Values").states
    assert state.variables == {
        "text": 'say "hi" \\ bye',
        "number": -5,
        "sets": frozenset({Function(kind="put"), Function(kind="get")}),
        "interval": frozenset({1, 2, 3}),
        "sequence": (1, True, (a,)),
        "function": {a: True, b: False},
        "record": {"name": a, "ready": False},
        "nested": tuple([{t: frozenset({"producer", "consumer"}) for t in (a, b)}] * 40),
        "empty": (frozenset(), ()),
    }
