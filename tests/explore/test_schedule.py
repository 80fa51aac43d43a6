"""A schedule as text: what is written can be read, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcverify.explore import UnreadableSchedule
from pcverify.explore.schedule import Choice, format_schedule, parse_schedule

CHOICES = st.lists(
    st.one_of(
        st.builds(Choice, st.integers(0, 3), st.sampled_from(["step", "deadline"])),
        st.just(Choice(None, "clock")),
    )
)


@given(CHOICES)
def test_what_is_written_can_be_read(choices: list[Choice]) -> None:
    assert parse_schedule(format_schedule(choices)) == tuple(choices)


def test_it_is_short() -> None:
    choices = [Choice(0)] * 12 + [Choice(1, "deadline"), Choice(None, "clock"), Choice(10), Choice(10)]
    assert format_schedule(choices) == "s1:0x12.t1.c.10x2"


def test_an_empty_one_is_one() -> None:
    assert parse_schedule(format_schedule([])) == ()


@pytest.mark.parametrize("text", ["", "s2:0", "0.1", "s1:0..1", "s1:-1", "s1:0x0", "s1:a", "s1:tc", "s1:0x"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableSchedule, match="schedule"):
        parse_schedule(text)
