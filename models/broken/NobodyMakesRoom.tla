--------------------------- MODULE NobodyMakesRoom ---------------------------
(* Pipeline in which the last consumer leaves the queue as it is when it fails:  *)
(* a coordinator that wants to put a sentinel waits for room for ever.           *)
(*                                                                               *)
(* The difference: the config puts Nobody in the place of LastOne.               *)
(* To see it pass: destinations that do not fail.                                *)
EXTENDS Pipeline

Nobody(w) == FALSE
=============================================================================
