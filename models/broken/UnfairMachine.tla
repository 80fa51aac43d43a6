---------------------------- MODULE UnfairMachine ----------------------------
(* ConditionQueueLiveness with less fairness than it needs. The queue is the     *)
(* sound one; each specification leaves out a promise of the machine, and        *)
(* Terminates must fail: so the promise is needed.                               *)
(*                                                                               *)
(* To see it pass: the full FairSpecWithRetries in the config.                   *)
EXTENDS ConditionQueueLiveness

\* The machine stops, and nothing happens any more.
NobodyNeedMove == Spec /\ WokenTasksRun /\ TheLockIsFair

\* One task retries for ever, while another was woken and never gets to run.
WokenTasksNeedNotRun == Spec /\ SomebodyMoves /\ TheLockIsFair

\* One task retries for ever, and whenever another looks the lock is taken.
TheLockIsUnfair == Spec /\ SomebodyMoves /\ WokenTasksRun

\* The same at one of the two places only.
UnfairOnEntry == TheLockIsUnfair /\ \A t \in Tasks : SF_vars(Reacquire(t))
UnfairAfterWaiting == TheLockIsUnfair /\ \A t \in Tasks : SF_vars(Acquire(t))

\* Each thread is only promised a turn when it can take one continuously.
WeakForEachTask ==
    /\ Spec
    /\ SomebodyMoves
    /\ WokenTasksRun
    /\ \A t \in Tasks : WF_vars(Acquire(t) \/ Reacquire(t))
=============================================================================
