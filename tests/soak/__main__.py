"""Put the queues under load, in round after round, and see that nothing is lost.

    python -m tests.soak                     for a minute
    python -m tests.soak --items 10000000    until ten million items went through
    python -m tests.soak --queue MODULE:CLASS --seconds 600

Each round is another shape (design, 1 or 4 producers and consumers, a capacity), with put, put_many, get, get_many,
drain and iteration, timeouts, a shutdown at the end or in the middle, and exceptions from outside into every thread.
Exit codes: 0 nothing is wrong; 1 something is, or nothing moves; 2 wrong usage; 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import signal
import sys
import threading
from typing import Any

from tests.soak.plans import QUEUES
from tests.soak.progress import Progress
from tests.soak.soaking import Soak

SECONDS = 60.0
PATIENCE = 20.0


def main(arguments: list[str] | None = None) -> int:
    """Run it; return an exit code."""
    summary, _, rest = str(__doc__).partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=_positive, help=f"how long (default: {SECONDS:g})")
    parser.add_argument("--items", type=int, help="how many items, however long that takes")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn (default: %(default)s)")
    parser.add_argument("--round", type=int, help="only the round of this number, again and again")
    parser.add_argument("--queue", metavar="MODULE:CLASS", help="only this class, with the methods of ours")
    parser.add_argument(
        "--patience",
        type=_positive,
        default=PATIENCE,
        help="seconds without movement that end it (default: %(default)g)",
    )
    chosen = parser.parse_args(arguments)
    if chosen.items is not None and chosen.seconds is not None:
        parser.error("either --seconds or --items")
    designs: tuple[type[Any], ...] = QUEUES
    if chosen.queue:
        try:
            designs = (pkgutil.resolve_name(chosen.queue),)
        except (ImportError, AttributeError, ValueError) as error:
            parser.error(f"--queue: {error}")
    budget = None if chosen.items is not None else chosen.seconds or SECONDS
    soak = Soak(designs, budget=budget, items=chosen.items, seed=chosen.seed, only=chosen.round)

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # one that is ignored would not wake the thread
    threading.Thread(target=_stop_at_ctrl_c, args=(soak,), name="Ctrl-C", daemon=True).start()
    with Progress(soak, chosen.patience):
        wrong = soak.run()
    soak.report(wrong)
    sys.stdout.flush()
    if wrong:
        os._exit(1)  # threads of a queue that is wrong may hang
    print("Stopped by Ctrl-C: nothing is wrong so far." if soak.stopping else "Nothing is wrong.", flush=True)
    return 130 if soak.stopping else 0


def _stop_at_ctrl_c(soak: Soak) -> None:
    """Wait for Ctrl-C, then let the round end and be checked; the next Ctrl-C does not wait for that.

    In a thread of its own: a handler runs in the main one, where the soak's own signals raise, in handlers, too.
    """
    signal.sigwait({signal.SIGINT})
    soak.stop()
    signal.sigwait({signal.SIGINT})
    os._exit(130)


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise ValueError
    return value


if __name__ == "__main__":
    sys.exit(main())
