"""The programs that models describe: what each task calls, how often, and how often it was interrupted."""

from pcverify.conformance.programs.queues import QueueConfig, QueueProgram
from pcverify.conformance.programs.tasks import NEVER, TIMEOUT_S, Interrupted, named_set, written_out
from pcverify.conformance.programs.unfinished import UnfinishedConfig, UnfinishedProgram

__all__ = [
    "NEVER",
    "TIMEOUT_S",
    "Interrupted",
    "QueueConfig",
    "QueueProgram",
    "UnfinishedConfig",
    "UnfinishedProgram",
    "named_set",
    "written_out",
]
