---------------------- MODULE InterruptSwallowsWakeup -----------------------
(* ConditionQueue in which an interrupted call wakes nobody: if a notify   *)
(* had chosen it, another waiter sleeps on beside an item. This is what    *)
(* the standard library does.                                              *)
(*                                                                         *)
(* The difference: the config puts ServesNobody in the place of ToServe.   *)
(* To see it pass: nobody is interrupted.                                  *)
EXTENDS ConditionQueue

ServesNobody(items, lists) == <<>>
=============================================================================
