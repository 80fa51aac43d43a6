"""How long the first execution takes in a process that has much imported already.

    python -m tests.benchmarks.start

Redirecting looks at what other modules hold, so its price depends on what is imported. Run as a program, this imports
a hundred modules of the standard library, explores once, and prints the milliseconds on a core as JSON; the measure
starts several such processes.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

GOAL = 20.0
"""Milliseconds until the first execution has ended."""

NAMES = """
    abc argparse array ast asyncio base64 bdb bisect bz2 calendar cmd code codecs codeop collections
    collections.abc colorsys compileall concurrent.futures configparser contextlib contextvars copy copyreg csv ctypes
    dataclasses datetime decimal difflib dis doctest email email.message encodings enum errno filecmp fileinput fnmatch
    fractions ftplib functools gc getopt getpass gettext glob graphlib gzip hashlib heapq hmac html html.parser
    http.client http.cookies http.server imaplib importlib.metadata importlib.resources inspect io ipaddress itertools
    json keyword linecache locale logging logging.config logging.handlers lzma mailbox math mimetypes
    multiprocessing netrc numbers operator optparse pathlib pdb pickle pickletools pkgutil platform plistlib poplib
    pprint profile pstats queue random sched secrets selectors shelve shlex shutil
"""
MODULES = NAMES.split()


def main() -> int:
    """Print how long importing and the first execution took."""
    for name in MODULES:
        importlib.import_module(name)
    began = time.process_time()
    from pcverify.explore import Random, explore

    imported = time.process_time()
    from tests.benchmarks.programs import queue_2x2

    called = time.process_time()
    result = explore(queue_2x2, strategy=Random(1, seed=0))
    ended = time.process_time()
    explore(queue_2x2, strategy=Random(1, seed=0))
    again = time.process_time()
    assert result.executions == 1
    figures = {
        "import": (imported - began) * 1e3,
        "first": (ended - called) * 1e3,
        "second": (again - ended) * 1e3,
        "modules": len(sys.modules),
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
