---------------------------- MODULE NoNotifyInGet ----------------------------
(* ConditionQueue with the notify left out of get: a producer that found the     *)
(* queue full is never told that there is room.                                  *)
(*                                                                               *)
(* The difference: the config puts OnlyProducersNotify in the place of           *)
(* ToNotify.                                                                     *)
(* To see it pass: as much room as there are items, so that no producer waits.   *)
EXTENDS ConditionQueue

OnlyProducersNotify(t) == IF t \in Producers THEN First(1, waiters[Notifies(t)]) ELSE <<>>
=============================================================================
