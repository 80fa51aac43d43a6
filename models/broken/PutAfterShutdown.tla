-------------------------- MODULE PutAfterShutdown --------------------------
(* ConditionQueue in which put does not look whether the queue was shut    *)
(* down.                                                                   *)
(*                                                                         *)
(* The difference: the config puts GetsAlone in the place of Refuses.      *)
(* To see it pass: no shutdown.                                            *)
EXTENDS ConditionQueue

GetsAlone(t) == shut /\ t \in Consumers /\ queue = <<>>
=============================================================================
