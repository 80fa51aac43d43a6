"""What cannot be controlled is refused by its name, and chance is the same in each execution."""

import asyncio
import multiprocessing
import os
import random
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable

import pytest

from tests.explore.outcomes import outcomes, refused


async def nothing() -> None:
    pass


def fork() -> None:
    if os.fork() == 0:
        os._exit(1)


def with_sockets(use: Callable[[socket.socket], object]) -> Callable[[], None]:
    def program() -> None:
        one, other = socket.socketpair()
        with one, other:
            use(one)

    return program


def with_a_pipe(use: Callable[[int], object]) -> Callable[[], None]:
    def program() -> None:
        one, other = os.pipe()
        try:
            use(one)
        finally:
            os.close(one)
            os.close(other)

    return program


def poll() -> object:
    return select.poll().poll()


def run_a_loop() -> None:
    coroutine = nothing()
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


def lock_of_processes() -> None:
    lock = multiprocessing.Lock()
    lock.acquire()
    lock.acquire()


ESCAPES = {
    "fork": (fork, "main forks the process (os.fork)"),
    "Popen": (lambda: subprocess.Popen([sys.executable, "--version"]), "main starts a process"),
    "run": (lambda: subprocess.run([sys.executable, "--version"], check=True), "main starts a process"),
    "system": (lambda: os.system("true"), "main starts a process (os.system)"),
    "waitpid": (lambda: os.waitpid(-1, 0), "main waits for a process (os.waitpid)"),
    "pause": (signal.pause, "main waits for a signal (signal.pause)"),
    "input": (input, "main waits for input (builtins.input)"),
    "recv": (with_sockets(lambda each: each.recv(1)), "main reads a socket"),
    "send": (with_sockets(lambda each: each.sendall(b"x")), "main writes to a socket"),
    "select": (with_a_pipe(lambda file: select.select([file], [], [])), "main waits for files (select.select)"),
    "poll": (poll, "main waits for files (select.poll)"),
    "read": (with_a_pipe(lambda file: os.read(file, 1)), "main waits for what others write (os.read)"),
    "asyncio": (run_a_loop, "main runs an event loop of asyncio"),
    "SemLock": (lock_of_processes, "main waits for a lock of multiprocessing"),
}


@pytest.mark.parametrize("name", ESCAPES)
def test_an_escape_is_refused_by_name(name: str) -> None:
    program, reason = ESCAPES[name]
    assert refused(program).removesuffix(" (os.posix_spawn)") == reason  # by which 3.13 starts some


def test_what_escapes_is_real_again_afterwards() -> None:
    outcomes(lambda: None)
    assert subprocess.run([sys.executable, "-c", ""], check=False).returncode == 0
    assert asyncio.run(nothing()) is None
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert select.select([other], [], [], 10)[0]
        assert other.recv(1) == b"x"


def test_what_returns_at_once_is_let_through() -> None:
    def program() -> list[object]:
        one, other = os.pipe()
        try:
            os.write(other, b"ab")
            lock = multiprocessing.Lock()
            with pytest.raises(ChildProcessError):
                os.waitpid(-1, os.WNOHANG)
            return [select.select([], [], [], 0), select.poll().poll(0), os.read(one, 2), lock.acquire()]
        finally:
            os.close(one)
            os.close(other)

    assert outcomes(program) == {"[([], [], []), [], b'ab', True]"}


CHANCES: dict[str, Callable[[], object]] = {
    "urandom": lambda: os.urandom(4),
    "secrets": secrets.token_hex,
    "uuid4": uuid.uuid4,
    "random": random.random,
    "randint": lambda: random.randint(0, 10**9),
    "shuffle": lambda: random.sample(range(100), 50),
    "gauss": lambda: random.gauss(0, 1),
    "getrandbits": lambda: random.getrandbits(64),
    "a generator without a seed": lambda: random.Random().random(),
    "seed": lambda: (random.seed(), random.random()),
    "SystemRandom": lambda: random.SystemRandom().random(),
}


@pytest.mark.parametrize("name", CHANCES)
def test_chance_is_the_same_in_each_execution_and_goes_on_within_one(name: str) -> None:
    draw = CHANCES[name]
    state = random.getstate()
    (outcome,) = outcomes(lambda: [draw(), draw()], 10)
    assert random.getstate() == state
    assert draw() != draw()
    assert outcome == next(iter(outcomes(lambda: [draw(), draw()])))
    first, second = outcome[1:-1].split("), (" if name == "seed" else "], [" if name == "shuffle" else ", ", 1)
    assert first.strip("([") != second.strip("])")


def test_a_seed_of_the_program_s_own_is_used() -> None:
    def program() -> list[float]:
        random.seed(5)
        state = random.getstate()
        drawn = [random.random()]
        random.setstate(state)
        return [*drawn, random.random(), random.Random(7).random()]

    five, seven = random.Random(5).random(), random.Random(7).random()
    assert outcomes(program) == {repr([five, five, seven])}


def test_what_others_draw_meanwhile_is_their_own() -> None:
    random.seed(1)
    expected = [random.random() for _ in range(2)]
    random.seed(1)

    def program() -> None:
        random.random()

    drawn = [random.random()]
    outcomes(program)
    assert [*drawn, random.random()] == expected


@pytest.mark.parametrize("use", [threading.Thread.join, threading.Thread.is_alive])
def test_a_thread_of_an_earlier_execution_is_refused(use: Callable[[threading.Thread], object]) -> None:
    kept: list[threading.Thread] = []

    def program() -> None:
        if kept:
            use(kept[0])
            return
        kept.append(threading.Thread(target=threading.Event().wait, daemon=True, name="kept"))
        kept[0].start()

    reason = "main uses kept, which was started in an earlier execution: the program keeps threads between executions"
    assert refused(program).removesuffix(" (os.posix_spawn)") == reason  # by which 3.13 starts some


def test_a_thread_that_ended_in_an_earlier_execution_is_none_to_wait_for() -> None:
    kept: list[threading.Thread] = []

    def program() -> bool:
        if not kept:
            kept.append(threading.Thread(target=int))
            kept[0].start()
        kept[0].join()
        return kept[0].is_alive()

    assert outcomes(program, 10) == {"False"}
