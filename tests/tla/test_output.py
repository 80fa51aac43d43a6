"""TLC's marks are read with a stack; what stands outside them is kept."""

from pcverify.tla.output import Counts, Message, Output, counts_in


def fed(text: str) -> Output:
    output = Output()
    for line in text.splitlines():
        output.feed(line)
    return output


def test_a_message_has_code_severity_and_text() -> None:
    output = fed("@!@!@STARTMSG 2110:1 @!@!@\nInvariant Small is violated.\n@!@!@ENDMSG 2110 @!@!@")
    assert output.messages == [Message(2110, 1, "Invariant Small is violated.")]


def test_a_message_inside_another_begins_in_the_middle_of_a_line() -> None:
    output = fed(
        "@!@!@STARTMSG 1000:1 @!@!@\nTLC threw an exception\n: @!@!@STARTMSG 5001:0 @!@!@\nFile not found.\n"
        "@!@!@ENDMSG 5001 @!@!@\n@!@!@ENDMSG 1000 @!@!@"
    )
    assert output.messages == [
        Message(1000, 1, "TLC threw an exception\n: ", (Message(5001, 0, "File not found."),)),
    ]


def test_messages_are_handed_out_when_they_are_complete_the_inner_one_first() -> None:
    output = Output()
    assert output.feed("@!@!@STARTMSG 1000:1 @!@!@") == []
    assert output.feed("@!@!@STARTMSG 5001:0 @!@!@") == []
    assert [message.code for message in output.feed("@!@!@ENDMSG 5001 @!@!@")] == [5001]
    assert [message.code for message in output.feed("@!@!@ENDMSG 1000 @!@!@")] == [1000]


def test_a_message_without_an_end_ends_with_the_one_around_it() -> None:
    output = fed("@!@!@STARTMSG 1000:1 @!@!@\n@!@!@STARTMSG 5001:0 @!@!@\nlost\n@!@!@ENDMSG 1000 @!@!@")
    assert output.messages == [Message(1000, 1, "", (Message(5001, 0, "lost"),))]


def test_an_end_without_a_start_is_passed_over() -> None:
    assert fed("@!@!@ENDMSG 2193 @!@!@").messages == []


def test_a_message_that_has_not_ended_is_told() -> None:
    output = fed("@!@!@STARTMSG 2193:0 @!@!@\nModel checking comp")
    assert (output.unfinished, output.messages) == (2193, [])


def test_lines_outside_messages_are_kept() -> None:
    assert list(fed("***Parse Error***\n\n@!@!@STARTMSG 1:0 @!@!@\nx\n@!@!@ENDMSG 1 @!@!@\nafter").loose) == [
        "***Parse Error***",
        "after",
    ]


def test_empty_lines_inside_a_message_are_part_of_its_text() -> None:
    assert fed("@!@!@STARTMSG 1:0 @!@!@\na\n\nb\n@!@!@ENDMSG 1 @!@!@").messages[0].text == "a\n\nb"


def test_counts_are_read_with_and_without_commas() -> None:
    progress = (
        "Progress(4) at 2020-01-01 00:00:00: 1,056 states generated (9 s/min), "
        "567 distinct states found (8 ds/min), 1 states left on queue."
    )
    final = "1056 states generated, 567 distinct states found, 0 states left on queue."
    assert counts_in(Message(2200, 0, progress)) == Counts(1056, 567, 1)
    assert counts_in(Message(2199, 0, final)) == Counts(1056, 567, 0)


def test_the_initial_states_are_counted() -> None:
    one = "Finished computing initial states: 1 distinct state generated at 2020."
    some = "Finished computing initial states: 1,202 states generated, with 601 of them distinct at 2020."
    assert counts_in(Message(2190, 0, one)) == Counts(1, 1, 1)
    assert counts_in(Message(2190, 0, some)) == Counts(1202, 601, 601)


def test_a_message_without_counts_has_none() -> None:
    assert counts_in(Message(2193, 0, "Model checking completed.")) is None
