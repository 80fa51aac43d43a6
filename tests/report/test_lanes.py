"""A trace as columns reads as it stands in the golden files, at any width."""

import re
import threading
from pathlib import Path

import pytest

from pcverify.evidence import Trace, TraceStep
from pcverify.explore import Dfs, explore
from pcverify.explore.schedule import Setting
from pcverify.report import lanes

GOLDEN = Path(__file__).parent / "golden"
STEPS = (
    TraceStep(1, "producer-0", "begins", "example.py:3 produce", ""),
    TraceStep(2, "producer-0", "acquires mutex", "queue.py:140 put", ""),
    TraceStep(3, "consumer-0", "begins", "example.py:9 consume", ""),
    TraceStep(4, "producer-0", "notifies not_empty", "queue.py:151 put", "wakes consumer-1\nit is late"),
    TraceStep(5, "", "a deadline passes", "", "it is 5 s: consumer-0 can go on"),
)
TRACE = Trace("Deadlock", STEPS)
BLOCKED = [("consumer-0", "waits for mutex, held by producer-0"), ("p", "sleeps until 3 s")]


def golden(name: str) -> str:
    """Return what stands in a golden file, without its last newline."""
    return (GOLDEN / f"{name}.txt").read_text().removesuffix("\n")


@pytest.mark.parametrize("width", [120, 96, 70, 40])
def test_it_fits_the_width_it_is_given(width: int) -> None:
    text = lanes(TRACE, blocked=BLOCKED, replay="s1:0x2.1.0.c", width=width)
    assert text == golden(f"width_{width}")
    assert max(map(len, text.splitlines())) <= max(width, 49)


def test_columns_stand_in_the_order_that_is_given() -> None:
    header = lanes(TRACE, tasks=["consumer-0", "idle", "producer-0"]).splitlines()[0]
    assert header.split() == ["consumer-0", "│", "idle", "│", "producer-0"]


def test_a_trace_that_goes_on_for_ever_says_so() -> None:
    assert lanes(Trace("Liveness", STEPS, repeats_from=2)).endswith(
        "\nFrom here on it repeats the steps from 2 on, for ever."
    )


def test_no_step_is_no_error() -> None:
    assert lanes(Trace("Init", ())) == "\n─────"


def transfer_both_ways() -> None:
    """Two accounts, each with a lock; two transfers in opposite directions."""
    savings, checking = threading.Lock(), threading.Lock()

    def save() -> None:
        with checking, savings:
            pass

    def spend() -> None:
        with savings, checking:
            pass

    threads = [threading.Thread(target=target, name=target.__name__) for target in (save, spend)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_real_counterexample_reads_as_in_the_golden_file() -> None:
    text = str(explore(transfer_both_ways, strategy=Dfs()).counterexample)
    assert text.replace(str(Setting()), str(Setting(python="3.11", hash_seed="0"))) == golden("deadlock")


def test_each_task_has_a_colour_if_there_is_to_be_colour() -> None:
    coloured = lanes(TRACE, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).replace(" ", "") == lanes(TRACE).replace(" ", "")
    assert {"\x1b[36m", "\x1b[35m", "\x1b[2m"} <= set(re.findall(r"\x1b\[[0-9;]*m", coloured))
