------------------------ MODULE HandoffQueueLiveness ------------------------
(* What HandoffQueue does in the end, if the machine is fair.                    *)
(*                                                                               *)
(* Modelled: the promises of ConditionQueueLiveness, and what follows from them. *)
(* A thread that is woken has what it waited for, so it needs the lock on entry  *)
(* alone, and after a timeout: nobody who is in a wait list can starve.          *)
(*                                                                               *)
(* Left out: how long anything takes. Safety is not checked again here.          *)
(*                                                                               *)
(* To see it fail: in FairSpecWithRetries, leave out TheLockIsFair. Terminates   *)
(* is violated in the config with retries.                                       *)
EXTENDS HandoffQueue

\* Some task that can take a step takes one.
SomebodyMoves == WF_vars(Next)

\* A task that was woken gets to run.
WokenTasksRun == \A t \in Tasks : WF_vars(Wake(t))

\* A task that finds the lock free again and again gets it one day.
TheLockIsFair == \A t \in Tasks : SF_vars(Acquire(t) \/ Reacquire(t))

\* A task that has served another opens its gate.
WhoServesGoesOn == \A t \in Tasks : WF_vars(Notify(t))

FairSpec == Spec /\ SomebodyMoves
FairSpecWithRetries ==
    /\ Spec
    /\ SomebodyMoves
    /\ WokenTasksRun
    /\ TheLockIsFair                            \* to see it fail: leave out this line

\* Without any promise of the lock.
SpecWithUnfairLock == Spec /\ WhoServesGoesOn /\ WokenTasksRun

-----------------------------------------------------------------------------

\* Every thread comes to its end.
Terminates == <>(\A t \in Tasks : pc[t] = "done")

\* Every item that was put is taken.
EveryItemArrives ==
    \A p \in Producers, n \in 1..PutsEach : n \in sent[p] ~> n \in received[p]

\* A put or get with a timeout ends, in success or with Full or Empty, even when no item
\* or room ever comes.
ATimedOperationEnds ==
    \A t \in Timed : ~At(t, {"acquire", "done"}) ~> At(t, {"acquire", "done"})

\* A thread that was served goes on, whatever the others do, and however unfair the lock is.
WhoIsServedGoesOn ==
    \A t \in Producers \cup Consumers : At(t, {"parked"}) /\ given[t] # Nothing ~> ~At(t, {"parked", "woken"})
=============================================================================
