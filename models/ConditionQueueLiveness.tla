----------------------- MODULE ConditionQueueLiveness -----------------------
(* What ConditionQueue does in the end, if the machine is fair.                  *)
(*                                                                               *)
(* Modelled: three promises that a machine may give, each used only where it is  *)
(* needed, and what follows from them. broken/UnfairMachine drops them one by    *)
(* one and shows what goes wrong then.                                           *)
(*                                                                               *)
(* Left out: how long anything takes. Safety is not checked again here.          *)
(*                                                                               *)
(* To see it fail: in FairSpecWithRetries, leave out TheLockIsFair. Terminates   *)
(* is violated in the config with retries.                                       *)
EXTENDS ConditionQueue

\* Some task that can take a step takes one. It suffices when every task makes a fixed
\* number of attempts: then there are only finitely many steps to take. Without it,
\* nothing need ever happen.
SomebodyMoves == WF_vars(Next)

\* With retries others may take steps for ever, so each task needs promises of its own.
\* A task that was woken gets to run:
WokenTasksRun == \A t \in Tasks : WF_vars(Wake(t))

\* A task that finds the lock free again and again gets it one day. Neither Python nor
\* the operating system promises this; who says "no thread starves" assumes it.
TheLockIsFair == \A t \in Tasks : SF_vars(Acquire(t) \/ Reacquire(t))

FairSpec == Spec /\ SomebodyMoves
FairSpecWithRetries ==
    /\ Spec
    /\ SomebodyMoves
    /\ WokenTasksRun
    /\ TheLockIsFair                            \* to see it fail: leave out this line

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
=============================================================================
