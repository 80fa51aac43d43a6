---------------------------- MODULE UnfairHandoff ----------------------------
(* HandoffQueueLiveness with less fairness than it needs. The queue is the sound *)
(* one; each specification leaves out a promise of the machine, and a property   *)
(* must fail: so the promise is needed.                                          *)
(*                                                                               *)
(* To see it pass: FairSpecWithRetries, or SpecWithUnfairLock, in the config.    *)
EXTENDS HandoffQueueLiveness

\* The machine stops, and nothing happens any more.
NobodyNeedMove == Spec /\ WokenTasksRun /\ TheLockIsFair

\* One task retries for ever, while another was woken and never gets to run.
WokenTasksNeedNotRun == Spec /\ SomebodyMoves /\ TheLockIsFair

\* One task retries for ever, and whenever another looks the lock is taken.
TheLockIsUnfair == Spec /\ SomebodyMoves /\ WokenTasksRun

\* The same at one of the two places only.
UnfairOnEntry == TheLockIsUnfair /\ \A t \in Tasks : SF_vars(Reacquire(t))
UnfairAfterWaiting == TheLockIsUnfair /\ \A t \in Tasks : SF_vars(Acquire(t))

\* Who has served another stops before it opens the gate.
WhoServesMayStop == Spec /\ WokenTasksRun

\* Who was served is woken, and never gets to run.
ServedNeedNotRun == Spec /\ WhoServesGoesOn
=============================================================================
