---------------------------- MODULE NoNotifyInPut ----------------------------
(* ConditionQueue with the notify left out of put: a consumer that found the     *)
(* queue empty is never told that there is an item.                              *)
(*                                                                               *)
(* The difference: the config puts OnlyConsumersNotify in the place of           *)
(* SomebodyToNotify.                                                             *)
(* To see it pass: take the first conjunct out again.                            *)
EXTENDS ConditionQueue

OnlyConsumersNotify(t) == t \in Consumers /\ waiters[Notifies(t)] # <<>>
=============================================================================
