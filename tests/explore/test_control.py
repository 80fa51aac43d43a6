"""What `redirect_everything` changes beside locks and threads is as it was afterwards."""

import _random
import builtins
import concurrent.futures.thread as futures
import datetime
import multiprocessing.pool
import os
import random
import select
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from pcverify.explore import Execution, explore

FUNCTIONS = [os.fork, os.read, os.urandom, select.select, builtins.input, random.random, time.localtime, time.strftime]


def everything() -> object:
    return (
        [(type(function), repr(function), hash(function)) for function in FUNCTIONS],
        [dict(vars(cls)) for cls in (datetime.datetime, _random.Random, Future, ThreadPoolExecutor)],
        [dict(vars(multiprocessing.pool.Pool)), dict(vars(random._inst)), random.getstate()],  # type: ignore[attr-defined]
        (type(futures._threads_queues), futures._shutdown, sys.unraisablehook, list(sys.meta_path)),
        threading._register_atexit.__code__,  # type: ignore[attr-defined]
    )


def test_all_is_as_it_was_after_an_execution() -> None:
    before = everything()
    with Execution():
        assert everything() != before
    assert everything() == before


def test_all_is_as_it_was_after_a_program_that_uses_it() -> None:
    def program() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(random.random).result()
        os.urandom(1)
        datetime.datetime.now()
        assert 1 // 0

    before = everything()
    explore(program, strategy="random", max_executions=5)
    assert everything() == before
