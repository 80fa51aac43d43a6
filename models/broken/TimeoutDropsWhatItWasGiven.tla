--------------------- MODULE TimeoutDropsWhatItWasGiven ---------------------
(* HandoffQueue in which one who is late gives up without looking whether  *)
(* it was served meanwhile.                                                *)
(*                                                                         *)
(* The difference: the config puts NotLooked in the place of WasServed.    *)
(* To see it pass: no timed task.                                          *)
EXTENDS HandoffQueue

NotLooked(t) == FALSE
=============================================================================
