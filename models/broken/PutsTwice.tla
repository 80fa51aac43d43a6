----------------------------- MODULE PutsTwice ------------------------------
(* ConditionQueue in which put appends the item twice.                     *)
(*                                                                         *)
(* The difference: the config puts AppendTwice in the place of AppendItem. *)
(* To see it pass: append it once.                                         *)
EXTENDS ConditionQueue

AppendTwice(p) ==
    /\ queue' = queue \o <<Item(p), Item(p)>>
    /\ sent' = Note(sent, Item(p))
    /\ UNCHANGED <<held, received>>
=============================================================================
