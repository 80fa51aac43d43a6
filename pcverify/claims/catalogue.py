"""The list of claims of `make check`. To add a check, add a claim here: nothing else is run or shown."""

from __future__ import annotations

from pcverify.claims.kinds import ModelClaim, TestClaim, of_models, of_tests, of_variants
from pcverify.claims.nightly import NIGHTLY_CLAIMS
from pcverify.evidence import Claim, Verdict

COVERAGE_NEEDED = 95.0  # per cent of the branches of pcverify/pipeline

MODEL_CLAIMS: tuple[ModelClaim, ...] = (
    of_models("fifo", "Atomic queue: bounded, FIFO, nothing lost?", "p2c2k2i2", "BoundedFifo_*"),
    of_models(
        "queue",
        "Lock and two conditions: the same, no lost wakeup?",
        "up to p2c2k2i2, p3c3k1i1",
        "ConditionQueue_p?c?k?i?",
        "ConditionQueue_p?c?k?i?_starve",
        "ConditionQueue_p?c?k?i?_impatient_*",
        "ConditionQueueTrace_example",
    ),
    of_models(
        "timed-queue",
        "The same when waits time out and give up or retry?",
        "up to p2c1k1i2, p2c2k1i1",
        "ConditionQueue_*_giveup",
        "ConditionQueue_*_retry",
    ),
    of_models(
        "interrupted-queue",
        "The same when calls are interrupted, or the queue shut down?",
        "up to p1c2k2i2, at every operation",
        "ConditionQueue_*_interrupted*",
        "ConditionQueue_*_shut_gently",
    ),
    of_models(
        "handoff-queue",
        "Hand-off: all of that, and nobody overtaken?",
        "up to p2c2k2i2, p3c3k1i1",
        "HandoffQueue_*",
        "HandoffQueueTrace_example",
    ),
    of_models(
        "inductive",
        "Both queues: one step from any state of an invariant keeps it?",
        "any number of calls, p2c2k2, p1c1k1 with all",
        "ConditionQueueInductive_*",
        "HandoffQueueInductive_*",
    ),
    of_models(
        "joins", "join: returns when all is done, never sleeps on?", "2 joiners, both designs", "UnfinishedTasks_*"
    ),
    of_models(
        "queue-liveness",
        "Every operation that can end ends, if fair?",
        "p2c2k1i1",
        "ConditionQueueLiveness_*",
        "HandoffQueueLiveness_*",
        "HandoffQueueForever_*",
    ),
    of_models(
        "pipeline",
        "Pipeline: every item delivered or named, sentinels last?",
        "up to p2c2k1i2, with failures, shutdown, abort",
        *("Pipeline_p?c?k?i?", "Pipeline_*_p?", "Pipeline_*_c?", "Pipeline_*_abort", "Pipeline_*_shutdown"),
        *("Pipeline_*_patience", "PipelineByShutdown_p?c?k?i?", "PipelineOverConditionQueue_p?c?k?i?"),
        "PipelineOverConditionQueue_*_shutdown",
    ),
    of_models(
        "pipeline-liveness",
        "Pipeline: it ends, and every item arrives?",
        "up to p2c2k1i2, with failures, shutdown, abort",
        "Pipeline_*_liveness",
        "PipelineByShutdown_*_liveness",
        "PipelineOverConditionQueue_*_liveness",
    ),
    of_models("actions", "Every action of every model is taken?", "all runs above together", every_action=True),
    of_variants(
        "variants-queue",
        "Caught by its name: each of 18 mistakes in the queue?",
        "12 properties, at the smallest config",
        *("OneCondition_*", "IfInsteadOfWhile_*", "NoNotifyInPut_*", "NoNotifyInGet_*", "TimeoutSwallowsWakeup_*"),
        *("CapacityOffByOne_*", "LastInFirstOut_*", "PutsTwice_*", "NotifiesOnlyWhenItWasEmpty_*"),
        *("LateWaiterStaysListed_*", "InterruptSwallowsWakeup_*", "InterruptLosesItem_*"),
        *("InterruptGivesBackAtTheEnd_*", "ShutdownWakesNobody_*", "PutAfterShutdown_*"),
        *("WaitsForTheLockNoMore_*", "EnlistsWhileItFreesTheLock_*", "GetsOnlyWhenFull_*"),
    ),
    of_variants(
        "variants-handoff",
        "Caught by its name: each of 9 in hand-off and join?",
        "8 properties, at the smallest config",
        *("NobodyIsLetIn_*", "LastComeFirstServed_*", "TimeoutDropsWhatItWasGiven_*"),
        *("InterruptKeepsWhatItWasGiven_*", "PutGoesBeforeGetters_*", "NoNotifyInTaskDone_*", "JoinDoesNotLookAgain_*"),
        *("HandoffAfterShutdown_*", "LeavesUnlocked_*"),
    ),
    of_variants(
        "variants-pipeline",
        "Caught by its name: each of 6 in the pipeline?",
        "4 properties, at the smallest config",
        *("OneSentinelTooFew_*", "EarlySentinels_*", "AbortWithoutShutdown_*", "NobodyMakesRoom_*"),
        *("FailureStopsNobody_*", "StopAfterAbort_*"),
    ),
    of_variants(
        "fairness",
        "Fairness: each assumption needed; what it cannot give?",
        "one left out at a time; NobodyStarves",
        "UnfairMachine_*",
        "UnfairHandoff_*",
        "Overtaken_*",
    ),
    *NIGHTLY_CLAIMS,
)

TEST_CLAIMS: tuple[TestClaim, ...] = (
    of_tests(
        "code-queue",
        "Real queues: each call as in Python 3.13's queue.Queue?",
        "CPython's own tests; up to 3 blocked threads",
        "tests/pipeline/test_blocking_queues.py",
        "tests/pipeline/test_handoff_queue.py",
        "tests/pipeline/test_standard_tests.py",
        "tests/pipeline/test_batches.py",
        "tests/pipeline/test_hazards.py",
    ),
    of_tests(
        "code-interrupted",
        "Real queues: nothing lost if interrupted, at any place?",
        "31 stories, 5 scenes, 2,000 real exceptions each",
        "tests/interleavings/test_queue_interrupts.py",
        "tests/interleavings/test_wakeups_passed_on.py",
        "tests/interleavings/test_injecting.py",
        "tests/soak/*.py",
        does_not_show="a second exception while the first is dealt with",
        checker="explored code",
    ),
    of_tests(
        "code-workers",
        "Real workers: promises kept on either queue?",
        "one worker at a time",
        "tests/pipeline/test_producer.py",
        "tests/pipeline/test_consumer.py",
    ),
    of_tests(
        "code-pipeline",
        "Real pipeline: each item once, in its producer's order?",
        "up to 4x4 workers, 10,000 items",
        "tests/pipeline/test_coordinator.py",
        "tests/pipeline/test_comparison.py",
    ),
    of_tests(
        "code-endings",
        "Failures: nobody left blocked, every item accounted for?",
        "failing source, destination, queue; abort",
        "tests/pipeline/test_abort.py",
        "tests/pipeline/test_endings.py",
    ),
    of_tests(
        "code-properties",
        "Any pipeline: produced = consumed + skipped + left?",
        "1-4 x 1-4 workers, capacity 0-5, failing",
        "tests/pipeline/test_properties.py",
    ),
    of_tests(
        "code-sequential",
        "Real queues: every sequence of calls as specified?",
        "500 sequences for each check and fault",
        "tests/histories/*.py",
        "tests/regress/*.py",
        does_not_show="calls that overlap",
    ),
    of_tests(
        "code-interleavings",
        "Real queues: no interleaving loses a wakeup or an item?",
        "500 scripts, up to 5 calls at a time",
        "tests/interleavings/test_queues.py",
        does_not_show="scripts that were not drawn; switches inside local code",
        checker="explored code",
    ),
    of_tests(
        "code-faults",
        "Caught in real code: each fault, each harmful interrupt?",
        "up to 2,000 scripts each",
        "tests/interleavings/test_faults.py",
        "tests/interleavings/test_interrupts.py",
        does_not_show="other faults; exceptions inside local code",
        checker="explored code",
    ),
    of_tests(
        "code-explorer",
        "Explorer: exactly the outcomes that programs have?",
        "24 programs, every schedule",
        "tests/explore/*.py",
        "tests/report/*.py",
        does_not_show="switches that are not at operations on locks, threads or the clock",
        checker="explored code",
    ),
    of_tests(
        "code-models",
        "Code and models: each step of one is a step of the other?",
        "p2c1k1i2, p2c2k1i1, both ways, edge by edge",
        "tests/conformance/*.py",
        does_not_show="other bounds; switches inside local code; weak memory",
        checker="conformance",
    ),
    of_tests(
        "code-runner",
        "TLC runner: never takes a failure for a pass?",
        "every exit code and message of TLC 2.15",
        "tests/tla/*.py",
        does_not_show="other versions of TLC",
    ),
    of_tests(
        "code-rest",
        "Configs, metrics, types, demo, claims, command line?",
        "one behaviour a test",
        "tests/pipeline/test_configs.py",
        "tests/pipeline/test_metrics.py",
        "tests/pipeline/test_protocol.py",
        "tests/evidence/*.py",
        "tests/claims/*.py",
        "tests/acceptance/*.py",
        "tests/proofs/*.py",
        "tests/smt/*.py",
        "tests/test_*.py",
        does_not_show="what no test asks",
    ),
)

PROOF_CLAIM = Claim(
    "proofs",
    "Contracts of the pure parts hold on every path?",
    "CrossHair",
    "integers and short queues, floats as reals",
    Verdict.OK,
    "what the contracts do not say; rounding of floats",
)

UNBOUNDED_CLAIM = Claim(
    "unbounded",
    "Any number of threads: bounded, in order, nothing lost, it ends?",
    "z3",
    "any producers, consumers, items; capacity of 1 or more",
    Verdict.OK,
    "that the steps are the code's: compared at configs for those that count, by reading for others; fairness",
)

COVERAGE_CLAIM = Claim(
    "coverage",
    "The tests reach the branches of the pipeline?",
    "coverage",
    f"at least {COVERAGE_NEEDED:.0f} % of the branches",
    Verdict.OK,
    "that a branch that is reached does right",
)
