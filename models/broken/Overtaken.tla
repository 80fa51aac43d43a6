------------------------------ MODULE Overtaken ------------------------------
(* ConditionQueue, where nothing is broken but the hope that everybody gets a    *)
(* turn. The threads never end. One that waits is notified, but before it has    *)
(* the lock again a newcomer takes the item, and that for ever, however fair the *)
(* lock is: a fair lock promises that it gets the lock, not that an item is left.*)
(*                                                                               *)
(* The difference: the config puts ComesAgain in the place of Leave, and AnItem  *)
(* in that of Item, and asks for NobodyStarves.                                  *)
(* To see it pass: one thread on each side. HandoffQueueForever is the queue in  *)
(* which nobody starves.                                                         *)
EXTENDS ConditionQueueLiveness

ComesAgain(t, left) ==
    /\ lock' = Free
    /\ GoTo(t, "acquire")
    /\ UNCHANGED <<waiters, calls, late, todo, queue, shut, sent, discarded>>
AnItem(p) == <<"item", 1>>

\* Every thread that waits comes out of its call one day.
NobodyStarves == \A t \in Tasks : pc[t] = "parked" ~> pc[t] = "release"
=============================================================================
