------------------------- MODULE NoNotifyInTaskDone -------------------------
(* UnfinishedTasks in which the last task_done wakes no join.              *)
(*                                                                         *)
(* The difference: the config puts NobodyIsWoken in the place of WakeAll.  *)
(* To see it pass: nobody joins.                                           *)
EXTENDS UnfinishedTasks

NobodyIsWoken(t, needed) == GoTo(t, "release") /\ UNCHANGED <<calls, told>>
=============================================================================
