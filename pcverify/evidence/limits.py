"""A limit in seconds, as every command takes it."""

from argparse import ArgumentTypeError

LONGEST = 1_000_000  # eleven days; solvers and system calls count milliseconds, in numbers that end at some weeks


def seconds(text: str) -> float:
    """Return the number of seconds that `text` names; the `type` of an option.

    Raises:
        ArgumentTypeError: it is no number, or not more than 0, or larger than `LONGEST`.
    """
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0 < number <= LONGEST:
        raise ArgumentTypeError(f"must be seconds, more than 0 and up to {LONGEST:,}, got {text}")
    return number
