--------------------- MODULE NotifiesOnlyWhenItWasEmpty ---------------------
(* ConditionQueue in which put notifies only if the queue was empty, since *)
(* otherwise, so the mistaken thought, no consumer can be waiting. Two     *)
(* puts can come before the consumer that the first one woke has the lock; *)
(* the second consumer then sleeps on beside an item.                      *)
(*                                                                         *)
(* The difference: the config puts OnlyTheFirst in the place of ToNotify.  *)
(* To see it pass: room for one item, for then each put finds the queue    *)
(* empty.                                                                  *)
EXTENDS ConditionQueue

OnlyTheFirst(t) ==
    IF t \in Producers /\ queue # <<>> THEN <<>> ELSE First(1, waiters[Notifies(t)])
=============================================================================
