---------------------------- MODULE OneCondition ----------------------------
(* ConditionQueue with one condition for both groups, and still one notify: the  *)
(* notify meant for a consumer can wake another producer. That one finds the     *)
(* queue full and goes back to sleep, and the consumer sleeps on beside an item. *)
(*                                                                               *)
(* The difference: the config puts TheOneCondition in the place of NotFull.      *)
(* To see it pass: give it room, as many places as half the number of threads.   *)
(* That this is the exact measure is a test: docs/models.md has the table. There *)
(* the threads never end, and items are all alike: the test's configs put        *)
(* ComesAgain in the place of Leave, and AnItem in that of Item.                 *)
EXTENDS ConditionQueue

TheOneCondition == NotEmpty

ComesAgain(t, left) ==
    /\ lock' = Free
    /\ GoTo(t, "acquire")
    /\ UNCHANGED <<waiters, calls, late, todo, queue, shut, sent, discarded>>
AnItem(p) == <<"item", 1>>
=============================================================================
