"""The system under study: a bounded blocking queue, producers, consumers and a coordinator.

Standard library only; knows nothing of the tools that verify it. The synchronisation is all in
`thread_safe_queue`, `handoff_queue`, `blocking_queue` and `coordinator`.
"""

from pcverify.pipeline.blocking_queue import QueueStats, ShutDown
from pcverify.pipeline.configs import ConsumerConfig, CoordinatorConfig, ProducerConfig
from pcverify.pipeline.consumer import Consumer
from pcverify.pipeline.coordinator import Coordinator
from pcverify.pipeline.errors import (
    ConfigError,
    PipelineAborted,
    PipelineError,
    PipelineFailed,
    ReentryError,
    SentinelInSourceError,
    WorkerStateError,
    WorkerTimeoutError,
)
from pcverify.pipeline.handoff_queue import HandoffQueue
from pcverify.pipeline.metrics import PipelineMetrics, WorkerMetrics
from pcverify.pipeline.producer import Producer
from pcverify.pipeline.protocol import QueueProtocol
from pcverify.pipeline.thread_safe_queue import ThreadSafeQueue
from pcverify.pipeline.variants import (
    HandoffLifoQueue,
    HandoffPriorityQueue,
    ThreadSafeLifoQueue,
    ThreadSafePriorityQueue,
)

__all__ = [
    "ConfigError",
    "Consumer",
    "ConsumerConfig",
    "Coordinator",
    "CoordinatorConfig",
    "HandoffLifoQueue",
    "HandoffPriorityQueue",
    "HandoffQueue",
    "PipelineAborted",
    "PipelineError",
    "PipelineFailed",
    "PipelineMetrics",
    "Producer",
    "ProducerConfig",
    "QueueProtocol",
    "QueueStats",
    "ReentryError",
    "SentinelInSourceError",
    "ShutDown",
    "ThreadSafeLifoQueue",
    "ThreadSafePriorityQueue",
    "ThreadSafeQueue",
    "WorkerMetrics",
    "WorkerStateError",
    "WorkerTimeoutError",
]
