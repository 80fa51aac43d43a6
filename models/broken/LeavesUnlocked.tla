--------------------------- MODULE LeavesUnlocked ---------------------------
(* HandoffQueue in which whoever is late is off the wait list at once, not *)
(* only when it has the lock. One step cannot be torn apart here; but in   *)
(* code the list changes while somebody else works on it, and the property *)
(* that forbids it says so.                                                *)
(*                                                                         *)
(* The difference: the config puts TimeoutAndLeave in the place of Timeout.*)
(* To see it pass: nobody waits with a timeout.                            *)
EXTENDS HandoffQueue

TimeoutAndLeave(t) ==
    /\ pc[t] = "parked" /\ t \in Timed
    /\ GoTo(t, "timedOut")
    /\ waiters' = [waiters EXCEPT ![Waits(t)] = Without(@, t)]
    /\ UNCHANGED <<lock, calls, given, todo, queue, shut, held, sent, received, discarded>>
=============================================================================
