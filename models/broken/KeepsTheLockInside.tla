------------------------- MODULE KeepsTheLockInside --------------------------
(* PipelineOverConditionQueue with a put that returns and keeps the lock: it is  *)
(* elsewhere, and the lock is still its own.                                     *)
(*                                                                               *)
(* The difference: the config puts ReturnsWithTheLock in the place of Returns.   *)
(* To see it pass: write lock' = Free there.                                     *)
EXTENDS PipelineOverConditionQueue

ReturnsWithTheLock(t) ==
    /\ at[t] = "release"
    /\ at' = [at EXCEPT ![t] = "acquire"] /\ todo' = [todo EXCEPT ![t] = @ - 1]
    /\ UNCHANGED <<lock, waiters, calls, late, history, taking>>
=============================================================================
