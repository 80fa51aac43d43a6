"""What happens when programs run on the real `threading`, with nothing under control: as a process of its own.

    python -m tests.explore.enumerator.real_threads RUNS SEED|NAME ...

Prints, as JSON, the outcomes of each program: a generated one by its seed, one of `tests/subjects/programs.py` by its
name. It only ever runs programs that come to an end; if one hangs all the same, whoever started the process ends it.
"""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from tests.explore.enumerator.generator import generate
from tests.explore.enumerator.interpreter import UNIT, Meaning

SUBJECTS = Path(__file__).parents[2] / "subjects" / "programs.py"
SLEEP = time.sleep
TIMES = re.compile(r'(timeout=|Timer\(|"[ab]", )(\d)\b')


def main(arguments: list[str]) -> None:
    """Run each program so many times."""
    runs, *names = arguments
    subjects = _subjects()
    seen = {name: _outcomes(_program(name, subjects), int(runs)) for name in names}
    print(json.dumps(seen))


def _program(name: str, subjects: dict[str, Any]) -> Callable[[], Any]:
    if not name.isdigit():
        program: Callable[[], Any] = subjects[name]
        return program
    meaning = Meaning(generate(int(name)))
    return lambda: meaning(threading, queue, time)


def _subjects() -> dict[str, Any]:
    """Return the subjects, with a second as long as a unit of the generated programs."""
    source, count = TIMES.subn(rf"\g<1>{UNIT} * \g<2>", SUBJECTS.read_text())
    assert count >= 6, "the subjects no longer say their times as they did"
    namespace: dict[str, Any] = {}
    exec(compile(source, str(SUBJECTS), "exec"), namespace)
    return namespace


def _outcomes(program: Callable[[], Any], runs: int) -> list[str]:
    """Run the program, disturbed so that its threads meet in many ways."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    disturb = _disturber(Random(0))
    threading.settrace(disturb)
    sys.settrace(disturb)
    try:
        return sorted({repr(program()) for _ in range(runs)})
    finally:
        sys.settrace(None)
        threading.settrace(None)
        sys.setswitchinterval(before)


def _disturber(random: Random) -> Callable[..., Any]:
    """Return a trace function that now and then lets the others go first, between two lines of anybody's code."""

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if random.random() < 0.012:
            SLEEP(1e-5)
        return trace

    return trace


if __name__ == "__main__":
    main(sys.argv[1:])
