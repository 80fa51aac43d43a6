------------------------ MODULE AbortWithoutShutdown ------------------------
(* Pipeline with an abort that tells the workers and leaves the queue open: a    *)
(* consumer that waits for an item does not hear of it, and waits for ever.      *)
(*                                                                               *)
(* The difference: the config puts LeaveOpen in the place of CloseQueue.         *)
(* To see it pass: a user who does not abort.                                    *)
EXTENDS Pipeline

LeaveOpen == QueueStays
=============================================================================
