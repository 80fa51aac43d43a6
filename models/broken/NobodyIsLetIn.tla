--------------------------- MODULE NobodyIsLetIn ----------------------------
(* HandoffQueue in which get lets no putter in: one sleeps on beside the   *)
(* place that became free.                                                 *)
(*                                                                         *)
(* The difference: the config puts Never in the place of LetIn.            *)
(* To see it pass: as much room as there are items.                        *)
EXTENDS HandoffQueue

Never == FALSE
=============================================================================
