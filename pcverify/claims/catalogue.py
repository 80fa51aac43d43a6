"""The list of claims. To add a check, add a claim here: nothing else is run or shown.

A claim about models names the runs of `models/manifest.json` that answer it, by patterns on their configs; one
about code names test files. Every run and every test file belongs to exactly one claim: tests hold that.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pcverify.evidence import Claim, Verdict

Tier = Literal["check", "nightly"]
COVERAGE_NEEDED = 95.0  # per cent of the branches of pcverify/pipeline
_MODEL_LIMITS = "larger configs; that the code is the model"
_REAL_THREADS = "interleavings that these runs did not happen to meet"


@dataclass(frozen=True, slots=True)
class ModelClaim:
    """A claim that runs of TLC answer.

    Attributes:
        claim: what is asked.
        configs: patterns (`fnmatch`) for the names of the configs whose runs answer it.
        tier: which runs, those of `make check` or those of `make nightly`.
        every_action: the claim is that each action of the sound modules is taken in some run, rather than that
            each run comes out as expected.
    """

    claim: Claim
    configs: tuple[str, ...]
    tier: Tier = "check"
    every_action: bool = False

    def covers(self, config: str, tier: str) -> bool:
        """Return whether the run of `config` in `tier` answers this claim."""
        return tier == self.tier and any(fnmatchcase(config, pattern) for pattern in self.configs)


@dataclass(frozen=True, slots=True)
class TestClaim:
    """A claim that tests answer.

    Attributes:
        claim: what is asked.
        files: patterns (`fnmatch`) for the test files that answer it, relative to the project's folder.
        checker: how: by tests as such, by exploring interleavings of the code, by comparing it with models.
    """

    __test__ = False  # for pytest, which would collect it

    claim: Claim
    files: tuple[str, ...]
    checker: str = "tested"

    def covers(self, file: str) -> bool:
        """Return whether the tests in `file` answer this claim."""
        return any(fnmatchcase(file, pattern) for pattern in self.files)


def _model(
    identity: str,
    question: str,
    bounds: str,
    *configs: str,
    needs: Verdict = Verdict.OK,
    tier: Tier = "check",
    every_action: bool = False,
) -> ModelClaim:
    return ModelClaim(Claim(identity, question, "TLC", bounds, needs, _MODEL_LIMITS), configs, tier, every_action)


def _variant(identity: str, question: str, by: str, *configs: str) -> ModelClaim:
    return _model(identity, question, f"by {by}", *configs, needs=Verdict.VIOLATION)


def _tests(
    identity: str,
    question: str,
    bounds: str,
    *files: str,
    does_not_show: str = _REAL_THREADS,
    checker: str = "tested",
) -> TestClaim:
    return TestClaim(Claim(identity, question, "pytest", bounds, Verdict.SAMPLED, does_not_show), files, checker)


MODEL_CLAIMS: tuple[ModelClaim, ...] = (
    _model("fifo", "Atomic queue: bounded, FIFO, nothing lost?", "p2c2k2i2", "BoundedFifo_*"),
    _model(
        "queue",
        "Lock and two conditions: the same, no lost wakeup?",
        "up to p2c2k2i2, p3c3k1i1",
        "ConditionQueue_p?c?k?i?",
        "ConditionQueue_p?c?k?i?_starve",
        "ConditionQueue_p?c?k?i?_impatient_*",
        "ConditionQueueTrace_example",
    ),
    _model(
        "timed-queue",
        "The same when waits time out and give up or retry?",
        "up to p2c2k1i2",
        "ConditionQueue_*_giveup",
        "ConditionQueue_*_retry",
    ),
    _model(
        "interrupted-queue",
        "The same when calls are interrupted, or the queue shut down?",
        "up to p1c2k2i2, at every operation",
        "ConditionQueue_*_interrupted*",
        "ConditionQueue_*_shut_gently",
    ),
    _model(
        "handoff-queue",
        "Hand-off: all of that, and nobody overtaken?",
        "up to p2c2k2i2, p3c3k1i1",
        "HandoffQueue_*",
        "HandoffQueueTrace_example",
    ),
    _model(
        "inductive",
        "Both queues: one step from any state at all keeps that?",
        "any number of calls, p2c2k2, p1c1k1 with all",
        "ConditionQueueInductive_*",
        "HandoffQueueInductive_*",
    ),
    _model("joins", "join: returns when all is done, never sleeps on?", "2 joiners, both designs", "UnfinishedTasks_*"),
    _model(
        "queue-liveness",
        "Every operation that can end ends, if fair?",
        "up to p2c2k1i2",
        "ConditionQueueLiveness_*",
        "HandoffQueueLiveness_*",
        "HandoffQueueForever_*",
    ),
    _model(
        "pipeline",
        "Pipeline: every item delivered or named, sentinels last?",
        "up to p2c2k1i2, with failures, shutdown, abort",
        *("Pipeline_p?c?k?i?", "Pipeline_*_p?", "Pipeline_*_c?", "Pipeline_*_abort", "Pipeline_*_shutdown"),
        *("Pipeline_*_patience", "PipelineByShutdown_p?c?k?i?", "PipelineOverConditionQueue_p?c?k?i?"),
        "PipelineOverConditionQueue_*_shutdown",
    ),
    _model(
        "pipeline-liveness",
        "Pipeline: it ends, and every item arrives?",
        "up to p2c2k1i2, with failures, shutdown, abort",
        "Pipeline_*_liveness",
        "PipelineByShutdown_*_liveness",
        "PipelineOverConditionQueue_*_liveness",
    ),
    _model("actions", "Every action of every model is taken?", "all runs above together", every_action=True),
    _variant(
        "variants-queue",
        "Caught by its name: each of 17 mistakes in the queue?",
        "12 properties, at the smallest config",
        *("OneCondition_*", "IfInsteadOfWhile_*", "NoNotifyInPut_*", "NoNotifyInGet_*", "TimeoutSwallowsWakeup_*"),
        *("CapacityOffByOne_*", "LastInFirstOut_*", "PutsTwice_*", "NotifiesOnlyWhenItWasEmpty_*"),
        *("LateWaiterStaysListed_*", "InterruptSwallowsWakeup_*", "InterruptLosesItem_*"),
        *("InterruptGivesBackAtTheEnd_*", "ShutdownWakesNobody_*", "PutAfterShutdown_*"),
        *("WaitsForTheLockNoMore_*", "EnlistsWhileItFreesTheLock_*"),
    ),
    _variant(
        "variants-handoff",
        "Caught by its name: each of 7 in hand-off and join?",
        "5 properties, at the smallest config",
        *("NobodyIsLetIn_*", "LastComeFirstServed_*", "TimeoutDropsWhatItWasGiven_*"),
        *("InterruptKeepsWhatItWasGiven_*", "PutGoesBeforeGetters_*", "NoNotifyInTaskDone_*", "JoinDoesNotLookAgain_*"),
    ),
    _variant(
        "variants-pipeline",
        "Caught by its name: each of 5 in the pipeline?",
        "Deadlock, SentinelsLast, NothingLeftBehind",
        *("OneSentinelTooFew_*", "EarlySentinels_*", "AbortWithoutShutdown_*", "NobodyMakesRoom_*"),
        "FailureStopsNobody_*",
    ),
    _variant(
        "fairness",
        "Fairness: each assumption needed; what it cannot give?",
        "one left out at a time; NobodyStarves",
        "UnfairMachine_*",
        "UnfairHandoff_*",
        "Overtaken_*",
    ),
    _model(
        "queue-nightly",
        "As `queue`, larger?",
        "up to p3c3k2i2, p4c4k2i1",
        "ConditionQueue_p?c?k?i?",
        "ConditionQueue_p?c?k?i?_starve",
        tier="nightly",
    ),
    _model(
        "timed-queue-nightly",
        "As `timed-queue`, larger?",
        "up to p3c3k1i1, p2c2k2i2, one timed of p3c3k1i2",
        "ConditionQueue_*_giveup",
        "ConditionQueue_*_retry",
        tier="nightly",
    ),
    _model(
        "interrupted-queue-nightly",
        "As `interrupted-queue`, all at once?",
        "p2c2k1i1",
        "ConditionQueue_*_interrupted",
        tier="nightly",
    ),
    _model(
        "pipeline-nightly",
        "As `pipeline`, larger?",
        "p2c2k2i2, p2c1k1i1 with abort",
        "Pipeline_*",
        "PipelineOverConditionQueue_*",
        tier="nightly",
    ),
    _model(
        "handoff-queue-nightly",
        "As `handoff-queue`, larger?",
        "up to p3c3k2i2, four timed of p3c3k1i2",
        "HandoffQueue_p?c?k?i?",
        "HandoffQueue_*_giveup",
        "HandoffQueue_*_retry",
        "HandoffQueue_*_interrupted",
        tier="nightly",
    ),
    _model(
        "inductive-nightly",
        "As `inductive`, larger?",
        "up to p2c2k3, p3c2k2, p1c2k2 with all",
        "*Inductive_p?c?k?",
        "*Inductive_*_p0",
        "*Inductive_*timed",
        "*Inductive_*interrupted",
        "*Inductive_*interrupted_c",
        "*Inductive_*_universe",
        "ConditionQueueInductive_p2c2k1_somebody",
        "ConditionQueueInductive_p1c2k1_timed_listed_too",
        tier="nightly",
    ),
    _model(
        "inductive-weaker-nightly",
        "As `inductive`, weaker: a step leads out?",
        "the goals alone; two ways to count, p1c2k2",
        "*Inductive_*_goals_only",
        "ConditionQueueInductive_p1c2k2_somebody",
        "ConditionQueueInductive_p1c2k2_timed_listed_too",
        needs=Verdict.VIOLATION,
        tier="nightly",
    ),
    _model(
        "queues-simulated",
        "Both queues, beyond what can be covered: no violation met?",
        "p8c8k3i2, all timed; 1,000 random behaviours",
        "ConditionQueue_*_simulated",
        "HandoffQueue_*_simulated",
        needs=Verdict.SAMPLED,
        tier="nightly",
    ),
    _model("joins-nightly", "As `joins`, all at once?", "2 finishers, 2 joiners", "UnfinishedTasks_*", tier="nightly"),
    _model(
        "queue-liveness-nightly",
        "As `queue-liveness`, larger?",
        "p3c3k1i1, p2c2k1i2 timed",
        "ConditionQueueLiveness_*",
        "HandoffQueueForever_*",
        tier="nightly",
    ),
    _model(
        "fairness-nightly",
        "As `fairness`, each half of each assumption?",
        "Terminates, EveryItemArrives, ATimedOperationEnds",
        "UnfairMachine_*",
        "UnfairHandoff_*",
        "UnfairPipeline_*",
        needs=Verdict.VIOLATION,
        tier="nightly",
    ),
    _model(
        "variants-nightly",
        "Caught by its name: what no other variant breaks?",
        "by 4 properties of the pipeline",
        *("DoesNotLook_*", "QuietInside_*", "KeepsTheLockInside_*", "NotifyIsAFailure_*"),
        needs=Verdict.VIOLATION,
        tier="nightly",
    ),
)

TEST_CLAIMS: tuple[TestClaim, ...] = (
    _tests(
        "code-queue",
        "Real queues: each call as in Python 3.13's queue.Queue?",
        "CPython's own tests; up to 3 blocked threads",
        "tests/pipeline/test_blocking_queues.py",
        "tests/pipeline/test_handoff_queue.py",
        "tests/pipeline/test_standard_tests.py",
        "tests/pipeline/test_batches.py",
        "tests/pipeline/test_hazards.py",
    ),
    _tests(
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
    _tests(
        "code-workers",
        "Real workers: promises kept on either queue?",
        "one worker at a time",
        "tests/pipeline/test_producer.py",
        "tests/pipeline/test_consumer.py",
    ),
    _tests(
        "code-pipeline",
        "Real pipeline: each item once, in its producer's order?",
        "up to 4x4 workers, 10,000 items",
        "tests/pipeline/test_coordinator.py",
        "tests/pipeline/test_comparison.py",
    ),
    _tests(
        "code-endings",
        "Failures: nobody left blocked, every item accounted for?",
        "failing source, destination, queue; abort",
        "tests/pipeline/test_abort.py",
        "tests/pipeline/test_endings.py",
    ),
    _tests(
        "code-properties",
        "Any pipeline: produced = consumed + skipped + left?",
        "1-4 x 1-4 workers, capacity 0-5, failing",
        "tests/pipeline/test_properties.py",
    ),
    _tests(
        "code-sequential",
        "Real queues: every sequence of calls as specified?",
        "500 sequences for each check and fault",
        "tests/histories/*.py",
        "tests/regress/*.py",
        does_not_show="calls that overlap",
    ),
    _tests(
        "code-interleavings",
        "Real queues: no interleaving loses a wakeup or an item?",
        "500 scripts, up to 5 calls at a time",
        "tests/interleavings/test_queues.py",
        does_not_show="scripts that were not drawn; switches inside local code",
        checker="explored code",
    ),
    _tests(
        "code-faults",
        "Caught in real code: each fault, each harmful interrupt?",
        "up to 2,000 scripts each",
        "tests/interleavings/test_faults.py",
        "tests/interleavings/test_interrupts.py",
        does_not_show="other faults; exceptions inside local code",
        checker="explored code",
    ),
    _tests(
        "code-explorer",
        "Explorer: exactly the outcomes that programs have?",
        "24 programs, every schedule",
        "tests/explore/*.py",
        "tests/report/*.py",
        does_not_show="switches that are not at operations on locks, threads or the clock",
        checker="explored code",
    ),
    _tests(
        "code-models",
        "Code and models: each step of one is a step of the other?",
        "up to p2c2k1i2, both ways, edge by edge",
        "tests/conformance/*.py",
        does_not_show="other bounds; switches inside local code; weak memory",
        checker="conformance",
    ),
    _tests(
        "code-runner",
        "TLC runner: never takes a failure for a pass?",
        "every exit code and message of TLC 2.15",
        "tests/tla/*.py",
        does_not_show="other versions of TLC",
    ),
    _tests(
        "code-rest",
        "Configs, metrics, types, demo, claims, command line?",
        "one behaviour a test",
        "tests/pipeline/test_configs.py",
        "tests/pipeline/test_metrics.py",
        "tests/pipeline/test_protocol.py",
        "tests/pipeline/test_imports.py",
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
    "any producers, consumers, items and capacity",
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
