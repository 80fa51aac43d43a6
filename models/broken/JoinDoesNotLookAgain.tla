------------------------ MODULE JoinDoesNotLookAgain ------------------------
(* UnfinishedTasks, of ThreadSafeQueue, in which a woken join returns      *)
(* without looking again, though an item may have been put since.          *)
(*                                                                         *)
(* The difference: the config puts GoesAtOnce in the place of MayReturn.   *)
(* To see it pass: one item altogether.                                    *)
EXTENDS UnfinishedTasks

GoesAtOnce(j) == unfinished = 0 \/ pc[j] = "reacquire"
=============================================================================
