---------------------------- MODULE StopAfterAbort ----------------------------
(* Pipeline in which a worker believes what it was told last: a consumer fails,  *)
(* and while the coordinator is about to stop the producers, the user aborts.    *)
(* Then the stop makes less of the abort: a producer whose item is refused       *)
(* counts as failed, though it ended as it was told to.                          *)
(*                                                                               *)
(* The difference: the config puts SayTheLast in the place of Say.               *)
(* To see it pass: a user who does not abort.                                    *)
EXTENDS Pipeline

SayTheLast(w, word) == told' = [told EXCEPT ![w] = word]
=============================================================================
