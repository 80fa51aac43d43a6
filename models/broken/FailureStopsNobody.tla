------------------------- MODULE FailureStopsNobody -------------------------
(* Pipeline whose coordinator does not see that no consumer is left: a producer  *)
(* waits for room for ever, and the coordinator for the producer.                *)
(*                                                                               *)
(* The difference: the config puts OnlyByAbort in the place of CannotEnd.        *)
(* To see it pass: destinations that do not fail.                                *)
EXTENDS Pipeline

OnlyByAbort == wanted = "abort"
=============================================================================
