--------------------------- MODULE LastInFirstOut ---------------------------
(* ConditionQueue in which get takes the item that came last.              *)
(*                                                                         *)
(* The difference: the config puts TakeTheLast in the place of PopItem.    *)
(* To see it pass: room for one item, where the last is the first.         *)
EXTENDS ConditionQueue

TakeTheLast(c) ==
    LET last == queue[Len(queue)] IN
    /\ queue' = SubSeq(queue, 1, Len(queue) - 1)
    /\ received' = Note(received, last)
    /\ UNCHANGED <<held, sent>>
=============================================================================
