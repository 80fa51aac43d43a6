"""Whether memory stays flat over one long exploration.

    python -m tests.benchmarks.memory 100000

Run as a program, this explores so many random executions, and prints the resident set in MiB after 10 %, 50 % and all
of them, as JSON. The measure runs it in a process of its own, where nothing else was allocated before.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pcverify.explore import Random, explore
from tests.benchmarks.programs import queue_2x2

PARTS = (0.1, 0.5, 1.0)
FLAT = 1.0
"""MiB: growth from the first part to the last that still counts as flat."""


def resident() -> float:
    """Return the resident set in MiB; where the system does not tell, the greatest it has been."""
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(most) / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return float(pages * resource.getpagesize()) / (1 << 20)


def main(executions: int) -> int:
    """Print the resident set at each part."""
    marks = [max(1, round(executions * part)) for part in PARTS]
    count = 0
    found: list[float] = []

    def program() -> tuple[int, ...]:
        nonlocal count
        count += 1
        if count in marks:
            found.append(resident())
        return queue_2x2()

    explore(program, strategy=Random(executions, seed=0))
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
