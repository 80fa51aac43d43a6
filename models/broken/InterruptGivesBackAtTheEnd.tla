--------------------- MODULE InterruptGivesBackAtTheEnd ---------------------
(* ConditionQueue in which an interrupted get gives its item back at the   *)
(* wrong end: behind items that came later.                                *)
(*                                                                         *)
(* The difference: the config puts AtTheEnd in the place of PutBack.       *)
(* To see it pass: one item altogether.                                    *)
EXTENDS ConditionQueue

AtTheEnd(item, items) == Append(items, item)
=============================================================================
