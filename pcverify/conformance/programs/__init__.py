"""The programs that models describe: what each task calls, how often, and how often it was interrupted."""

from typing import TypeAlias

from pcverify.conformance.programs.pipelines import PipelineConfig, PipelineProgram
from pcverify.conformance.programs.queues import QueueConfig, QueueProgram
from pcverify.conformance.programs.tasks import NEVER, TIMEOUT_S, Interrupted, named_set, written_out
from pcverify.conformance.programs.unfinished import UnfinishedConfig, UnfinishedProgram

Config: TypeAlias = "QueueConfig | UnfinishedConfig | PipelineConfig"
Program: TypeAlias = "QueueProgram | UnfinishedProgram | PipelineProgram"

__all__ = [
    "NEVER",
    "TIMEOUT_S",
    "Config",
    "Interrupted",
    "PipelineConfig",
    "PipelineProgram",
    "Program",
    "QueueConfig",
    "QueueProgram",
    "UnfinishedConfig",
    "UnfinishedProgram",
    "named_set",
    "written_out",
]
