"""What the place where a report is printed can show: how wide it is, and whether it has colours."""

from __future__ import annotations

import os
import shutil
from typing import TextIO


def width_of_terminal() -> int:
    """Return how many characters a line may have: what COLUMNS or the terminal says, else 100."""
    return shutil.get_terminal_size((100, 24)).columns


def shows_colour(stream: TextIO) -> bool:
    """Whether the stream is a terminal that has colours, and nobody asks for none (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
