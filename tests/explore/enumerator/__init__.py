"""Every schedule of a small program over real OS threads: what `pcverify.explore` is held against.

    found = enumerate_schedules(program)      # program(threading, queue, time) -> a hashable outcome
    found.outcomes, found.executions

It shares nothing with `pcverify.explore`: no greenlet, no patched type. The program gets modules `threading`, `queue`
and `time` of its own. The first two are the standard library's source, executed once more over other locks and
threads, so `Condition`, `Event`, `Semaphore`, `Barrier`, `Timer` and `queue.Queue` are the standard library's code.

`operations`   one execution: OS threads, of which one at a time holds the token; time
`primitives`   Lock, RLock and SimpleQueue, each operation of which hands the token on
`library`      the modules that the program gets
`enumeration`  depth first over all choices, by running the program again from its start
`generator`, `interpreter`, `counted`  random programs as data, what they mean, and those that tests use
`real_threads`  the same programs with nothing under control

Both sides were written from this definition. One operation is one atomic step: acquire (blocking, timed, try),
release, `locked()` of a lock; put, get, `empty`, `qsize` of the C `SimpleQueue`; a thread's start and end, join,
`is_alive`, `active_count`; the end of a sleep. A new thread begins with a step up to its first operation. An `RLock`
has its outermost acquire and release. Not operations: making an object, the first acquire of `Condition.wait`'s
private lock, `Condition._is_owned`, `Event.is_set`, reading the clock. Locks are not fair. The clock moves only when
a deadline passes, and only the earliest pending one can pass, or one tied with it; a timed wait whose lock is free
cannot time out.
"""

from tests.explore.enumerator.enumeration import Found, Program, TooMany, enumerate_schedules
from tests.explore.enumerator.operations import Rules

__all__ = ["Found", "Program", "Rules", "TooMany", "enumerate_schedules"]
