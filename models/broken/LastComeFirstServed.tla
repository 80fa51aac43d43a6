------------------------ MODULE LastComeFirstServed -------------------------
(* HandoffQueue in which who waits shortest is served first.               *)
(*                                                                         *)
(* The difference: the config puts ServeTheLast in the place of Serve.     *)
(* To see it pass: one thread on each side.                                *)
EXTENDS HandoffQueue

ServeTheLast(what, thing) ==
    LET list == waiters[what] last == list[Len(list)] IN
    /\ calls' = <<last>>
    /\ given' = [given EXCEPT ![last] = thing]
    /\ waiters' = [waiters EXCEPT ![what] = SubSeq(list, 1, Len(list) - 1)]
=============================================================================
