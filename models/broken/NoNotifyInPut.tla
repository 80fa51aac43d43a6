---------------------------- MODULE NoNotifyInPut ----------------------------
(* ConditionQueue with the notify left out of put: a consumer that found the     *)
(* queue empty is never told that there is an item.                              *)
(*                                                                               *)
(* The difference: the config puts OnlyConsumersNotify in the place of           *)
(* ToNotify.                                                                     *)
(* To see it pass: write First(1, waiters[Notifies(t)]) for both.                *)
EXTENDS ConditionQueue

OnlyConsumersNotify(t) == IF t \in Consumers THEN First(1, waiters[Notifies(t)]) ELSE <<>>
=============================================================================
