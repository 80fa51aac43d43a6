----------------------- MODULE LateWaiterStaysListed ------------------------
(* ConditionQueue in which a waiter whose time is over does not leave the  *)
(* wait list: a later notify finds it there, and is lost.                  *)
(*                                                                         *)
(* The difference: the config puts StaysListed in the place of Relist.     *)
(* To see it pass: no timed task.                                          *)
EXTENDS ConditionQueue

StaysListed(t, waits) ==
    waiters' = [waiters EXCEPT ![Waits(t)] = IF waits THEN Append(@, t) ELSE @]
=============================================================================
