"""A schedule as text: what is written can be read, and nothing else."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcverify.explore import UnreadableSchedule
from pcverify.explore.schedule import Choice, Schedule, Setting, format_schedule, parse_schedule

CHOICES = st.lists(
    st.one_of(
        st.builds(Choice, st.integers(0, 3), st.sampled_from(["step", "deadline"])),
        st.just(Choice(None, "clock")),
    )
)


@given(CHOICES)
def test_what_is_written_can_be_read(choices: list[Choice]) -> None:
    assert parse_schedule(format_schedule(choices)) == Schedule(Setting(), tuple(choices))


@given(st.sampled_from(["line", "opcode"]), st.lists(st.text(min_size=1), max_size=3))
def test_the_setting_can_be_read_too(granularity: str, names: list[str]) -> None:
    written = Schedule(Setting(granularity, tuple(names), "3.12", "7"), (Choice(1),))
    assert parse_schedule(str(written)) == written
    assert shlex.split(str(written)) == [str(written)]


def test_it_is_short() -> None:
    choices = [Choice(0)] * 12 + [Choice(1, "deadline"), Choice(None, "clock"), Choice(10), Choice(10)]
    assert format_schedule(choices, Setting(python="3.11", hash_seed="0")) == "s2:3.11:h0:sync:0x12.t1.c.10x2"


def test_an_empty_one_is_one() -> None:
    assert parse_schedule(format_schedule([])).choices == ()


HEAD = "s2:3.11:h0:sync:"


@pytest.mark.parametrize(
    "text",
    ["", "s2:0", "0.1", "s1:0.1", "s3:3.11:h0:sync:0", "s2:3.11:hx:sync:0", "s2:3.11:h0::0", HEAD + "0..1"]
    + [HEAD + word for word in ("-1", "0x0", "a", "tc", "0x")],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableSchedule, match="schedule"):
        parse_schedule(text)
