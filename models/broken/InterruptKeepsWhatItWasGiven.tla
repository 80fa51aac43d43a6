-------------------- MODULE InterruptKeepsWhatItWasGiven --------------------
(* HandoffQueue in which an interrupted get that was handed an item does   *)
(* not give it back.                                                       *)
(*                                                                         *)
(* The difference: the config puts OnlyWhatItTook in the place of Taken.   *)
(* To see it pass: no consumer is interrupted.                             *)
EXTENDS HandoffQueue

OnlyWhatItTook(t) == IF t \in Consumers /\ held[t] # Nothing THEN <<held[t]>> ELSE <<>>
=============================================================================
