--------------------- MODULE EnlistsWhileItFreesTheLock ---------------------
(* ConditionQueue in which a waiter gets onto the wait list only as it     *)
(* frees the lock. With one step for both nothing can come between, so no  *)
(* wakeup is lost here; but in code they are two, and the property that    *)
(* forbids it says so.                                                     *)
(*                                                                         *)
(* The difference: the config puts EnlistLater in the place of Relist and  *)
(* ParkAndEnlist in that of Park.                                          *)
(* To see it pass: nobody waits.                                           *)
EXTENDS ConditionQueue

EnlistLater(t, waits) == waiters' = [waiters EXCEPT ![Waits(t)] = Without(@, t)]
ParkAndEnlist(t) ==
    /\ pc[t] = "park"
    /\ lock' = Free
    /\ GoTo(t, "parked")
    /\ waiters' = [waiters EXCEPT ![Waits(t)] = Append(@, t)]
    /\ UNCHANGED <<calls, late, todo, queue, shut, held, sent, received, discarded>>
=============================================================================
