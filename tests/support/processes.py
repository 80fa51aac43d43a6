"""Which processes run, to see that none is left behind; without `ps`, which small systems lack."""

from __future__ import annotations

import subprocess
from pathlib import Path


def command_lines() -> dict[int, str]:
    """Return the command line of each process, by its number."""
    lines = {}
    if Path("/proc/self/cmdline").exists():
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                lines[int(entry.parent.name)] = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # it ended meanwhile
    else:
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            number, _, arguments = line.strip().partition(" ")
            lines[int(number)] = arguments
    return lines
