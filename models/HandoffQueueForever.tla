------------------------- MODULE HandoffQueueForever -------------------------
(* HandoffQueue with threads that never end: whoever waits gets its turn.        *)
(* In ConditionQueue that is not so: see broken/Overtaken.                       *)
(*                                                                               *)
(* Modelled: the config puts ComesAgain in the place of Finish, so that a thread *)
(* that has done its call makes the next one, and AnItem in that of Item, since  *)
(* there is no end of numbers. Else all is as in HandoffQueueLiveness.           *)
(*                                                                               *)
(* Left out: timeouts, exceptions from outside, shutdown, threads that are still *)
(* on their way to the lock: it may be as unfair as it likes.                    *)
(*                                                                               *)
(* To see it fail: in FairSpecForever, leave out WokenTasksRun. NobodyStarves is *)
(* violated: one that was served never runs, and the others never end.           *)
EXTENDS HandoffQueueLiveness

ComesAgain(t, left) ==
    /\ GoTo(t, "acquire")
    /\ given' = [given EXCEPT ![t] = Nothing]
    /\ UNCHANGED <<todo, waiters, calls, queue, shut, sent, discarded>>
AnItem(p) == <<"item", 1>>

NextForever == \E t \in Tasks : Acquire(t) \/ Park(t) \/ Wake(t) \/ Release(t) \/ Notify(t)

FairSpecForever ==
    /\ Init /\ [][NextForever]_vars
    /\ WF_vars(NextForever)
    /\ WokenTasksRun                            \* to see it fail: leave out this line

\* Every thread that waits comes out of its call one day.
NobodyStarves == \A t \in Tasks : pc[t] = "parked" ~> pc[t] = "acquire"
=============================================================================
