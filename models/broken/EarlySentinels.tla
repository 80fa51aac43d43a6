--------------------------- MODULE EarlySentinels ---------------------------
(* Pipeline with a coordinator that does not wait for the producers before it    *)
(* puts the sentinels: the consumers stop, and what the producers put after that *)
(* is left behind.                                                               *)
(*                                                                               *)
(* The difference: the config puts DoesNotWait in the place of                   *)
(* ReadyForSentinels.                                                            *)
(* To see it pass: producers without items.                                      *)
EXTENDS Pipeline

DoesNotWait == TRUE
=============================================================================
