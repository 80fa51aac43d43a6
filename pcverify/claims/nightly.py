"""The claims about models that `make nightly` answers: larger configs, samples, further variants."""

from __future__ import annotations

from pcverify.claims.kinds import ModelClaim, of_models, of_variants
from pcverify.evidence import Verdict

NIGHTLY_CLAIMS: tuple[ModelClaim, ...] = (
    of_models(
        "queue-nightly",
        "As `queue`, larger?",
        "up to p3c3k2i2, p4c4k2i1",
        "ConditionQueue_p?c?k?i?",
        "ConditionQueue_p?c?k?i?_starve",
        tier="nightly",
    ),
    of_models(
        "timed-queue-nightly",
        "As `timed-queue`, larger?",
        "up to p3c3k1i1, p2c2k2i2, one timed of p3c3k1i2",
        "ConditionQueue_*_giveup",
        "ConditionQueue_*_retry",
        tier="nightly",
    ),
    of_models(
        "interrupted-queue-nightly",
        "As `interrupted-queue`, all at once?",
        "p2c2k1i1",
        "ConditionQueue_*_interrupted",
        tier="nightly",
    ),
    of_models(
        "pipeline-nightly",
        "As `pipeline`, larger?",
        "p2c2k2i2, p2c1k1i1 with abort",
        *("Pipeline_*", "PipelineByShutdown_*", "PipelineOverConditionQueue_*"),
        tier="nightly",
    ),
    of_models(
        "handoff-queue-nightly",
        "As `handoff-queue`, larger?",
        "up to p3c3k2i2, four timed of p3c3k1i2",
        "HandoffQueue_p?c?k?i?",
        "HandoffQueue_*_giveup",
        "HandoffQueue_*_retry",
        "HandoffQueue_*_interrupted",
        tier="nightly",
    ),
    of_models(
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
    of_models(
        "inductive-weaker-nightly",
        "As `inductive`, weaker: a step leads out?",
        "the goals alone; two ways to count, p1c2k2",
        "*Inductive_*_goals_only",
        "ConditionQueueInductive_p1c2k2_somebody",
        "ConditionQueueInductive_p1c2k2_timed_listed_too",
        needs=Verdict.VIOLATION,
        tier="nightly",
    ),
    of_models(
        "queues-simulated",
        "Both queues, beyond what can be covered: no violation met?",
        "p8c8k3i2, all timed; 1,000 random behaviours",
        "ConditionQueue_*_simulated",
        "HandoffQueue_*_simulated",
        needs=Verdict.SAMPLED,
        tier="nightly",
    ),
    of_models(
        "joins-nightly", "As `joins`, all at once?", "2 finishers, 2 joiners", "UnfinishedTasks_*", tier="nightly"
    ),
    of_models(
        "queue-liveness-nightly",
        "As `queue-liveness`, larger?",
        "p3c3k1i1, p2c2k1i2 timed",
        "ConditionQueueLiveness_*",
        "HandoffQueueLiveness_*",
        "HandoffQueueForever_*",
        tier="nightly",
    ),
    of_models(
        "fairness-nightly",
        "As `fairness`, each half of each assumption?",
        "Terminates, EveryItemArrives, ATimedOperationEnds",
        "UnfairMachine_*",
        "UnfairHandoff_*",
        "UnfairPipeline_*",
        needs=Verdict.VIOLATION,
        tier="nightly",
    ),
    of_variants(
        "variants-queue-nightly",
        "As `variants-queue`, by one property more?",
        "Deadlock, BoundedSize",
        *("OneCondition_*", "NoNotifyInPut_*", "NoNotifyInGet_*", "TimeoutSwallowsWakeup_*", "IfInsteadOfWhile_*"),
        tier="nightly",
    ),
    of_variants(
        "variants-pipeline-nightly",
        "As `variants-pipeline`: what no other variant breaks?",
        "4 properties of the pipeline",
        *("DoesNotLook_*", "QuietInside_*", "KeepsTheLockInside_*", "NotifyIsAFailure_*"),
        tier="nightly",
    ),
)
