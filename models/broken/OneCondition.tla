---------------------------- MODULE OneCondition ----------------------------
(* ConditionQueue with one condition for both groups, and still one notify: the  *)
(* notify meant for a consumer can wake another producer. That one finds the     *)
(* queue full and goes back to sleep, and the consumer sleeps on beside an item. *)
(*                                                                               *)
(* The difference: the config puts TheOneCondition in the place of NotFull.      *)
(* To see it pass: give it room, as many places as half the number of threads.   *)
EXTENDS ConditionQueue

TheOneCondition == NotEmpty
=============================================================================
