"""A line that says how far it is, and the end of it all when nothing moves any more."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.soak.soaking import Soak

EVERY = 0.25
"""Seconds between two looks, and between two lines on a terminal."""
REPORT = 10.0
"""Seconds between two lines elsewhere."""


class Progress(threading.Thread):
    """Looks at a soak from outside; it never calls a queue.

    Args:
        patience: seconds without any movement after which it ends the process.
    """

    def __init__(self, soak: Soak, patience: float) -> None:
        super().__init__(name="progress", daemon=True)
        self.soak = soak
        self.patience = patience
        self.over = threading.Event()
        self.rewrites = sys.stderr.isatty()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self.join()
        if self.rewrites:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def run(self) -> None:
        moved, since = self.soak.moved, time.monotonic()
        said = time.monotonic()
        while not self.over.wait(EVERY):
            now = time.monotonic()
            if self.rewrites:
                print(f"\r\033[K{self.line()}", end="", file=sys.stderr, flush=True)
            elif now >= said + REPORT:
                said = now
                print(self.line(), file=sys.stderr, flush=True)
            if self.soak.moved != moved:
                moved, since = self.soak.moved, now
            elif now > since + self.patience:
                self.give_up()

    def line(self) -> str:
        """Return how far it is."""
        soak = self.soak
        return (
            f"{soak.items:,} items, {soak.items / soak.seconds:,.0f}/s, {soak.interrupts:,} interrupts, "
            f"{soak.rounds:,} rounds, {soak.left()} left"
        )

    def give_up(self) -> None:
        """Say where all threads are, and end the process: those that hang would keep it for ever."""
        still = f"nothing has moved for {self.patience:g} s"
        try:
            print(f"\n{still}; all threads:\n", file=sys.stderr, flush=True)
            faulthandler.dump_traceback(all_threads=True)
            self.soak.report([still, *self.soak.errors()])
            sys.stdout.flush()
        finally:
            os._exit(1)
