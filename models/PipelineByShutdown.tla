------------------------- MODULE PipelineByShutdown -------------------------
(* Pipeline, but its coordinator shuts the queue down where it would put         *)
(* sentinels: a consumer ends when the queue is empty and shut down. Nothing     *)
(* can be in the way, as room can be missing for a sentinel; on the other hand   *)
(* the queue cannot be used again, and it must have a shutdown, which that of    *)
(* the standard library has from Python 3.13 on.                                 *)
(*                                                                               *)
(* No code of this package does this; it is what many write who have no          *)
(* coordinator. What is said there of Pipeline, of what it models and leaves out,*)
(* holds here.                                                                   *)
(*                                                                               *)
(* To see it fail: in ShutDownGently, write "sentinel" for "sent". Terminates is *)
(* violated: the coordinator shuts down what is shut, for ever.                  *)
EXTENDS Pipeline

ShutDownGently ==
    /\ pc[Coordinator] = "sentinel" /\ QueueFree
    /\ CloseQueue
    /\ GoTo(Coordinator, "sent")
    /\ UNCHANGED <<told, taken, failed, changed, left, wanted, accounts, drained>>

NextByShutdown == Steps \/ ShutDownGently

SpecByShutdown == Init /\ [][NextByShutdown]_vars
FairSpecByShutdown == SpecByShutdown /\ WF_vars(NextByShutdown)
=============================================================================
