----------------------------- MODULE DoesNotLook -----------------------------
(* Pipeline with consumers that do not look whether they were told to end: after *)
(* an abort they go back to the queue. It is shut, so they end all the same, but *)
(* a step that leads further from the end is no abort in a bounded number of steps.*)
(*                                                                               *)
(* The difference: the config puts GoesBack in the place of Look.                *)
(* To see it pass: a user who does not abort.                                    *)
EXTENDS Pipeline

GoesBack(c) ==
    /\ pc[c] = "next" \/ (pc[c] = "finish" /\ QueueFree)
    /\ GoTo(c, "get")
    /\ QueueStays /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>
=============================================================================
