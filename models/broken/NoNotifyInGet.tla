---------------------------- MODULE NoNotifyInGet ----------------------------
(* ConditionQueue with the notify left out of get: a producer that found the     *)
(* queue full is never told that there is room.                                  *)
(*                                                                               *)
(* The difference: the config puts OnlyProducersNotify in the place of           *)
(* SomebodyToNotify.                                                             *)
(* To see it pass: as much room as there are items, so that no producer waits.   *)
EXTENDS ConditionQueue

OnlyProducersNotify(t) == t \in Producers /\ waiters[Notifies(t)] # <<>>
=============================================================================
