"""Threads started by `_thread` alone, and what `threading` says of the threads of an execution."""

import _thread
import sys
import threading
import time
from typing import Any

import pytest

from tests.explore.outcomes import outcomes, refused

KEEPS_DUMMIES = sys.version_info < (3, 13)


def test_a_raw_thread_runs_and_nobody_waits_for_it() -> None:
    def program() -> list[object]:
        seen: list[object] = []
        _thread.start_new_thread(lambda *args, **more: seen.append((args, more)), (1,), {"two": 2})
        time.sleep(0)
        return list(seen)

    assert outcomes(program) == {"[]", "[((1,), {'two': 2})]"}


def test_a_raw_thread_is_a_dummy_to_threading() -> None:
    def program() -> list[object]:
        def work() -> None:
            thread = threading.current_thread()
            seen.append((type(thread).__name__, thread.daemon, thread.is_alive(), thread.ident == _thread.get_ident()))
            seen.append(threading.active_count())
            done.release()

        seen: list[object] = []
        done = threading.Lock()
        done.acquire()
        _thread.start_new_thread(work, ())
        done.acquire()
        return seen

    assert outcomes(program) == {"[('_DummyThread', True, True, True), 2]"}


def test_a_dummy_is_gone_when_its_thread_has_ended() -> None:
    def program() -> int:
        _thread.start_new_thread(threading.current_thread, ())
        return threading.active_count()

    before = threading.enumerate()
    # Up to 3.12 the interpreter leaves it there until the identity is used again.
    assert outcomes(program) == ({"1", "2"} if KEEPS_DUMMIES else {"1"})
    assert threading.enumerate() == before


def test_exit_ends_a_raw_thread_and_nothing_else() -> None:
    def program() -> str:
        _thread.start_new_thread(_thread.exit, ())
        return "fine"

    assert outcomes(program) == {"'fine'"}


def test_a_joinable_one_is_refused() -> None:
    start: Any = getattr(_thread, "start_joinable_thread", None)
    if KEEPS_DUMMIES:
        assert start is None
    else:
        assert refused(lambda: start(int)) == "main starts a thread by _thread.start_joinable_thread"


def test_repr_says_how_far_a_thread_is() -> None:
    def program() -> list[str]:
        thread = threading.Thread(target=int, name="worker", daemon=True)
        said = [repr(thread)]
        thread.start()
        thread.join()
        return [*said, repr(thread)]

    assert outcomes(program) == {"['<Thread(worker, initial daemon)>', '<Thread(worker, stopped daemon 2)>']"}


def test_repr_of_the_running_thread() -> None:
    def program() -> list[str]:
        said: list[str] = []
        thread = threading.Thread(target=lambda: said.append(repr(threading.current_thread())), name="worker")
        thread.start()
        thread.join()
        return said

    assert outcomes(program) == {"['<Thread(worker, started 2)>']"}


def test_names_and_identities() -> None:
    def program() -> list[object]:
        def work() -> None:
            current = threading.current_thread()
            seen.append((current is thread, current.ident == threading.get_ident()))
            seen.append(current.native_id == threading.get_native_id())
            current.name = "renamed"
            seen.append(threading.main_thread() in threading.enumerate())

        seen: list[object] = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return [*seen, thread.name]

    assert outcomes(program) == {"[(True, True), True, True, 'renamed']"}


def test_a_timer_goes_off_or_is_cancelled() -> None:
    def program() -> list[int]:
        done: list[int] = []
        timer = threading.Timer(0.5, done.append, (1,))
        timer.start()
        timer.cancel()
        timer.join()
        return done

    assert outcomes(program, 300) == {"[]", "[1]"}


@pytest.mark.parametrize("set_hook", [threading.settrace, threading.setprofile])
def test_hooks_for_new_threads_do_no_harm(set_hook: Any) -> None:
    def program() -> None:
        set_hook(lambda *_: None)
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        set_hook(None)
        threading.stack_size()

    assert outcomes(program) == {"None"}
