------------------------ MODULE TimeoutSwallowsWakeup ------------------------
(* ConditionQueue in which a waiter whose deadline has passed gives up without   *)
(* looking at the queue again. If a notify had chosen it in the meantime, nobody *)
(* makes use of that notify: another waiter sleeps on beside an item.            *)
(*                                                                               *)
(* The difference: the config puts GivesUpWhenLate in the place of               *)
(* MayGoAfterWaiting.                                                            *)
(* To see it pass: no timed task. With retries there is no deadlock (the one     *)
(* that gave up comes back), so there only NoLostWakeup notices.                 *)
EXTENDS ConditionQueue

GivesUpWhenLate(t) == ~late[t] /\ MayGo(t)
=============================================================================
