"""`dfs` does exactly what was found by enumerating every schedule over real threads, in as many executions."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pcverify.evidence import Verdict
from pcverify.explore import Exploration, Random, explore
from tests.subjects import programs

EXPECTED = json.loads((Path(programs.__file__).parent / "expected.json").read_text())
FAILING = {"if_queue_1x2", "swallowed_wakeup"}
LARGE = 100_000  # executions, which take a quarter of a minute: for `make nightly`
OF_THE_LIBRARY = {"pool_order"} if sys.version_info >= (3, 12) else set()
"""Those whose operations are the library's: from Python 3.12 on, a worker of a pool tries `get_nowait` first."""

AT_SYNC = sorted(name for name in EXPECTED if EXPECTED[name]["granularity"] == "sync")
EXHAUSTED_AT_LINE = [  # by a few thousand executions at most
    *("augmented_operand", "event_polling", "hidden_list_iterator", "locked_probe", "predicate_or_deadline"),
    *("same_object_or_equal", "timeout_or_notify", "timer_or_cancel"),
]


def look(name: str, granularity: str, strategy: Any) -> Exploration:
    program = getattr(programs, name)
    return explore(program, max_delay=None, keep_going=True, strategy=strategy, granularity=granularity)


def can_happen(name: str) -> set[str]:
    """Return what can happen if there are switches between an operation and the plain code beside it, too."""
    return set(EXPECTED[name]["outcomes"]) | set(EXPECTED[name].get("beside", ()))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=pytest.mark.nightly if name in OF_THE_LIBRARY or EXPECTED[name]["executions"] > LARGE else ()
        )
        for name in sorted(EXPECTED)
    ],
)
def test_every_outcome_is_found_and_no_other_in_as_many_executions(name: str) -> None:
    expected = EXPECTED[name]
    result = look(name, expected["granularity"], "dfs")
    assert sorted(result.counts()) == expected["outcomes"]
    assert result.exhausted
    assert result.executions == expected["executions"] or name in OF_THE_LIBRARY
    assert sum(result.counts().values()) == result.executions
    assert result.verdict is (Verdict.VIOLATION if name in FAILING else Verdict.OK)


@pytest.mark.parametrize("name", AT_SYNC)
def test_a_random_walk_finds_nothing_else(name: str) -> None:
    result = explore(getattr(programs, name), strategy=Random(200), keep_going=True)
    assert set(result.counts()) <= set(EXPECTED[name]["outcomes"])
    assert result.executions == 200


@pytest.mark.parametrize("name", EXHAUSTED_AT_LINE)
def test_every_line_adds_schedules_but_only_outcomes_that_exist(name: str) -> None:
    """An outcome that needs a deadline to pass early, or a switch beside plain code, may be missing at `sync`."""
    result = look(name, "line", "dfs")
    assert result.exhausted
    assert result.executions > EXPECTED[name]["executions"]
    assert set(EXPECTED[name]["outcomes"]) <= set(result.counts()) <= can_happen(name)


@pytest.mark.parametrize("name", sorted(set(AT_SYNC) - set(EXHAUSTED_AT_LINE)))
def test_among_lines_a_random_walk_finds_every_outcome_of_sync_and_none_that_does_not_exist(name: str) -> None:
    result = look(name, "line", Random(1_500))
    assert set(EXPECTED[name]["outcomes"]) <= set(result.counts()) <= can_happen(name)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_among_opcodes_a_random_walk_finds_nothing_that_does_not_exist(name: str) -> None:
    result = look(name, "opcode", Random(150))
    assert result.verdict is not Verdict.UNKNOWN, result.reason
    assert set(result.counts()) <= can_happen(name)
