------------------------ MODULE PutGoesBeforeGetters ------------------------
(* HandoffQueue in which put appends its item although getters wait.       *)
(*                                                                         *)
(* The difference: the config puts Nobody in the place of GetterWaits.     *)
(* To see it pass: no consumer waits.                                      *)
EXTENDS HandoffQueue

Nobody == FALSE
=============================================================================
