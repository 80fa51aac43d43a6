----------------------- MODULE WaitsForTheLockNoMore ------------------------
(* ConditionQueue in which a woken waiter goes on without waiting for the  *)
(* lock.                                                                   *)
(*                                                                         *)
(* The difference: the config puts AlwaysFree in the place of              *)
(* LockIsFreeAgain.                                                        *)
(* To see it pass: tasks that never wait.                                  *)
EXTENDS ConditionQueue

AlwaysFree == TRUE
=============================================================================
