"""A formally verified producer-consumer pipeline, and the tools that verify it.

    from pcverify import Coordinator, Producer, Consumer, ThreadSafeQueue

Importing this loads the pipeline and the standard library, and nothing else. The layers, each of which imports
only what is named behind its arrow (enforced by import-linter):

    cli               ->  everything below
    models_command    ->  claims, conformance, report, tla   the commands `pcverify models …`
    claims            ->  smt, tla, evidence  what `make check` claims: the list, the run, the table
    regress           ->  evidence            faults: named mutations of the source of a queue class
    conformance       ->  explore, smt, tla, report code and models, edge by edge, both ways
    explore           ->  report, evidence    controlled execution of thread code: every interleaving, or one again
    histories         ->  (nothing of ours)   the sequential specification of a queue
    tla               ->  evidence            TLC: tool chain, runs, output, the manifest of models
    smt               ->  evidence            z3: proofs for any number of threads, and what they rest on
    report            ->  evidence            a trace as one column per task
    demo              ->  pipeline
    evidence          ->  the standard library: verdicts, claims, traces, errors, limits that all share
    pipeline          ->  the standard library: the system under study, which knows nothing of verification
"""

from pcverify.pipeline import (
    Consumer,
    ConsumerConfig,
    Coordinator,
    CoordinatorConfig,
    HandoffLifoQueue,
    HandoffPriorityQueue,
    HandoffQueue,
    PipelineError,
    PipelineMetrics,
    Producer,
    ProducerConfig,
    QueueProtocol,
    QueueStats,
    ReentryError,
    ShutDown,
    ThreadSafeLifoQueue,
    ThreadSafePriorityQueue,
    ThreadSafeQueue,
)

__version__ = "0.1.0"

__all__ = [
    "Consumer",
    "ConsumerConfig",
    "Coordinator",
    "CoordinatorConfig",
    "HandoffLifoQueue",
    "HandoffPriorityQueue",
    "HandoffQueue",
    "PipelineError",
    "PipelineMetrics",
    "Producer",
    "ProducerConfig",
    "QueueProtocol",
    "QueueStats",
    "ReentryError",
    "ShutDown",
    "ThreadSafeLifoQueue",
    "ThreadSafePriorityQueue",
    "ThreadSafeQueue",
]
