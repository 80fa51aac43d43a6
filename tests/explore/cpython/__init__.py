"""CPython's own tests of `threading` and `queue` as programs: what real threads pass, explored schedules must pass.

    python -m tests.explore.cpython            every method, 100 random schedules each, and a table
    python -m tests.explore.cpython --help

The tests are those of the running interpreter's standard library (`test.test_queue`, `test.test_threading` and, through
the latter, `test.lock_tests`); none is copied. `collect` lists them, `run_one` runs one of them in a process of its
own kind, `compare` holds the two sides against each other, `differences` says which are known to differ and why,
`faulty` has queues that must not pass.
"""
