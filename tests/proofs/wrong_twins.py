"""One thing wrong for each contract: the same contract, on a copy of the real source with one change in it.

A contract that is confirmed shows something only if it can fail. The text that is replaced must be in the source
exactly once; when the code changes, the twin follows it or says that it cannot.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from pcverify.histories import sequential
from pcverify.pipeline import blocking_queue, configs, metrics

if TYPE_CHECKING:
    from types import ModuleType

CONTRACTS = Path(__file__).with_name("contracts.py")
TWINS: dict[str, tuple[ModuleType, str, str]] = {
    "a_rate_is_zero_when_the_clock_saw_no_time": (metrics, "if seconds > 0 else 0.0", "if seconds else 0.0"),
    "lost_items_are_those_accounted_for_nowhere": (metrics, " - self.items_skipped - self", " - self"),
    "a_count_is_accepted_exactly_when_it_is_not_negative": (configs, "or value < 0", "or value <= 0"),
    "seconds_from_zero_to_the_longest_wait_are_accepted": (configs, "0 <= seconds <=", "0 < seconds <="),
    "a_deadline_is_the_timeout_from_now": (blocking_queue, "time.monotonic() + timeout", "time.monotonic() - timeout"),
    "put_many_puts_as_many_as_fit": (sequential, "fit = put.items[:room]", "fit = put.items[-room:]"),
    "put_never_exceeds_the_capacity": (sequential, "self.maxsize <= len(", "self.maxsize < len("),
    "get_returns_the_oldest_item_and_keeps_the_others": (sequential, "first, *rest = ", "*rest, first = "),
    "what_one_put_adds_gets_out_last": (sequential, "(*state.items, put.item)", "(put.item, *state.items)"),
    "a_get_gives_up_only_when_the_queue_is_empty": (
        sequential,
        "if not state.items:\n        return _give_up(",
        "if len(state.items) < 2:\n        return _give_up(",
    ),
    "no_put_returns_after_a_shutdown": (
        sequential,
        "def _put(state: QueueState, put: Put) -> Allowed:\n    if state.is_shutdown:",
        "def _put(state: QueueState, put: Put) -> Allowed:\n    if state.is_shutdown and not state.items:",
    ),
    "a_join_returns_exactly_when_nothing_is_unfinished": (
        sequential,
        "if not state.unfinished:",
        "if not state.items and not state.unfinished:",
    ),
    "unfinished_tasks_are_never_negative": (
        sequential,
        "max(0, state.unfinished - len(state.items))",
        "state.unfinished - len(state.items)",
    ),
}


def write_twin(contract: str, folder: Path, *, changed: bool = True) -> Path:
    """Write the wrong twin of `contract`, and the code it is about, to `folder`; return its path.

    Without `changed` the copy of the code is unchanged.
    """
    module, right, wrong = TWINS[contract]
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    if source.count(right) != 1:
        raise ValueError(
            f"{module.__name__} contains {right!r} {source.count(right)} times, for the twin of {contract}"
        )
    code = f"code_of_{contract}"
    (folder / f"{code}.py").write_text(source.replace(right, wrong) if changed else source, encoding="utf-8")
    tree = ast.parse(CONTRACTS.read_text(encoding="utf-8"))
    tree.body = [
        node for node in tree.body if not isinstance(node, ast.FunctionDef) or node.name in (contract, "_accepted")
    ]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == module.__name__:
            node.module = code
    twin = folder / f"{contract}.py"
    twin.write_text(ast.unparse(tree), encoding="utf-8")
    return twin
