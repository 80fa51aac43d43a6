"""How many schedules others needed to the first bug, as they published it: to be shown beside, with its source.

The programs of SCTBench are in C, and their tools stop before memory accesses; `tests/subjects` has them in Python,
with points before operations on locks and threads. So these figures say how hard a bug is, not who is better.
"""

SOURCE = (
    "PERIOD, as collected in `prior_work.csv` of the artifact of Wolff, Shi, Duck, Mathur and Roychoudhury: "
    "Greybox Fuzzing for Concurrency Testing, ASPLOS 2024, doi 10.1145/3620665.3640389"
)

PERIOD = {
    "account": 2,
    "bluetooth": 9,
    "bounded_buffer": 20,
    "carter": 5,
    "circular_buffer": 17,
    "deadlock01": 3,
    "lazy01": 3,
    "queue": 25,
    "reorder_3": 6,
    "reorder_4": 9,
    "reorder_5": 12,
    "reorder_10": 27,
    "reorder_20": 39,
    "stack": 2,
    "stringbuffer": 12,
    "token_ring": 4,
    "twostage_2": 3,
    "twostage_100": 690,
    "wronglock_3": 6,
    "wronglock_7": 10,
    "work_stealing": 1_661,
}
"""Schedules to the first bug, by the name of the subject."""
