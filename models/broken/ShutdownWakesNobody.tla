------------------------ MODULE ShutdownWakesNobody -------------------------
(* ConditionQueue in which a shutdown wakes nobody: who waits sleeps on    *)
(* though its call would be refused.                                       *)
(*                                                                         *)
(* The difference: the config puts NobodyIsCalled in the place of          *)
(* ToCallAtTheEnd.                                                         *)
(* To see it pass: nobody waits.                                           *)
EXTENDS ConditionQueue

NobodyIsCalled == <<>>
=============================================================================
