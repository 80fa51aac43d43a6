-------------------------- MODULE OneSentinelTooFew --------------------------
(* Pipeline with one sentinel less than there are consumers: one consumer waits  *)
(* for ever, and the coordinator for it.                                         *)
(*                                                                               *)
(* The difference: the config puts OneTooFew in the place of SentinelsNeeded.    *)
(* To see it pass: add 1.                                                        *)
EXTENDS Pipeline

OneTooFew == ConsumerCount - 1
=============================================================================
