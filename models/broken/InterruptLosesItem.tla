------------------------- MODULE InterruptLosesItem -------------------------
(* ConditionQueue in which an interrupted get does not give back what it   *)
(* has taken. This is what the standard library does.                      *)
(*                                                                         *)
(* The difference: the config puts KeepsIt in the place of GivesBack.      *)
(* To see it pass: no consumer is interrupted.                             *)
EXTENDS ConditionQueue

KeepsIt(t) == FALSE
=============================================================================
